//! How far one's own messages got: sent, delivered, read.

use std::collections::{BTreeSet, HashMap};

use sotto_protocol::{UserId, conversations::MemberMarks};

/// What others' devices did with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// On a device of theirs.
    Delivered,
    /// Read.
    Read,
}

/// Positions of one's own messages, and what was told of them.
#[derive(Default)]
pub struct Progress {
    own: BTreeSet<i64>,
    delivered: HashMap<UserId, i64>,
    read: HashMap<UserId, i64>,
}

impl Progress {
    /// A message of one's own is stored here.
    pub fn own(&mut self, seq: i64) {
        self.own.insert(seq);
    }

    /// What is news in somebody's marks: up to which message of one's own. Read says delivered too.
    pub fn raise(&mut self, marks: &MemberMarks) -> Option<(State, i64)> {
        let read = self.newest_own(marks.read_seq);
        let delivered = self.newest_own(marks.delivered_seq).max(read);
        let news_read = rises(&mut self.read, marks.user_id, read);
        let news_delivered = rises(&mut self.delivered, marks.user_id, delivered);
        match (news_read, news_delivered, read, delivered) {
            (true, _, Some(seq), _) => Some((State::Read, seq)),
            (_, true, _, Some(seq)) => Some((State::Delivered, seq)),
            _ => None,
        }
    }

    fn newest_own(&self, up_to: i64) -> Option<i64> {
        self.own.range(..=up_to).next_back().copied()
    }
}

fn rises(told: &mut HashMap<UserId, i64>, user_id: UserId, seq: Option<i64>) -> bool {
    let Some(seq) = seq else { return false };
    let before = told.insert(user_id, seq);
    if before.is_some_and(|before| before > seq) {
        told.extend(before.map(|before| (user_id, before)));
    }
    before.is_none_or(|before| before < seq)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(delivered_seq: i64, read_seq: i64) -> MemberMarks {
        MemberMarks { user_id: "00000000-0000-0000-0000-000000000001".parse().unwrap(), delivered_seq, read_seq }
    }

    #[test]
    fn news_of_ones_own_messages_is_told_once_and_others_messages_are_none() {
        let mut progress = Progress::default();
        assert_eq!(progress.raise(&marks(5, 5)), None);
        progress.own(6);
        progress.own(8);
        assert_eq!(progress.raise(&marks(7, 5)), Some((State::Delivered, 6)));
        assert_eq!(progress.raise(&marks(7, 5)), None);
        assert_eq!(progress.raise(&marks(7, 7)), Some((State::Read, 6)));
        assert_eq!(progress.raise(&marks(8, 8)), Some((State::Read, 8)));
        assert_eq!(progress.raise(&marks(9, 8)), None);
        assert_eq!(progress.raise(&marks(6, 6)), None);
        assert_eq!(progress.raise(&marks(8, 8)), None);
    }
}
