//! 7. Nothing is undecryptable, not even for a while.
//!
//! Keys and message commit together, and a key is kept until its device has acknowledged it.

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    finding.checked += history.shows().values().map(|shows| shows.len() as u64).sum::<u64>();
    for (device, conversation, seq) in history.late() {
        finding.look(false, || {
            format!("{} could read {seq} of {conversation} only when a key came later", history.name(device))
        });
    }
    for (device, conversation, seq) in history.unreadable() {
        finding.look(false, || format!("{} can't read {seq} of {conversation}", history.name(device)));
    }
    for inbox in evidence.tables.iter().flat_map(|tables| &tables.inboxes) {
        let Some(acked) = history.inbox_acks.get(&inbox.device) else { continue };
        finding.look(inbox.acked_seq <= *acked, || {
            let device = history.name(inbox.device);
            format!("the inbox of {device} is deleted up to {}, it acknowledged {acked}", inbox.acked_seq)
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn an_unreadable_message_is_a_breach() {
        assert_eq!(broken(&Talk::default().without_show(1, 2).unreadable(1, 3)), [1, 7]);
    }

    #[test]
    fn so_is_one_whose_key_came_later() {
        assert_eq!(broken(&Talk::default().unreadable(1, 3)), [7]);
    }

    #[test]
    fn so_is_an_inbox_that_is_deleted_beyond_what_its_device_acknowledged() {
        let mut talk = Talk::default();
        talk.tables.inboxes[0].acked_seq += 1;
        assert_eq!(broken(&talk), [7]);
    }

    #[test]
    fn what_is_not_for_the_device_need_not_be_readable() {
        assert_eq!(broken(&Talk::default().left(1, 3).unreadable(1, 4)), NOTHING);
    }
}
