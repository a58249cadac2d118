//! The authenticated key backup: Megolm sessions on the server under a key that it never sees, believed only as far as
//! its descriptor is signed (`docs/SECURITY.md`; `docs/API-DESIGN.md`, key backup).

mod beginning;
mod descriptor;
mod entries;
mod sealing;
mod standing;
#[cfg(test)]
mod vectors;

use serde::{Deserialize, Serialize};
use sotto_identity::{SortedSet, sign};
use sotto_protocol::{
    DeviceId, UserId,
    backup::{BackupDescriptor, RecoveryPublicKey},
    keys::DeviceList,
};

pub use entries::BackupImport;
pub use standing::BackupStanding;

use crate::{
    error::E2eeError,
    records::Key,
    secrets::{RecoveryKey, SecretKey, Seed},
    state::Machine,
};

/// Keys kept for descriptors that are not here yet.
const CANDIDATES_KEPT: usize = 4;

/// The key of one version of the backup.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BackupKey {
    pub(crate) version: i64,
    pub(crate) key: SecretKey,
}

/// A backup that this device made and the server has not confirmed.
#[derive(Serialize, Deserialize)]
struct Begun {
    descriptor: BackupDescriptor,
    key: BackupKey,
}

/// What a device knows of the account's backup.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// The highest one accepted.
    descriptor: Option<BackupDescriptor>,
    /// Keys that came from own devices; the descriptor says which one is right.
    keys: Vec<BackupKey>,
    #[serde(default)]
    begun: Option<Begun>,
    /// Devices that had left the account when the descriptor was accepted: who leaves later takes its key along.
    #[serde(default)]
    left: usize,
    /// The version whose sessions were all read here, or all written here.
    #[serde(default)]
    read: i64,
    /// Devices that this one gave the key to.
    #[serde(default)]
    told: SortedSet<DeviceId>,
}

impl Backup {
    /// The key of the accepted descriptor.
    pub(crate) fn held(&self) -> Option<&BackupKey> {
        let descriptor = self.descriptor.as_ref()?;
        let fits = |key: &&BackupKey| {
            key.version == descriptor.version && descriptor::key_hash(&key.key) == descriptor.key_hash
        };
        self.keys.iter().find(fits)
    }

    fn version(&self) -> i64 {
        self.descriptor.as_ref().map_or(0, |descriptor| descriptor.version)
    }

    fn keep(&mut self, key: BackupKey) {
        self.keys.retain(|known| descriptor::key_hash(&known.key) != descriptor::key_hash(&key.key));
        self.keys.push(key);
        self.keys.sort_by_key(|key| key.version);
        let surplus = self.keys.len().saturating_sub(CANDIDATES_KEPT);
        self.keys.drain(..surplus);
    }

    /// What a newer descriptor voids is forgotten.
    fn accept(&mut self, descriptor: BackupDescriptor, head: &DeviceList) {
        if descriptor.version > self.version() {
            self.left = head.revoked.len();
            self.told.clear();
        }
        self.keys.retain(|key| key.version >= descriptor.version);
        self.descriptor = Some(descriptor);
    }
}

impl RecoveryKey {
    /// The public half that other devices seal a new backup key to, signed by the master key.
    pub(crate) fn publish(&self, user_id: UserId, version: i64, master: &Seed) -> Result<RecoveryPublicKey, E2eeError> {
        let mut public = RecoveryPublicKey {
            user_id,
            version,
            curve25519: sealing::public_of(&self.agreement_key()),
            signatures: std::collections::BTreeMap::new(),
        };
        let key_id = sotto_identity::cross_key_id(&master.public());
        sign(&mut public, user_id, &key_id, |bytes| master.sign(bytes))?;
        Ok(public)
    }
}

impl Machine {
    /// The public half of the account's recovery key, as far as this device knows it: to be published after registering.
    pub fn recovery_public_key(&self) -> Option<&RecoveryPublicKey> {
        self.account.recovery_public.as_ref()
    }

    /// Opens the backup's key with the recovery key, on a device that was recovered. Feed the descriptor first.
    pub fn open_backup(&mut self, recovery_key: &RecoveryKey) -> Result<(), E2eeError> {
        let published = self.account.recovery_public.as_ref().ok_or(E2eeError::NoRecoveryKey)?;
        let backup = self.account.backup.as_mut().ok_or(E2eeError::NoBackupKey)?;
        let descriptor = backup.descriptor.as_ref().ok_or(E2eeError::NoBackupKey)?;
        let key = sealing::open_key(recovery_key, published, descriptor)?;
        let version = descriptor.version;
        if descriptor::key_hash(&key) != descriptor.key_hash {
            return Err(E2eeError::BadSecret);
        }
        backup.keep(BackupKey { version, key });
        self.touch(Key::Account);
        Ok(())
    }

    /// Takes a key that an own device gave. It counts once a descriptor says that it is the one.
    pub(crate) fn take_backup_key(&mut self, key: BackupKey) {
        self.account.backup.get_or_insert_default().keep(key);
        self.touch(Key::Account);
    }

    /// The key that sessions are written under, and that other own devices get: none once a device that had it has left.
    pub(crate) fn backup_key(&self) -> Option<&BackupKey> {
        if self.backup_is_outdated() { None } else { self.held_backup_key() }
    }

    /// The key of the accepted descriptor: what was written under it can be read whoever else has it.
    fn held_backup_key(&self) -> Option<&BackupKey> {
        self.account.backup.as_ref().and_then(Backup::held)
    }

    /// The version of the highest descriptor accepted; 0 if none.
    pub fn backup_version(&self) -> i64 {
        self.account.backup.as_ref().map_or(0, Backup::version)
    }

    /// Whether this device can read the account's backup.
    pub fn holds_backup_key(&self) -> bool {
        self.held_backup_key().is_some()
    }
}
