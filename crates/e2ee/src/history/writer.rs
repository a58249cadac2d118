//! Writing: what is handed over comes in pages, and leaves in chunks as they fill.

use rand::CryptoRng;
use serde::Serialize;
use sotto_protocol::UserId;
use zeroize::Zeroizing;

use super::{
    chunks::{HistoryChunk, MAX_CHUNK_BYTES, MAX_CHUNKS, Manifest, context},
    sessions::{HistoryMessage, SessionExport},
};
use crate::{error::E2eeError, sealed, secrets::SecretKey};

/// The braces and the names of both fields around the items of a chunk.
pub(super) const FRAME_BYTES: usize = r#"{"sessions":[],"messages":[]}"#.len();

/// A chunk, encrypted. Upload it under its index, again with the same bytes after a break.
pub struct SealedChunk {
    /// Its place, from 0 without a gap.
    pub index: u32,
    /// Ciphertext.
    pub data: Vec<u8>,
}

/// Writes a history, item by item: one chunk of it is in memory. No index is sealed twice.
pub struct HistoryWriter {
    user_id: UserId,
    key: SecretKey,
    /// The items of the next chunk, and the bytes of JSON that it still has room for.
    next: HistoryChunk,
    room: usize,
    chunks: u32,
    bytes: u64,
}

impl HistoryWriter {
    /// A history without anything in it yet, under a fresh key.
    pub fn new(user_id: UserId, rng: &mut impl CryptoRng) -> Self {
        let (key, next) = (SecretKey::random(rng), HistoryChunk::default());
        Self { user_id, key, next, room: MAX_CHUNK_BYTES - FRAME_BYTES, chunks: 0, bytes: 0 }
    }

    /// Adds a session. Gives the chunk before, if it did not fit into it any more.
    ///
    /// # Errors
    /// [`E2eeError::HistoryTooLarge`] beyond [`MAX_CHUNKS`] or for an item that no chunk holds; what was added before can
    /// be finished.
    pub fn add_session(
        &mut self,
        session: SessionExport,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<SealedChunk>, E2eeError> {
        let full = self.make_room(&session, rng)?;
        self.next.sessions.push(session);
        Ok(full)
    }

    /// Adds a message, as [`HistoryWriter::add_session`] does a session.
    ///
    /// # Errors
    /// As there.
    pub fn add_message(
        &mut self,
        message: HistoryMessage,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<SealedChunk>, E2eeError> {
        let full = self.make_room(&message, rng)?;
        self.next.messages.push(message);
        Ok(full)
    }

    /// The last chunk, if anything was added since the one before, and what the new device needs.
    pub fn finish(mut self, rng: &mut impl CryptoRng) -> Result<(Option<SealedChunk>, Manifest), E2eeError> {
        let last = self.seal_next(rng)?;
        Ok((last, Manifest { key: self.key, chunks: self.chunks, bytes: self.bytes }))
    }

    /// As if so many chunks were sealed already.
    #[cfg(test)]
    pub(super) fn after(self, chunks: u32) -> Self {
        Self { chunks, ..self }
    }

    fn make_room(&mut self, item: &impl Serialize, rng: &mut impl CryptoRng) -> Result<Option<SealedChunk>, E2eeError> {
        // And the comma before it.
        let size = Zeroizing::new(serde_json::to_vec(item)?).len() + 1;
        if let Some(room) = self.room.checked_sub(size) {
            self.room = room;
            return Ok(None);
        }
        let fits_alone = (MAX_CHUNK_BYTES - FRAME_BYTES).checked_sub(size);
        let room = fits_alone.filter(|_| self.chunks + 1 < MAX_CHUNKS).ok_or(E2eeError::HistoryTooLarge)?;
        let full = self.seal_next(rng)?;
        self.room = room;
        Ok(full)
    }

    fn seal_next(&mut self, rng: &mut impl CryptoRng) -> Result<Option<SealedChunk>, E2eeError> {
        if self.next.is_empty() {
            return Ok(None);
        }
        let plaintext = Zeroizing::new(serde_json::to_vec(&self.next)?);
        let index = self.chunks;
        let data = sealed::seal(self.key.as_bytes(), &context(self.user_id, index), &plaintext, rng)?;
        self.next = HistoryChunk::default();
        self.chunks += 1;
        self.bytes += data.len() as u64;
        Ok(Some(SealedChunk { index, data }))
    }
}
