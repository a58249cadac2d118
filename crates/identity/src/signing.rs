//! Signed objects: the `signatures` map of the Matrix specification ("Signing JSON").

use serde::Serialize;
use sotto_protocol::{
    Base64Bytes, DeviceId, UserId,
    keys::{CrossSigningKey, DeviceKeys, DeviceList, Signatures, SignedOneTimeKey},
    membership::MembershipChange,
};

use crate::{
    canonical::{CanonicalError, signing_bytes},
    keys::Ed25519Public,
};

/// Why a signature is not acceptable.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// No signature of this key.
    #[error("there is no signature by {0}")]
    Missing(String),
    /// Signatures of others than expected.
    #[error("there are signatures by others than expected")]
    Unexpected,
    /// Not the canonical base64 of 64 bytes.
    #[error("the signature by {0} is not canonical base64")]
    Encoding(String),
    /// It does not verify.
    #[error("the signature by {0} does not verify")]
    Wrong(String),
    /// The object has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// An object that carries its signatures.
pub trait Signed: Serialize {
    /// Who signed it.
    fn signatures(&self) -> &Signatures;
    /// To add a signature.
    fn signatures_mut(&mut self) -> &mut Signatures;
}

macro_rules! signed {
    ($($name:ty),*) => {$(
        impl Signed for $name {
            fn signatures(&self) -> &Signatures {
                &self.signatures
            }

            fn signatures_mut(&mut self) -> &mut Signatures {
                &mut self.signatures
            }
        }
    )*};
}

signed!(DeviceKeys, CrossSigningKey, SignedOneTimeKey, DeviceList, MembershipChange);

/// Key id of a device's Ed25519 key: `ed25519:<device id>`.
pub fn device_key_id(device_id: DeviceId) -> String {
    format!("ed25519:{device_id}")
}

/// Key id of a cross-signing key: `ed25519:<public key>`.
pub fn cross_key_id(public_key: &str) -> String {
    format!("ed25519:{public_key}")
}

/// Adds a signature: `sign_bytes` gets the canonical bytes and gives the 64 bytes of an Ed25519 signature.
pub fn sign<T: Signed>(
    object: &mut T,
    user_id: UserId,
    key_id: &str,
    sign_bytes: impl FnOnce(&[u8]) -> [u8; 64],
) -> Result<(), CanonicalError> {
    let signature = sign_bytes(&signing_bytes(object)?);
    let text = Base64Bytes(signature.to_vec()).to_base64();
    object.signatures_mut().entry(user_id.to_string()).or_default().insert(key_id.to_owned(), text);
    Ok(())
}

/// Checks the signature that `user_id` made with the key of this id.
pub fn verify<T: Signed>(object: &T, user_id: UserId, key_id: &str, key: &Ed25519Public) -> Result<(), SignatureError> {
    let text = object
        .signatures()
        .get(&user_id.to_string())
        .and_then(|by_user| by_user.get(key_id))
        .ok_or_else(|| SignatureError::Missing(key_id.to_owned()))?;
    let signature = Base64Bytes::from_base64(text).ok_or_else(|| SignatureError::Encoding(key_id.to_owned()))?;
    if key.verifies(&signing_bytes(object)?, &signature.0) {
        Ok(())
    } else {
        Err(SignatureError::Wrong(key_id.to_owned()))
    }
}

/// Refuses signatures by anybody but these keys of `user_id`; whether those verify is for [`verify`].
pub fn only_signed_by<T: Signed>(object: &T, user_id: UserId, key_ids: &[&str]) -> Result<(), SignatureError> {
    let user = user_id.to_string();
    let expected = object
        .signatures()
        .iter()
        .all(|(by, keys)| *by == user && keys.keys().all(|key_id| key_ids.contains(&key_id.as_str())));
    if expected { Ok(()) } else { Err(SignatureError::Unexpected) }
}
