//! Devices whose tokens do not count any more: told on the control channel, and polled from PostgreSQL.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::RwLock;
use sotto_protocol::DeviceId;
use sotto_store::{Database, StoreResult, revocations};
use tokio::sync::broadcast;

use crate::Clock;

/// How often the feed is read: one row or none a second, so that a log-out is in force everywhere within two, with Redis
/// or without.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// A node that could not read the feed for this long must deliver nothing.
pub const MAX_FEED_AGE: Duration = Duration::from_secs(10);
/// Entries are kept longer than any access token lives.
const KEEP_MS: i64 = 20 * 60 * 1000;
/// Revocations that a slow listener may be behind before it has to look at everything.
const BACKLOG: usize = 1_024;

/// Which tokens are revoked.
pub struct RevocationCache {
    clock: Arc<dyn Clock>,
    state: RwLock<State>,
    told: broadcast::Sender<DeviceId>,
}

struct State {
    /// Tokens of a device count from this generation on.
    least: HashMap<DeviceId, Entry>,
    last_seq: i64,
    read_at: Duration,
}

/// Why a token does not count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The device is out for good, and forgets its keys.
    Device,
    /// A log-out, or a stolen refresh token: the device is as good as before, and signs in again.
    Tokens,
}

struct Entry {
    generation: i32,
    kept_until_ms: i64,
}

impl RevocationCache {
    /// An empty cache; the feed counts as read now.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let state = State { least: HashMap::new(), last_seq: 0, read_at: clock.monotonic() };
        Self { clock, state: RwLock::new(state), told: broadcast::Sender::new(BACKLOG) }
    }

    /// Whether a token of this generation is revoked.
    pub fn contains(&self, device_id: DeviceId, token_generation: i32) -> bool {
        self.ended(device_id, token_generation).is_some()
    }

    /// Why a token of this generation does not count, if it does not.
    pub fn ended(&self, device_id: DeviceId, token_generation: i32) -> Option<Ended> {
        let least = self.state.read().least.get(&device_id)?.generation;
        let ended = if least == revocations::REVOKED { Ended::Device } else { Ended::Tokens };
        (token_generation < least).then_some(ended)
    }

    /// Whether the device lost its access for good.
    pub fn is_revoked(&self, device_id: DeviceId) -> bool {
        self.ended(device_id, i32::MIN) == Some(Ended::Device)
    }

    /// The device lost its access for good.
    pub fn revoke_device(&self, device_id: DeviceId) {
        self.revoke_before(device_id, revocations::REVOKED);
    }

    /// Tokens of the device before this generation do not count any more.
    pub fn revoke_before(&self, device_id: DeviceId, generation: i32) {
        let kept_until_ms = self.clock.now_ms() + KEEP_MS;
        let mut state = self.state.write();
        let entry = state.least.entry(device_id).or_insert(Entry { generation: i32::MIN, kept_until_ms });
        entry.kept_until_ms = kept_until_ms;
        if entry.generation < generation {
            entry.generation = generation;
            drop(state);
            // Nobody listening is fine.
            let _ = self.told.send(device_id);
        }
    }

    /// Devices as they lose access (or a generation of tokens); `Lagged` means: look at every session.
    pub fn subscribe(&self) -> broadcast::Receiver<DeviceId> {
        self.told.subscribe()
    }

    /// How long ago the feed was read.
    pub fn age(&self) -> Duration {
        self.clock.monotonic().saturating_sub(self.state.read().read_at)
    }

    /// Reads what is new in the feed, forgets what no token can need.
    ///
    /// # Errors
    /// The database is not available; the feed's age tells for how long.
    pub async fn poll(&self, database: &Database) -> StoreResult<()> {
        let asked_at = self.clock.monotonic();
        let since = self.clock.now() - Duration::from_millis(KEEP_MS.unsigned_abs());
        let mut conn = database.acquire_vital().await?;
        loop {
            let last = self.state.read().last_seq;
            let found = revocations::read(&mut conn, last, since).await?;
            for revocation in &found {
                self.revoke_before(revocation.device_id, revocation.before_generation);
            }
            let Some(newest) = found.last() else { break };
            let mut state = self.state.write();
            state.last_seq = state.last_seq.max(newest.seq);
        }
        let now_ms = self.clock.now_ms();
        let mut state = self.state.write();
        state.least.retain(|_, entry| entry.kept_until_ms >= now_ms);
        state.read_at = asked_at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;
    use uuid::Uuid;

    #[test]
    fn a_generation_ends_tokens_before_it_and_a_device_ends_all() {
        let cache = RevocationCache::new(Arc::new(SystemClock::new()));
        let mut told = cache.subscribe();
        let device = DeviceId(Uuid::from_u128(1));
        assert!(!cache.contains(device, 0));
        cache.revoke_before(device, 2);
        cache.revoke_before(device, 1);
        assert_eq!((cache.contains(device, 1), cache.contains(device, 2)), (true, false));
        cache.revoke_device(device);
        assert!(cache.contains(device, 7));
        assert_eq!((told.try_recv(), told.try_recv()), (Ok(device), Ok(device)));
        assert!(told.try_recv().is_err());
    }
}
