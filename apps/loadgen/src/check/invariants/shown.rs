//! 1. Every acknowledged message is shown on every eligible device.

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for (id, message) in history.messages().filter(|(_, message)| message.is_acked()) {
        let Some((conversation, _, _)) = message.intent else { continue };
        for window in history.eligible(conversation, message.seq()) {
            finding.look(history.shown_us(window.device, id).is_some(), || {
                let (device, seq) = (history.name(window.device), message.seq().unwrap_or(0));
                format!("{device} never showed message {id} at {seq} of {conversation}")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn a_message_that_one_device_never_shows_is_a_breach() {
        assert_eq!(broken(&Talk::default().without_show(1, 2)), [1]);
        assert_eq!(broken(&Talk::default().without_show(1, 2).goes_on()), [1, 10]);
    }

    #[test]
    fn a_message_that_nobody_shows_is_one_for_everybody() {
        let talk = Talk::default().sent(3).acked(3, 4).stored(3, 4);
        assert_eq!(talk.judge().breaches(1), 2);
    }

    #[test]
    fn what_everybody_shows_is_clean() {
        let verdict = Talk::default().judge();
        assert!(verdict.clean, "{verdict:?}");
        assert!(verdict.invariants.iter().all(|finding| finding.checked > 0), "{verdict:?}");
    }

    #[test]
    fn who_was_put_out_misses_nothing_that_came_later_but_has_no_hole_before() {
        let talk = Talk::default().sent(3).acked(3, 4).stored(3, 4).show(0, 4, 3).left(1, 3);
        assert_eq!(broken(&talk), NOTHING);
        assert_eq!(broken(&talk.without_show(1, 1)), [1]);
    }
}
