//! 2. Nothing is shown that was not sent, or was refused.

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    for (device, shows) in history.shows() {
        for show in shows {
            let message = history.get(show.message);
            let meant = message.and_then(|message| message.intent);
            let theirs = meant
                .is_some_and(|(conversation, sender, _)| conversation == show.conversation && sender == show.sender);
            finding.look(theirs, || {
                let (device, sender) = (history.name(*device), history.name(show.sender));
                format!("{device} showed message {} of {sender}, which never sent it there", show.message)
            });
            finding.look(!message.is_some_and(|message| message.refused), || {
                format!("{} showed message {}, which was refused", history.name(*device), show.message)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn a_shown_message_that_nobody_sent_is_a_breach() {
        let verdict = Talk::default().show(1, 4, 99).judge();
        assert_eq!(verdict.breaches(2), 1);
    }

    #[test]
    fn a_shown_message_that_was_refused_is_a_breach() {
        let talk = Talk::default().sent(3).refused(3).show(0, 4, 3).show(1, 4, 3);
        assert_eq!(talk.judge().breaches(2), 2);
    }

    #[test]
    fn a_refused_message_that_nobody_shows_is_clean() {
        assert_eq!(broken(&Talk::default().sent(3).refused(3)), NOTHING);
    }
}
