//! 3. Everything is shown exactly once.

use std::collections::HashSet;

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for (device, shows) in history.shows() {
        let mut seen = HashSet::new();
        for show in shows {
            finding.look(seen.insert(show.message), || {
                format!("{} showed message {} again, at {}", history.name(*device), show.message, show.seq)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Talk, broken};

    #[test]
    fn a_message_shown_twice_is_a_breach() {
        assert_eq!(broken(&Talk::default().show(1, 3, 2)), [3, 4]);
    }

    #[test]
    fn so_is_the_same_message_at_another_position() {
        assert_eq!(Talk::default().show(1, 4, 2).judge().breaches(3), 1);
    }
}
