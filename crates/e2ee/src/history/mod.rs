//! The history for a new device: sessions and messages in encrypted chunks, each of which stands for itself, so that a
//! broken upload or download goes on where it was (`docs/API-DESIGN.md`, history).

mod chunks;
mod sessions;
#[cfg(test)]
mod vectors;

pub use chunks::{
    HistoryChunk, HistoryReader, HistorySealer, MAX_CHUNK_BYTES, MAX_CHUNKS, MAX_RUN_BYTES, Manifest, runs,
};
pub use sessions::{HistoryMessage, SessionExport};
