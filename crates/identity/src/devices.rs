//! Validation of device keys, cross-signing keys and one-time keys (`docs/SECURITY.md`, keys, upload).

use sotto_protocol::{
    DeviceId, UserId,
    keys::{ALGORITHM_MEGOLM, ALGORITHM_OLM, CrossSigningKey, DeviceKeys, KeyUsage, ListedDevice, SignedOneTimeKey},
};

use crate::{
    keys::{Curve25519Public, Ed25519Public, KeyError},
    signing::{SignatureError, cross_key_id, device_key_id, only_signed_by, verify},
};

/// Why keys of a device or an account are refused.
#[derive(Debug, thiserror::Error)]
pub enum DeviceKeysError {
    /// They name another user or device than expected.
    #[error("the keys name another user or device")]
    WrongIds,
    /// Other algorithms than ours, or another order.
    #[error("the algorithms are not exactly ours")]
    Algorithms,
    /// Not exactly the keys that the format asks for.
    #[error("the key ids are not exactly the expected ones")]
    KeyIds,
    /// A cross-signing key that is not for exactly the expected use, or the same key for both uses.
    #[error("the cross-signing key is for another use")]
    Usage,
    /// A key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// The verified cross-signing keys of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossSigning {
    /// The account.
    pub user_id: UserId,
    /// Its identity.
    pub master: Ed25519Public,
    /// Signs devices and lists; vouched for by the master key.
    pub self_signing: Ed25519Public,
}

/// Checks the two cross-signing keys of an account: shape, usage, and the master's signature over the other.
pub fn check_cross_signing(
    user_id: UserId,
    master_key: &CrossSigningKey,
    self_signing_key: &CrossSigningKey,
) -> Result<CrossSigning, DeviceKeysError> {
    let master = cross_key(user_id, master_key, KeyUsage::Master)?;
    let self_signing = cross_key(user_id, self_signing_key, KeyUsage::SelfSigning)?;
    if master == self_signing {
        return Err(DeviceKeysError::Usage);
    }
    let master_id = cross_key_id(&master.to_base64());
    only_signed_by(master_key, user_id, &[])?;
    only_signed_by(self_signing_key, user_id, &[&master_id])?;
    verify(self_signing_key, user_id, &master_id, &master)?;
    Ok(CrossSigning { user_id, master, self_signing })
}

fn cross_key(user_id: UserId, key: &CrossSigningKey, usage: KeyUsage) -> Result<Ed25519Public, DeviceKeysError> {
    if key.user_id != user_id {
        return Err(DeviceKeysError::WrongIds);
    }
    if key.usage != [usage] {
        return Err(DeviceKeysError::Usage);
    }
    let mut keys = key.keys.iter();
    let (Some((key_id, text)), None) = (keys.next(), keys.next()) else {
        return Err(DeviceKeysError::KeyIds);
    };
    if *key_id != cross_key_id(text) {
        return Err(DeviceKeysError::KeyIds);
    }
    Ok(Ed25519Public::parse(text)?)
}

/// Checks keys of a device that its account has not signed yet: exactly the self-signature.
pub fn check_self_signed_device(
    keys: &DeviceKeys,
    user_id: UserId,
    device_id: DeviceId,
) -> Result<ListedDevice, DeviceKeysError> {
    let listed = own_part(keys, user_id, device_id)?;
    only_signed_by(keys, user_id, &[&device_key_id(device_id)])?;
    Ok(listed)
}

/// Checks keys of a device of the account: exactly the self-signature and the self-signing key's.
pub fn check_certified_device(
    keys: &DeviceKeys,
    device_id: DeviceId,
    account: &CrossSigning,
) -> Result<ListedDevice, DeviceKeysError> {
    let listed = own_part(keys, account.user_id, device_id)?;
    let by_account = cross_key_id(&account.self_signing.to_base64());
    only_signed_by(keys, account.user_id, &[&device_key_id(device_id), &by_account])?;
    verify(keys, account.user_id, &by_account, &account.self_signing)?;
    Ok(listed)
}

fn own_part(keys: &DeviceKeys, user_id: UserId, device_id: DeviceId) -> Result<ListedDevice, DeviceKeysError> {
    if keys.user_id != user_id || keys.device_id != device_id {
        return Err(DeviceKeysError::WrongIds);
    }
    if keys.algorithms != [ALGORITHM_OLM, ALGORITHM_MEGOLM] {
        return Err(DeviceKeysError::Algorithms);
    }
    let ed25519_id = device_key_id(device_id);
    let (Some(ed25519), Some(curve25519), 2) =
        (keys.keys.get(&ed25519_id), keys.keys.get(&format!("curve25519:{device_id}")), keys.keys.len())
    else {
        return Err(DeviceKeysError::KeyIds);
    };
    let key = Ed25519Public::parse(ed25519)?;
    Curve25519Public::parse(curve25519)?;
    verify(keys, user_id, &ed25519_id, &key)?;
    Ok(ListedDevice { device_id, ed25519: ed25519.clone(), curve25519: curve25519.clone() })
}

/// Whether a key serves once, or as long as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneTimeKeyKind {
    /// Claimed once.
    OneTime,
    /// Used when the others are gone; says `fallback: true` inside what is signed.
    Fallback,
}

/// Why a one-time or fallback key is refused.
#[derive(Debug, thiserror::Error)]
pub enum OneTimeKeyError {
    /// Not `signed_curve25519:` and 1 to 32 of `A-Z a-z 0-9 + / _ -`.
    #[error("the key id is not signed_curve25519:<id>")]
    KeyId,
    /// `fallback` does not say what kind of key was expected, or says false.
    #[error("the key is of the other kind")]
    Kind,
    /// The key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// What kind of key it says it is; `None` when `fallback` is false, which nothing signs.
pub fn one_time_key_kind(key: &SignedOneTimeKey) -> Option<OneTimeKeyKind> {
    match key.fallback {
        None => Some(OneTimeKeyKind::OneTime),
        Some(true) => Some(OneTimeKeyKind::Fallback),
        Some(false) => None,
    }
}

/// Checks a key that `device` (with its Ed25519 key) signed: exactly this one signature.
pub fn check_one_time_key(
    key_id: &str,
    key: &SignedOneTimeKey,
    kind: OneTimeKeyKind,
    user_id: UserId,
    device: &ListedDevice,
) -> Result<Curve25519Public, OneTimeKeyError> {
    let id = key_id.strip_prefix("signed_curve25519:").ok_or(OneTimeKeyError::KeyId)?;
    let character = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '-');
    if !(1..=32).contains(&id.len()) || !id.chars().all(character) {
        return Err(OneTimeKeyError::KeyId);
    }
    if one_time_key_kind(key) != Some(kind) {
        return Err(OneTimeKeyError::Kind);
    }
    let public = Curve25519Public::parse(&key.key)?;
    let signer = device_key_id(device.device_id);
    only_signed_by(key, user_id, &[&signer])?;
    verify(key, user_id, &signer, &Ed25519Public::parse(&device.ed25519)?)?;
    Ok(public)
}
