//! What a node knows of a conversation that local sessions are in.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use sotto_protocol::ConversationId;

use super::{Delivered, SessionHandle};

/// Events that wait for their predecessors; more are read from the log once the gap is.
const MAX_EARLY: usize = 256;

/// A conversation on this node.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Newest position handed to the local sessions; `None` until it is read.
    pub cursor: Option<i64>,
    pub sessions: Vec<Arc<SessionHandle>>,
    /// Events that overtook others on their way (nodes that commit one after the other tell of it independently), or came
    /// before the cursor was read.
    early: BTreeMap<i64, Bytes>,
    /// Something was told of without being carried before the cursor was read.
    told: bool,
    /// Newest position that was brought.
    newest: i64,
}

impl Room {
    /// Brings an event: the next one is handed on, with those that waited for it.
    pub fn event(&mut self, id: ConversationId, seq: i64, frame: &Bytes) -> Delivered {
        self.newest = self.newest.max(seq);
        if self.cursor.is_some_and(|cursor| seq == cursor + 1) {
            self.hand_on(id, seq, frame);
            self.cursor = Some(self.hand_on_early(id, seq));
        } else if self.cursor.is_none_or(|cursor| seq > cursor) && self.early.len() < MAX_EARLY {
            self.early.insert(seq, frame.clone());
        }
        if self.has_gap() { Delivered::Gap } else { Delivered::Done }
    }

    /// Brings an event that was read behind the cursor: there is nothing between the two, though a database that was
    /// restored goes on far above.
    pub fn read(&mut self, id: ConversationId, seq: i64, frame: &Bytes) -> Delivered {
        self.cursor = self.cursor.map(|cursor| cursor.max(seq - 1));
        self.event(id, seq, frame)
    }

    /// Something is told of without being carried; answers whether the node can read it now.
    pub fn tell(&mut self) -> bool {
        self.told |= self.cursor.is_none();
        self.cursor.is_some()
    }

    /// The cursor was read, unless it was before; answers whether the node has to read what came meanwhile.
    pub fn start(&mut self, id: ConversationId, last_seq: i64) -> bool {
        if self.cursor.is_none() {
            self.cursor = Some(self.hand_on_early(id, last_seq));
        }
        std::mem::take(&mut self.told) || self.has_gap()
    }

    /// Hands on what follows directly on `cursor`; answers the cursor after it.
    fn hand_on_early(&mut self, id: ConversationId, mut cursor: i64) -> i64 {
        while let Some(waiting) = self.early.first_entry()
            && *waiting.key() <= cursor + 1
        {
            let (seq, frame) = waiting.remove_entry();
            if seq > cursor {
                self.hand_on(id, seq, &frame);
                cursor = seq;
            }
        }
        cursor
    }

    fn hand_on(&self, id: ConversationId, seq: i64, frame: &Bytes) {
        for session in &self.sessions {
            session.post(|mailbox| mailbox.event(id, seq, frame));
        }
    }

    /// Whether an event is missing that others wait for.
    pub fn has_gap(&self) -> bool {
        self.cursor.is_some_and(|cursor| cursor < self.newest)
    }
}
