//! The rendezvous of two devices that are about to be linked: one slot on the server, moved by compare-and-set
//! (`docs/SECURITY.md`, linking; MSC4388 of Matrix is the model).

use serde::{Deserialize, Serialize};

use crate::{Base64Bytes, ids::RendezvousId};

/// `POST /api/rendezvous`: by a device of an account with its token (step-up), or by a new one without.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRendezvousRequest {
    /// What the slot holds at first, at most 4,096 bytes; nothing by default.
    #[serde(default)]
    pub data: Base64Bytes,
    /// Whether a code to be typed is wanted, besides the id that a QR code carries.
    #[serde(default)]
    pub with_code: bool,
}

/// An open rendezvous.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CreateRendezvousResponse {
    /// 128 random bits: who knows it may read and write.
    pub rendezvous_id: RendezvousId,
    /// Names what the slot holds now.
    pub sequence_token: String,
    /// How long it lives, milliseconds. No write makes it longer.
    pub expires_in_ms: u64,
    /// With `with_code`: 8 characters of Crockford's base 32, which lead to the id once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `PUT /api/rendezvous/{rendezvous_id}`: replaces what the slot holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRendezvousRequest {
    /// Names what is replaced: the newest token that the writer has seen.
    pub sequence_token: String,
    /// At most 4,096 bytes.
    pub data: Base64Bytes,
}

/// The slot was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PutRendezvousResponse {
    /// Names what the slot holds now.
    pub sequence_token: String,
    /// How long it lives still, milliseconds.
    pub expires_in_ms: u64,
}

/// `GET /api/rendezvous/{rendezvous_id}?after=&wait_ms=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Rendezvous {
    /// Names what the slot holds; equal to `after` when nothing came within `wait_ms`.
    pub sequence_token: String,
    /// What it holds.
    pub data: Base64Bytes,
    /// How long it lives still, milliseconds.
    pub expires_in_ms: u64,
    /// For the account's device only, once both have been heard of: whether they come from the same network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_network: Option<bool>,
}

/// `POST /api/rendezvous/claim`: a typed code becomes the id, once.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimCodeRequest {
    /// 8 characters of Crockford's base 32; hyphens, spaces and case say nothing, `O` is 0, `I` and `L` are 1.
    pub code: String,
}

/// Where the code leads.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClaimCodeResponse {
    /// The rendezvous.
    pub rendezvous_id: RendezvousId,
    /// How long it lives still, milliseconds.
    pub expires_in_ms: u64,
}

/// `POST /api/link/failures`, by the account's device: the other side failed a check (code, signature, digits).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkFailureRequest {
    /// Where it happened; counted once.
    pub rendezvous_id: RendezvousId,
}
