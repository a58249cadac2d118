//! Bytes that are hashed, signed or bound: fields that can't run into each other.

use sha2::{Digest as _, Sha256};

/// Fields one after the other, each behind its length (4 bytes, big-endian).
#[derive(Default)]
pub(crate) struct Fields(Vec<u8>);

impl Fields {
    pub(crate) fn with(mut self, field: impl AsRef<[u8]>) -> Self {
        let field = field.as_ref();
        // Nothing that is bound comes near 4 GiB.
        self.0.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend(field);
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}
