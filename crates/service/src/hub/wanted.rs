//! Conversations that the node has to read from PostgreSQL.

use std::collections::HashSet;

use parking_lot::Mutex;
use sotto_protocol::ConversationId;
use tokio::sync::Notify;

/// A set with a signal.
#[derive(Default)]
pub struct Wanted {
    ids: Mutex<HashSet<ConversationId>>,
    signal: Notify,
}

impl Wanted {
    /// Adds one.
    pub fn add(&self, id: ConversationId) {
        if self.ids.lock().insert(id) {
            self.signal.notify_one();
        }
    }

    /// Waits until something was added since the last time.
    pub async fn added(&self) {
        self.signal.notified().await;
    }

    /// Takes all.
    pub fn take(&self) -> HashSet<ConversationId> {
        std::mem::take(&mut *self.ids.lock())
    }
}
