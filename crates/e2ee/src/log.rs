//! Which positions of a conversation's log this device has processed, as ranges.

use serde::{Deserialize, Serialize};

/// Disjoint, ascending, inclusive ranges that never touch each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Log {
    /// The first position that is for this device.
    start: i64,
    ranges: Vec<(i64, i64)>,
}

impl Default for Log {
    fn default() -> Self {
        Self { start: 1, ranges: Vec::new() }
    }
}

/// What entering a position did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It was there.
    Known,
    /// It is new.
    New,
    /// It is new and closed a gap.
    Joined,
}

impl Log {
    /// Sets the first position that is for this device; `true` if that is news.
    pub(crate) fn begin(&mut self, start: i64) -> bool {
        std::mem::replace(&mut self.start, start) != start
    }

    pub(crate) fn contains(&self, seq: i64) -> bool {
        self.ranges.iter().rev().any(|(from, to)| (*from..=*to).contains(&seq))
    }

    pub(crate) fn enter(&mut self, seq: i64) -> Entered {
        if self.contains(seq) {
            return Entered::Known;
        }
        let at = self.ranges.partition_point(|(_, to)| *to < seq);
        let (mut from, mut to) = (seq, seq);
        let mut replaced = at..at;
        if let Some((left, _)) = self.ranges.get(at.wrapping_sub(1)).filter(|(_, to)| *to == seq - 1) {
            from = *left;
            replaced.start = at - 1;
        }
        if let Some((_, right)) = self.ranges.get(at).filter(|(from, _)| *from == seq + 1) {
            to = *right;
            replaced.end = at + 1;
        }
        let closes = replaced.end > at && (replaced.start < at || from <= self.start);
        self.ranges.splice(replaced, [(from, to)]);
        if closes { Entered::Joined } else { Entered::New }
    }

    /// Whether everything strictly between the two positions, as far as it is for this device, was processed.
    pub(crate) fn covers_between(&self, after: i64, before: i64) -> bool {
        let first = (after + 1).max(self.start);
        before <= first || self.ranges.iter().any(|(from, to)| *from <= first && *to >= before - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entered, Log};

    #[test]
    fn ranges_grow_and_join() {
        let mut log = Log::default();
        assert_eq!(log.enter(5), Entered::New);
        assert_eq!(log.enter(7), Entered::New);
        assert_eq!(log.enter(6), Entered::Joined);
        assert_eq!(log.enter(6), Entered::Known);
        assert_eq!(log.ranges, [(5, 7)]);
        assert!(!log.covers_between(0, 8));
        assert!(log.covers_between(4, 8));
        assert!(log.begin(5));
        assert!(log.covers_between(0, 8));
    }
}
