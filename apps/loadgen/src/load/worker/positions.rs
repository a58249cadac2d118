//! What a device has of each conversation, and what of the next event is wrong.

/// How an event follows what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The next one.
    Next,
    /// It was there, from an earlier connection or from the catch-up of this one.
    Known,
    /// This very connection brought it before, as it happened.
    Again,
    /// So many before it are missing.
    After(u64),
}

#[derive(Clone, Copy, Debug)]
struct Place {
    talk: u32,
    position: i64,
    /// Newest position that this connection brought as it happened.
    live: i64,
}

/// Newest position of each watched conversation.
#[derive(Clone, Debug, Default)]
pub struct Positions(Vec<Place>);

impl Positions {
    /// Conversations and where they stand.
    pub fn new(known: &[(u32, i64)]) -> Self {
        let mut places: Vec<Place> =
            known.iter().map(|(talk, position)| Place { talk: *talk, position: *position, live: i64::MIN }).collect();
        places.sort_unstable_by_key(|place| place.talk);
        Self(places)
    }

    /// A new connection begins.
    pub fn reconnect(&mut self) {
        for place in &mut self.0 {
            place.live = i64::MIN;
        }
    }

    /// Takes an event, `live` as it happens or in a catch-up; `None` if its conversation is not watched.
    pub fn take(&mut self, talk: u32, seq: i64, live: bool) -> Option<Follows> {
        let at = self.0.binary_search_by_key(&talk, |place| place.talk).ok()?;
        let place = &mut self.0[at];
        let follows = if seq <= place.live {
            Follows::Again
        } else if seq <= place.position {
            Follows::Known
        } else {
            match u64::try_from(seq - place.position - 1) {
                Ok(0) | Err(_) => Follows::Next,
                Ok(gap) => Follows::After(gap),
            }
        };
        place.position = place.position.max(seq);
        if live {
            place.live = place.live.max(seq);
        }
        Some(follows)
    }

    /// Where a conversation stands.
    pub fn of(&self, talk: u32) -> Option<i64> {
        let at = self.0.binary_search_by_key(&talk, |place| place.talk).ok()?;
        Some(self.0[at].position)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Follows::{After, Again, Known, Next},
        *,
    };

    #[test]
    fn each_event_is_next_again_or_after_a_gap() {
        let mut positions = Positions::new(&[(9, 100), (4, 0)]);
        let took: Vec<_> = [1, 2, 2, 1, 5, 6, 4].map(|seq| positions.take(4, seq, true).unwrap()).to_vec();
        assert_eq!(took, [Next, Next, Again, Again, After(2), Next, Again]);
        assert_eq!((positions.take(9, 101, true), positions.take(5, 1, true)), (Some(Next), None));
        assert_eq!((positions.of(4), positions.of(9), positions.of(5)), (Some(6), Some(101), None));
    }

    #[test]
    fn what_a_catch_up_brought_may_come_once_more() {
        let mut positions = Positions::new(&[(1, 0)]);
        let took: Vec<_> = [(1, false), (2, false), (2, true), (3, true), (3, true)]
            .map(|(s, l)| positions.take(1, s, l).unwrap())
            .into();
        assert_eq!(took, [Next, Next, Known, Next, Again]);
        positions.reconnect();
        assert_eq!(positions.take(1, 3, true), Some(Known), "another connection may repeat it");
    }
}
