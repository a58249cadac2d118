//! What waits for one connection: bounded in bytes, and behind instead of blocked when it overflows.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use sotto_protocol::{CloseCode, ConversationId};

use crate::sending::Answer;

/// Bytes that may wait for one socket; beyond it the session catches up from the log when the socket drains.
const MAX_WAITING_BYTES: usize = 512 * 1024;
/// Behind in more conversations than this, the session starts over with a catch-up of everything.
const MAX_BEHIND: usize = 4_096;

/// What a session has to read before live frames make sense again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// The inbox grew: it is read before any event, since keys come first.
    pub inbox: bool,
    /// Conversation to the first position that was not queued; `i64::MAX` when only live frames were dropped.
    pub conversations: HashMap<ConversationId, i64>,
    /// More than can be remembered: everything.
    pub everything: bool,
}

/// A frame, and what of a conversation is in it: the event of this position, or `i64::MAX` for what is kept nowhere.
#[derive(Debug)]
struct Queued {
    of: Option<(ConversationId, i64)>,
    frame: Bytes,
}

/// Frames and signals on their way to one connection.
#[derive(Debug, Default)]
pub struct Mailbox {
    frames: VecDeque<Queued>,
    bytes: usize,
    /// Newest inbox position that was queued or read.
    inbox_seq: i64,
    /// Live frames are queued only when this is empty and the catch-up is over.
    behind: Option<Box<Behind>>,
    /// The session reads what it was behind in: what comes now follows on that, and is queued again. Otherwise a busy
    /// conversation would always be ahead of it.
    repairing: bool,
    /// Up to where the session read a conversation by itself, where the node is not there yet: what still comes up to
    /// it is known.
    read: Vec<(ConversationId, i64)>,
    close: Option<CloseCode>,
    drain: Option<u64>,
    tick: bool,
    answers: Vec<Answer>,
}

/// What a driver finds in its mailbox.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Encoded frames, in order.
    pub frames: VecDeque<Bytes>,
    /// The wheel came round.
    pub tick: bool,
    /// The node is going away: tell the device to come back after so many milliseconds.
    pub drain: Option<u64>,
    /// Close now.
    pub close: Option<CloseCode>,
    /// There is something to read.
    pub behind: bool,
    /// What became of this session's own sends.
    pub answers: Vec<Answer>,
}

impl Mailbox {
    /// A session starts behind in everything, until its first catch-up took that over.
    pub fn catching_up() -> Self {
        Self { behind: Some(Box::default()), ..Self::default() }
    }

    fn queue(&mut self, of: Option<(ConversationId, i64)>, frame: &Bytes) -> bool {
        if self.close.is_some() {
            return true;
        }
        if self.bytes + frame.len() > MAX_WAITING_BYTES && !self.frames.is_empty() {
            metrics::counter!("sotto_sessions_behind_total").increment(1);
            self.miss_what_waits();
            return false;
        }
        self.bytes += frame.len();
        self.frames.push_back(Queued { of, frame: frame.clone() });
        true
    }

    /// An event; remembered as missed when the session is behind or full.
    pub fn event(&mut self, conversation_id: ConversationId, seq: i64, frame: &Bytes) {
        if self.close.is_some() || self.has_read(conversation_id, seq) {
            return;
        }
        if self.follows() && self.queue(Some((conversation_id, seq)), frame) {
            return;
        }
        self.miss(conversation_id, seq);
    }

    /// An inbox item; the inbox is read when it is not the next one.
    pub fn inbox(&mut self, seq: i64, frame: Option<&Bytes>) {
        if self.close.is_some() || (seq > 0 && seq <= self.inbox_seq) {
            return;
        }
        if self.behind.is_none()
            && seq == self.inbox_seq + 1
            && let Some(frame) = frame
            && self.queue(None, frame)
        {
            self.inbox_seq = seq;
            return;
        }
        self.behind.get_or_insert_default().inbox = true;
    }

    /// A frame that is kept nowhere. When it can't be queued, the conversation's marks are read later.
    pub fn live(&mut self, conversation_id: Option<ConversationId>, frame: &Bytes) {
        if self.follows() && self.queue(conversation_id.map(|id| (id, i64::MAX)), frame) {
            return;
        }
        if let Some(conversation_id) = conversation_id {
            self.miss(conversation_id, i64::MAX);
        }
    }

