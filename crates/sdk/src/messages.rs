//! Messages as they are shown and kept.

use serde::{Deserialize, Serialize};
use sotto_e2ee::{MessageBody, Shown};
use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};

/// A decrypted message, as the local store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Its position in the log.
    pub seq: i64,
    /// The sender's own id of it: what edits, replies and reactions name.
    pub txn_id: TxnId,
    /// Who sent it.
    pub sender_user_id: UserId,
    /// From which device.
    pub sender_device_id: DeviceId,
    /// When the server stored it.
    pub created_at_ms: i64,
    /// When it disappears.
    pub expires_at_ms: Option<i64>,
    /// The sending device's own counter in the conversation: 1, 2, 3, ...
    pub counter: u64,
    /// The body as the sender wrote it.
    pub body_json: String,
}

impl StoredMessage {
    /// The body; `None` if it is of a type that this version does not know.
    pub fn body(&self) -> Option<MessageBody> {
        serde_json::from_str(&self.body_json).ok()
    }
}

impl From<&Shown> for StoredMessage {
    fn from(shown: &Shown) -> Self {
        Self {
            conversation_id: shown.conversation_id,
            seq: shown.seq,
            txn_id: shown.txn_id,
            sender_user_id: shown.sender_user_id,
            sender_device_id: shown.sender_device_id,
            created_at_ms: shown.created_at_ms,
            expires_at_ms: shown.expires_at_ms,
            counter: shown.counter,
            body_json: shown.body_json.clone(),
        }
    }
}
