//! The Olm plaintext: who speaks to whom, and what is handed over.

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, UserId, flat::needed, keys::DeviceKeys};

use crate::{backup::BackupKey, secrets::Seed, verdicts::Verification};

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
#[serde(tag = "type", rename_all = "snake_case", try_from = "AnyBody")]
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
    /// Whom the account's person compared keys with, for its other devices.
    Verifications {
        /// At most 32.
        people: Vec<Verification>,
    },
    /// Nothing: makes a fresh session known to the other side.
    Dummy {},
}

/// The fields of any body (see [`sotto_protocol::flat`]).
#[derive(Deserialize)]
struct AnyBody {
    r#type: BodyType,
    session_id: Option<String>,
    session_key: Option<String>,
    n: Option<u64>,
    prev: Option<String>,
    owner_device_id: Option<DeviceId>,
    seed: Option<Seed>,
    key: Option<BackupKey>,
    people: Option<Vec<Verification>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BodyType {
    RoomKey,
    ForwardedRoomKey,
    KeyRequest,
    SelfSigningKey,
    BackupKey,
    Verifications,
    Dummy,
}

impl TryFrom<AnyBody> for OlmBody {
    type Error = &'static str;

    fn try_from(any: AnyBody) -> Result<Self, Self::Error> {
        Ok(match any.r#type {
            BodyType::RoomKey => Self::RoomKey {
                session_id: needed(any.session_id)?,
                session_key: needed(any.session_key)?,
                n: needed(any.n)?,
                prev: any.prev,
            },
            BodyType::ForwardedRoomKey => Self::ForwardedRoomKey {
                session_id: needed(any.session_id)?,
                session_key: needed(any.session_key)?,
                owner_device_id: needed(any.owner_device_id)?,
            },
            BodyType::KeyRequest => Self::KeyRequest { session_id: needed(any.session_id)? },
            BodyType::SelfSigningKey => Self::SelfSigningKey { seed: needed(any.seed)? },
            BodyType::BackupKey => Self::BackupKey { key: needed(any.key)? },
            BodyType::Verifications => Self::Verifications { people: needed(any.people)? },
            BodyType::Dummy => Self::Dummy {},
        })
    }
}
