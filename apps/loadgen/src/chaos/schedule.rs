//! What is broken when: a pure function of the seed.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use serde::Serialize;

use super::wire::Mischief;

/// Between the end of a fault and the next one: long enough to see that everything has arrived.
const CALM_MS: std::ops::Range<u64> = 6_500..9_000;
/// Nothing is broken while everybody arrives, nor at the end.
const FIRST_MS: u64 = 3_000;

/// Where a node dies by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Before a batch is stored.
    BeforeTransaction,
    /// While PostgreSQL has it.
    BeforeCommit,
    /// After the commit, before anybody knows.
    AfterCommit,
    /// After other nodes and the senders were told.
    AfterPublish,
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakage {
    /// It ends, and none is had.
    Cut,
    /// Nothing passes.
    Stall,
    /// Nothing passes towards the service.
    StallUp,
    /// No answer passes.
    StallDown,
    /// Everything takes longer.
    Slow,
}

/// Between what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// A node and Redis.
    Redis(usize),
    /// A node and PostgreSQL.
    Postgres(usize),
    /// Clients and nginx.
    Nginx,
    /// Clients and a node.
    Node(usize),
}

/// Something that goes wrong. Nodes and people are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// `kill -9`; the node is started again at the end.
    KillNode(usize),
    /// The node dies at a point of the writer; it is started again at the end.
    DieAt(usize, Point),
    /// SIGSTOP, at the end SIGCONT.
    FreezeNode(usize),
    /// SIGTERM, out of nginx; the node is started again at the end.
    DrainNode(usize),
    /// nginx reads its configuration again, several times.
    ReloadNginx,
    /// nginx is killed, and started again at the end.
    KillNginx,
    /// Redis is killed, and started again at the end.
    KillRedis,
    /// FLUSHALL.
    EmptyRedis,
    /// Redis does not answer, and then does.
    SlowRedis,
    /// A replica that lags behind takes over; at the end the first one comes back, empty.
    FailOverRedis,
    /// Immediate shutdown; PostgreSQL is started again at the end.
    StopPostgres,
    /// Nothing can be written, until there is room again.
    FillDisk,
    /// A connection is broken.
    Break(Link, Breakage),
    /// The wall clock of a node is wrong by so many minutes.
    StepClock(usize, i64),
    /// The app of a person's device stops reading.
    StopReading(usize, usize),
    /// Frames of all devices are met.
    Frames(Mischief),
    /// A person revokes a device.
    Revoke(usize),
    /// A person links a further device.
    Link(usize),
    /// The last member of a group is removed.
    RemoveMember,
}

/// One fault of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Since the beginning.
    pub at_ms: u64,
    /// Until it is healed.
    pub lasts_ms: u64,
    /// What.
    pub fault: Fault,
}

/// What there is to break.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Nodes.
    pub nodes: usize,
    /// People, two devices each.
    pub people: usize,
}

/// The schedule of a seed: every kind of fault in turn, in an order and with particulars that the seed decides.
pub fn schedule(seed: u64, lasts: Duration, field: Field) -> Vec<Step> {
    let mut rng = StdRng::seed_from_u64(seed);
    let end_ms = u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX);
    let mut steps = Vec::new();
    let mut bag: Vec<Kind> = Vec::new();
    let (mut at_ms, mut revocations) = (FIRST_MS, 0);
    loop {
        if bag.is_empty() {
            bag = Kind::ALL.to_vec();
            bag.shuffle(&mut rng);
        }
        let Some(kind) = bag.pop() else { break };
        let Some((fault, lasts_ms)) = kind.draw(&mut rng, field, &mut revocations) else { continue };
        if at_ms + lasts_ms + CALM_MS.end > end_ms {
            break;
        }
        steps.push(Step { at_ms, lasts_ms, fault });
        at_ms += lasts_ms + rng.random_range(CALM_MS);
    }
    steps
}

/// Kinds of faults; those that matter most come up more often.
#[derive(Clone, Copy)]
enum Kind {
    KillNode,
    DieAt(Point),
    FreezeNode,
    DrainNode,
    ReloadNginx,
    KillNginx,
    KillRedis,
    EmptyRedis,
    SlowRedis,
    FailOverRedis,
    StopPostgres,
    FillDisk,
    BreakRedis,
    BreakPostgres,
    BreakClients,
    StepClock,
    StopReading,
    Frames(Mischief),
    Revoke,
    Link,
    RemoveMember,
}

impl Kind {
    const ALL: [Self; 27] = [
        Self::KillNode,
        Self::KillNode,
        Self::DieAt(Point::BeforeTransaction),
        Self::DieAt(Point::BeforeCommit),
        Self::DieAt(Point::AfterCommit),
        Self::DieAt(Point::AfterPublish),
        Self::FreezeNode,
        Self::DrainNode,
        Self::ReloadNginx,
        Self::KillNginx,
        Self::KillRedis,
        Self::EmptyRedis,
        Self::SlowRedis,
        Self::FailOverRedis,
        Self::StopPostgres,
        Self::FillDisk,
        Self::BreakRedis,
        Self::BreakPostgres,
        Self::BreakClients,
        Self::StepClock,
        Self::StopReading,
        Self::Frames(Mischief::Duplicate),
        Self::Frames(Mischief::Reorder),
        Self::Frames(Mischief::LoseAnswers),
        Self::Revoke,
        Self::Link,
        Self::RemoveMember,
    ];

