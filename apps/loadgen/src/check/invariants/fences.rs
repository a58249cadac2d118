//! 9. Nothing reaches a revoked or removed device after its fence, and nothing of it is stored.

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    windows(evidence, finding);
    revocations(evidence, finding);
}

/// Shown outside of what the device is in.
fn windows(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for (device, shows) in history.shows() {
        for show in shows {
            let window = history.window(*device, show.conversation);
            let inside = window.is_some_and(|window| (window.from..=window.to).contains(&show.seq));
            finding.look(inside, || {
                format!("{} showed {} of {}, where it is not in", history.name(*device), show.seq, show.conversation)
            });
        }
    }
}

fn revocations(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for (device, fence) in &history.fences {
        let name = history.name(*device);
        let beyond = |conversation, seq| seq > fence.heads.get(&conversation).copied().unwrap_or(0);
        for (at_us, conversation, seq) in history.arrived(*device) {
            finding.look(!beyond(*conversation, *seq), || {
                format!("{seq} of {conversation} came to {name}, which was revoked before")
            });
            let late_ms = at_us.saturating_sub(fence.at_us + fence.within_us) / 1_000;
            finding.look(late_ms == 0, || {
                format!("{seq} of {conversation} came to {name} {late_ms} ms after it had to be cut off")
            });
        }
        let shows = history.shows().get(device).into_iter().flatten();
        for show in shows.filter(|show| beyond(show.conversation, show.seq)) {
            finding.look(false, || format!("{name} showed {} of {}", show.seq, show.conversation));
        }
        for row in evidence.tables.iter().flat_map(|tables| &tables.rows).filter(|row| row.device == *device) {
            finding.look(!beyond(row.conversation, row.seq), || {
                format!("at {} of {} stands a message of {name}, which was revoked before", row.seq, row.conversation)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn a_message_shown_after_the_removal_is_a_breach() {
        assert_eq!(broken(&Talk::default().left(1, 2)), [9]);
    }

    #[test]
    fn a_message_that_reaches_a_revoked_device_is_a_breach() {
        let fenced = Talk::default().sent(3).acked(3, 4).stored(3, 4).show(0, 4, 3).fenced(1, 3);
        assert_eq!(broken(&fenced), NOTHING);
        assert_eq!(broken(&fenced.clone().arrived(1, 4)), [9]);
        assert_eq!(broken(&fenced.show(1, 4, 3)), [9]);
    }

    #[test]
    fn even_an_old_message_is_one_long_after_the_revocation() {
        let fenced = Talk::default().fenced(1, 3);
        assert_eq!(broken(&fenced.clone().arrived(1, 3)), NOTHING);
        assert_eq!(broken(&fenced.later(60_000).arrived(1, 3)), [9]);
    }

    #[test]
    fn a_message_of_a_revoked_device_that_is_stored_later_is_a_breach() {
        let talk = Talk::default().sent(3).acked(3, 4).stored(3, 4).show(1, 4, 3);
        assert_eq!(broken(&talk.fenced(0, 3)), [9]);
    }
}
