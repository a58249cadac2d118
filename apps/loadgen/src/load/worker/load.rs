//! A load while it runs: what was due, where it arrived, what was answered.

use std::collections::HashMap;

use super::{
    Talk,
    streams::{Stream, Unanswered},
    txn::Txn,
};
use crate::load::{plan::LoadSpec, times::Times};

/// A load.
pub struct Load {
    pub spec: LoadSpec,
    worker: u16,
    /// Messages that this worker has to send, and the next one.
    pub total: u64,
    pub next: u64,
    pub streams: Vec<Stream>,
    /// Streams of a device.
    pub of_device: HashMap<usize, Vec<u32>>,
    /// Which stream each message belongs to.
    owners: Vec<u32>,
    /// Devices that each message has reached.
    arrived: Vec<u32>,
    /// Of other workers' messages.
    foreign: HashMap<(u16, u64), u32>,
    /// Devices of this worker by conversation.
    devices: Vec<u32>,
    pub acked: u64,
    pub refused: u64,
    /// Messages that all devices have, or that were refused.
    complete: u64,
    pub counted_acked: u64,
    pub counted_delivered: u64,
    pub delivered: u64,
    pub acks: Times,
    pub deliveries: Times,
    pub completions: Times,
    pub lasts: Vec<(u16, u64, u64)>,
    pub churns: bool,
    pub settled: bool,
    /// Everything is answered and everybody there: until then what is on its way may come.
    settles_at: Option<u64>,
}

impl Load {
    pub fn new(spec: LoadSpec, worker: u16, talks: &[Talk]) -> Self {
        let streams: Vec<Stream> = spec.streams.iter().map(|(device, talk)| Stream::new(*device, *talk)).collect();
        let mut of_device: HashMap<usize, Vec<u32>> = HashMap::new();
        for (at, stream) in (0..).zip(&streams) {
            of_device.entry(stream.device).or_default().push(at);
        }
        let total = if streams.is_empty() { 0 } else { spec.pace.turns(u64::from(worker), spec.until_ns) };
        Self {
            worker,
            total,
            next: 0,
            streams,
            of_device,
            owners: Vec::new(),
            arrived: Vec::new(),
            foreign: HashMap::new(),
            devices: talks.iter().map(|talk| u32::try_from(talk.devices.len()).unwrap_or(u32::MAX)).collect(),
            acked: 0,
            refused: 0,
            complete: 0,
            counted_acked: 0,
            counted_delivered: 0,
            delivered: 0,
            acks: Times::default(),
            deliveries: Times::default(),
            completions: Times::default(),
            lasts: Vec::new(),
            churns: spec.churn.is_some(),
            settled: false,
            settles_at: None,
            spec,
        }
    }

    /// When a message of any worker was to be sent.
    pub fn intended(&self, worker: u16, turn: u64) -> u64 {
        self.spec.pace.intended(u64::from(worker), turn)
    }

    fn counts(&self, intended: u64) -> bool {
        intended >= self.spec.count_from_ns
    }

    /// When the next message is to be sent.
    pub fn next_moment(&self) -> Option<u64> {
        (self.next < self.total).then(|| self.intended(self.worker, self.next))
    }

    /// How many messages were due in the counted time.
    pub fn counted(&self) -> u64 {
        let before = self.spec.pace.turns(u64::from(self.worker), self.spec.count_from_ns);
        self.total.saturating_sub(before)
    }

    /// Takes the next turn for a stream.
    pub fn begin(&mut self, stream: u32, run: u32) -> (Txn, Unanswered) {
        let txn = Txn { run, worker: self.worker, load: self.spec.number, turn: self.next };
        self.next += 1;
        self.owners.push(stream);
        self.arrived.push(0);
        (txn, self.streams[stream as usize].push(txn))
    }

    fn owner(&self, txn: Txn) -> Option<u32> {
        if txn.load != self.spec.number || txn.worker != self.worker {
            return None;
        }
        self.owners.get(usize::try_from(txn.turn).ok()?).copied()
    }

    /// The device that sent it.
    pub fn sender_of(&self, txn: Txn) -> Option<usize> {
        Some(self.streams[self.owner(txn)? as usize].device)
    }

    /// An acknowledgement; gives its conversation.
    pub fn on_stored(&mut self, txn: Txn, now: u64) -> Option<u32> {
        let owner = self.owner(txn)?;
        let stream = &mut self.streams[owner as usize];
        let talk = stream.talk;
        if stream.stored(txn) {
            self.acked += 1;
            let intended = self.intended(self.worker, txn.turn);
            if self.counts(intended) {
                self.counted_acked += 1;
                self.acks.record(now.saturating_sub(intended));
            }
            if self.devices[talk as usize] <= 1 {
                self.complete += 1;
            }
        }
        Some(talk)
    }

    /// A refusal.
    pub fn on_refused(&mut self, txn: Txn) {
        let Some(owner) = self.owner(txn) else { return };
        if self.streams[owner as usize].refused(txn) {
            self.refused += 1;
            self.complete += 1;
        }
    }

    /// A device other than the sender's has it.
    pub fn on_delivery(&mut self, talk: u32, txn: Txn, now: u64, live: bool) {
        if txn.load != self.spec.number {
            return;
        }
        let intended = self.intended(txn.worker, txn.turn);
        // Who was away on purpose gets it late on purpose.
        let counts = self.counts(intended) && (live || self.spec.churn.is_none());
        self.delivered += 1;
        if counts {
            self.counted_delivered += 1;
            self.deliveries.record(now.saturating_sub(intended));
        }
        let here = self.devices[talk as usize];
        let last = if txn.worker == self.worker {
            let Some(arrived) = usize::try_from(txn.turn).ok().and_then(|turn| self.arrived.get_mut(turn)) else {
                return;
            };
            *arrived += 1;
            let last = *arrived + 1 == here;
            self.complete += u64::from(last);
            last
        } else {
            let arrived = self.foreign.entry((txn.worker, txn.turn)).or_default();
            *arrived += 1;
            *arrived == here
        };
        if last && counts {
            if self.spec.spread {
                self.lasts.push((txn.worker, txn.turn, now));
            } else {
                self.completions.record(now.saturating_sub(intended));
            }
        }
    }

