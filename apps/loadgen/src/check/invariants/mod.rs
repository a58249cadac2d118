//! One file an invariant (docs/CHAOS.md).

mod answers;
mod bounds;
mod catching_up;
mod fences;
mod holes;
mod once;
mod order;
mod readable;
mod sent;
mod shown;
mod stored;

use super::{Evidence, Finding};

type Hold = fn(Evidence<'_>, &mut Finding);

const ALL: [(&str, Hold); 11] = [
    ("every acknowledged message is shown on every eligible device", shown::hold),
    ("nothing is shown that was not sent, or was refused", sent::hold),
    ("everything is shown exactly once", once::hold),
    ("one order a conversation on all devices, and each sender's own order", order::hold),
    ("positions have no holes", holes::hold),
    ("one position a message, and every unknown outcome resolves", answers::hold),
    ("nothing is undecryptable", readable::hold),
    ("the database holds the acknowledged and nothing but the sent", stored::hold),
    ("nothing reaches a revoked or removed device after its fence", fences::hold),
    ("everything arrives in time after a fault", catching_up::hold),
    ("memory and queues are bounded", bounds::hold),
];

/// Looks at all of them.
pub(super) fn hold_all(evidence: Evidence<'_>) -> Vec<Finding> {
    (1..)
        .zip(ALL)
        .map(|(number, (text, hold))| {
            let mut finding = Finding::new(number, text);
            hold(evidence, &mut finding);
            finding
        })
        .collect()
}
