//! How often marks are shown. Everybody telling everybody costs the square of those who are there; with pauses that grow
//! with the conversation it costs as much as they are.

use std::{collections::HashMap, time::Duration};

use parking_lot::Mutex;
use sotto_protocol::{ConversationId, UserId};
use sotto_store::marks::Raised;

use super::{Reach, marks::ROUND};

/// Pause after marks were shown, for each local session of the conversation.
const A_SESSION: Duration = Duration::from_millis(10);
/// A person's own devices are to know within two seconds.
const LONGEST: Duration = Duration::from_millis(1_500);

/// Marks that are stored and wait to be shown: of each member the newest.
#[derive(Default)]
pub(super) struct Pacing(Mutex<HashMap<ConversationId, Paced>>);

#[derive(Default)]
struct Paced {
    due: Duration,
    waiting: HashMap<UserId, (Raised, Reach)>,
}

impl Pacing {
    /// Marks that rose.
    pub(super) fn add(&self, raised: impl IntoIterator<Item = (Raised, Reach)>) {
        let mut all = self.0.lock();
        for (mark, reach) in raised {
            let waiting = &mut all.entry(mark.conversation_id).or_default().waiting;
            let reach = waiting.get(&mark.user_id).map_or(reach, |(_, before)| reach.max(*before));
            waiting.insert(mark.user_id, (mark, reach));
        }
    }

    /// Takes what is due at this monotonic time; `sessions` says how many are in a conversation.
    pub(super) fn take_due(&self, now: Duration, sessions: impl Fn(ConversationId) -> u32) -> Vec<(Raised, Reach)> {
        let mut due = Vec::new();
        self.0.lock().retain(|id, paced| {
            if now < paced.due {
                return true;
            }
            let pause = if paced.waiting.is_empty() { Duration::ZERO } else { A_SESSION * sessions(*id) };
            due.extend(std::mem::take(&mut paced.waiting).into_values());
            paced.due = now + pause.min(LONGEST);
            pause > ROUND
        });
        due
    }

    /// Takes everything.
    pub(super) fn take_all(&self) -> Vec<(Raised, Reach)> {
        std::mem::take(&mut *self.0.lock()).into_values().flat_map(|paced| paced.waiting.into_values()).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn mark(user: u128, read_seq: i64) -> Raised {
        Raised {
            conversation_id: Uuid::from_u128(1).into(),
            user_id: Uuid::from_u128(user).into(),
            read_seq,
            delivered_seq: 9,
            visible: true,
        }
    }

    fn seqs(marks: &[(Raised, Reach)]) -> Vec<(i64, Reach)> {
        marks.iter().map(|(mark, reach)| (mark.read_seq, *reach)).collect()
    }

    #[test]
    fn few_see_each_mark_with_the_next_flush() {
        let pacing = Pacing::default();
        for turn in 1..=3 {
            pacing.add([(mark(2, turn.into()), Reach::Others)]);
            assert_eq!(seqs(&pacing.take_due(ROUND * turn, |_| 3)), [(turn.into(), Reach::Others)]);
            assert!(pacing.0.lock().is_empty(), "nothing is kept of it");
        }
    }

    #[test]
    fn many_see_the_newest_after_a_pause_and_nothing_is_forgotten() {
        let pacing = Pacing::default();
        let many = |_| 100;
        pacing.add([(mark(2, 1), Reach::Others)]);
        assert_eq!(pacing.take_due(ROUND, many).len(), 1);
        pacing.add([(mark(2, 2), Reach::Everybody)]);
        assert!(pacing.take_due(ROUND * 2, many).is_empty());
        pacing.add([(mark(2, 3), Reach::Others)]);
        assert!(pacing.take_due(ROUND * 4, many).is_empty());
        assert_eq!(seqs(&pacing.take_due(ROUND * 5, many)), [(3, Reach::Everybody)]);
        assert!(pacing.take_due(ROUND * 9, many).is_empty() && pacing.0.lock().is_empty());
    }

    #[test]
    fn the_pause_has_an_end() {
        let pacing = Pacing::default();
        let crowd = |_| 100_000;
        pacing.add([(mark(2, 1), Reach::Others)]);
        assert_eq!(pacing.take_due(Duration::ZERO, crowd).len(), 1);
        pacing.add([(mark(2, 2), Reach::Others)]);
        assert_eq!(pacing.take_due(LONGEST, crowd).len(), 1);
    }
}
