//! History that a device hands over to one that was linked just now: encrypted chunks, kept for a few days.

use serde::{Deserialize, Serialize};

use crate::{Base64Bytes, ids::HistoryId};

/// `POST /api/history`, by a device that is not on probation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateHistoryRequest {
    /// How many chunks it may have, 1 to 4,096: who does not know yet says the most.
    pub chunks: u32,
}

/// How far a history is, for both sides: what is missing is uploaded again, whoever asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct History {
    /// Names it; only devices of the account may use it.
    pub history_id: HistoryId,
    /// How many chunks it may have.
    pub chunks: u32,
    /// How many are stored.
    pub stored: u32,
    /// Their ciphertext, bytes.
    pub bytes: i64,
    /// The first thousand chunks that are missing, counted from 0.
    pub missing: Vec<u32>,
    /// How long it is kept still, milliseconds.
    pub expires_in_ms: u64,
}

/// `PUT /api/history/{history_id}/chunks/{index}`: the same again changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutHistoryChunkRequest {
    /// Ciphertext, 1 byte to 256 KiB.
    pub data: Base64Bytes,
}

/// How far it is after an upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HistoryProgress {
    /// How many chunks are stored.
    pub stored: u32,
    /// How many it may have.
    pub chunks: u32,
}

/// `GET /api/history/{history_id}/chunks/{index}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct HistoryChunk {
    /// Its place, from 0.
    pub index: u32,
    /// Ciphertext.
    pub data: Base64Bytes,
}
