//! What nodes say.

use super::{
    State, Worker,
    lean::{self, Lean, LeanEvent},
    positions::Follows,
    socket::Heard,
    txn::Txn,
    wire::{self, Opcode, Parsed},
};
use crate::load::plan::Role;

/// A device that reads nothing can't see the close frame.
const CUT_OFF: u16 = 4_999;

impl Worker {
    /// Reads until there is nothing more; `ending` says that the peer has closed its side.
    pub(super) fn on_readable(&mut self, at: usize, ending: bool) {
        if self.devices[at].role == Role::Frozen && self.devices[at].state == State::Live {
            if ending {
                self.on_close(at, CUT_OFF);
            }
            return;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        while let Some(socket) = &mut self.devices[at].socket {
            match socket.read(&mut scratch) {
                Heard::Bytes(count) => {
                    self.take_bytes(at, &scratch[..count]);
                    // A short read has emptied it; the next byte makes another edge.
                    if count < scratch.len() && !ending {
                        break;
                    }
                }
                Heard::Nothing => break,
                Heard::End => self.on_end(at, "end"),
                Heard::Failed(error) => self.on_end(at, &format!("read: {}", error.kind())),
            }
        }
        self.scratch = scratch;
        self.flush_marks(at);
    }

    fn on_end(&mut self, at: usize, why: &str) {
        if self.devices[at].state != State::Live {
            self.figures.failed += 1;
        }
        self.lose(at, why);
    }

    fn take_bytes(&mut self, at: usize, bytes: &[u8]) {
        let mut partial = std::mem::take(&mut self.devices[at].partial);
        let generation = self.devices[at].generation;
        let rest = if partial.is_empty() {
            let used = self.take_frames(at, bytes);
            bytes[used..].to_vec()
        } else {
            partial.extend_from_slice(bytes);
            let used = self.take_frames(at, &partial);
            partial.drain(..used);
            partial.shrink_to(0);
            partial
        };
        let device = &mut self.devices[at];
        if device.socket.is_some() && device.generation == generation {
            device.partial = rest;
        }
    }

    /// Takes whole frames; gives the bytes they took.
    fn take_frames(&mut self, at: usize, bytes: &[u8]) -> usize {
        let mut used = 0;
        while self.devices[at].socket.is_some() && used < bytes.len() {
            if self.devices[at].state == State::Upgrading {
                let took = self.on_answer(at, &bytes[used..]);
                if took == 0 {
                    break;
                }
                used += took;
                continue;
            }
            match wire::parse(&bytes[used..]) {
                Parsed::Incomplete => break,
                Parsed::Broken => {
                    self.figures.unreadable += 1;
                    self.lose(at, "a broken frame");
                    return bytes.len();
                }
                Parsed::Frame(frame) => {
                    self.figures.frames += 1;
                    match frame.opcode {
                        Opcode::Text => self.on_text(at, frame.payload),
                        Opcode::Ping => self.on_ping(at, frame.payload),
                        Opcode::Close => self.on_close(at, wire::close_code(frame.payload)),
                        Opcode::Pong => {}
                        Opcode::Binary => self.figures.unreadable += 1,
                    }
                    used += frame.length;
                }
            }
        }
        used
    }

    fn on_ping(&mut self, at: usize, payload: &[u8]) {
        self.figures.pings += 1;
        self.devices[at].pings += 1;
        self.out.clear();
        wire::frame(&mut self.out, Opcode::Pong, payload);
        self.write_out(at);
    }

    fn on_text(&mut self, at: usize, payload: &[u8]) {
        if lean::is_marks(payload) {
            return self.on_marks(at, payload);
        }
        let Some(frame) = lean::parse(payload) else {
            self.figures.unreadable += 1;
            return;
        };
        match &*frame.kind {
            "event" => {
                let live = self.devices[at].state == State::Live;
                frame.event.iter().for_each(|event| self.on_event(at, event, live));
            }
            "sent" | "refused" => self.on_verdict(&frame),
            "sync" => {
                let events = frame.conversations.iter().flat_map(|talk| &talk.events);
                events.for_each(|event| self.on_event(at, event, false));
            }
            "inbox" => self.on_inbox(at, &frame),
            "caught_up" => self.on_caught_up(at, frame.sync_token.as_deref().unwrap_or_default()),
            "draining" => self.devices[at].asked_to_wait_ms = frame.reconnect_after_ms,
            "error" => {
                let code = frame.problem.map(|problem| problem.code.into_owned()).unwrap_or_default();
                self.figures.note(format!("error {code}"));
            }
            _ => {}
        }
    }

    fn on_inbox(&mut self, at: usize, frame: &Lean<'_>) {
        let Some(seq) = frame.items.last().map(|item| item.seq) else { return };
        self.devices[at].inbox_seq = seq;
        self.out.clear();
        self.sayer.inbox_ack(&mut self.out, seq);
        self.write_out(at);
    }

    /// An event; `live` if the device has been told that it had everything before.
    fn on_event(&mut self, at: usize, event: &LeanEvent<'_>, live: bool) {
        let Ok(id) = uuid::Uuid::try_parse(&event.conversation_id) else { return };
        let Some(talk) = self.places.get(&id.as_u128()).copied() else { return };
        let device = &mut self.devices[at];
        match (device.positions.take(talk, event.seq, live), live) {
            (None, _) => return,
            (Some(Follows::Again), _) => return self.figures.doubled += 1,
            (Some(Follows::Known), _) => return self.figures.repeated += 1,
            (Some(Follows::After(_)), true) => self.figures.out_of_order += 1,
            (Some(Follows::After(missing)), false) => self.figures.skipped += missing,
            (Some(Follows::Next), _) => {}
        }
        let txn = event.body.txn_id.as_deref().and_then(Txn::read).filter(|txn| txn.run == self.run);
        let is_own = txn.is_some_and(|txn| self.is_own(at, txn));
        if is_own {
            return;
        }
        if self.mark_spread.is_some() {
            self.devices[at].unmark(talk, event.seq);
        }
        if let Some(txn) = txn {
            self.on_delivery(talk, txn, live);
        }
    }

    fn is_own(&self, at: usize, txn: Txn) -> bool {
        txn.worker == self.number && self.load.as_ref().is_some_and(|load| load.sender_of(txn) == Some(at))
    }
}
