//! What the server says of the backup, and how far it is believed.

use sotto_identity::check_recovery_key;
use sotto_protocol::backup::{BackupDescriptor, RecoveryPublicKey};

use super::{Backup, descriptor};
use crate::{error::E2eeError, records::Key, state::Machine, trust::Alarm};

/// What a descriptor of the server's is to this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupStanding {
    /// Accepted, and its key is here.
    Held,
    /// Accepted; its key is not here (yet).
    NoKey,
    /// The device that began it has left the account: nobody vouches for it, and a new one is due.
    AuthorLeft,
    /// Refused, with an [`Alarm`].
    Refused,
}

impl Machine {
    /// Takes in the recovery key that is published, where there is no descriptor. `false`, with an [`Alarm`]: not the
    /// account's, or one that was replaced.
    pub fn receive_recovery_key(&mut self, recovery_key: &RecoveryPublicKey) -> bool {
        let account = self.own_list().map(|(_, account)| account);
        let signed = account.is_some_and(|account| check_recovery_key(recovery_key, &account).is_ok());
        if !signed || recovery_key.version <= 0 || self.is_replaced(recovery_key) {
            self.alarms.push(Alarm::BackupRefused { version: self.backup_version() });
            return false;
        }
        self.know_recovery_key(recovery_key.clone());
        true
    }

    /// Takes in the descriptor that the server has, and the recovery key that it is sealed to. Refused, with an [`Alarm`],
    /// unless it is signed as it has to be and neither older than the highest one seen nor another one of its version.
    pub fn receive_backup_descriptor(
        &mut self,
        recovery_key: &RecoveryPublicKey,
        descriptor: &BackupDescriptor,
    ) -> BackupStanding {
        self.settle_begun(descriptor);
        match self.check_descriptor(recovery_key, descriptor) {
            Err(_) => {
                self.alarms.push(Alarm::BackupRefused { version: descriptor.version });
                BackupStanding::Refused
            }
            Ok(active) => {
                self.know_recovery_key(recovery_key.clone());
                if active { self.accept_descriptor(descriptor) } else { BackupStanding::AuthorLeft }
            }
        }
    }

    fn accept_descriptor(&mut self, descriptor: &BackupDescriptor) -> BackupStanding {
        if let Some(head) = self.own_list().map(|(head, _)| head.clone()) {
            self.account.backup.get_or_insert_default().accept(descriptor.clone(), &head);
        }
        if self.holds_backup_key() { BackupStanding::Held } else { BackupStanding::NoKey }
    }

    /// The answer to this device's own upload was lost, or somebody else was first.
    fn settle_begun(&mut self, descriptor: &BackupDescriptor) {
        let begun = self.account.backup.as_ref().and_then(|backup| backup.begun.as_ref());
        match begun {
            Some(begun) if begun.descriptor == *descriptor => self.backup_begun(),
            Some(begun) if begun.descriptor.version <= descriptor.version => self.backup_given_up(),
            _ => {}
        }
    }

    /// Whether its author is active still.
    fn check_descriptor(
        &self,
        recovery_key: &RecoveryPublicKey,
        descriptor: &BackupDescriptor,
    ) -> Result<bool, E2eeError> {
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        let active = descriptor::check(descriptor, recovery_key, head, &account).is_ok();
        if !active {
            let mut once = head.clone();
            once.devices.extend(head.revoked.iter().cloned());
            descriptor::check(descriptor, recovery_key, &once, &account)?;
        }
        let known = self.account.backup.as_ref().and_then(|backup| backup.descriptor.as_ref());
        let older = known.is_some_and(|known| descriptor.version < known.version);
        let forked = known.is_some_and(|known| {
            descriptor.version == known.version
                && (&descriptor.key_hash, &descriptor.sealed_key) != (&known.key_hash, &known.sealed_key)
        });
        if older || forked || self.is_replaced(recovery_key) { Err(E2eeError::BadSecret) } else { Ok(active) }
    }

    /// A recovery key that was replaced must not come back: its owner gave it up.
    fn is_replaced(&self, recovery_key: &RecoveryPublicKey) -> bool {
        let unknown = self.account.recovery_version_unknown;
        self.account.recovery_public.as_ref().is_some_and(|known| {
            let another = recovery_key.curve25519 != known.curve25519;
            if unknown {
                another
            } else {
                recovery_key.version < known.version || (recovery_key.version == known.version && another)
            }
        })
    }

    /// Whether a device has left the account since the backup was accepted: that one has its key. Nothing more is written
    /// under it; begin a new one.
    pub fn backup_is_outdated(&self) -> bool {
        let Some(backup) = self.account.backup.as_ref().filter(|backup| backup.descriptor.is_some()) else {
            return false;
        };
        self.own_list().is_some_and(|(head, _)| head.revoked.len() > backup.left)
    }

    /// The version whose sessions are to be read: its key is here, and they were not read to the end yet.
    pub fn backup_to_read(&self) -> Option<i64> {
        let backup = self.account.backup.as_ref()?;
        backup.held().map(|key| key.version).filter(|version| *version > backup.read)
    }

    /// All sessions of this version were read.
    pub fn backup_read(&mut self, version: i64) {
        let backup: &mut Backup = self.account.backup.get_or_insert_default();
        backup.read = backup.read.max(version);
        self.touch(Key::Account);
    }
}
