//! When devices were last there: gathered for a second a node, stored by one statement.
//!
//! Noted when a socket is registered and when it ends; for the sockets of a node that died, when that is noticed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use sotto_bus::{BusResult, nodes::NODE_TIMEOUT};
use sotto_protocol::{DeviceId, NodeId, UserId};
use sotto_store::{StoreResult, last_seen};
use time::OffsetDateTime;

use super::Cluster;

const GATHER: Duration = Duration::from_secs(1);
/// Devices waiting; beyond it they are noted the next time.
const MAX_WAITING: usize = 100_000;

/// Devices that wait for the next statement, and when each was there.
#[derive(Default)]
pub struct SeenGatherer(Mutex<HashMap<DeviceId, OffsetDateTime>>);

impl SeenGatherer {
    /// A device was there at this time.
    pub fn add(&self, device_id: DeviceId, at: OffsetDateTime) {
        let mut waiting = self.0.lock();
        if waiting.len() < MAX_WAITING || waiting.contains_key(&device_id) {
            let known = waiting.entry(device_id).or_insert(at);
            *known = at.max(*known);
        }
    }

    fn take(&self) -> Vec<(DeviceId, OffsetDateTime)> {
        std::mem::take(&mut *self.0.lock()).into_iter().collect()
    }
}

/// Stores what is gathered for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut tick = tokio::time::interval(GATHER);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        cluster.flush_seen().await;
    }
}

impl Cluster {
    /// Stores what is gathered.
    pub(super) async fn flush_seen(&self) {
        let seen = self.seen.take();
        if seen.is_empty() {
            return;
        }
        if let Err(error) = self.store_seen(&seen).await {
            tracing::debug!(%error, devices = seen.len(), "last seen is not noted; trying again");
            for (device_id, at) in seen {
                self.seen.add(device_id, at);
            }
        }
    }

    async fn store_seen(&self, seen: &[(DeviceId, OffsetDateTime)]) -> StoreResult<()> {
        let mut connection = self.database.acquire().await?;
        last_seen::note(&mut connection, seen).await
    }

    /// Takes a node that died out of the registry, unless another node does. Its devices were there until it fell silent,
    /// and those who watch people that did not come back elsewhere are told that they are gone.
    ///
    /// # Errors
    /// Redis is away: another node does it, or this one later.
    pub async fn bury(&self, node_id: NodeId) -> BusResult<()> {
        if !self.bus.may_bury(node_id, self.node_id).await? {
            return Ok(());
        }
        let sessions = self.bus.remove_node(node_id).await?;
        tracing::warn!(%node_id, sessions = sessions.len(), "a dead node is removed");
        let at = self.clock.now() - NODE_TIMEOUT;
        let mut users: Vec<UserId> = sessions.iter().map(|session| session.user_id).collect();
        users.sort_unstable();
        users.dedup();
        for session in sessions {
            self.seen.add(session.device_id, at);
        }
        if users.is_empty() {
            return Ok(());
        }
        let online = self.bus.connected(&users).await?;
        for (user_id, _) in users.into_iter().zip(online).filter(|(_, online)| !online) {
            self.presence(user_id, false, Some(crate::clock::millis(at)));
        }
        Ok(())
    }
}