    /// The particulars and how long it lasts; `None` where there is nothing left to do it to.
    fn draw(self, rng: &mut StdRng, field: Field, revocations: &mut usize) -> Option<(Fault, u64)> {
        let node = rng.random_range(0..field.nodes);
        let person = rng.random_range(0..field.people);
        Some(match self {
            Self::KillNode => (Fault::KillNode(node), rng.random_range(1_000..8_000)),
            Self::DieAt(point) => (Fault::DieAt(node, point), rng.random_range(3_000..6_000)),
            // Longer than a heartbeat is missed and a revocation feed may be old.
            Self::FreezeNode => (Fault::FreezeNode(node), rng.random_range(17_000..24_000)),
            Self::DrainNode => (Fault::DrainNode(node), rng.random_range(7_000..9_000)),
            Self::ReloadNginx => (Fault::ReloadNginx, 3_000),
            Self::KillNginx => (Fault::KillNginx, rng.random_range(500..3_000)),
            Self::KillRedis => (Fault::KillRedis, rng.random_range(500..8_000)),
            Self::EmptyRedis => (Fault::EmptyRedis, 0),
            Self::SlowRedis => (Fault::SlowRedis, rng.random_range(1_000..6_000)),
            Self::FailOverRedis => (Fault::FailOverRedis, rng.random_range(4_000..8_000)),
            Self::StopPostgres => (Fault::StopPostgres, rng.random_range(500..8_000)),
            Self::FillDisk => (Fault::FillDisk, rng.random_range(3_000..6_000)),
            Self::BreakRedis => breaks(rng, Link::Redis(node)),
            Self::BreakPostgres => breaks(rng, Link::Postgres(node)),
            Self::BreakClients => {
                let link = if rng.random_bool(0.5) { Link::Nginx } else { Link::Node(node) };
                breaks(rng, link)
            }
            Self::StepClock => {
                let by = if rng.random_bool(0.5) { 10 } else { -10 };
                (Fault::StepClock(node, by), rng.random_range(4_000..9_000))
            }
            Self::StopReading => (Fault::StopReading(person, rng.random_range(0..2)), rng.random_range(5_000..15_000)),
            Self::Frames(mischief) => (Fault::Frames(mischief), rng.random_range(3_000..8_000)),
            // Everybody has one device to lose, and the first person keeps both.
            Self::Revoke => {
                *revocations += 1;
                (*revocations < field.people).then_some((Fault::Revoke(*revocations), 0))?
            }
            Self::Link => (Fault::Link(person), 0),
            Self::RemoveMember => (Fault::RemoveMember, 0),
        })
    }
}

fn breaks(rng: &mut StdRng, link: Link) -> (Fault, u64) {
    let all = [Breakage::Cut, Breakage::Stall, Breakage::StallUp, Breakage::StallDown, Breakage::Slow];
    let how = all[rng.random_range(0..all.len())];
    // Now and then a minute: longer than every time-out.
    let lasts_ms = if rng.random_ratio(1, 6) { 60_000 } else { rng.random_range(2_000..15_000) };
    (Fault::Break(link, how), lasts_ms)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const FIELD: Field = Field { nodes: 3, people: 6 };

    #[test]
    fn the_same_seed_gives_the_same_schedule_and_another_one_another() {
        let lasts = Duration::from_mins(10);
        assert_eq!(schedule(7, lasts, FIELD), schedule(7, lasts, FIELD));
        assert_ne!(schedule(7, lasts, FIELD), schedule(8, lasts, FIELD));
    }

    #[test]
    fn ten_minutes_bring_every_kind_of_fault_one_after_the_other_with_a_calm_behind_each() {
        let lasts = Duration::from_mins(10);
        for seed in 0..50 {
            let steps = schedule(seed, lasts, FIELD);
            for pair in steps.windows(2) {
                assert!(pair[0].at_ms + pair[0].lasts_ms + CALM_MS.start <= pair[1].at_ms);
            }
            let last = steps.last().unwrap();
            assert!(Duration::from_millis(last.at_ms + last.lasts_ms + CALM_MS.start) <= lasts);
            let kinds: HashSet<_> = steps.iter().map(|step| std::mem::discriminant(&step.fault)).collect();
            assert!(kinds.len() >= 17, "seed {seed}: {} kinds", kinds.len());
        }
    }

    #[test]
    fn nobody_loses_more_than_one_device() {
        let steps = schedule(3, Duration::from_hours(3), FIELD);
        let revoked: Vec<_> = steps.iter().filter(|step| matches!(step.fault, Fault::Revoke(_))).collect();
        assert_eq!(revoked.len(), FIELD.people - 1);
    }
}
