//! A stream: what one device sends into one conversation, in its order.

use std::collections::VecDeque;

use super::txn::Txn;

/// A message without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered {
    pub turn: u64,
    pub prev: Option<Txn>,
}

/// One stream.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    pub device: usize,
    pub talk: u32,
    /// In sending order.
    pub unanswered: VecDeque<Unanswered>,
    /// Newest message, whatever became of it.
    newest: Option<Txn>,
    /// Newest message that is stored.
    stored: Option<Txn>,
}

impl Stream {
    pub fn new(device: u32, talk: u32) -> Self {
        Self { device: device as usize, talk, ..Self::default() }
    }

    /// Takes the next message in, and gives what it follows.
    pub fn push(&mut self, txn: Txn) -> Unanswered {
        let message = Unanswered { turn: txn.turn, prev: self.newest };
        self.unanswered.push_back(message);
        self.newest = Some(txn);
        message
    }

    /// It is stored; `false` if that was known.
    pub fn stored(&mut self, txn: Txn) -> bool {
        self.stored = Some(txn);
        self.answered(txn)
    }

    /// It is refused: what comes after it follows the newest one that is stored.
    pub fn refused(&mut self, txn: Txn) -> bool {
        if self.newest == Some(txn) {
            self.newest = self.stored;
        }
        self.answered(txn)
    }

    fn answered(&mut self, txn: Txn) -> bool {
        // Answers come in order, so it is the first one but for retries.
        let place = self.unanswered.iter().position(|message| message.turn == txn.turn);
        place.and_then(|place| self.unanswered.remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txn(turn: u64) -> Txn {
        Txn { run: 1, worker: 0, load: 0, turn }
    }

    #[test]
    fn messages_are_chained_and_a_refused_one_is_left_out() {
        let mut stream = Stream::new(3, 4);
        assert_eq!(stream.push(txn(0)).prev, None);
        assert_eq!(stream.push(txn(5)).prev, Some(txn(0)));
        assert!(stream.stored(txn(0)) && !stream.stored(txn(0)), "an answer counts once");
        assert!(stream.refused(txn(5)));
        assert_eq!(stream.push(txn(9)).prev, Some(txn(0)));
        assert_eq!(stream.unanswered.len(), 1);
    }
}
