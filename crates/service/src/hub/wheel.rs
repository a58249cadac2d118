//! One timing wheel for all sessions: each is woken once a turn, for its ping.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;

use super::SessionHandle;

/// Slots of the wheel; one a second, so a turn is the ping interval.
pub const SLOTS: usize = 25;

/// The wheel.
pub struct Wheel {
    slots: [Mutex<Vec<Weak<SessionHandle>>>; SLOTS],
    next: AtomicUsize,
}

impl Default for Wheel {
    fn default() -> Self {
        Self { slots: std::array::from_fn(|_| Mutex::default()), next: AtomicUsize::new(0) }
    }
}

impl Wheel {
    /// Enters a session; slots fill evenly. It leaves by being dropped.
    pub fn add(&self, session: &Arc<SessionHandle>) {
        let slot = self.next.fetch_add(1, Ordering::Relaxed) % SLOTS;
        self.slots[slot].lock().push(Arc::downgrade(session));
    }

    /// Wakes the sessions of one slot.
    pub fn turn(&self, second: usize) {
        let mut slot = self.slots[second % SLOTS].lock();
        slot.retain(|session| match session.upgrade() {
            Some(session) => {
                session.post(super::Mailbox::tick);
                true
            }
            None => false,
        });
    }
}
