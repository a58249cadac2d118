//! 4. One order a conversation on all devices, and each sender's own order.

use std::collections::HashMap;

use sotto_protocol::{ConversationId, DeviceId, TxnId};

use crate::check::{Evidence, Finding, Show};

pub(super) fn hold(evidence: Evidence<'_>, finding: &mut Finding) {
    let history = evidence.history;
    let mut agreed: HashMap<(ConversationId, i64), TxnId> = HashMap::new();
    for row in evidence.tables.iter().flat_map(|tables| &tables.rows) {
        if let Some(message) = row.message {
            agreed.insert((row.conversation, row.seq), message);
        }
    }
    for (device, shows) in history.shows() {
        let mut last: HashMap<ConversationId, i64> = HashMap::new();
        let mut places: HashMap<(ConversationId, DeviceId), u64> = HashMap::new();
        for show in shows {
            let name = || history.name(*device);
            let before = last.insert(show.conversation, show.seq).unwrap_or(0);
            finding.look(before < show.seq, || {
                format!("{} showed {} of {} after {before}", name(), show.seq, show.conversation)
            });
            let first = *agreed.entry((show.conversation, show.seq)).or_insert(show.message);
            finding.look(first == show.message, || {
                let Show { conversation, seq, message, .. } = show;
                format!("at {seq} of {conversation} {} showed {message} and another device {first}", name())
            });
            let Some((_, sender, place)) = history.get(show.message).and_then(|message| message.intent) else {
                continue;
            };
            let before = places.insert((show.conversation, sender), place).unwrap_or(0);
            finding.look(before < place, || {
                let sender = history.name(sender);
                format!("{} showed number {place} of {sender} after its number {before}", name())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check::fixture::{Talk, broken};

    #[test]
    fn another_order_on_one_device_is_a_breach() {
        let talk = Talk::default().without_show(1, 1).without_show(1, 2).show(1, 3, 2).show(1, 2, 1);
        assert_eq!(broken(&talk), [4]);
    }

    #[test]
    fn two_devices_that_disagree_about_a_position_are_a_breach() {
        let talk = Talk::default().without_show(1, 1).without_show(1, 2).show(1, 2, 2).show(1, 3, 1);
        assert!(talk.judge().breaches(4) > 0);
    }

    #[test]
    fn a_senders_messages_in_another_order_than_it_sent_them_are_a_breach() {
        let swapped = Talk::empty().sent(1).sent(2).acked(2, 2).acked(1, 3).stored(2, 2).stored(1, 3);
        let talk = swapped.show(0, 2, 2).show(0, 3, 1).show(1, 2, 2).show(1, 3, 1);
        assert_eq!(broken(&talk), [4]);
    }
}
