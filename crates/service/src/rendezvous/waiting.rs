//! Reads that are held until the other side writes: one poll of Redis a node, not one a reader.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use sotto_bus::Bus;
use sotto_protocol::RendezvousId;
use tokio::sync::{Notify, watch};

/// Reads that a node holds at once.
const MAX_WAITERS: usize = 2_000;
/// Reads of one rendezvous that a node holds at once: there are two devices, and each may have come again.
const MAX_WAITERS_PER_RENDEZVOUS: usize = 4;
/// How often slots are looked at while few are waited for.
const SHORTEST_PAUSE: Duration = Duration::from_millis(25);
/// The longest pause, when very many are.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What was last seen of a slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nobody has looked yet.
    #[default]
    Nothing,
    /// It holds what this token names.
    Token(String),
    /// It is gone.
    Gone,
    /// Redis is away.
    Unavailable,
}

/// The reads that this node holds.
#[derive(Default)]
pub struct Waiting {
    slots: Mutex<Slots>,
    /// There is somebody who waits.
    wanted: Notify,
}

#[derive(Default)]
struct Slots {
    by_id: HashMap<RendezvousId, Watched>,
    waiters: usize,
}

struct Watched {
    waiters: usize,
    seen: watch::Sender<Seen>,
}

/// A read's place; dropping it gives the place back.
pub(super) struct Waiter {
    waiting: Arc<Waiting>,
    id: RendezvousId,
    seen: watch::Receiver<Seen>,
}

impl Waiting {
    /// A place for a read; `None` when the node, or the rendezvous, has too many.
    pub(super) fn enter(self: &Arc<Self>, id: RendezvousId) -> Option<Waiter> {
        let mut slots = self.slots.lock();
        if slots.waiters >= MAX_WAITERS {
            return None;
        }
        let watched = slots.by_id.entry(id).or_insert_with(|| Watched { waiters: 0, seen: watch::Sender::default() });
        if watched.waiters >= MAX_WAITERS_PER_RENDEZVOUS {
            return None;
        }
        watched.waiters += 1;
        let seen = watched.seen.subscribe();
        slots.waiters += 1;
        drop(slots);
        self.wanted.notify_one();
        Some(Waiter { waiting: Arc::clone(self), id, seen })
    }

    /// Tells those who wait for this slot.
    pub(super) fn saw(&self, id: RendezvousId, seen: &Seen) {
        if let Some(watched) = self.slots.lock().by_id.get(&id) {
            watched.seen.send_if_modified(|before| std::mem::replace(before, seen.clone()) != *seen);
        }
    }

    /// Looks for ever at what is waited for.
    pub(crate) async fn poll(&self, bus: &Bus) {
        loop {
            let ids: Vec<RendezvousId> = self.slots.lock().by_id.keys().copied().collect();
            if ids.is_empty() {
                self.wanted.notified().await;
                continue;
            }
            match bus.rendezvous_tokens(&ids).await {
                Ok(tokens) => {
                    for (id, token) in ids.iter().zip(tokens) {
                        self.saw(*id, &token.map_or(Seen::Gone, Seen::Token));
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "rendezvous cannot be looked at");
                    for id in &ids {
                        self.saw(*id, &Seen::Unavailable);
                    }
                }
            }
            tokio::time::sleep(pause(ids.len())).await;
        }
    }
}

/// At most some two thousand slots a second, however many are waited for.
fn pause(slots: usize) -> Duration {
    let share = Duration::from_micros(500) * u32::try_from(slots).unwrap_or(u32::MAX);
    share.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}

impl Waiter {
    /// Returns when the slot holds something else than this token names.
    pub(super) async fn changed(&mut self, token: &str) -> Seen {
        let is_news = |seen: &Seen| match seen {
            Seen::Nothing => false,
            Seen::Token(now) => now != token,
            Seen::Gone | Seen::Unavailable => true,
        };
        // The sender lives as long as a waiter does.
        self.seen.wait_for(is_news).await.map_or(Seen::Unavailable, |seen| seen.clone())
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut slots = self.waiting.slots.lock();
        slots.waiters -= 1;
        if let Some(watched) = slots.by_id.get_mut(&self.id) {
            watched.waiters -= 1;
            if watched.waiters == 0 {
                slots.by_id.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> RendezvousId {
        RendezvousId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn who_waits_is_told_of_what_is_new_only() {
        let waiting = Arc::new(Waiting::default());
        let mut waiter = waiting.enter(id(1)).unwrap();
        waiting.saw(id(1), &Seen::Token("old".into()));
        waiting.saw(id(2), &Seen::Gone);
        let nothing = tokio::time::timeout(Duration::from_millis(20), waiter.changed("old")).await;
        assert!(nothing.is_err());
        waiting.saw(id(1), &Seen::Token("new".into()));
        assert_eq!(waiter.changed("old").await, Seen::Token("new".into()));
        waiting.saw(id(1), &Seen::Gone);
        assert_eq!(waiter.changed("new").await, Seen::Gone);
    }

    #[test]
    fn places_are_bounded_and_come_back() {
        let waiting = Arc::new(Waiting::default());
        let held: Vec<_> = (0..4).map(|_| waiting.enter(id(1)).unwrap()).collect();
        assert!(waiting.enter(id(1)).is_none(), "one rendezvous");
        drop(held);
        assert!(waiting.slots.lock().by_id.is_empty());
        let _all: Vec<_> = (0..2_000).map(|n| waiting.enter(id(n)).unwrap()).collect();
        assert!(waiting.enter(id(5_000)).is_none(), "one node");
    }

    #[test]
    fn few_are_looked_at_often_and_many_no_more_than_the_node_affords() {
        assert_eq!(pause(1), Duration::from_millis(25));
        assert_eq!(pause(200), Duration::from_millis(100));
        assert_eq!(pause(100_000), Duration::from_millis(500));
    }
}
