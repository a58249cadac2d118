//! 10. Everything arrives in time: after its acknowledgement, or after the faults that held it up.

use crate::check::{Evidence, Finding, Span};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    let limit_us = u64::try_from(evidence.rules.caught_up.as_micros()).unwrap_or(u64::MAX);
    let mut spans = history.spans().to_vec();
    spans.sort_by_key(|span| span.begin_us);
    for (id, message) in history.messages() {
        let Some((conversation, _, _)) = message.intent else { continue };
        let Some(acked_us) = message.acks.iter().map(|(at_us, _)| *at_us).min() else { continue };
        for window in history.eligible(conversation, message.seq()) {
            let from_us = acked_us.max(window.since_us);
            let shown_us = history.shown_us(window.device, id).unwrap_or(history.ended_us);
            let (deadline_us, held_by) = deadline(from_us, limit_us, &spans);
            finding.look(shown_us <= deadline_us, || {
                let device = history.name(window.device);
                let late_ms = (shown_us - deadline_us + limit_us) / 1_000;
                format!("{device} had message {id} of {conversation} {late_ms} ms after {held_by}")
            });
        }
    }
}

/// When a message of this time has to be there. A fault that begins before that moves it.
fn deadline(from_us: u64, limit_us: u64, spans: &[Span]) -> (u64, &str) {
    let mut deadline_us = from_us.saturating_add(limit_us);
    let mut held_by = "its acknowledgement";
    for span in spans.iter().filter(|span| span.end_us >= from_us) {
        let moved_us = span.end_us.saturating_add(limit_us);
        if span.begin_us <= deadline_us && moved_us > deadline_us {
            (deadline_us, held_by) = (moved_us, &span.name);
        }
    }
    (deadline_us, held_by)
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    fn late() -> Talk {
        Talk::default().sent(3).acked(3, 4).stored(3, 4).show(0, 4, 3)
    }

    #[test]
    fn a_message_that_takes_too_long_is_a_breach() {
        assert_eq!(broken(&late().later(6_000).show(1, 4, 3)), [10]);
        assert_eq!(broken(&late().later(4_000).show(1, 4, 3)), NOTHING);
    }

    #[test]
    fn a_fault_holds_it_up_but_not_for_long_after_its_end() {
        let healed = late().fault("cut").later(20_000).healed("cut");
        assert_eq!(broken(&healed.clone().later(4_000).show(1, 4, 3)), NOTHING);
        assert_eq!(broken(&healed.later(6_000).show(1, 4, 3)), [10]);
    }

    #[test]
    fn a_fault_that_was_over_before_excuses_nothing() {
        let talk = Talk::default().fault("cut").healed("cut").later(10_000);
        let talk = talk.sent(3).acked(3, 4).stored(3, 4).show(0, 4, 3).later(6_000).show(1, 4, 3);
        assert_eq!(broken(&talk), [10]);
    }
}
