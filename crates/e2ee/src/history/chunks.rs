//! Chunks: XChaCha20-Poly1305, each bound to its place and to how many there are.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_identity::SortedSet;
use sotto_protocol::{UserId, limits};
use zeroize::Zeroizing;

use super::sessions::{HistoryMessage, SessionExport};
use crate::{error::E2eeError, fields::Fields, sealed, secrets::SecretKey};

/// Most chunks of one history.
pub const MAX_CHUNKS: u32 = limits::MAX_HISTORY_CHUNKS;
/// Largest plaintext of a chunk, bytes.
pub const MAX_CHUNK_BYTES: usize = limits::MAX_HISTORY_CHUNK_BYTES - sealed::OVERHEAD_BYTES;
/// Most bytes of a chunk's items in JSON, a comma after each: around them are braces and the field's name.
pub const MAX_RUN_BYTES: usize = MAX_CHUNK_BYTES - 32;

/// What a device needs to read a history. It travels in the last message of a linking only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    pub(super) key: SecretKey,
    /// How many chunks there are.
    pub chunks: u32,
    /// About how many bytes all of them have.
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

pub(super) fn context(user_id: UserId, index: u32, count: u32) -> Vec<u8> {
    let fields = Fields::default().with("sotto-history-v1").with(user_id.to_string());
    fields.with(index.to_be_bytes()).with(count.to_be_bytes()).into_bytes()
}

/// Seals chunks whose number is settled: each can be sealed when its turn comes, and again after a break.
pub struct HistorySealer {
    user_id: UserId,
    key: SecretKey,
    count: u32,
}

impl HistorySealer {
    /// Under a fresh key. [`E2eeError::HistoryTooLarge`] beyond [`MAX_CHUNKS`].
    pub fn new(user_id: UserId, count: u32, rng: &mut impl CryptoRng) -> Result<Self, E2eeError> {
        if count > MAX_CHUNKS {
            return Err(E2eeError::HistoryTooLarge);
        }
        Ok(Self { user_id, key: SecretKey::random(rng), count })
    }

    /// How many chunks there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The chunk that stands at this place, encrypted.
    pub fn seal(&self, index: u32, chunk: &HistoryChunk, rng: &mut impl CryptoRng) -> Result<Vec<u8>, E2eeError> {
        let plaintext = Zeroizing::new(sotto_json::to_vec(chunk)?);
        sealed::seal(self.key.as_bytes(), &context(self.user_id, index, self.count), &plaintext, rng)
    }

    /// What the new device needs. `bytes`: about how many all chunks have.
    pub fn manifest(&self, bytes: u64) -> Manifest {
        Manifest { key: self.key.clone(), chunks: self.count, bytes }
    }
}

/// Cuts items into runs of at most [`MAX_RUN_BYTES`] of JSON; a larger item stands alone.
pub fn runs<T: Serialize>(items: Vec<T>) -> Result<Vec<Vec<T>>, E2eeError> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut room = 0;
    for item in items {
        let size = Zeroizing::new(sotto_json::to_vec(&item)?).len() + 1;
        if let Some(run) = runs.last_mut().filter(|_| size <= room) {
            room -= size;
            run.push(item);
        } else {
            room = MAX_RUN_BYTES.saturating_sub(size);
            runs.push(vec![item]);
        }
    }
    Ok(runs)
}

/// Reads a history, chunk by chunk, in any order.
pub struct HistoryReader {
    user_id: UserId,
    manifest: Manifest,
    read: SortedSet<u32>,
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

    /// Opens a chunk. Refused if it is altered, or was written for another place or another number of chunks.
    pub fn open(&mut self, index: u32, sealed: &[u8]) -> Result<HistoryChunk, E2eeError> {
        let context = context(self.user_id, index, self.manifest.chunks);
        let plaintext = sealed::open(self.manifest.key.as_bytes(), &context, sealed).map(Zeroizing::new);
        let chunk = sotto_json::from_slice(&plaintext?).map_err(|_| E2eeError::Sealed)?;
        self.read.insert(index);
        Ok(chunk)
    }
}
