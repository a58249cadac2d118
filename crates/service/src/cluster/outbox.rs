//! Reading the outbox: while wakes may have been missed, once a node, every 500 ms, with an overlap; else now and then,
//! so that what nobody told of (a node that broke off after a commit, an outcome that was never known) is late and not lost.
//!
//! The position is a transaction id: rows of transactions that were still open at the last read come again, so a late
//! commit is never skipped (a position by row id or time would skip it).

use std::{
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sotto_store::{StoreResult, faults::Mutation, outbox};

use super::Cluster;

const TAIL_EVERY: Duration = Duration::from_millis(500);
/// Without doubt it is read once in so many turns.
const SWEEP_EVERY: usize = 10;
/// Doubt ends when nothing raised it for so long.
const DOUBT_LASTS: Duration = Duration::from_secs(15);
/// So many positions are remembered, 30 s of them: a dead node is noticed one time-out and one beat after its last
/// commit. The outbox keeps its rows for longer.
const POSITION_AGE: usize = 60;

/// Whether wakes may have been missed.
#[derive(Debug, Default)]
pub struct Doubt {
    /// When last, in milliseconds of the monotonic clock; 0: never.
    raised_ms: AtomicU64,
    raises: AtomicU64,
    /// Of those, how many were followed by a read of the outbox.
    read: AtomicU64,
    /// How often Redis may have been left without an entry of this node.
    owed: AtomicU64,
    /// Up to which of those everything was entered again.
    paid: AtomicU64,
}

impl Doubt {
    /// Something may have been missed now.
    pub fn raise(&self, now: Duration) {
        self.raised_ms.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
        self.raises.fetch_add(1, Ordering::Relaxed);
    }

    /// Redis may lack an entry of this node, so that others pass it by; answers what to [`Self::pay`] with. Doubt holds
    /// until everything was entered again.
    pub fn owe(&self) -> u64 {
        self.owed.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Everything was entered after this debt was made.
    pub fn pay(&self, debt: u64) {
        self.paid.fetch_max(debt, Ordering::AcqRel);
    }

    /// Whether Redis may lack entries of this node.
    pub fn owes(&self) -> bool {
        self.paid.load(Ordering::Acquire) < self.owed.load(Ordering::Acquire)
    }

    /// The outbox was read after so many raises.
    fn has_read(&self, raises: u64) {
        self.read.store(raises, Ordering::Relaxed);
    }

    /// Whether something may have been missed.
    pub fn holds(&self, now: Duration) -> bool {
        let raised = self.raised_ms.load(Ordering::Relaxed);
        self.owes() || raised != 0 && now.saturating_sub(Duration::from_millis(raised)) < DOUBT_LASTS
    }

    /// Whether to read the outbox: doubt ends only after a read that began after it was raised, however late.
    fn wants_reading(&self, now: Duration) -> bool {
        self.holds(now) || self.is_open()
    }

    /// Whether what may have been missed is not read yet: keys may be among it.
    pub fn is_open(&self) -> bool {
        self.owes() || self.raises.load(Ordering::Relaxed) != self.read.load(Ordering::Relaxed)
    }
}

/// Tails for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut positions = Positions::default();
    let mut tick = tokio::time::interval(TAIL_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for turn in (0..SWEEP_EVERY).cycle() {
        tick.tick().await;
        let now = cluster.clock.monotonic();
        if !cluster.bus.is_connected() {
            cluster.doubt.raise(now);
        }
        let tails = !cluster.database.faults().mutates(Mutation::NeverTail);
        let outcome = if tails && cluster.doubt.wants_reading(now) {
            cluster.tail(&mut positions).await
        } else if tails && turn == 0 {
            cluster.sweep(&mut positions).await
        } else {
            cluster.remember(&mut positions).await
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "the outbox cannot be read");
        }
    }
}

/// Positions of the last seconds, oldest first.
#[derive(Default)]
struct Positions {
    recent: std::collections::VecDeque<String>,
    tailing: Option<String>,
    /// Where the last sweep ended.
    swept: Option<String>,
}

impl Positions {
    fn note(&mut self, position: String) {
        self.recent.push_back(position);
        while self.recent.len() > POSITION_AGE {
            self.recent.pop_front();
        }
    }
}

impl Cluster {
    /// While nothing is missed: only note where a later tailing would start.
    async fn remember(&self, positions: &mut Positions) -> StoreResult<()> {
        if let Some(tailed) = positions.tailing.take() {
            positions.recent = std::iter::once(tailed).collect();
        }
        let mut connection = self.database.acquire_vital().await?;
        positions.note(outbox::position(&mut connection).await?);
        Ok(())
    }

    /// While nothing is missed, as far as anybody knows.
    async fn sweep(&self, positions: &mut Positions) -> StoreResult<()> {
        let Some(since) = positions.tailing.take().or_else(|| positions.swept.take()) else {
            self.remember(positions).await?;
            positions.swept = positions.recent.back().cloned();
            return Ok(());
        };
        // Stays the beginning if the read fails.
        positions.swept = Some(since.clone());
        let position = self.read_outbox(&since).await?;
        positions.note(position.clone());
        positions.swept = Some(position);
        Ok(())
    }

    async fn tail(&self, positions: &mut Positions) -> StoreResult<()> {
        let raises = self.doubt.raises.load(Ordering::Relaxed);
        let since = match positions.tailing.clone().or_else(|| positions.recent.front().cloned()) {
            Some(position) => position,
            None => outbox::position(&mut *self.database.acquire_vital().await?).await?,
        };
        positions.tailing = Some(self.read_outbox(&since).await?);
        self.doubt.has_read(raises);
        Ok(())
    }

    /// Reads what was committed since a position; answers where to go on.
    async fn read_outbox(&self, since: &str) -> StoreResult<String> {
        let mut connection = self.database.acquire_vital().await?;
        let tail = outbox::tail(&mut connection, since).await?;
        drop(connection);
        metrics::counter!("sotto_outbox_rows_read_total").increment(tail.rows.unsigned_abs());
        self.wake_inboxes(tail.inboxes);
        for (id, last_seq) in tail.conversations {
            match self.hub.cursor(id) {
                Some(cursor) if cursor < last_seq => self.read_conversation(id).await?,
                Some(_) => {}
                None => self.hub.want(id),
            }
        }
        Ok(tail.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_hours(1);

    #[test]
    fn doubt_holds_until_all_that_is_owed_is_entered() {
        let doubt = Doubt::default();
        let first = doubt.owe();
        let second = doubt.owe();
        doubt.pay(first);
        assert!(doubt.owes() && doubt.holds(LATER) && doubt.is_open(), "owed again while it was entered");
        doubt.pay(second);
        doubt.pay(first);
        assert!(!doubt.owes() && !doubt.holds(LATER) && !doubt.is_open());
    }

    #[test]
    fn a_doubt_that_was_never_read_does_not_expire() {
        let doubt = Doubt::default();
        assert!(!doubt.wants_reading(LATER));
        doubt.raise(Duration::ZERO);
        assert!(doubt.wants_reading(LATER));
        doubt.has_read(1);
        assert!(doubt.wants_reading(Duration::ZERO) && !doubt.wants_reading(LATER));
        doubt.raise(Duration::ZERO);
        doubt.has_read(1);
        assert!(doubt.wants_reading(LATER), "raised while it was read");
    }
}
