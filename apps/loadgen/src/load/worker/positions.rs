//! What a device has of each conversation, and what of the next event is wrong.

/// How an event follows what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The next one.
    Next,
    /// It was there already.
    Known,
    /// So many before it are missing.
    After(u64),
}

/// Newest position of each watched conversation.
#[derive(Clone, Debug, Default)]
pub struct Positions(Vec<(u32, i64)>);

impl Positions {
    /// Conversations (ascending) and where they stand.
    pub fn new(mut known: Vec<(u32, i64)>) -> Self {
        known.sort_unstable();
        known.shrink_to_fit();
        Self(known)
    }

    /// Takes an event; `None` if its conversation is not watched.
    pub fn take(&mut self, talk: u32, seq: i64) -> Option<Follows> {
        let at = self.0.binary_search_by_key(&talk, |(talk, _)| *talk).ok()?;
        let position = &mut self.0[at].1;
        if seq <= *position {
            return Some(Follows::Known);
        }
        let gap = u64::try_from(seq - *position - 1).unwrap_or(0);
        *position = seq;
        Some(if gap == 0 { Follows::Next } else { Follows::After(gap) })
    }

    /// Where a conversation stands.
    pub fn of(&self, talk: u32) -> Option<i64> {
        let at = self.0.binary_search_by_key(&talk, |(talk, _)| *talk).ok()?;
        Some(self.0[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Follows::{After, Known, Next},
        *,
    };

    #[test]
    fn each_event_is_next_known_or_after_a_gap() {
        let mut positions = Positions::new(vec![(9, 100), (4, 0)]);
        let took: Vec<_> = [1, 2, 2, 1, 5, 6, 4].map(|seq| positions.take(4, seq).unwrap()).to_vec();
        assert_eq!(took, [Next, Next, Known, Known, After(2), Next, Known]);
        assert_eq!((positions.take(9, 101), positions.take(5, 1)), (Some(Next), None));
        assert_eq!((positions.of(4), positions.of(9), positions.of(5)), (Some(6), Some(101), None));
    }
}
