//! The history for a new device: sessions and messages in encrypted chunks, each of which stands for itself, so that a
//! broken upload or download goes on where it was (`docs/API-DESIGN.md`, history).

mod chunks;
mod sessions;

pub use chunks::{HistoryChunk, HistoryReader, HistoryWriter, MAX_CHUNK_BYTES, MAX_CHUNKS, Manifest};
pub use sessions::{HistoryMessage, SessionExport};
