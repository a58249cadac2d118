//! Revocation on this node: sockets of devices that lost access close; without a fresh feed nothing is delivered.

use std::{sync::Arc, time::Duration};

use sotto_protocol::{CloseCode, DeviceId};
use tokio::sync::broadcast::error::RecvError;

use super::Cluster;
use crate::revocations::MAX_FEED_AGE;

const CHECK_EVERY: Duration = Duration::from_secs(1);
/// Sessions sent away for a stale feed come back spread over this time.
const SPREAD_MS: u64 = 5_000;

/// Guards for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut told = cluster.revocations.subscribe();
    let mut check = tokio::time::interval(CHECK_EVERY);
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
            session.post(|mailbox| mailbox.drain(SPREAD_MS * i / count));
        }
    }
}
