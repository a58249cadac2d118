//! What the checker says.

use serde::Serialize;

use super::History;

/// Breaches that are told in words, an invariant.
const WITNESSES: usize = 5;

const NOTICED: usize = 20;

/// One invariant.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// 1 to 11, as in docs/CHAOS.md.
    pub invariant: u8,
    /// What it says.
    pub holds: &'static str,
    /// How often it was looked at; 0: nothing here could break it.
    pub checked: u64,
    /// How often it was broken.
    pub breaches: u64,
    /// The first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<String>,
}

impl Finding {
    pub(super) fn new(invariant: u8, holds: &'static str) -> Self {
        Self { invariant, holds, checked: 0, breaches: 0, witnesses: Vec::new() }
    }

    /// Looks once; says in words what is wrong if it is.
    pub(super) fn look(&mut self, fine: bool, witness: impl FnOnce() -> String) {
        self.checked += 1;
        if fine {
            return;
        }
        self.breaches += 1;
        if self.witnesses.len() < WITNESSES {
            self.witnesses.push(witness());
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Nothing was broken.
    pub clean: bool,
    /// The seed of the run, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The command that runs it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// Messages that apps gave to their clients.
    pub sent: usize,
    /// Of those, acknowledged.
    pub acked: usize,
    /// Of those, given up.
    pub refused: usize,
    /// Sends whose connection went before the answer.
    pub unknown: u64,
    /// Times that a device showed a message.
    pub shown: usize,
    /// Faults.
    pub faults: usize,
    /// What clients said beside that; the first of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub noticed: Vec<String>,
    /// The invariants.
    pub invariants: Vec<Finding>,
}

impl Verdict {
    pub(super) fn new(history: &History, invariants: Vec<Finding>) -> Self {
        let meant = || history.messages().filter(|(_, message)| message.intent.is_some());
        Self {
            clean: invariants.iter().all(|finding| finding.breaches == 0),
            seed: history.run.as_ref().map(|(seed, _)| *seed),
            replay: history.run.as_ref().map(|(_, replay)| replay.clone()),
            sent: meant().count(),
            acked: meant().filter(|(_, message)| message.is_acked()).count(),
            refused: meant().filter(|(_, message)| message.refused).count(),
            unknown: meant().map(|(_, message)| u64::from(message.unknown)).sum(),
            shown: history.shows().values().map(Vec::len).sum(),
            faults: history.spans().len(),
            noticed: history.noticed.iter().take(NOTICED).cloned().collect(),
            invariants,
        }
    }

    /// Breaches of one invariant.
    pub fn breaches(&self, invariant: u8) -> u64 {
        self.invariants.iter().filter(|finding| finding.invariant == invariant).map(|finding| finding.breaches).sum()
    }

    /// The invariants that were broken.
    pub fn broken(&self) -> Vec<u8> {
        self.invariants.iter().filter(|finding| finding.breaches > 0).map(|finding| finding.invariant).collect()
    }
}
