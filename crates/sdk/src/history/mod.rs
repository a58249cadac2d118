//! History for a device that is linked: chunks are sealed from a snapshot of the store as they go up, and taken in one
//! by one as they come down, so that neither side holds all of it.

mod export;
mod import;

use serde::{Deserialize, Serialize};
use sotto_e2ee::{history::HistoryMessage, linking::HistoryPointer};

use crate::messages::StoredMessage;

pub(crate) use export::Export;
pub(crate) use import::import;

/// A history on its way into this device, as it is stored.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub pointer: HistoryPointer,
    /// The next chunk.
    pub next: u32,
}

impl From<StoredMessage> for HistoryMessage {
    fn from(stored: StoredMessage) -> Self {
        Self {
            conversation_id: stored.conversation_id,
            seq: stored.seq,
            txn_id: stored.txn_id,
            sender_user_id: stored.sender_user_id,
            sender_device_id: stored.sender_device_id,
            created_at_ms: stored.created_at_ms,
            expires_at_ms: stored.expires_at_ms,
            counter: stored.counter,
            body_json: stored.body_json,
        }
    }
}

impl From<HistoryMessage> for StoredMessage {
    fn from(handed: HistoryMessage) -> Self {
        Self {
            conversation_id: handed.conversation_id,
            seq: handed.seq,
            txn_id: handed.txn_id,
            sender_user_id: handed.sender_user_id,
            sender_device_id: handed.sender_device_id,
            created_at_ms: handed.created_at_ms,
            expires_at_ms: handed.expires_at_ms,
            counter: handed.counter,
            body_json: handed.body_json,
        }
    }
}
