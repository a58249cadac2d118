//! The authenticated key backup: Megolm sessions on the server under a key that it never sees, believed only as far as
//! its descriptor is signed (`docs/SECURITY.md`; `docs/API-DESIGN.md`, key backup).

mod descriptor;
mod entries;
mod sealing;
#[cfg(test)]
mod vectors;

use serde::{Deserialize, Serialize};
use sotto_identity::sign;
use sotto_protocol::{
    ConversationId, UserId,
    backup::{ALGORITHM_BACKUP, BackupDescriptor, RecoveryPublicKey},
};

pub use entries::BackupImport;

use crate::{
    error::E2eeError,
    olm_payload::OlmBody,
    records::Key,
    secrets::{RecoveryKey, SecretKey, Seed},
    state::Machine,
    trust::Alarm,
};

/// Keys kept for descriptors that are not here yet.
const CANDIDATES_KEPT: usize = 4;

/// The key of one version of the backup.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BackupKey {
    pub(crate) version: i64,
    pub(crate) key: SecretKey,
}

/// What a device knows of the account's backup.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// The highest one accepted.
    descriptor: Option<BackupDescriptor>,
    /// Keys that came from own devices; the descriptor says which one is right.
    keys: Vec<BackupKey>,
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

    fn keep(&mut self, key: BackupKey) {
        self.keys.retain(|known| descriptor::key_hash(&known.key) != descriptor::key_hash(&key.key));
        self.keys.push(key);
        self.keys.sort_by_key(|key| key.version);
        let surplus = self.keys.len().saturating_sub(CANDIDATES_KEPT);
        self.keys.drain(..surplus);
    }

    /// What a newer descriptor voids is forgotten.
    fn accept(&mut self, descriptor: BackupDescriptor) {
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

    /// Begins a new backup under a fresh key: the first one, after a device was revoked (it held the old key), and
    /// after the recovery key was replaced. Persist, upload the descriptor, then [`Machine::share_backup_key`].
    /// [`E2eeError::NoRecoveryKey`]: feed the current descriptor first.
    pub fn start_backup(&mut self, rng: &mut impl rand::CryptoRng) -> Result<BackupDescriptor, E2eeError> {
        let recovery = self.account.recovery_public.clone().ok_or(E2eeError::NoRecoveryKey)?;
        let version = self.backup_version() + 1;
        let key = SecretKey::random(rng);
        let sealed_key = sealing::seal_key(&key, &recovery, version, rng)?;
        let mut descriptor = BackupDescriptor {
            user_id: self.user_id(),
            version,
            algorithm: ALGORITHM_BACKUP.to_owned(),
            key_hash: descriptor::key_hash(&key),
            recovery_version: recovery.version,
            sealed_key,
            author: self.author(),
            signatures: std::collections::BTreeMap::new(),
        };
        self.sign_as_device(&mut descriptor)?;
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        descriptor::check(&descriptor, &recovery, head, &account)?;
        let backup = self.account.backup.get_or_insert_default();
        backup.accept(descriptor.clone());
        backup.keep(BackupKey { version, key });
        self.touch(Key::Account);
        Ok(descriptor)
    }

    /// Takes in the descriptor that the server has, and the recovery key that it is sealed to. Refused, with an [`Alarm`], unless it is signed as it has to be and
    /// neither older than the highest one seen nor another one of its version. `true`: this device holds its key.
    pub fn receive_backup_descriptor(
        &mut self,
        recovery_key: &RecoveryPublicKey,
        descriptor: &BackupDescriptor,
    ) -> bool {
        if self.check_descriptor(recovery_key, descriptor).is_err() {
            self.alarms.push(Alarm::BackupRefused { version: descriptor.version });
            return false;
        }
        self.account.recovery_public = Some(recovery_key.clone());
        self.account.backup.get_or_insert_default().accept(descriptor.clone());
        self.touch(Key::Account);
        self.backup_key().is_some()
    }

    fn check_descriptor(
        &self,
        recovery_key: &RecoveryPublicKey,
        descriptor: &BackupDescriptor,
    ) -> Result<(), E2eeError> {
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        descriptor::check(descriptor, recovery_key, head, &account)?;
        let known = self.account.backup.as_ref().and_then(|backup| backup.descriptor.as_ref());
        let older = known.is_some_and(|known| descriptor.version < known.version);
        let forked = known.is_some_and(|known| {
            descriptor.version == known.version
                && (&descriptor.key_hash, &descriptor.sealed_key) != (&known.key_hash, &known.sealed_key)
        });
        // A recovery key that was replaced must not come back: its owner gave it up.
        let replaced = self.account.recovery_public.as_ref().is_some_and(|known| {
            recovery_key.version < known.version
                || (recovery_key.version == known.version && recovery_key.curve25519 != known.curve25519)
        });
        if older || forked || replaced { Err(E2eeError::BadSecret) } else { Ok(()) }
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

    /// Sends the backup's key to the other devices of this account, as envelopes of a conversation to work on; `None`
    /// if there is none or nobody to tell. Feed this account's list first, without a device that was revoked.
    pub fn share_backup_key(&mut self) -> Result<Option<ConversationId>, E2eeError> {
        let key = self.backup_key().ok_or(E2eeError::NoBackupKey)?.clone();
        let (user_id, own) = (self.user_id(), self.device_id());
        let others: Vec<_> =
            self.devices_of(user_id).into_iter().map(|device| device.device_id).filter(|id| *id != own).collect();
        let reachable = |id: &&ConversationId| others.iter().any(|device| self.is_recipient(**id, user_id, *device));
        let Some(conversation_id) = self.conversations.keys().filter(reachable).min().copied() else {
            return Ok(None);
        };
        for device_id in others {
            self.tell_secret(conversation_id, device_id, OlmBody::BackupKey { key: key.clone() });
        }
        Ok(Some(conversation_id))
    }

    /// Takes a key that an own device gave. It counts once a descriptor says that it is the one.
    pub(crate) fn take_backup_key(&mut self, key: BackupKey) {
        self.account.backup.get_or_insert_default().keep(key);
        self.touch(Key::Account);
    }

    pub(crate) fn backup_key(&self) -> Option<&BackupKey> {
        self.account.backup.as_ref().and_then(Backup::held)
    }

    /// The version of the highest descriptor accepted; 0 if none.
    pub fn backup_version(&self) -> i64 {
        let descriptor = self.account.backup.as_ref().and_then(|backup| backup.descriptor.as_ref());
        descriptor.map_or(0, |descriptor| descriptor.version)
    }

    /// Whether this device can read and write the account's backup.
    pub fn holds_backup_key(&self) -> bool {
        self.backup_key().is_some()
    }
}
