//! 6. One position a message, and every unknown outcome resolves.

use std::collections::{HashMap, HashSet};

use sotto_protocol::TxnId;

use crate::check::{Evidence, Finding};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    let mut positions: HashMap<TxnId, HashSet<i64>> = HashMap::new();
    for (id, message) in history.messages() {
        positions.entry(id).or_default().extend(message.acks.iter().filter_map(|(_, seq)| *seq));
    }
    for show in history.shows().values().flatten() {
        positions.entry(show.message).or_default().insert(show.seq);
    }
    for row in evidence.tables.iter().flat_map(|tables| &tables.rows) {
        if let Some(message) = row.message {
            positions.entry(message).or_default().insert(row.seq);
        }
    }
    for (id, positions) in &positions {
        finding.look(positions.len() <= 1, || format!("message {id} has the positions {positions:?}"));
    }
    for (id, conversation, device) in history.unanswered() {
        let tries = history.get(id).map_or(0, |message| message.attempts);
        finding.look(false, || {
            let device = history.name(device);
            format!("message {id} of {device} in {conversation} has no answer after {tries} tries")
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{NOTHING, Talk, broken};

    #[test]
    fn a_message_stored_twice_is_a_breach() {
        assert_eq!(broken(&Talk::default().stored(2, 4)), [6]);
    }

    #[test]
    fn so_is_one_acknowledged_at_two_positions() {
        assert_eq!(broken(&Talk::default().acked(2, 9)), [6, 8]);
    }

    #[test]
    fn a_message_without_an_answer_is_a_breach_and_a_refused_one_is_not() {
        assert_eq!(broken(&Talk::default().sent(3)), [6]);
        assert_eq!(broken(&Talk::default().sent(3).refused(3)), NOTHING);
    }

    #[test]
    fn an_unknown_outcome_that_a_later_try_resolves_is_clean() {
        assert_eq!(broken(&Talk::default().unknown(2).acked(2, 3)), NOTHING);
    }
}
