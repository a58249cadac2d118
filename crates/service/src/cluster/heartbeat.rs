//! Saying that this node lives, noticing that another does not, and entering everything again after Redis forgot it.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
};

use sotto_bus::{
    BusResult,
    interest::Topic,
    nodes::{HEARTBEAT, Memory},
    registry::{Entered, Holder, SessionEntry},
    wakes::Wake,
};
use sotto_protocol::{CloseCode, DeviceId, NodeId};
use tokio::task::JoinHandle;

use super::Cluster;
use crate::hub::SessionHandle;

/// Beats until this node took itself out of the cluster: while it drains it lives.
pub(super) async fn run(cluster: Arc<Cluster>) {
    let mut beat = tokio::time::interval(HEARTBEAT);
    let mut first = true;
    let mut siblings = Siblings::default();
    let mut entering: Option<JoinHandle<()>> = None;
    loop {
        beat.tick().await;
        if cluster.left.load(Ordering::Acquire) {
            return;
        }
        match cluster.beat(first, &mut siblings).await {
            Ok(()) => first = false,
            Err(error) => tracing::debug!(%error, "no heartbeat"),
        }
        let busy = entering.as_ref().is_some_and(|task| !task.is_finished());
        if cluster.doubt.owes() && cluster.bus.is_connected() && !busy {
            // Beside the beat: with many sessions it takes longer than a node may be silent.
            let cluster = Arc::clone(&cluster);
            entering = Some(tokio::spawn(async move { cluster.reenter().await }));
        }
    }
}

/// The nodes that lived at the last beat.
#[derive(Default)]
struct Siblings(HashSet<NodeId>);

impl Siblings {
    /// Whether a node is gone since the last beat, whoever buries it.
    fn lost_one(&mut self, live: &[NodeId], dead: &[NodeId]) -> bool {
        let before = std::mem::replace(&mut self.0, live.iter().copied().collect());
        !dead.is_empty() || !before.is_subset(&self.0)
    }
}

impl Cluster {
    async fn beat(self: &Arc<Self>, first: bool, siblings: &mut Siblings) -> BusResult<()> {
        let status = serde_json::json!({
            "name": self.config.node_name,
            "connections": self.hub.directory.len(),
            "load": self.lifecycle.load(),
        });
        let memory = self.bus.heartbeat(self.node_id, &status.to_string()).await?;
        if memory == Memory::Lost && !first {
            tracing::warn!("Redis lost its data; entering everything again");
            self.doubt.owe();
        }
        let (live, dead) = self.bus.nodes().await?;
        // It may have died between a commit and telling of it, which leaves no gap in its packets.
        if siblings.lost_one(&live, &dead) {
            self.doubt.raise(self.clock.monotonic());
        }
        for node_id in dead {
            // Beside the beat, as above: else whoever buries falls silent itself.
            let cluster = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = cluster.bury(node_id).await {
                    tracing::debug!(%error, %node_id, "a dead node stays for another one to remove");
                }
            });
        }
        self.publisher.heartbeat(live).await;
        Ok(())
    }

    /// Enters interest and sessions of this node into Redis (again). Until it is done the node is in doubt.
    pub(super) async fn reenter(&self) {
        // Whoever comes from now on enters by itself, and reads afterwards.
        let alone = self.hub.directory.is_empty();
        let debt = self.doubt.owe();
        let entered = self.try_reenter().await;
        // Whatever was committed before the entries stood was routed past this node.
        if !alone {
            self.doubt.raise(self.clock.monotonic());
        }
        match entered {
            Ok(()) => self.doubt.pay(debt),
            Err(error) => tracing::warn!(%error, "Redis does not take this node's entries; the next beat tries again"),
        }
    }

    async fn try_reenter(&self) -> BusResult<()> {
        let mut topics: Vec<Topic> = self.hub.conversations().into_iter().map(Topic::Conversation).collect();
        topics.extend(self.hub.directory.watched().into_iter().map(Topic::Presence));
        self.bus.enter(self.node_id, &topics).await?;
        let sessions = self.hub.directory.all();
        let entries: Vec<(SessionEntry, i64)> =
            sessions.iter().map(|session| (self.entry(session), session.opened_ms())).collect();
        let entered = self.bus.register_again(&entries).await?;
        for (session, entered) in sessions.iter().zip(entered) {
            if entered.holder.session_id != session.session_id {
                // Events of the device go to the later socket; if this one is alive all the same, it comes again.
                session.post(|mailbox| mailbox.close(CloseCode::Internal));
                continue;
            }
            self.end_replaced(session.device_id, &entered, false);
            // Others may have taken this node for dead, and its people for gone.
            self.presence(session.user_id, true, None);
        }
        Ok(())
    }

    /// Ends the socket on another node whose place was taken.
    pub(crate) fn end_replaced(&self, device_id: DeviceId, entered: &Entered, by_new: bool) {
        match entered.replaced {
            Some(Holder { node_id, session_id, .. }) if node_id != self.node_id => {
                self.publisher.wake(Topic::Node(node_id), Wake::Replace { device_id, session_id, by_new });
            }
            _ => {}
        }
    }

    /// A session as the registry names it.
    pub(crate) fn entry(&self, session: &SessionHandle) -> SessionEntry {
        SessionEntry {
            session_id: session.session_id,
            user_id: session.user_id,
            device_id: session.device_id,
            endpoint: "ws",
            node_id: self.node_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_lost_node_is_noticed_whether_or_not_another_buried_it() {
        let [a, b] = [1, 2].map(|n| NodeId(Uuid::from_u128(n)));
        let mut siblings = Siblings::default();
        assert!(!siblings.lost_one(&[a], &[]));
        assert!(!siblings.lost_one(&[a, b], &[]));
        assert!(siblings.lost_one(&[a], &[]), "buried by another");
        assert!(!siblings.lost_one(&[a], &[]));
        assert!(siblings.lost_one(&[a], &[b]), "came and died between two beats");
    }
}
