//! Bytes at rest: XChaCha20-Poly1305 with a random nonce, the nonce in front of the ciphertext.

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use rand::CryptoRng;

use crate::error::E2eeError;

const NONCE_BYTES: usize = 24;
/// What sealing adds: nonce and tag.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

/// Encrypts `plaintext` and binds it to `context` (for instance the record's key).
pub fn seal(key: &[u8; 32], context: &[u8], plaintext: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, E2eeError> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let ciphertext = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plaintext, aad: context })
        .map_err(|_| E2eeError::Sealed)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

/// Decrypts what [`seal`] made with the same key and context.
pub fn open(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, E2eeError> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE_BYTES).ok_or(E2eeError::Sealed)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| E2eeError::Sealed)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(nonce), Payload { msg: ciphertext, aad: context })
        .map_err(|_| E2eeError::Sealed)
}
