//! Chunks: XChaCha20-Poly1305, each bound to its place. How many there are stands in the manifest, which travels with the key.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sotto_protocol::{UserId, limits};
use zeroize::Zeroizing;

use super::sessions::{HistoryMessage, SessionExport};
use crate::{error::E2eeError, fields::Fields, sealed, secrets::SecretKey};

/// Most chunks of one history.
pub const MAX_CHUNKS: u32 = limits::MAX_HISTORY_CHUNKS;
/// Largest plaintext of a chunk, bytes.
pub const MAX_CHUNK_BYTES: usize = limits::MAX_HISTORY_CHUNK_BYTES - sealed::OVERHEAD_BYTES;

/// What a device needs to read a history. It travels in the last message of a linking only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub(super) key: SecretKey,
    /// How many chunks there are.
    pub chunks: u32,
    /// How many bytes all of them have.
    pub bytes: u64,
}

impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        (self.key.as_bytes(), self.chunks, self.bytes) == (other.key.as_bytes(), other.chunks, other.bytes)
    }
}

/// What a chunk holds. No `Debug`: sessions are keys.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryChunk {
    /// Sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionExport>,
    /// Messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<HistoryMessage>,
}

impl HistoryChunk {
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.messages.is_empty()
    }
}

/// What a chunk is bound to.
pub(super) fn context(user_id: UserId, index: u32) -> Vec<u8> {
    let fields = Fields::default().with("sotto-history-v1").with(user_id.to_string());
    fields.with(index.to_be_bytes()).into_bytes()
}

/// Reads a history, chunk by chunk, in any order.
pub struct HistoryReader {
    user_id: UserId,
    manifest: Manifest,
    read: BTreeSet<u32>,
}

impl HistoryReader {
    /// `read` are the chunks that were taken in before a break.
    pub fn new(user_id: UserId, manifest: Manifest, read: impl IntoIterator<Item = u32>) -> Result<Self, E2eeError> {
        if manifest.chunks > MAX_CHUNKS {
            return Err(E2eeError::HistoryTooLarge);
        }
        let read = read.into_iter().filter(|index| *index < manifest.chunks).collect();
        Ok(Self { user_id, manifest, read })
    }

    /// The next chunk to fetch; `None` when all are read.
    pub fn next_missing(&self) -> Option<u32> {
        (0..self.manifest.chunks).find(|index| !self.read.contains(index))
    }

    /// How many chunks are read, and how many there are.
    pub fn progress(&self) -> (u32, u32) {
        (u32::try_from(self.read.len()).unwrap_or(u32::MAX), self.manifest.chunks)
    }

    /// Opens a chunk. Refused if it is altered, was written for another place, or is beyond the last.
    pub fn open(&mut self, index: u32, sealed: &[u8]) -> Result<HistoryChunk, E2eeError> {
        if index >= self.manifest.chunks {
            return Err(E2eeError::Sealed);
        }
        let context = context(self.user_id, index);
        let plaintext = sealed::open(self.manifest.key.as_bytes(), &context, sealed).map(Zeroizing::new);
        let chunk = serde_json::from_slice(&plaintext?).map_err(|_| E2eeError::Sealed)?;
        self.read.insert(index);
        Ok(chunk)
    }
}
