//! The order of one device's messages in a conversation: its counter and hash chain show drops and swaps.

use serde::{Deserialize, Serialize};
use sotto_identity::SortedSet;
use sotto_protocol::{ConversationId, DeviceId};

use crate::{log::Log, records::Key, state::Machine};

/// Open holes remembered for one device.
const HOLES_KEPT: usize = 64;
/// Unreadable positions remembered for one device.
const BLIND_KEPT: usize = 1_000;

/// Something about a message that is shown nevertheless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Warning {
    /// Messages of this sender's device before this one are missing though the log has no gap: they were dropped.
    Hole {
        /// How many.
        missing: u64,
    },
    /// This message is not where its sender put it, or another one took its place.
    Swapped,
    /// The sender encrypted for another roster than this device was told of under the same version.
    RosterMismatch,
    /// The sender's device is revoked meanwhile.
    SenderRevoked,
}

/// What was seen of a device's messages in a conversation.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    head: Option<Seat>,
    holes: Vec<Hole>,
    /// Positions of its events that could not be read.
    blind: SortedSet<i64>,
}

/// A message and its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seat {
    n: u64,
    hash: Option<String>,
    /// 0: it is known from a room key only.
    seq: i64,
}

/// Counters that were not seen between two seats.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Hole {
    before: Option<Seat>,
    /// The message after the hole: its counter and position.
    after: (u64, i64),
    /// What that message says the last one in the hole hashes to.
    expected: Option<String>,
    /// It was warned of, or need not be.
    settled: bool,
}

impl Hole {
    fn first(&self) -> u64 {
        self.before.as_ref().map_or(1, |seat| seat.n + 1)
    }

    fn seq_before(&self) -> i64 {
        self.before.as_ref().map_or(0, |seat| seat.seq)
    }

    /// How many are missing that no unreadable event explains; settles itself when there are any.
    fn missing(&mut self, log: &Log, blind: &SortedSet<i64>) -> Option<u64> {
        let (n, seq) = self.after;
        if self.settled || !log.covers_between(self.seq_before(), seq) {
            return None;
        }
        let explained = blind.between(&(self.seq_before() + 1), &(seq - 1)).count() as u64;
        let missing = (n - self.first()).checked_sub(explained).filter(|missing| *missing > 0)?;
        self.settled = true;
        Some(missing)
    }
}

impl Seen {
    /// A room key says which message it is shared with: the first that this device can expect.
    pub(crate) fn anchor(&mut self, n: u64, prev: Option<String>) -> bool {
        let fresh = self.head.is_none();
        if fresh && n > 0 {
            self.head = Some(Seat { n: n - 1, hash: prev, seq: 0 });
        }
        fresh
    }

    pub(crate) fn blind(&mut self, seq: i64) {
        self.blind.insert(seq);
        while self.blind.len() > BLIND_KEPT {
            self.blind.pop_first();
        }
    }

    /// Enters a message at its place and says what is wrong with it.
    pub(crate) fn enter(&mut self, n: u64, prev: Option<&String>, hash: &str, seq: i64, log: &Log) -> Vec<Warning> {
        self.blind.remove(&seq);
        let seat = Seat { n, hash: Some(hash.to_owned()), seq };
        let Some(head) = self.head.clone() else {
            // Nothing is known before the first message: whatever came earlier was not for this device.
            if n > 1 {
                self.open(Hole { before: None, after: (n, seq), expected: prev.cloned(), settled: true });
            }
            self.head = Some(seat);
            return if n == 1 && prev.is_some() { vec![Warning::Swapped] } else { vec![] };
        };
        if n <= head.n {
            return self.fill(n, prev, hash, seq);
        }
        let mut warnings = Vec::new();
        let follows = n == head.n + 1;
        if (follows && prev != head.hash.as_ref()) || seq <= head.seq {
            warnings.push(Warning::Swapped);
        }
        if !follows {
            let mut hole = Hole { before: Some(head), after: (n, seq), expected: prev.cloned(), settled: false };
            warnings.extend(hole.missing(log, &self.blind).map(|missing| Warning::Hole { missing }));
            self.open(hole);
        }
        self.head = Some(seat);
        warnings
    }

    fn open(&mut self, hole: Hole) {
        self.holes.push(hole);
        if self.holes.len() > HOLES_KEPT {
            self.holes.remove(0);
        }
    }

    /// A message whose place is behind the newest one.
    fn fill(&mut self, n: u64, prev: Option<&String>, hash: &str, seq: i64) -> Vec<Warning> {
        let Some(at) = self.holes.iter().position(|hole| (hole.first()..hole.after.0).contains(&n)) else {
            return vec![Warning::Swapped];
        };
        let hole = self.holes.remove(at);
        let starts = hole.before.as_ref().is_some_and(|before| n == before.n + 1);
        let wrong_start = starts && prev != hole.before.as_ref().and_then(|before| before.hash.as_ref());
        let wrong_end = n + 1 == hole.after.0 && hole.expected.as_deref() != Some(hash);
        let misplaced = seq <= hole.seq_before() || seq >= hole.after.1;
        if n + 1 < hole.after.0 {
            let seat = Seat { n, hash: Some(hash.to_owned()), seq };
            self.open(Hole { before: Some(seat), ..hole.clone() });
        }
        if hole.first() < n {
            let settled = hole.settled;
            self.open(Hole { before: hole.before, after: (n, seq), expected: prev.cloned(), settled });
        }
        if wrong_start || wrong_end || misplaced { vec![Warning::Swapped] } else { vec![] }
    }

