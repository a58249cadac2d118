//! Processes of the cluster: signals and memory.

use rustix::process::{Pid, Signal, kill_process};

use super::place::{Place, node_name};
use crate::{
    error::{Context, Failure, Outcome},
    record::{Actor, What},
};

/// Resident memory that a node of a small cluster may have, KiB.
const MEMORY_LIMIT_KIB: u64 = 256 * 1024;
const DESCRIPTORS_LIMIT: u64 = 1_000;

/// The pid of a node that runs.
pub(super) async fn pid(place: &Place, node: usize) -> Outcome<i32> {
    let state = place.refresh().await?;
    let pid = state.nodes.get(node).and_then(|node| node.pid);
    pid.ok_or_else(|| Failure::new(format!("{} does not run", node_name(node))))
}

/// Sends a signal.
pub(super) fn signal(pid: i32, signal: Signal) -> Outcome<()> {
    let known = Pid::from_raw(pid).ok_or_else(|| Failure::new("no pid"))?;
    kill_process(known, signal).context(format!("a signal to {pid}"))
}

/// Whether it lives; a zombie does not.
pub(super) fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next());
    state.is_some_and(|state| !matches!(state, "Z" | "X"))
}

/// Notes memory and descriptors of every node that runs.
pub(super) async fn sample(place: &Place, actor: &Actor) {
    let Ok(state) = place.refresh().await else { return };
    for node in &state.nodes {
        let Some(pid) = node.pid else { continue };
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|text| text.split_whitespace().next()?.parse().ok());
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).map(|entries| entries.count() as u64).ok();
        let sizes = [("memory_kib", kib, MEMORY_LIMIT_KIB), ("descriptors", open, DESCRIPTORS_LIMIT)];
        for (of, value, limit) in sizes {
            if let Some(value) = value {
                actor.note(What::Sample { node: node.name.clone(), of: of.to_owned(), value, limit });
            }
        }
    }
}
