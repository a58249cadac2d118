//! The published recovery key and the descriptor of the key backup (`docs/SECURITY.md`, keys, and what the client holds,
//! rule 15): nobody but the account's own keys can make a device seal anything to another key.

use sotto_protocol::{
    backup::{ALGORITHM_BACKUP, BackupDescriptor, RecoveryPublicKey},
    keys::{DeviceList, ListAuthor, Signatures},
};

use crate::{
    devices::CrossSigning,
    keys::{Curve25519Public, Ed25519Public, KeyError},
    signing::{SignatureError, Signed, cross_key_id, device_key_id, only_signed_by, verify},
};

/// Longest sealed backup key, bytes.
const MAX_SEALED_BYTES: usize = 1_024;

/// Why a recovery key or a descriptor is refused.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Of another account.
    #[error("it is of another account")]
    WrongUser,
    /// Another algorithm than ours.
    #[error("the algorithm is not ours")]
    Algorithm,
    /// A hash that is not 32 bytes, or a sealed key that is empty or too large.
    #[error("the hash or the sealed key has not the right size")]
    Size,
    /// It is sealed to another recovery key than the published one.
    #[error("it is sealed to recovery key {got}, not {expected}")]
    OldRecoveryKey {
        /// Version of the published one.
        expected: i64,
        /// What it says.
        got: i64,
    },
    /// Its author is not active at the head of the device list.
    #[error("the author is not an active device")]
    Author,
    /// A key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Signed for RecoveryPublicKey {
    fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    fn signatures_mut(&mut self) -> &mut Signatures {
        &mut self.signatures
    }
}

impl Signed for BackupDescriptor {
    fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    fn signatures_mut(&mut self) -> &mut Signatures {
        &mut self.signatures
    }
}

/// Checks a recovery key's public half: exactly the master key's signature. Whether its version follows is the caller's
/// to compare.
pub fn check_recovery_key(key: &RecoveryPublicKey, account: &CrossSigning) -> Result<Curve25519Public, BackupError> {
    if key.user_id != account.user_id {
        return Err(BackupError::WrongUser);
    }
    let public = Curve25519Public::parse(&key.curve25519)?;
    let by_master = cross_key_id(&account.master.to_base64());
    only_signed_by(key, account.user_id, &[&by_master])?;
    verify(key, account.user_id, &by_master, &account.master)?;
    Ok(public)
}

/// Checks a descriptor against the verified head of the device list and the published recovery key: signed by exactly the
/// self-signing key and an active device, or by exactly the master key. Whether its version follows is the caller's to
/// compare.
pub fn check_descriptor(
    descriptor: &BackupDescriptor,
    head: &DeviceList,
    account: &CrossSigning,
    recovery_key: &RecoveryPublicKey,
) -> Result<(), BackupError> {
    if descriptor.user_id != account.user_id {
        return Err(BackupError::WrongUser);
    }
    if descriptor.algorithm != ALGORITHM_BACKUP {
        return Err(BackupError::Algorithm);
    }
    if descriptor.key_hash.0.len() != 32 || !(1..=MAX_SEALED_BYTES).contains(&descriptor.sealed_key.0.len()) {
        return Err(BackupError::Size);
    }
    if descriptor.recovery_version != recovery_key.version {
        let (expected, got) = (recovery_key.version, descriptor.recovery_version);
        return Err(BackupError::OldRecoveryKey { expected, got });
    }
    let user_id = account.user_id;
    match descriptor.author {
        ListAuthor::Master => {
            let by_master = cross_key_id(&account.master.to_base64());
            only_signed_by(descriptor, user_id, &[&by_master])?;
            verify(descriptor, user_id, &by_master, &account.master)?;
        }
        ListAuthor::Device(device_id) => {
            let author = head.devices.iter().find(|device| device.device_id == device_id).ok_or(BackupError::Author)?;
            let (by_account, by_device) = (cross_key_id(&account.self_signing.to_base64()), device_key_id(device_id));
            only_signed_by(descriptor, user_id, &[&by_account, &by_device])?;
            verify(descriptor, user_id, &by_account, &account.self_signing)?;
            verify(descriptor, user_id, &by_device, &Ed25519Public::parse(&author.ed25519)?)?;
        }
    }
    Ok(())
}
