//! Writing a history whose chunks are settled before: what is in each is known by its place, and how many there are is
//! told before the first is sealed.

use rand::CryptoRng;
use serde::Serialize;
use sotto_protocol::UserId;
use zeroize::Zeroizing;

use super::{
    chunks::{HistoryChunk, MAX_CHUNK_BYTES, MAX_CHUNKS, Manifest, context},
    writer::FRAME_BYTES,
};
use crate::{error::E2eeError, sealed, secrets::SecretKey};

/// Most bytes of a chunk's items in JSON, a comma after each.
pub const MAX_RUN_BYTES: usize = MAX_CHUNK_BYTES - FRAME_BYTES;

/// Seals chunks whose number is settled: each when its turn comes.
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
        let plaintext = Zeroizing::new(serde_json::to_vec(chunk)?);
        sealed::seal(self.key.as_bytes(), &context(self.user_id, index), &plaintext, rng)
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
        let size = Zeroizing::new(serde_json::to_vec(&item)?).len() + 1;
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

#[cfg(test)]
mod tests {
    use rand::{SeedableRng as _, rngs::StdRng};
    use uuid::Uuid;

    use super::*;
    use crate::history::{HistoryMessage, HistoryReader};

    fn message(seq: i64) -> HistoryMessage {
        HistoryMessage {
            conversation_id: Uuid::from_u128(1).into(),
            seq,
            txn_id: Uuid::from_u128(2).into(),
            sender_user_id: Uuid::from_u128(3).into(),
            sender_device_id: Uuid::from_u128(4).into(),
            created_at_ms: 0,
            expires_at_ms: None,
            counter: 1,
            body_json: "x".repeat(1_000),
        }
    }

    #[test]
    fn what_is_cut_and_sealed_is_read_whole_in_any_order() {
        let all: Vec<_> = (0..1_000).map(message).collect();
        let runs = runs(all.clone()).unwrap();
        assert!(runs.len() > 3);
        let mut rng = StdRng::seed_from_u64(7);
        let user_id = Uuid::from_u128(9).into();
        let count = u32::try_from(runs.len()).unwrap();
        let sealer = HistorySealer::new(user_id, count, &mut rng).unwrap();
        let mut reader = HistoryReader::new(user_id, sealer.manifest(0), []).unwrap();
        let mut read = Vec::new();
        for (index, messages) in (0..count).zip(runs).collect::<Vec<_>>().into_iter().rev() {
            let chunk = HistoryChunk { messages, ..HistoryChunk::default() };
            let data = sealer.seal(index, &chunk, &mut rng).unwrap();
            assert!(data.len() <= sotto_protocol::limits::MAX_HISTORY_CHUNK_BYTES);
            assert!(reader.open((index + 1) % count, &data).is_err(), "a chunk is good at one place");
            read.splice(0..0, reader.open(index, &data).unwrap().messages);
        }
        assert_eq!((read, reader.next_missing()), (all, None));
        assert!(HistorySealer::new(user_id, MAX_CHUNKS + 1, &mut rng).is_err());
    }
}