    /// The session sent everything up to `seq` by itself, while the node delivered up to `cursor`.
    pub fn read_up_to(&mut self, conversation_id: ConversationId, seq: i64, cursor: Option<i64>) {
        let noted = self.behind.as_mut().and_then(|behind| behind.conversations.get_mut(&conversation_id));
        if let Some(first) = noted.filter(|first| **first <= seq) {
            *first = seq + 1;
        }
        self.frames.retain(|queued| queued.of.is_none_or(|(id, at)| id != conversation_id || at > seq));
        if cursor.is_none_or(|cursor| cursor < seq) {
            self.read.retain(|(id, _)| *id != conversation_id);
            self.read.push((conversation_id, seq));
        }
    }

    /// The node delivers each position once: with the last one that was read, or the first behind it, the note is done
    /// with.
    fn has_read(&mut self, conversation_id: ConversationId, seq: i64) -> bool {
        let Some(at) = self.read.iter().position(|(id, _)| *id == conversation_id) else { return false };
        let (_, last) = self.read[at];
        if seq >= last {
            self.read.swap_remove(at);
        }
        if self.read.is_empty() {
            self.read = Vec::new();
        }
        seq <= last
    }

    /// Whether events follow on what was queued, or on what is just being read: then they wait in the queue, which is
    /// sent after it, keys first.
    fn follows(&self) -> bool {
        match &self.behind {
            None => true,
            Some(behind) => self.repairing && behind.conversations.is_empty() && !behind.everything,
        }
    }

    /// During a repair the queue is sent after what is read: what waits there is read as well when more does not fit.
    fn miss_what_waits(&mut self) {
        if !self.repairing {
            return;
        }
        self.bytes = 0;
        for queued in std::mem::take(&mut self.frames) {
            if let Some((conversation_id, seq)) = queued.of {
                self.miss(conversation_id, seq);
            }
        }
    }

    /// Positions from `seq` on have to be read.
    pub fn miss(&mut self, conversation_id: ConversationId, seq: i64) {
        if self.close.is_some() {
            return;
        }
        let behind = self.behind.get_or_insert_default();
        if behind.conversations.len() >= MAX_BEHIND && !behind.conversations.contains_key(&conversation_id) {
            behind.everything = true;
            behind.conversations.clear();
        }
        if !behind.everything {
            let first = behind.conversations.entry(conversation_id).or_insert(seq);
            *first = seq.min(*first);
        }
    }

    /// The socket has to go, and gets nothing more: not even what waits.
    pub fn close(&mut self, code: CloseCode) {
        self.close.get_or_insert(code);
        self.frames.clear();
        self.bytes = 0;
        self.behind = None;
    }

    /// Whether the socket has to go, and why.
    pub fn closing(&self) -> Option<CloseCode> {
        self.close
    }

    /// The node is going away.
    pub fn drain(&mut self, reconnect_after_ms: u64) {
        self.drain = Some(reconnect_after_ms);
    }

    /// A send of this session is decided.
    pub fn answer(&mut self, answer: Answer) {
        self.answers.push(answer);
    }

    /// The wheel came round.
    pub fn tick(&mut self) {
        self.tick = true;
    }

    /// Takes everything that waits.
    pub fn take(&mut self) -> Delivery {
        self.bytes = 0;
        Delivery {
            frames: std::mem::take(&mut self.frames).into_iter().map(|queued| queued.frame).collect(),
            tick: std::mem::take(&mut self.tick),
            drain: self.drain.take(),
            close: self.close,
            behind: self.behind.as_ref().is_some_and(|behind| **behind != Behind::default()),
            answers: std::mem::take(&mut self.answers),
        }
    }

    /// What has to be read; the session stays behind while it reads. `None`: nothing, and the session is live now.
    pub fn take_behind(&mut self) -> Option<Behind> {
        match &mut self.behind {
            Some(behind) if **behind == Behind::default() => {
                self.behind = None;
                self.repairing = false;
                None
            }
            Some(behind) => {
                self.repairing = true;
                Some(std::mem::take(&mut **behind))
            }
            None => None,
        }
    }

    /// Newest inbox position that was queued or read.
    pub fn inbox_seq(&self) -> i64 {
        self.inbox_seq
    }

