//! Sends on their way: how many, since when, and when a conversation has to wait.
//!
//! After a refusal nothing more of that conversation is sent until everything on its way is answered; otherwise each
//! refusal of a pipelined tail would send the tail again.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use sotto_protocol::{ConversationId, TxnId};
use tokio::time::Instant;

/// Sends of one conversation on their way at once.
pub(crate) const WINDOW: usize = 32;
/// An answer that takes longer is an unknown outcome: the same bytes go again, on another connection.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
struct Flight {
    airborne: HashSet<TxnId>,
    /// When the last one left or landed.
    moved: Option<Instant>,
    settling: bool,
    not_before: Option<Instant>,
    failures: u32,
}

/// Sends on their way, a conversation.
#[derive(Debug, Default)]
pub(crate) struct Flights(HashMap<ConversationId, Flight>);

impl Flights {
    /// How many more may leave now.
    pub(crate) fn room(&mut self, conversation_id: ConversationId, now: Instant) -> usize {
        let flight = self.0.entry(conversation_id).or_default();
        if flight.not_before.is_some_and(|at| now < at) {
            return 0;
        }
        flight.not_before = None;
        if flight.settling && !flight.airborne.is_empty() {
            return 0;
        }
        flight.settling = false;
        WINDOW.saturating_sub(flight.airborne.len())
    }

    pub(crate) fn left(&mut self, conversation_id: ConversationId, txn_id: TxnId, now: Instant) {
        let flight = self.0.entry(conversation_id).or_default();
        flight.airborne.insert(txn_id);
        flight.moved = Some(now);
    }

    pub(crate) fn landed(&mut self, conversation_id: ConversationId, txn_id: TxnId) {
        if let Some(flight) = self.0.get_mut(&conversation_id)
            && flight.airborne.remove(&txn_id)
        {
            flight.failures = 0;
            flight.moved = Some(Instant::now());
        }
    }

    /// Refused and to be sent again, after `wait`.
    pub(crate) fn turned_back(&mut self, conversation_id: ConversationId, txn_id: TxnId, wait: Duration, now: Instant) {
        let flight = self.0.entry(conversation_id).or_default();
        flight.airborne.remove(&txn_id);
        flight.settling = true;
        flight.moved = Some(now);
        flight.not_before = flight.not_before.max(Some(now + wait));
    }

    /// Nothing of this conversation before `wait` is over.
    pub(crate) fn hold(&mut self, conversation_id: ConversationId, wait: Duration, now: Instant) {
        let flight = self.0.entry(conversation_id).or_default();
        flight.failures = flight.failures.saturating_add(1);
        flight.not_before = flight.not_before.max(Some(now + wait));
    }

    /// The conversation may have changed: no need to wait any longer.
    pub(crate) fn release(&mut self, conversation_id: ConversationId) {
        if let Some(flight) = self.0.get_mut(&conversation_id) {
            (flight.not_before, flight.failures) = (None, 0);
        }
    }

    /// Failures in a row.
    pub(crate) fn failures(&self, conversation_id: ConversationId) -> u32 {
        self.0.get(&conversation_id).map_or(0, |flight| flight.failures)
    }

    /// Conversations whose answers are overdue; they count as on the ground again.
    pub(crate) fn overdue(&mut self, now: Instant) -> Vec<ConversationId> {
        let mut overdue = Vec::new();
        for (conversation_id, flight) in &mut self.0 {
            if !flight.airborne.is_empty() && flight.moved.is_some_and(|moved| now > moved + PATIENCE) {
                *flight = Flight::default();
                overdue.push(*conversation_id);
            }
        }
        overdue
    }

    /// The connection is gone, and with it every answer.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ConversationId = ConversationId(uuid::Uuid::nil());

    fn txn(n: u128) -> TxnId {
        TxnId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn after_a_refusal_nothing_leaves_until_all_on_the_way_are_answered() {
        let mut flights = Flights::default();
        let now = Instant::now();
        for n in 1..=3 {
            flights.left(ID, txn(n), now);
        }
        flights.turned_back(ID, txn(1), Duration::ZERO, now);
        assert_eq!(flights.room(ID, now), 0);
        flights.turned_back(ID, txn(2), Duration::ZERO, now);
        flights.landed(ID, txn(3));
        assert_eq!(flights.room(ID, now), WINDOW);
    }

    #[test]
    fn what_is_not_answered_in_time_may_leave_again() {
        let mut flights = Flights::default();
        let now = Instant::now();
        flights.left(ID, txn(1), now);
        assert!(flights.overdue(now + Duration::from_secs(5)).is_empty());
        assert_eq!(flights.overdue(now + Duration::from_secs(11)), [ID]);
        assert_eq!(flights.room(ID, now), WINDOW);
    }

    #[test]
    fn a_wait_that_was_asked_for_is_kept() {
        let mut flights = Flights::default();
        let now = Instant::now();
        flights.left(ID, txn(1), now);
        flights.turned_back(ID, txn(1), Duration::from_secs(3), now);
        assert_eq!(flights.room(ID, now + Duration::from_secs(2)), 0);
        assert_eq!(flights.room(ID, now + Duration::from_secs(3)), WINDOW);
    }
}
