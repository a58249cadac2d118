//! The history for a new device: sessions and messages in encrypted chunks, each of which stands for itself, so that a
//! broken upload or download goes on where it was (`docs/API-DESIGN.md`, history).

mod chunks;
mod sealer;
mod sessions;
#[cfg(test)]
mod vectors;
mod writer;

pub use chunks::{HistoryChunk, HistoryReader, MAX_CHUNK_BYTES, MAX_CHUNKS, Manifest};
pub use sealer::{HistorySealer, MAX_RUN_BYTES, runs};
pub use sessions::{HistoryMessage, SessionExport};
pub use writer::{HistoryWriter, SealedChunk};
