//! The digest by which a device and the server compare outstanding one-time keys.

use sha2::{Digest as _, Sha256};

use crate::sorted::SortedSet;

/// SHA-256 over the key ids (`signed_curve25519:<id>`), sorted by bytes, each followed by a line feed.
pub fn one_time_keys_digest<'a>(key_ids: impl IntoIterator<Item = &'a str>) -> [u8; 32] {
    let sorted: SortedSet<&str> = key_ids.into_iter().collect();
    let mut digest = Sha256::new();
    for key_id in sorted {
        digest.update(key_id);
        digest.update("\n");
    }
    digest.finalize().into()
}
