//! The nodes of the cluster and their heartbeats: `nodes` (set), `node:{id}` (string with a TTL).

use std::time::Duration;

use sotto_protocol::NodeId;

use crate::{Bus, BusResult, registry::SessionEntry};

/// How often a node says that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node that said nothing for so long is gone.
pub const NODE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long one node has to take a dead one out.
const BURIAL: Duration = Duration::from_secs(30);

/// What Redis remembered of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The heartbeat before.
    Kept,
    /// Nothing: a first heartbeat, or Redis lost its data.
    Lost,
}

impl Bus {
    /// Says that this node lives, with its load for those who look.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn heartbeat(&self, node_id: NodeId, status: &str) -> BusResult<Memory> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("SADD").arg("nodes").arg(node_id.to_string()).ignore();
        pipeline
            .cmd("SET")
            .arg(node_key(node_id))
            .arg(status)
            .arg("PX")
            .arg(u64::try_from(NODE_TIMEOUT.as_millis()).unwrap_or(u64::MAX))
            .arg("GET");
        let (before,): (Option<String>,) = self.pipe(&pipeline).await?;
        Ok(if before.is_some() { Memory::Kept } else { Memory::Lost })
    }

    /// All nodes that are entered: alive, and those whose heartbeat is missing.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn nodes(&self) -> BusResult<(Vec<NodeId>, Vec<NodeId>)> {
        let mut members = redis::cmd("SMEMBERS");
        members.arg("nodes");
        let all: Vec<NodeId> =
            self.query::<Vec<String>>(&members).await?.iter().filter_map(|id| id.parse().ok()).collect();
        if all.is_empty() {
            return Ok((all, Vec::new()));
        }
        let mut pipeline = redis::pipe();
        for id in &all {
            pipeline.cmd("EXISTS").arg(node_key(*id));
        }
        let alive: Vec<bool> = self.pipe(&pipeline).await?;
        let (live, dead): (Vec<_>, Vec<_>) = all.into_iter().zip(alive).partition(|(_, alive)| *alive);
        Ok((live.into_iter().map(|(id, _)| id).collect(), dead.into_iter().map(|(id, _)| id).collect()))
    }

    /// Whether this node is the one that takes a dead one out of the cluster: one does, and another only when that takes
    /// longer than [`BURIAL`].
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn may_bury(&self, dead: NodeId, by: NodeId) -> BusResult<bool> {
        let mut claim = redis::cmd("SET");
        claim.arg(burial_key(dead)).arg(by.to_string()).arg("NX").arg("PX");
        claim.arg(u64::try_from(BURIAL.as_millis()).unwrap_or(u64::MAX));
        Ok(self.query::<Option<String>>(&claim).await?.is_some())
    }

    /// Takes a node out of the cluster: its sessions, which are answered, then its name.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn remove_node(&self, node_id: NodeId) -> BusResult<Vec<SessionEntry>> {
        let sessions = self.clear_sessions(node_id).await?;
        let mut pipeline = redis::pipe();
        pipeline.cmd("SREM").arg("nodes").arg(node_id.to_string()).ignore();
        pipeline.cmd("DEL").arg(node_key(node_id)).arg(format!("node:{node_id}:sessions")).ignore();
        pipeline.cmd("DEL").arg(burial_key(node_id)).ignore();
        self.pipe::<()>(&pipeline).await?;
        Ok(sessions)
    }
}

fn burial_key(node_id: NodeId) -> String {
    format!("node:{node_id}:burial")
}

fn node_key(node_id: NodeId) -> String {
    format!("node:{node_id}")
}
