//! After a revocation is committed: what is told to whom, and the receipt for who revoked.

use std::time::Duration;

use sotto_protocol::{DeviceId, UserId, devices::RevocationReceipt};

use crate::{
    Service,
    clock::millis,
    devices::{Ended, Revoked},
};

/// How long nodes may take to close the sockets of a device before the receipt says that some are pending.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Sockets of a device, as the registry and this node know them.
struct Sockets {
    open: usize,
    /// Redis knows of other nodes' sockets.
    known: bool,
}

impl Service {
    /// Closes the sockets of the devices everywhere, tells members and own devices, and answers a receipt a device.
    pub(crate) async fn announce_revoked(&self, user_id: UserId, revoked: &Revoked) -> Vec<RevocationReceipt> {
        let mut sockets = Vec::with_capacity(revoked.ended.len());
        for device in &revoked.ended {
            sockets.push(self.sockets_of(device.device_id).await);
        }
        self.announce_ended(user_id, &revoked.ended).await;
        self.announce_rosters(&revoked.rosters, &revoked.notified);
        let deadline = self.clock.monotonic() + PATIENCE;
        let mut receipts = Vec::with_capacity(revoked.ended.len());
        for (device, sockets) in revoked.ended.iter().zip(&sockets) {
            let left = self.sockets_left(device.device_id, deadline).await;
            receipts.push(receipt(device, revoked, sockets, left));
        }
        receipts
    }

    async fn sockets_of(&self, device_id: DeviceId) -> Sockets {
        match self.bus.sockets_of(device_id).await {
            Ok(open) => Sockets { open, known: true },
            Err(_) => Sockets { open: self.cluster.hub.directory.of_device(device_id).len(), known: false },
        }
    }

    /// How many are open when none is left, or the deadline is over; `None` when Redis can't tell.
    async fn sockets_left(&self, device_id: DeviceId, deadline: Duration) -> Option<usize> {
        loop {
            let left = self.bus.sockets_of(device_id).await.ok()?;
            if left == 0 || self.clock.monotonic() >= deadline {
                return Some(left);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn receipt(device: &Ended, revoked: &Revoked, sockets: &Sockets, left: Option<usize>) -> RevocationReceipt {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    RevocationReceipt {
        device_id: device.device_id,
        revoked_at_ms: millis(revoked.at),
        list_version: revoked.list_version,
        refresh_tokens_deleted: device.destroyed.refresh_tokens,
        one_time_keys_deleted: device.destroyed.one_time_keys,
        fallback_keys_deleted: device.destroyed.fallback_keys,
        inbox_items_deleted: device.destroyed.inbox_items,
        conversations_bumped: count(revoked.rosters.len()),
        devices_told: count(revoked.notified.len()),
        sockets_closed: count(sockets.open.saturating_sub(left.unwrap_or(0))),
        sockets_pending: !sockets.known || left != Some(0),
    }
}
