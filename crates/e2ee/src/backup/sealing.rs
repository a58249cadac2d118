//! The backup's key, sealed to the account's published recovery key: X25519 with a fresh key, then XChaCha20-Poly1305.

use rand::CryptoRng;
use sha2::{Digest as _, Sha256};
use sotto_protocol::{
    Base64Bytes,
    backup::{BackupDescriptor, RecoveryPublicKey},
};
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey};
use zeroize::Zeroizing;

use crate::{
    error::E2eeError,
    fields::Fields,
    sealed,
    secrets::{RecoveryKey, SecretKey},
};

pub(super) fn public_of(key: &SecretKey) -> String {
    Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(key.as_bytes())).to_base64()
}

/// The fresh public key (32 bytes), a nonce (24), the sealed key.
pub(super) fn seal_key(
    key: &SecretKey,
    to: &RecoveryPublicKey,
    version: i64,
    rng: &mut impl CryptoRng,
) -> Result<Base64Bytes, E2eeError> {
    let theirs = Curve25519PublicKey::from_base64(&to.curve25519).map_err(|_| E2eeError::BadSecret)?;
    let fresh = Curve25519SecretKey::from_slice(SecretKey::random(rng).as_bytes());
    let ours = Curve25519PublicKey::from(&fresh);
    let shared = fresh.diffie_hellman(&theirs).ok_or(E2eeError::BadSecret)?;
    let sealing = sealing_key(&ours, &theirs, shared.as_bytes());
    let context = context(&to.user_id.to_string(), version);
    let sealed = sealed::seal(sealing.as_bytes(), &context, key.as_bytes(), rng)?;
    Ok(Base64Bytes([ours.as_bytes().as_slice(), &sealed].concat()))
}

pub(super) fn open_key(
    recovery: &RecoveryKey,
    published: &RecoveryPublicKey,
    descriptor: &BackupDescriptor,
) -> Result<SecretKey, E2eeError> {
    let private = recovery.agreement_key();
    let ours = Curve25519SecretKey::from_slice(private.as_bytes());
    let public = Curve25519PublicKey::from(&ours);
    if public.to_base64() != published.curve25519 {
        return Err(E2eeError::WrongRecoveryKey);
    }
    let (fresh, sealed) = descriptor.sealed_key.0.split_first_chunk::<32>().ok_or(E2eeError::BadSecret)?;
    let fresh = Curve25519PublicKey::from_bytes(*fresh);
    let shared = ours.diffie_hellman(&fresh).ok_or(E2eeError::BadSecret)?;
    let sealing = sealing_key(&fresh, &public, shared.as_bytes());
    let context = context(&descriptor.user_id.to_string(), descriptor.version);
    let key = Zeroizing::new(sealed::open(sealing.as_bytes(), &context, sealed).map_err(|_| E2eeError::BadSecret)?);
    SecretKey::from_slice(&key).ok_or(E2eeError::BadSecret)
}

fn sealing_key(fresh: &Curve25519PublicKey, recovery: &Curve25519PublicKey, shared: &[u8; 32]) -> SecretKey {
    let digest = Sha256::new()
        .chain_update("sotto-backup-seal-v1")
        .chain_update(fresh.as_bytes())
        .chain_update(recovery.as_bytes())
        .chain_update(shared)
        .finalize();
    SecretKey::of(digest.into())
}

pub(super) fn context(user_id: &str, version: i64) -> Vec<u8> {
    Fields::default().with("sotto-backup-seal-v1").with(user_id).with(version.to_be_bytes()).into_bytes()
}
