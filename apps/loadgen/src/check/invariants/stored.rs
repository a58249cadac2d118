//! 8. The database holds the acknowledged and nothing but the sent.

use std::collections::HashMap;

use sotto_protocol::TxnId;

use crate::check::{Evidence, Finding, Row};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let (history, Some(tables)) = (evidence.history, evidence.tables) else { return };
    let stored: HashMap<(TxnId, i64), &Row> =
        tables.rows.iter().filter_map(|row| Some(((row.message?, row.seq), row))).collect();
    for (id, message) in history.messages() {
        let Some((conversation, device, _)) = message.intent else { continue };
        for (_, seq) in &message.acks {
            let Some(seq) = seq else { continue };
            let row = stored.get(&(id, *seq));
            let theirs = row.is_some_and(|row| row.conversation == conversation && row.device == device);
            finding.look(theirs, || {
                let device = history.name(device);
                format!("message {id} of {device} was acknowledged at {seq} of {conversation} and is not there")
            });
        }
    }
    for row in &tables.rows {
        let Some(id) = row.message else { continue };
        let message = history.get(id);
        let meant = message.and_then(|message| message.intent);
        let (conversation, seq) = (row.conversation, row.seq);
        finding.look(meant.is_some_and(|(at, device, _)| at == conversation && device == row.device), || {
            format!("at {seq} of {conversation} stands message {id}, which nobody sent there")
        });
        finding.look(!message.is_some_and(|message| message.refused), || {
            format!("at {seq} of {conversation} stands message {id}, whose sender was told that it is refused")
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Talk, broken};

    #[test]
    fn an_acknowledged_message_that_is_not_stored_is_a_breach() {
        let talk = Talk::default().sent(3).acked(3, 4).show(0, 4, 3).show(1, 4, 3);
        assert_eq!(broken(&talk), [8]);
    }

    #[test]
    fn a_stored_message_that_nobody_sent_is_a_breach() {
        assert_eq!(broken(&Talk::default().stored(99, 4)), [8]);
    }

    #[test]
    fn a_stored_message_that_was_refused_is_a_breach() {
        assert_eq!(broken(&Talk::default().sent(3).refused(3).stored(3, 4)), [8]);
    }
}
