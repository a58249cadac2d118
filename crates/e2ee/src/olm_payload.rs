//! The Olm plaintext: who speaks to whom, and what is handed over.

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, UserId, keys::DeviceKeys};

use crate::{backup::BackupKey, secrets::Seed};

/// Version of the format.
pub(crate) const VERSION: u8 = 1;

/// What is encrypted for one device. No `Debug`: it carries keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct OlmPayload {
    pub(crate) v: u8,
    pub(crate) sender_user_id: UserId,
    pub(crate) sender_device_id: DeviceId,
    pub(crate) sender_ed25519: String,
    /// The sender's signed keys, until the session is established.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sender_device_keys: Option<DeviceKeys>,
    pub(crate) recipient_user_id: UserId,
    pub(crate) recipient_device_id: DeviceId,
    pub(crate) recipient_ed25519: String,
    /// The conversation that it belongs to; absent for secrets of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) content: OlmBody,
}

/// What is handed over.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum OlmBody {
    /// The sender's own Megolm session, at its current index.
    RoomKey {
        /// Unpadded base64.
        session_id: String,
        /// Megolm session sharing format (version 2), unpadded base64.
        session_key: String,
        /// Counter of the message that it is shared with.
        n: u64,
        /// Hash of the message before that one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prev: Option<String>,
    },
    /// A Megolm session at an earlier index, for an open request.
    ForwardedRoomKey {
        /// Unpadded base64.
        session_id: String,
        /// Megolm session export format (version 1), unpadded base64.
        session_key: String,
        /// Whose session it is.
        owner_device_id: DeviceId,
    },
    /// Asks the owner of a session for it again.
    KeyRequest {
        /// Unpadded base64.
        session_id: String,
    },
    /// The account's self-signing key, for a device just linked.
    SelfSigningKey {
        /// The private key.
        seed: Seed,
    },
    /// The key of the account's key backup, for a device just linked or after a new backup was begun.
    BackupKey {
        /// The key and its version.
        key: BackupKey,
    },
    /// Nothing: makes a fresh session known to the other side.
    Dummy {},
}
