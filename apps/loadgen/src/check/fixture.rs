//! A small conversation of two devices, and ways to spoil it.

use sotto_protocol::{ConversationId, DeviceId, TxnId};
use uuid::Uuid;

use super::{History, InboxState, Row, Rules, Tables, Verdict, judge};
use crate::record::{Line, What};

const CHAT: ConversationId = ConversationId(Uuid::from_u128(1));
const DEVICES: [DeviceId; 2] = [DeviceId(Uuid::from_u128(10)), DeviceId(Uuid::from_u128(11))];

fn txn(n: u128) -> TxnId {
    TxnId(Uuid::from_u128(n))
}

/// The lines of a run and what the database holds after it. Device 0 sends; position 1 is the beginning itself.
#[derive(Clone)]
pub(super) struct Talk {
    lines: Vec<Line>,
    pub tables: Tables,
    now_us: u64,
}

impl Default for Talk {
    /// Two messages at 2 and 3, shown by both; nothing is wrong.
    fn default() -> Self {
        let mut talk = Self::empty().sample(1, 2);
        for (n, seq) in [(1, 2), (2, 3)] {
            talk = talk.sent(n).acked(n, seq).stored(n, seq);
        }
        talk.show(0, 2, 1).show(0, 3, 2).show(1, 2, 1).show(1, 3, 2)
    }
}

impl Talk {
    /// Two devices in a conversation where nothing was said.
    pub fn empty() -> Self {
        let inbox = |device| InboxState { device, acked_seq: 5, items: 0, leftover: 0 };
        let mut tables = Tables { inboxes: DEVICES.map(inbox).to_vec(), ..Tables::default() };
        tables.rows.push(Row { conversation: CHAT, seq: 1, device: DEVICES[0], message: None });
        tables.heads.insert(CHAT, 1);
        let mut talk = Self { lines: Vec::new(), tables, now_us: 1_000_000 };
        for device in DEVICES {
            talk = talk.line(What::Join { conversation: CHAT, device, seq: 1 });
            talk = talk.line(What::InboxAck { device, seq: 5 });
        }
        talk
    }

    fn line(mut self, what: What) -> Self {
        self.now_us += 1_000;
        self.lines.push(Line { at_us: self.now_us, actor: "test".into(), what });
        self
    }

    pub fn sent(self, n: u128) -> Self {
        let counter = u64::try_from(n).unwrap();
        self.line(What::Intent { conversation: CHAT, message: txn(n), device: DEVICES[0], counter })
    }

    pub fn acked(self, n: u128, seq: i64) -> Self {
        let (message, device) = (txn(n), DEVICES[0]);
        self.line(What::Ack { conversation: CHAT, message, device, seq: Some(seq), node: None })
    }

    pub fn refused(self, n: u128) -> Self {
        let (message, device, code) = (txn(n), DEVICES[0], "forbidden".to_owned());
        self.line(What::Reject { conversation: CHAT, message, device, code, last: true })
    }

    pub fn unknown(self, n: u128) -> Self {
        self.line(What::Unknown { conversation: CHAT, message: txn(n), device: DEVICES[0], attempt: 1 })
    }

    pub fn show(self, device: usize, seq: i64, n: u128) -> Self {
        let (device, sender, message) = (DEVICES[device], DEVICES[0], txn(n));
        self.line(What::Shown { conversation: CHAT, message, device, sender, seq, counter: 1 })
    }

    pub fn without_show(mut self, by: usize, n: u128) -> Self {
        let gone = |what: &What| matches!(what, What::Shown { device, message, .. } if *device == DEVICES[by] && *message == txn(n));
        self.lines.retain(|line| !gone(&line.what));
        self
    }

    /// The record goes on for a minute.
    pub fn goes_on(self) -> Self {
        self.later(60_000).line(What::InboxAck { device: DEVICES[0], seq: 5 })
    }

    pub fn arrived(self, device: usize, seq: i64) -> Self {
        self.line(What::Arrived { conversation: CHAT, device: DEVICES[device], seq })
    }

    pub fn unreadable(self, device: usize, seq: i64) -> Self {
        self.line(What::Utd { conversation: CHAT, device: DEVICES[device], seq })
    }

    pub fn left(self, device: usize, seq: i64) -> Self {
        self.line(What::Leave { conversation: CHAT, device: DEVICES[device], seq })
    }

    pub fn fenced(self, device: usize, head: i64) -> Self {
        let heads = [(CHAT, head)].into();
        self.line(What::Fence { device: DEVICES[device], heads, within_ms: 10_000 })
    }

    pub fn fault(self, name: &str) -> Self {
        self.line(What::Fault { name: name.to_owned(), target: "redis".to_owned() })
    }

    pub fn healed(self, name: &str) -> Self {
        self.line(What::Healed { name: name.to_owned(), target: "redis".to_owned() })
    }

    pub fn sample(self, value: u64, limit: u64) -> Self {
        self.line(What::Sample { node: "node-1".to_owned(), of: "memory".to_owned(), value, limit })
    }

    pub fn later(mut self, ms: u64) -> Self {
        self.now_us += ms * 1_000;
        self
    }

    pub fn stored(mut self, n: u128, seq: i64) -> Self {
        self.tables.rows.push(Row { conversation: CHAT, seq, device: DEVICES[0], message: Some(txn(n)) });
        self.tables.heads.insert(CHAT, seq);
        self
    }

    fn history(&self) -> History {
        let mut history = History::default();
        for line in &self.lines {
            history.apply(line);
        }
        history
    }

    pub fn judge(&self) -> Verdict {
        judge(&self.history(), Some(&self.tables), &Rules::default())
    }

    pub fn judge_without_database(&self) -> Verdict {
        judge(&self.history(), None, &Rules::default())
    }
}

/// The invariants that are broken.
pub(super) fn broken(talk: &Talk) -> Vec<u8> {
    talk.judge().broken()
}

/// The lines of the clean conversation.
pub(super) fn lines() -> Vec<Line> {
    Talk::default().lines
}

/// No invariant is broken.
pub(super) const NOTHING: [u8; 0] = [];