    /// How far it is; `together`: every device is live.
    pub fn stage(&mut self, now: u64, settle: u64, together: bool) -> Stage {
        if self.settled || now < self.spec.until_ns {
            return Stage::Runs;
        }
        if now >= self.spec.until_ns + self.spec.patience_ns {
            return Stage::Over;
        }
        let answered = self.acked + self.refused == self.total;
        if !self.spec.spread && self.spec.churn.is_none() {
            return if answered && self.complete == self.total { Stage::Over } else { Stage::Runs };
        }
        if !answered || !together {
            self.settles_at = None;
            return Stage::Runs;
        }
        if now < *self.settles_at.get_or_insert(now + settle) {
            return Stage::Runs;
        }
        // Asked again after a while, where something is not there yet.
        self.settles_at = None;
        if self.spec.spread { Stage::Over } else { Stage::OverUnlessLacking }
    }
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It goes on.
    Runs,
    /// Everything is answered and everybody there: it is over if nobody lacks anything.
    OverUnlessLacking,
    /// All is sent, answered and where it belongs, or patience is over.
    Over,
}

#[cfg(test)]
mod tests {
    use sotto_protocol::ConversationId;

    use super::*;
    use crate::load::clock::Pace;

    const SECOND: u64 = 1_000_000_000;

    fn spec(spread: bool) -> LoadSpec {
        LoadSpec {
            number: 3,
            pace: Pace { from_ns: SECOND, rate: 10.0, workers: 1 },
            count_from_ns: SECOND + SECOND / 2,
            until_ns: 2 * SECOND,
            patience_ns: SECOND,
            bytes: 0,
            streams: vec![(0, 0)],
            weights: Vec::new(),
            spread,
            mark_spread_ns: None,
            typing: 0.0,
            churn: None,
        }
    }

    fn talk() -> Talk {
        let id = ConversationId(uuid::Uuid::from_u128(1));
        Talk { id, text: id.to_string(), devices: vec![0, 1, 2], acked: 0 }
    }

    #[test]
    fn a_load_is_over_when_everything_is_answered_and_everywhere() {
        let mut load = Load::new(spec(false), 0, &[talk()]);
        assert_eq!((load.total, load.counted()), (10, 5));
        let txns: Vec<Txn> = (0..10).map(|_| load.begin(0, 1).0).collect();
        for txn in &txns {
            load.on_stored(*txn, 2 * SECOND);
            load.on_delivery(0, *txn, 2 * SECOND, true);
        }
        assert_eq!(load.stage(2 * SECOND, 0, true), Stage::Runs, "one of two devices has them");
        for txn in &txns {
            load.on_delivery(0, *txn, 2 * SECOND, true);
        }
        assert_eq!(load.stage(2 * SECOND, 0, true), Stage::Over);
        assert_eq!((load.completions.len(), load.acks.len(), load.counted_delivered), (5, 5, 10));
        // The first counted message was due half a second before.
        assert!((load.completions.max_ms() - 500.0).abs() < 1.0, "{}", load.completions.max_ms());
    }

    #[test]
    fn what_never_arrives_ends_with_patience() {
        let mut load = Load::new(spec(false), 0, &[talk()]);
        load.begin(0, 1);
        assert_eq!([2, 3].map(|second| load.stage(second * SECOND, 0, true)), [Stage::Runs, Stage::Over]);
    }

    #[test]
    fn who_comes_and_goes_is_waited_for_and_so_is_what_is_on_its_way() {
        let churn = Some(crate::load::plan::Churn { on_ns: SECOND, off_ns: SECOND });
        let mut load = Load::new(LoadSpec { churn, patience_ns: 60 * SECOND, ..spec(false) }, 0, &[talk()]);
        let txns: Vec<Txn> = (0..10).map(|_| load.begin(0, 1).0).collect();
        for txn in txns {
            load.on_stored(txn, 2 * SECOND);
        }
        let mut at = |second, together| load.stage(second * SECOND, 2 * SECOND, together);
        assert_eq!([at(9, false), at(10, true), at(11, true)], [Stage::Runs; 3]);
        assert_eq!(at(12, true), Stage::OverUnlessLacking);
        assert_eq!([at(13, true), at(14, true)], [Stage::Runs; 2], "looked at once in a while");
        assert_eq!([at(15, true), at(62, false)], [Stage::OverUnlessLacking, Stage::Over]);
    }

    #[test]
    fn messages_of_others_are_timed_by_the_common_pace() {
        let mut load = Load::new(LoadSpec { streams: Vec::new(), ..spec(true) }, 1, &[talk()]);
        assert_eq!(load.total, 0, "this worker has no stream");
        let txn = Txn { run: 1, worker: 0, load: 3, turn: 7 };
        (0..3).for_each(|_| load.on_delivery(0, txn, 2 * SECOND, true));
        assert_eq!(load.lasts, [(0, 7, 2 * SECOND)]);
        load.on_delivery(0, Txn { load: 2, ..txn }, 2 * SECOND, true);
        assert_eq!(load.counted_delivered, 3, "another load's message is not counted");
    }
}
