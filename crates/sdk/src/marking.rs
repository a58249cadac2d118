//! Delivered marks: when the one of a conversation is sent.

use std::collections::BTreeMap;

use rand::{CryptoRng, RngExt as _};
use sotto_protocol::{ConversationId, limits::mark_spread_ms};
use tokio::time::{Duration, Instant};

/// Conversations with news from others that the server was not told to be here. Not stored: what is lost with the process
/// or in a socket that dies is told with the next message.
#[derive(Default)]
pub(crate) struct Marking(BTreeMap<ConversationId, Instant>);

impl Marking {
    /// Something of a conversation with so many members came.
    pub(crate) fn note(
        &mut self,
        conversation_id: ConversationId,
        members: usize,
        now: Instant,
        rng: &mut impl CryptoRng,
    ) {
        self.0.entry(conversation_id).or_insert_with(|| {
            let wait = rng.random_range(0..=mark_spread_ms(members));
            now + Duration::from_millis(wait)
        });
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Takes out those that are due.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<ConversationId> {
        self.0.extract_if(.., |_, due| *due <= now).map(|(conversation_id, _)| conversation_id).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> ConversationId {
        ConversationId(Uuid::from_u128(number))
    }

    #[test]
    fn a_small_conversation_is_marked_at_once_and_a_big_one_within_its_time() {
        let (mut marking, mut rng, now) = (Marking::default(), StdRng::seed_from_u64(1), Instant::now());
        marking.note(id(0), 2, now, &mut rng);
        assert_eq!(marking.take_due(now), [id(0)]);
        (0..100).for_each(|number| marking.note(id(number), 200, now, &mut rng));
        let early = marking.take_due(now + Duration::from_millis(500)).len();
        assert!((25..75).contains(&early), "{early} of 100 in the first half");
        assert!(marking.next() > Some(now + Duration::from_millis(500)));
        assert_eq!(marking.take_due(now + Duration::from_secs(1)).len(), 100 - early);
        assert_eq!(marking.next(), None);
    }

    #[test]
    fn what_comes_meanwhile_goes_with_the_same_mark() {
        let (mut marking, mut rng, now) = (Marking::default(), StdRng::seed_from_u64(2), Instant::now());
        marking.note(id(1), 10_000, now, &mut rng);
        let due = marking.next();
        marking.note(id(1), 10_000, now + Duration::from_millis(1), &mut rng);
        assert_eq!(marking.next(), due);
    }
}
