//! The signed description of a backup, and the published half of the recovery key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sotto_identity::{
    CrossSigning, Curve25519Public, Ed25519Public, Signed, cross_key_id, device_key_id, signing::only_signed_by, verify,
};
use sotto_protocol::{
    Base64Bytes, UserId,
    keys::{ListAuthor, ListedDevice, Signatures},
};

use crate::{error::E2eeError, secrets::SecretKey};

/// The public half (X25519) of the account's recovery key, signed by the master key alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryPublic {
    /// The account.
    pub user_id: UserId,
    /// Rises with each recovery key.
    pub version: i64,
    /// 32 bytes, unpadded base64.
    pub public_key: String,
    /// The master key's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signatures: Signatures,
}

/// What a backup is, signed like a list entry: by the self-signing key and the device that began it, or by the master
/// key alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupDescriptor {
    /// The account.
    pub user_id: UserId,
    /// 1, 2, 3, ...: a higher one voids those before.
    pub version: i64,
    /// SHA-256 over `sotto-backup-key-id-v1` and the key, unpadded base64.
    pub key_id: String,
    /// Whom the key is sealed to.
    pub recovery: RecoveryPublic,
    /// The key, sealed to the recovery key.
    pub sealed_key: Base64Bytes,
    /// Who began it.
    pub author: ListAuthor,
    /// By the self-signing key and the author, or by the master key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signatures: Signatures,
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

signed!(RecoveryPublic, BackupDescriptor);

impl RecoveryPublic {
    fn check(&self, account: &CrossSigning) -> Result<(), E2eeError> {
        let master = cross_key_id(&account.master.to_base64());
        let sound = self.user_id == account.user_id
            && self.version > 0
            && Curve25519Public::parse(&self.public_key).is_ok()
            && only_signed_by(self, account.user_id, &[&master]).is_ok()
            && verify(self, account.user_id, &master, &account.master).is_ok();
        if sound { Ok(()) } else { Err(E2eeError::BadSecret) }
    }
}

impl BackupDescriptor {
    /// Checks every signature; `active` are the devices of the highest list seen.
    pub(crate) fn check(&self, account: &CrossSigning, active: &[ListedDevice]) -> Result<(), E2eeError> {
        self.recovery.check(account)?;
        let user_id = account.user_id;
        let master = (cross_key_id(&account.master.to_base64()), account.master);
        let signers = match self.author {
            ListAuthor::Master => vec![master],
            ListAuthor::Device(device_id) => {
                let device = active.iter().find(|device| device.device_id == device_id).ok_or(E2eeError::BadSecret)?;
                let key = Ed25519Public::parse(&device.ed25519).map_err(|_| E2eeError::BadSecret)?;
                let self_signing = (cross_key_id(&account.self_signing.to_base64()), account.self_signing);
                vec![self_signing, (device_key_id(device_id), key)]
            }
        };
        let ids: Vec<&str> = signers.iter().map(|(key_id, _)| key_id.as_str()).collect();
        let signed = only_signed_by(self, user_id, &ids).is_ok()
            && signers.iter().all(|(key_id, key)| verify(self, user_id, key_id, key).is_ok());
        if signed && self.user_id == user_id && self.version > 0 { Ok(()) } else { Err(E2eeError::BadSecret) }
    }
}

/// Names a key without telling it.
pub(super) fn key_id(key: &SecretKey) -> String {
    let digest = Sha256::new().chain_update("sotto-backup-key-id-v1").chain_update(key.as_bytes()).finalize();
    Base64Bytes(digest.to_vec()).to_base64()
}
