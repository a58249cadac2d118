//! Revocation on this node: sockets of devices that lost access close; without a fresh feed nothing is delivered.

use std::{sync::Arc, time::Duration};

use sotto_protocol::{CloseCode, DeviceId};
use tokio::sync::broadcast::error::RecvError;

use super::Cluster;
use crate::revocations::MAX_FEED_AGE;

const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Sessions sent away for a stale feed come back one each millisecond, or more when they would take longer than this.
const LONGEST_SPREAD_MS: u64 = 5_000;

/// Guards for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut told = cluster.revocations.subscribe();
    let mut check = tokio::time::interval(CHECK_EVERY);
    // Who was frozen checks once.
    check.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            device = told.recv() => match device {
                Ok(device_id) => cluster.fence(device_id),
                Err(RecvError::Lagged(_)) => cluster.fence_all(),
                Err(RecvError::Closed) => return,
            },
            _ = check.tick() => cluster.check_feed(),
        }
    }
}

impl Cluster {
    /// Closes the device's sockets: for good when it is revoked, to refresh when only its tokens ended.
    fn fence(&self, device_id: DeviceId) {
        let code = if self.revocations.is_revoked(device_id) { CloseCode::Revoked } else { CloseCode::TokenExpired };
        let sockets = self.hub.close_device(device_id, code);
        tracing::info!(%device_id, sockets, reason = code.reason(), "a device lost its access");
    }

    fn fence_all(&self) {
        for session in self.hub.directory.all() {
            if self.revocations.is_revoked(session.device_id) {
                session.post(|mailbox| mailbox.close(CloseCode::Revoked));
            }
        }
    }

    /// A node that can't know who is revoked delivers nothing: its sessions go elsewhere.
    fn check_feed(&self) {
        if self.revocations.age() <= MAX_FEED_AGE || self.hub.directory.is_empty() {
            return;
        }
        let sessions = self.hub.directory.all();
        tracing::error!(sessions = sessions.len(), "the revocation feed is stale; all sessions are sent away");
        let count = sessions.len() as u64;
        for (i, session) in (0..).zip(&sessions) {
            session.post(|mailbox| mailbox.drain(wait_ms(i, count)));
        }
    }
}

/// How long the session of this place waits before it comes back.
fn wait_ms(place: u64, count: u64) -> u64 {
    place * count.min(LONGEST_SPREAD_MS) / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_come_back_at_once_and_many_spread() {
        assert_eq!((0..6).map(|place| wait_ms(place, 6)).max(), Some(5));
        let count = 20_000;
        let waits: Vec<u64> = (0..count).map(|place| wait_ms(place, count)).collect();
        assert_eq!((waits[0], waits[10_000], waits[19_999]), (0, 2_500, 4_999));
    }
}
