//! Marks on their way into the database: the highest of each member, a conversation four times a second at most.

use std::collections::HashMap;

use parking_lot::Mutex;
use sotto_protocol::{ConversationId, UserId, conversations::MarkRequest};
use sotto_store::marks::Raise;

/// A conversation's turn comes again after so many.
pub(super) const TURNS: u32 = 5;
const PLACES: usize = TURNS as usize;
/// Conversations of one turn; further ones spread over all turns, so that no moment has the marks of everybody.
const A_TURN: usize = 100;
/// Marks waiting; beyond it they are dropped, and the next mark of the conversation covers them.
const MAX_WAITING: usize = 100_000;

/// Conversations take turns. One that was quiet has the next turn, so that what is read shows soon on one's other
/// devices; then each turn of the same place until one passes without a mark.
#[derive(Default)]
pub struct MarkGatherer(Mutex<Round>);

#[derive(Default)]
struct Round {
    /// Whose turn is next.
    next: usize,
    /// Whose turn is when.
    turns: [Vec<ConversationId>; PLACES],
    waiting: HashMap<ConversationId, HashMap<UserId, MarkRequest>>,
    marks: usize,
}

impl MarkGatherer {
    /// Adds marks of a member.
    pub fn add(&self, conversation_id: ConversationId, user_id: UserId, request: &MarkRequest) {
        let round = &mut *self.0.lock();
        let members = round.waiting.entry(conversation_id).or_insert_with(|| {
            place(&mut round.turns, round.next).push(conversation_id);
            HashMap::new()
        });
        if round.marks >= MAX_WAITING && !members.contains_key(&user_id) {
            metrics::counter!("sotto_marks_dropped_total").increment(1);
            return;
        }
        let marks = members.entry(user_id).or_insert_with(|| {
            round.marks += 1;
            MarkRequest::default()
        });
        marks.read_seq = marks.read_seq.max(request.read_seq);
        // What is read was delivered.
        marks.delivered_seq = marks.delivered_seq.max(request.delivered_seq).max(request.read_seq);
    }

    /// Takes what waits of the next turn, ordered by conversation and member.
    pub(super) fn take(&self) -> Vec<Raise> {
        let round = &mut *self.0.lock();
        let place = round.next;
        round.next = (place + 1) % PLACES;
        let mut raises = Vec::new();
        round.turns[place].retain(|id| {
            let members = round.waiting.get_mut(id).map(std::mem::take).unwrap_or_default();
            if members.is_empty() {
                round.waiting.remove(id);
                return false;
            }
            raises.extend(members.into_iter().map(|(user_id, marks)| Raise {
                conversation_id: *id,
                user_id,
                read_seq: marks.read_seq.unwrap_or(0),
                delivered_seq: marks.delivered_seq.unwrap_or(0),
            }));
            true
        });
        round.marks -= raises.len();
        raises.sort_unstable_by_key(|raise| (raise.conversation_id, raise.user_id));
        raises
    }
}

/// The turn of a conversation that was quiet.
fn place(turns: &mut [Vec<ConversationId>; PLACES], next: usize) -> &mut Vec<ConversationId> {
    let from_next = (next..next + PLACES).map(|turn| turn % PLACES);
    let shortest = from_next.min_by_key(|turn| (turns[*turn].len() + 1).saturating_sub(A_TURN));
    &mut turns[shortest.unwrap_or(next)]
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn mark(gatherer: &MarkGatherer, conversation: u128, user: u128, read_seq: i64) {
        let request = MarkRequest { read_seq: Some(read_seq), delivered_seq: None };
        gatherer.add(Uuid::from_u128(conversation).into(), Uuid::from_u128(user).into(), &request);
    }

    fn taken(gatherer: &MarkGatherer) -> Vec<(u128, u128, i64, i64)> {
        let raises = gatherer.take().into_iter();
        raises.map(|r| (r.conversation_id.0.as_u128(), r.user_id.0.as_u128(), r.read_seq, r.delivered_seq)).collect()
    }

    #[test]
    fn a_quiet_conversation_has_the_next_turn_and_then_one_a_round() {
        let gatherer = MarkGatherer::default();
        taken(&gatherer);
        mark(&gatherer, 1, 1, 7);
        assert_eq!(taken(&gatherer), [(1, 1, 7, 7)]);
        mark(&gatherer, 1, 1, 8);
        mark(&gatherer, 1, 1, 9);
        for _ in 1..TURNS {
            assert!(taken(&gatherer).is_empty());
        }
        mark(&gatherer, 1, 1, 8);
        assert_eq!(taken(&gatherer), [(1, 1, 9, 9)], "marks only rise");
        for _ in 0..TURNS {
            assert!(taken(&gatherer).is_empty());
        }
        assert!(gatherer.0.lock().waiting.is_empty(), "nothing is kept of it");
        mark(&gatherer, 1, 1, 10);
        assert_eq!(taken(&gatherer), [(1, 1, 10, 10)]);
    }

    #[test]
    fn many_spread_over_the_turns() {
        let gatherer = MarkGatherer::default();
        for conversation in 0..(PLACES * A_TURN) as u128 {
            mark(&gatherer, conversation, 1, 7);
        }
        for _ in 0..TURNS {
            assert_eq!(taken(&gatherer).len(), A_TURN);
        }
    }

    #[test]
    fn what_is_taken_is_ordered_as_rows_are_locked() {
        let gatherer = MarkGatherer::default();
        for (conversation, user) in [(2, 1), (1, 2), (1, 1)] {
            mark(&gatherer, conversation, user, 5);
        }
        assert_eq!(taken(&gatherer), [(1, 1, 5, 5), (1, 2, 5, 5), (2, 1, 5, 5)]);
    }

    #[test]
    fn more_than_can_wait_is_dropped_and_room_is_made_by_a_turn() {
        let gatherer = MarkGatherer::default();
        for user in 0..=MAX_WAITING as u128 {
            mark(&gatherer, 1, user, 5);
        }
        mark(&gatherer, 1, 0, 6);
        let first = taken(&gatherer);
        assert_eq!((first.len(), first[0]), (MAX_WAITING, (1, 0, 6, 6)), "who waits already is still raised");
        mark(&gatherer, 2, 1, 5);
        assert_eq!(taken(&gatherer), [(2, 1, 5, 5)]);
    }
}
