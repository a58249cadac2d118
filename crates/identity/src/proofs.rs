//! What a device signs outside JSON objects, the login challenge and the link completion; and how it names a rendezvous.

use sha2::{Digest as _, Sha256};

use crate::keys::Ed25519Public;

/// The bytes of `KnownDevice.signature`: `sotto-login:` and the challenge.
pub fn login_bytes(challenge: &str) -> Vec<u8> {
    format!("sotto-login:{challenge}").into_bytes()
}

/// The bytes of `CompleteLinkRequest.signature`: the grant, then the transcript hash T.
pub fn link_bytes(grant: &[u8], transcript: &[u8]) -> Vec<u8> {
    [grant, transcript].concat()
}

/// `CreateGrantRequest.rendezvous_hash`: names a rendezvous without telling its id.
pub fn rendezvous_hash(id: &[u8; 16]) -> [u8; 32] {
    Sha256::digest(id).into()
}

/// Whether the device with this Ed25519 key (unpadded base64) signed the challenge.
pub fn verify_login(ed25519: &str, challenge: &str, signature: &[u8]) -> bool {
    Ed25519Public::parse(ed25519).is_ok_and(|key| key.verifies(&login_bytes(challenge), signature))
}

/// Whether the device with this Ed25519 key (unpadded base64) signed grant and transcript.
pub fn verify_link(ed25519: &str, grant: &[u8], transcript: &[u8], signature: &[u8]) -> bool {
    Ed25519Public::parse(ed25519).is_ok_and(|key| key.verifies(&link_bytes(grant, transcript), signature))
}
