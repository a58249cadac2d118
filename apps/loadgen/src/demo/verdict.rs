//! The last line of the demo: the checker's findings in a few numbers.

use serde::Serialize;
use sotto_loadgen::check::{History, Rules, Tables, judge};

/// The last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub sent: usize,
    pub acked: usize,
    pub shown: usize,
    pub lost: usize,
    pub duplicates: usize,
    pub out_of_order: usize,
    pub undecryptable: usize,
    pub canary_hits: usize,
}

/// Invariants that have no number of their own: nothing unsent, no holes, one position, what the database holds,
/// nothing after a fence.
const OTHERS: [u8; 5] = [2, 5, 6, 8, 9];

impl Verdict {
    /// Judges; what has no number of its own is told in sentences.
    pub fn of(history: &History, tables: &Tables) -> (Self, Vec<String>) {
        let verdict = judge(history, Some(tables), &Rules::default());
        let count = |invariant| usize::try_from(verdict.breaches(invariant)).unwrap_or(usize::MAX);
        let others = verdict.invariants.iter().filter(|finding| OTHERS.contains(&finding.invariant));
        let problems = others.flat_map(|finding| finding.witnesses.clone()).collect();
        let numbers = Self {
            sent: verdict.sent,
            acked: verdict.acked,
            shown: verdict.shown,
            lost: history.missing().len() + history.unanswered().count(),
            duplicates: count(3),
            out_of_order: count(4),
            undecryptable: history.unreadable().count(),
            canary_hits: 0,
        };
        (numbers, problems)
    }

    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        [self.lost, self.duplicates, self.out_of_order, self.undecryptable, self.canary_hits] == [0; 5]
    }
}
