//! What was sent, acknowledged and shown, and what of it breaks a promise.
//!
//! Held (`docs/SECURITY.md`, the checker): every acknowledged message is shown on every eligible device, exactly once,
//! in one order a conversation and in its sender's order; nothing else is shown; nothing stays unreadable.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::Serialize;
use sotto_protocol::{ConversationId, DeviceId, TxnId};

/// Positions of a conversation that a device is to show: from, to.
type Window = (i64, i64);

/// A message that an app gave to its client.
#[derive(Clone, Debug)]
struct Sent {
    conversation_id: ConversationId,
    device_id: DeviceId,
    /// Place among the sends of this device in this conversation.
    place: usize,
}

/// What a device showed, in the order in which it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Show {
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub txn_id: TxnId,
    pub sender: DeviceId,
}

/// Everything that was observed.
#[derive(Debug, Default)]
pub struct Ledger {
    sent: HashMap<TxnId, Sent>,
    /// Kept apart, since an answer may be noted before the send is.
    acknowledged: HashSet<TxnId>,
    refused: HashSet<TxnId>,
    places: HashMap<(ConversationId, DeviceId), usize>,
    shown: BTreeMap<DeviceId, Vec<Show>>,
    unreadable: BTreeSet<(DeviceId, ConversationId, i64)>,
    windows: BTreeMap<(DeviceId, ConversationId), Window>,
    /// Messages that could not be read at first and were shown later.
    pub late: usize,
}

/// The last line of the demo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub sent: usize,
    pub acked: usize,
    pub shown: usize,
    pub lost: usize,
    pub duplicates: usize,
    pub out_of_order: usize,
    pub undecryptable: usize,
    pub canary_hits: usize,
}

impl Verdict {
    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        [self.lost, self.duplicates, self.out_of_order, self.undecryptable, self.canary_hits] == [0; 5]
    }
}

impl Ledger {
    /// The device shows the conversation from this position on.
    pub fn join(&mut self, device_id: DeviceId, conversation_id: ConversationId, from: i64) {
        self.windows.entry((device_id, conversation_id)).or_insert((from, i64::MAX));
    }

    /// Nothing after this position is for the device.
    pub fn leave(&mut self, device_id: DeviceId, conversation_id: ConversationId, last: i64) {
        if let Some(window) = self.windows.get_mut(&(device_id, conversation_id)) {
            window.1 = window.1.min(last);
        }
    }

    /// An app sent.
    pub fn sent(&mut self, conversation_id: ConversationId, device_id: DeviceId, txn_id: TxnId) {
        let place = self.places.entry((conversation_id, device_id)).or_insert(0);
        *place += 1;
        self.sent.insert(txn_id, Sent { conversation_id, device_id, place: *place });
    }

    /// The server acknowledged.
    pub fn acknowledged(&mut self, txn_id: TxnId) {
        self.acknowledged.insert(txn_id);
    }

    /// The server refused for good.
    pub fn refused(&mut self, txn_id: TxnId) {
        self.refused.insert(txn_id);
    }

    /// A device showed.
    pub fn shown(&mut self, device_id: DeviceId, show: Show) {
        if self.unreadable.remove(&(device_id, show.conversation_id, show.seq)) {
            self.late += 1;
        }
        self.shown.entry(device_id).or_default().push(show);
    }

    /// A device could not read.
    pub fn unreadable(&mut self, device_id: DeviceId, conversation_id: ConversationId, seq: i64) {
        self.unreadable.insert((device_id, conversation_id, seq));
    }

    /// Messages of these conversations (all if empty) that were neither acknowledged nor refused.
    pub fn unanswered(&self, of: &[ConversationId]) -> usize {
        let open = |txn_id: &TxnId| !self.acknowledged.contains(txn_id) && !self.refused.contains(txn_id);
        let here = |sent: &Sent| of.is_empty() || of.contains(&sent.conversation_id);
        self.sent.iter().filter(|(txn_id, sent)| open(txn_id) && here(sent)).count()
    }

    /// Position of each message that was stored, as the devices agree on it (the lowest that one showed).
    fn positions(&self) -> HashMap<TxnId, i64> {
        let mut positions = HashMap::new();
        for show in self.shown.values().flatten() {
            let seq = positions.entry(show.txn_id).or_insert(show.seq);
            *seq = (*seq).min(show.seq);
        }
        positions
    }