    /// The driver read the inbox up to here.
    pub fn set_inbox_seq(&mut self, seq: i64) {
        self.inbox_seq = self.inbox_seq.max(seq);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn conversation() -> ConversationId {
        ConversationId(Uuid::from_u128(1))
    }

    fn live() -> Mailbox {
        let mut mailbox = Mailbox::catching_up();
        assert_eq!(mailbox.take_behind(), None);
        mailbox
    }

    #[test]
    fn an_event_during_the_catch_up_is_read_after_it() {
        let mut mailbox = Mailbox::catching_up();
        mailbox.event(conversation(), 7, &Bytes::from_static(b"seven"));
        mailbox.event(conversation(), 8, &Bytes::from_static(b"eight"));
        assert!(mailbox.take().frames.is_empty());
        assert_eq!(mailbox.take_behind().unwrap().conversations[&conversation()], 7);
        assert_eq!(mailbox.take_behind(), None);
        mailbox.event(conversation(), 9, &Bytes::from_static(b"nine"));
        assert_eq!(mailbox.take().frames.len(), 1);
    }

    #[test]
    fn what_the_session_read_by_itself_is_not_delivered_again() {
        let mut mailbox = Mailbox::catching_up();
        let seven = Bytes::from_static(b"seven");
        mailbox.event(conversation(), 6, &seven);
        // Read up to 7, while the node stands at 6.
        mailbox.read_up_to(conversation(), 7, Some(6));
        assert_eq!(mailbox.take_behind().unwrap().conversations[&conversation()], 8);
        mailbox.event(conversation(), 7, &seven);
        assert_eq!(mailbox.take_behind(), None);
        mailbox.event(conversation(), 8, &Bytes::from_static(b"eight"));
        assert_eq!(mailbox.take().frames, [Bytes::from_static(b"eight")]);
        assert!(mailbox.read.is_empty());
    }

    #[test]
    fn what_comes_during_a_repair_waits_behind_it() {
        let mut mailbox = Mailbox::catching_up();
        let frame = Bytes::from_static(b"frame");
        mailbox.event(conversation(), 7, &frame);
        assert!(mailbox.take_behind().is_some());
        mailbox.event(conversation(), 8, &frame);
        mailbox.event(conversation(), 9, &Bytes::from_static(b"nine"));
        // A key that is read before them.
        mailbox.inbox(0, None);
        mailbox.read_up_to(conversation(), 8, Some(9));
        let behind = mailbox.take_behind().unwrap();
        assert_eq!((behind.inbox, behind.conversations.len()), (true, 0));
        assert_eq!(mailbox.take_behind(), None);
        assert_eq!(mailbox.take().frames, [Bytes::from_static(b"nine")]);
    }

    #[test]
    fn what_overflows_during_a_repair_is_read_from_its_beginning() {
        let mut mailbox = Mailbox::catching_up();
        let big = Bytes::from(vec![b'x'; 200 * 1024]);
        mailbox.event(conversation(), 7, &big);
        assert!(mailbox.take_behind().is_some());
        for seq in 8..=12 {
            mailbox.event(conversation(), seq, &big);
        }
        assert_eq!(mailbox.take_behind().unwrap().conversations[&conversation()], 8);
        assert!(mailbox.take().frames.is_empty());
    }

    #[test]
    fn a_session_that_has_to_go_gets_nothing_more() {
        let mut mailbox = live();
        let frame = Bytes::from_static(b"seven");
        mailbox.event(conversation(), 7, &frame);
        mailbox.close(CloseCode::Revoked);
        mailbox.event(conversation(), 8, &frame);
        mailbox.inbox(0, None);
        mailbox.live(Some(conversation()), &frame);
        mailbox.miss(conversation(), 9);
        assert_eq!(mailbox.take_behind(), None);
        let delivery = mailbox.take();
        assert_eq!((delivery.frames.len(), delivery.behind, delivery.close), (0, false, Some(CloseCode::Revoked)));
    }

    #[test]
    fn a_note_that_came_too_late_hides_nothing_later() {
        let mut mailbox = live();
        mailbox.read_up_to(conversation(), 7, Some(6));
        mailbox.event(conversation(), 8, &Bytes::from_static(b"eight"));
        mailbox.event(conversation(), 9, &Bytes::from_static(b"nine"));
        assert_eq!(mailbox.take().frames.len(), 2);
    }

    #[test]
    fn an_overflow_drops_frames_and_remembers_the_first() {
        let mut mailbox = live();
        let big = Bytes::from(vec![b'x'; 200 * 1024]);
        for seq in 1..=6 {
            mailbox.event(conversation(), seq, &big);
        }
        assert_eq!(mailbox.take().frames.len(), 2);
        assert_eq!(mailbox.take_behind().unwrap().conversations[&conversation()], 3);
    }

    #[test]
    fn an_inbox_item_out_of_turn_makes_the_inbox_be_read() {
        let mut mailbox = live();
        let frame = Bytes::from_static(b"item");
        mailbox.inbox(1, Some(&frame));
        mailbox.inbox(1, Some(&frame));
        assert_eq!(mailbox.take().frames.len(), 1);
        mailbox.inbox(3, Some(&frame));
        mailbox.event(conversation(), 1, &frame);
        assert!(mailbox.take().frames.is_empty(), "the event waits for the key");
        let behind = mailbox.take_behind().unwrap();
        assert!(behind.inbox);
        assert_eq!(behind.conversations[&conversation()], 1);
    }
}
