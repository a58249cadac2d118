//! 11. Memory and queues are bounded.

use sotto_protocol::limits::MAX_INBOX_ITEMS;

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for sample in &history.samples {
        finding.look(sample.value <= sample.limit, || {
            format!("{} of {}: {}, the limit is {}", sample.of, sample.node, sample.value, sample.limit)
        });
    }
    for inbox in evidence.tables.iter().flat_map(|tables| &tables.inboxes) {
        let name = || history.name(inbox.device);
        finding.look(inbox.items <= MAX_INBOX_ITEMS, || format!("{} items wait for {}", inbox.items, name()));
        finding.look(inbox.leftover == 0, || {
            format!("{} acknowledged items are still in the inbox of {}", inbox.leftover, name())
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn a_size_beyond_its_limit_is_a_breach() {
        assert_eq!(broken(&Talk::default().sample(100, 100)), NOTHING);
        assert_eq!(broken(&Talk::default().sample(101, 100)), [11]);
    }

    #[test]
    fn acknowledged_items_that_stay_in_an_inbox_are_a_breach() {
        let mut talk = Talk::default();
        talk.tables.inboxes[0].leftover = 1;
        assert_eq!(broken(&talk), [11]);
    }
}