    /// Acknowledged messages that an eligible device did not show (yet): device, conversation, message.
    pub fn missing(&self) -> Vec<(DeviceId, ConversationId, TxnId)> {
        let positions = self.positions();
        let seen: BTreeMap<DeviceId, BTreeSet<TxnId>> =
            self.shown.iter().map(|(id, shows)| (*id, shows.iter().map(|show| show.txn_id).collect())).collect();
        let empty = BTreeSet::new();
        let mut missing = Vec::new();
        for (txn_id, sent) in self.sent.iter().filter(|(txn_id, _)| self.acknowledged.contains(txn_id)) {
            // Shown nowhere: every device that is still in lacks it.
            let seq = positions.get(txn_id).copied();
            for ((device_id, conversation_id), (from, to)) in &self.windows {
                let eligible = match seq {
                    Some(seq) => (*from..=*to).contains(&seq),
                    None => *to == i64::MAX,
                };
                let here = *conversation_id == sent.conversation_id;
                if here && eligible && !seen.get(device_id).unwrap_or(&empty).contains(txn_id) {
                    missing.push((*device_id, *conversation_id, *txn_id));
                }
            }
        }
        missing
    }

    /// Messages that devices showed though they were not for them.
    pub fn leaks(&self) -> usize {
        let outside = |device_id: &DeviceId, show: &Show| match self.windows.get(&(*device_id, show.conversation_id)) {
            Some((from, to)) => !(*from..=*to).contains(&show.seq),
            None => true,
        };
        self.shown.iter().map(|(id, shows)| shows.iter().filter(|show| outside(id, show)).count()).sum()
    }

    /// Unreadable events that are for the device.
    fn undecryptable(&self) -> usize {
        let eligible = |(device_id, conversation_id, seq): &&(DeviceId, ConversationId, i64)| {
            let window = self.windows.get(&(*device_id, *conversation_id));
            window.is_some_and(|(from, to)| (*from..=*to).contains(seq))
        };
        self.unreadable.iter().filter(eligible).count()
    }

    fn duplicates(&self) -> usize {
        let mut doubled = 0;
        for shows in self.shown.values() {
            let messages: BTreeSet<TxnId> = shows.iter().map(|show| show.txn_id).collect();
            doubled += shows.len() - messages.len();
        }
        doubled
    }

    fn out_of_order(&self) -> usize {
        let mut wrong = 0;
        let mut agreed: HashMap<(ConversationId, i64), TxnId> = HashMap::new();
        for shows in self.shown.values() {
            let mut last: HashMap<ConversationId, i64> = HashMap::new();
            let mut places: HashMap<(ConversationId, DeviceId), usize> = HashMap::new();
            for show in shows {
                let before = last.insert(show.conversation_id, show.seq);
                wrong += usize::from(before.is_some_and(|before| before >= show.seq));
                let other = agreed.insert((show.conversation_id, show.seq), show.txn_id);
                wrong += usize::from(other.is_some_and(|other| other != show.txn_id));
                // A message that nobody sent is as wrong as one in the wrong place.
                let place = self.sent.get(&show.txn_id).filter(|sent| sent.device_id == show.sender);
                let place = place.map_or(0, |sent| sent.place);
                let before = places.insert((show.conversation_id, show.sender), place);
                wrong += usize::from(before.unwrap_or(0) >= place);
            }
        }
        wrong
    }

