//! Sending: message ciphertext and the envelopes that carry its key.

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    ids::{DeviceId, TxnId},
};

/// A Megolm ciphertext (`m.megolm.v1.aes-sha2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MegolmContent {
    /// Always `m.megolm.v1.aes-sha2`.
    pub algorithm: String,
    /// The session's Ed25519 public key, which is its id: 32 bytes.
    pub session_id: Base64Bytes,
    /// The Megolm message, at most 64 KiB.
    pub ciphertext: Base64Bytes,
}

/// An Olm ciphertext (`m.olm.v1.curve25519-aes-sha2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OlmContent {
    /// Always `m.olm.v1.curve25519-aes-sha2`.
    pub algorithm: String,
    /// The sender's Curve25519 identity key: 32 bytes.
    pub sender_key: Base64Bytes,
    /// 0: pre-key message, 1: message of an established session.
    #[serde(rename = "type")]
    pub message_type: u8,
    /// The Olm message, at most 8 KiB.
    pub body: Base64Bytes,
}

/// An Olm ciphertext on its way to one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EnvelopeUpload {
    /// A device of the roster.
    pub device_id: DeviceId,
    /// What it gets.
    pub content: OlmContent,
}

/// A send: `POST /api/conversations/{conversation_id}/messages`, or inside the `send` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The client's own id of it. Retry an unknown outcome with the same bytes.
    pub txn_id: TxnId,
    /// The device's send before this one in the conversation, absent for its first. Refused (`out_of_order`) unless
    /// that one is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_txn_id: Option<TxnId>,
    /// The roster that it was encrypted for.
    pub roster_version: i64,
    /// The message.
    pub content: MegolmContent,
    /// Key shares for devices that lack the session, at most 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub envelopes: Vec<EnvelopeUpload>,
    /// The content is deleted this long after it was stored, milliseconds; the conversation's retention is the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<i64>,
}

/// The acknowledgement: the message is committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SendResponse {
    /// The client's own id of it.
    pub txn_id: TxnId,
    /// Its position in the log.
    pub seq: i64,
    /// When it was stored.
    pub created_at_ms: i64,
}

/// `POST /api/conversations/{conversation_id}/envelopes`: key shares ahead of a message, or requests for keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendEnvelopesRequest {
    /// Idempotency key.
    pub txn_id: TxnId,
    /// The roster that they were encrypted for.
    pub roster_version: i64,
    /// At most 500.
    pub envelopes: Vec<EnvelopeUpload>,
}

/// Answer to envelopes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SendEnvelopesResponse {
    /// How many were put into inboxes; the others met a full inbox, whose device gets a gap notice.
    pub stored: i64,
}
