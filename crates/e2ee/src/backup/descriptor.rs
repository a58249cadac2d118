//! What the key backup is described by.

use sha2::{Digest as _, Sha256};
use sotto_identity::{CrossSigning, check_descriptor, check_recovery_key};
use sotto_protocol::{
    Base64Bytes,
    backup::{BackupDescriptor, RecoveryPublicKey},
    keys::DeviceList,
};

use crate::{error::E2eeError, secrets::SecretKey};

/// Checks every signature of a descriptor, and of the recovery key that it is sealed to, against the highest list seen.
pub(super) fn check(
    descriptor: &BackupDescriptor,
    recovery_key: &RecoveryPublicKey,
    head: &DeviceList,
    account: &CrossSigning,
) -> Result<(), E2eeError> {
    check_recovery_key(recovery_key, account).map_err(|_| E2eeError::BadSecret)?;
    check_descriptor(descriptor, head, account, recovery_key).map_err(|_| E2eeError::BadSecret)?;
    if descriptor.version > 0 && recovery_key.version > 0 { Ok(()) } else { Err(E2eeError::BadSecret) }
}

/// Names a key without telling it.
pub(super) fn key_hash(key: &SecretKey) -> Base64Bytes {
    let digest = Sha256::new().chain_update("sotto-backup-key-id-v1").chain_update(key.as_bytes()).finalize();
    Base64Bytes(digest.to_vec())
}