    /// All of it; the canary's hits are counted elsewhere.
    pub fn verdict(&self) -> Verdict {
        Verdict {
            sent: self.sent.len(),
            acked: self.sent.keys().filter(|txn_id| self.acknowledged.contains(txn_id)).count(),
            shown: self.shown.values().map(Vec::len).sum(),
            lost: self.missing().len() + self.unanswered(&[]),
            duplicates: self.duplicates(),
            out_of_order: self.out_of_order(),
            undecryptable: self.undecryptable(),
            canary_hits: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CHAT: ConversationId = ConversationId(Uuid::from_u128(1));
    const ANA: DeviceId = DeviceId(Uuid::from_u128(10));
    const BEN: DeviceId = DeviceId(Uuid::from_u128(11));

    fn txn(n: u128) -> TxnId {
        TxnId(Uuid::from_u128(n))
    }

    fn show(seq: i64, n: u128) -> Show {
        Show { conversation_id: CHAT, seq, txn_id: txn(n), sender: ANA }
    }

    /// Two messages, sent, acknowledged; who shows what is the test's.
    fn talk() -> Ledger {
        let mut ledger = Ledger::default();
        for device in [ANA, BEN] {
            ledger.join(device, CHAT, 1);
        }
        for n in [1, 2] {
            ledger.sent(CHAT, ANA, txn(n));
            ledger.acknowledged(txn(n));
        }
        ledger.shown(ANA, show(2, 1));
        ledger.shown(ANA, show(3, 2));
        ledger
    }

    #[test]
    fn what_everybody_shows_once_and_in_order_is_clean() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.shown(BEN, show(3, 2));
        let verdict = ledger.verdict();
        assert!(verdict.is_clean(), "{verdict:?}");
        assert_eq!((verdict.sent, verdict.acked, verdict.shown), (2, 2, 4));
    }

    #[test]
    fn an_acknowledged_message_that_a_device_never_shows_is_lost() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        assert_eq!(ledger.verdict().lost, 1);
    }

    #[test]
    fn an_acknowledged_message_that_nobody_shows_is_lost_everywhere() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.shown(BEN, show(3, 2));
        ledger.sent(CHAT, ANA, txn(3));
        ledger.acknowledged(txn(3));
        assert_eq!(ledger.verdict().lost, 2);
    }

    #[test]
    fn a_message_without_an_answer_is_lost_but_a_refused_one_is_not() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.shown(BEN, show(3, 2));
        ledger.sent(CHAT, ANA, txn(3));
        assert_eq!(ledger.verdict().lost, 1);
        ledger.refused(txn(3));
        assert_eq!(ledger.verdict().lost, 0);
    }

    #[test]
    fn a_message_shown_twice_is_a_duplicate() {
        let mut ledger = talk();
        for seq in [2, 2, 3] {
            ledger.shown(BEN, show(seq, u128::try_from(seq - 1).unwrap()));
        }
        assert_eq!(ledger.verdict().duplicates, 1);
    }

    #[test]
    fn the_same_message_at_two_positions_is_a_duplicate_too() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.shown(BEN, show(3, 2));
        ledger.shown(BEN, show(4, 2));
        assert_eq!(ledger.verdict().duplicates, 1);
    }

    #[test]
    fn another_order_on_one_device_is_out_of_order() {
        let mut ledger = talk();
        ledger.shown(BEN, show(3, 2));
        ledger.shown(BEN, show(2, 1));
        assert!(ledger.verdict().out_of_order > 0);
    }

    #[test]
    fn two_devices_that_disagree_about_a_position_are_out_of_order() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 2));
        ledger.shown(BEN, show(3, 1));
        assert!(ledger.verdict().out_of_order > 0);
    }

    #[test]
    fn a_message_that_nobody_sent_is_wrong() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.shown(BEN, show(3, 2));
        ledger.shown(BEN, show(4, 99));
        assert!(!ledger.verdict().is_clean());
    }

    #[test]
    fn what_comes_after_somebody_left_is_not_missed_and_showing_it_is_a_leak() {
        let mut ledger = talk();
        ledger.leave(BEN, CHAT, 2);
        ledger.shown(BEN, show(2, 1));
        assert!(ledger.verdict().is_clean());
        assert_eq!(ledger.leaks(), 0);
        ledger.shown(BEN, show(3, 2));
        assert_eq!(ledger.leaks(), 1);
    }

    #[test]
    fn an_unreadable_message_counts_until_it_is_shown() {
        let mut ledger = talk();
        ledger.shown(BEN, show(2, 1));
        ledger.unreadable(BEN, CHAT, 3);
        assert_eq!(ledger.verdict().undecryptable, 1);
        ledger.shown(BEN, show(3, 2));
        assert_eq!((ledger.verdict().undecryptable, ledger.late), (0, 1));
    }
}
