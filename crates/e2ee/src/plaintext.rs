//! The Megolm plaintext: what a message binds besides its body.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{Base64Bytes, ConversationId, DeviceId, TxnId, UserId};

/// Version of the format.
pub(crate) const VERSION: u8 = 1;

/// What stays the same however often a message has to be encrypted again. Its hash is what the next message names,
/// so a refused send leaves no trace in the chain of a device's messages.
#[derive(Serialize, Deserialize)]
pub(crate) struct Core {
    pub(crate) conversation_id: ConversationId,
    pub(crate) sender_user_id: UserId,
    pub(crate) sender_device_id: DeviceId,
    pub(crate) txn_id: TxnId,
    /// The device's own counter in the conversation: 1, 2, 3, ...
    pub(crate) n: u64,
    /// Hash of the core of message n - 1; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prev: Option<String>,
    pub(crate) body: Box<RawValue>,
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plaintext {
    pub(crate) v: u8,
    pub(crate) roster_version: i64,
    /// Hash over the membership chain's head and the heads of the members' device lists.
    pub(crate) roster: String,
    pub(crate) core: Box<RawValue>,
}

/// SHA-256 of a core's JSON text as it was written, unpadded base64.
pub(crate) fn core_hash(core: &str) -> String {
    Base64Bytes(Sha256::digest(core).to_vec()).to_base64()
}
