//! Which positions of a conversation's log this device has processed, as ranges.

use serde::{Deserialize, Serialize};

/// Disjoint, ascending, inclusive ranges that never touch each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Log(Vec<(i64, i64)>);

/// What entering a position did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It was there.
    Known,
    /// It is new.
    New,
    /// It is new and closed a gap between two ranges.
    Joined,
}

impl Log {
    pub(crate) fn contains(&self, seq: i64) -> bool {
        self.0.iter().rev().any(|(from, to)| (*from..=*to).contains(&seq))
    }

    pub(crate) fn enter(&mut self, seq: i64) -> Entered {
        if self.contains(seq) {
            return Entered::Known;
        }
        let at = self.0.partition_point(|(_, to)| *to < seq);
        let touches_left = at.checked_sub(1).and_then(|left| self.0.get(left)).is_some_and(|(_, to)| *to == seq - 1);
        let touches_right = self.0.get(at).is_some_and(|(from, _)| *from == seq + 1);
        match (touches_left, touches_right) {
            (true, true) => {
                let (_, to) = self.0.remove(at);
                self.0[at - 1].1 = to;
                return Entered::Joined;
            }
            (true, false) => self.0[at - 1].1 = seq,
            (false, true) => self.0[at].0 = seq,
            (false, false) => self.0.insert(at, (seq, seq)),
        }
        Entered::New
    }

    /// Whether everything strictly between the two positions was processed; 0 stands for "wherever it began".
    pub(crate) fn covers_between(&self, after: i64, before: i64) -> bool {
        if before <= after + 1 {
            return true;
        }
        self.0.iter().any(|(from, to)| *to >= before - 1 && (after == 0 || *from <= after + 1))
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
        assert_eq!(log.0, [(5, 7)]);
        assert!(log.covers_between(0, 8));
        assert!(!log.covers_between(2, 8));
    }
}