    /// Holes that turn out to be drops, now that the log has no gap around them.
    fn settle(&mut self, log: &Log) -> u64 {
        let blind = &self.blind;
        self.holes.iter_mut().filter_map(|hole| hole.missing(log, blind)).sum()
    }
}

impl Machine {
    pub(crate) fn seen_mut(&mut self, conversation_id: ConversationId, device_id: DeviceId) -> &mut Seen {
        self.touch(Key::Seen(conversation_id, device_id));
        self.seen.or_default((conversation_id, device_id))
    }

    /// Looks at the holes of all devices again, after a gap of the log was filled.
    pub(crate) fn settle_holes(&mut self, conversation_id: ConversationId) -> Vec<(DeviceId, u64)> {
        let Some(conversation) = self.conversations.get(&conversation_id) else {
            return vec![];
        };
        let mut dropped = Vec::new();
        for ((in_conversation, device_id), seen) in self.seen.iter_mut() {
            if *in_conversation == conversation_id {
                let missing = seen.settle(&conversation.log);
                if missing > 0 {
                    dropped.push((*device_id, missing));
                }
            }
        }
        for (device_id, _) in &dropped {
            self.touch(Key::Seen(conversation_id, *device_id));
        }
        dropped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Seen, Warning};
    use crate::log::Log;

    fn hash(n: u64) -> String {
        format!("hash {n}")
    }

    fn prev(n: u64) -> Option<String> {
        (n > 1).then(|| hash(n - 1))
    }

    fn enter(seen: &mut Seen, log: &mut Log, n: u64, seq: i64) -> Vec<Warning> {
        log.enter(seq);
        seen.enter(n, prev(n).as_ref(), &hash(n), seq, log)
    }

    #[test]
    fn a_dropped_message_shows_at_the_next_one() {
        let (mut seen, mut log) = (Seen::default(), Log::default());
        assert_eq!(enter(&mut seen, &mut log, 1, 1), []);
        assert_eq!(enter(&mut seen, &mut log, 3, 2), [Warning::Hole { missing: 1 }]);
    }

    #[test]
    fn a_message_dropped_before_the_first_shows_too() {
        let (mut seen, mut log) = (Seen::default(), Log::default());
        log.begin(8);
        seen.anchor(4, prev(4));
        log.enter(8);
        assert_eq!(enter(&mut seen, &mut log, 5, 9), [Warning::Hole { missing: 1 }]);
    }

    #[test]
    fn an_unreadable_event_is_no_drop() {
        let (mut seen, mut log) = (Seen::default(), Log::default());
        enter(&mut seen, &mut log, 1, 1);
        log.enter(2);
        seen.blind(2);
        assert_eq!(enter(&mut seen, &mut log, 3, 3), []);
        assert_eq!(seen.enter(2, prev(2).as_ref(), &hash(2), 2, &log), []);
    }

    #[test]
    fn swapped_messages_are_noticed() {
        let (mut seen, mut log) = (Seen::default(), Log::default());
        enter(&mut seen, &mut log, 1, 1);
        assert_eq!(enter(&mut seen, &mut log, 3, 2), [Warning::Hole { missing: 1 }]);
        assert_eq!(enter(&mut seen, &mut log, 2, 3), [Warning::Swapped]);
    }

    #[test]
    fn a_page_fetched_later_fills_the_hole_silently() {
        let (mut seen, mut log) = (Seen::default(), Log::default());
        for n in [1, 2, 7, 8, 6, 5, 4, 3] {
            let seq = i64::try_from(n).unwrap() + 10;
            assert_eq!(enter(&mut seen, &mut log, n, seq), [], "{n}");
        }
        assert_eq!(seen.settle(&log), 0);
        assert!(seen.holes.is_empty());
    }

    proptest! {
        #[test]
        fn what_an_honest_server_delivers_in_pages_raises_nothing(
            start in 1u64..20, count in 1u64..40, cut in 0u64..40, anchored in any::<bool>(),
        ) {
            let (mut seen, mut log) = (Seen::default(), Log::default());
            if anchored {
                seen.anchor(start, prev(start));
            }
            log.begin(i64::try_from(start).unwrap());
            let cut = cut.min(count);
            let order = (start + cut..start + count).chain(start..start + cut);
            for n in order {
                prop_assert_eq!(enter(&mut seen, &mut log, n, i64::try_from(n).unwrap()), []);
            }
            prop_assert_eq!(seen.settle(&log), 0);
        }

        #[test]
        fn any_one_drop_is_noticed(count in 3u64..40, at in 1u64..38) {
            let at = 1 + at % (count - 1);
            prop_assume!(at > 1 && at < count);
            let (mut seen, mut log) = (Seen::default(), Log::default());
            let mut warnings = Vec::new();
            for (seq, n) in (1..).zip((1..=count).filter(|n| *n != at)) {
                warnings.extend(enter(&mut seen, &mut log, n, seq));
            }
            prop_assert_eq!(warnings, [Warning::Hole { missing: 1 }]);
        }
    }
}
