//! Beginning a backup, and giving its key to the account's other devices.

use rand::CryptoRng;
use sotto_protocol::{
    ConversationId,
    backup::{ALGORITHM_BACKUP, BackupDescriptor},
    keys::ListAuthor,
};

use super::{BackupKey, Begun, descriptor, sealing};
use crate::{error::E2eeError, olm_payload::OlmBody, records::Key, secrets::SecretKey, state::Machine};

impl Machine {
    /// Begins a new backup under a fresh key: the first one, after a device left (it held the old key), and after the
    /// recovery key was replaced. `newest` is the highest version that the server ever had. Persist, upload the
    /// descriptor, then [`Machine::backup_begun`]; until then, or until [`Machine::backup_given_up`], it is the same one.
    /// [`E2eeError::NoRecoveryKey`]: feed the published one first.
    pub fn start_backup(&mut self, newest: i64, rng: &mut impl CryptoRng) -> Result<BackupDescriptor, E2eeError> {
        let recovery = self.account.recovery_public.clone().ok_or(E2eeError::NoRecoveryKey)?;
        let newest = newest.max(self.backup_version());
        let begun = self.account.backup.as_ref().and_then(|backup| backup.begun.as_ref());
        let usable =
            |begun: &&Begun| begun.descriptor.version > newest && begun.descriptor.recovery_version == recovery.version;
        if let Some(begun) = begun.filter(usable) {
            return Ok(begun.descriptor.clone());
        }
        let version = newest.checked_add(1).ok_or(E2eeError::BadSecret)?;
        let key = SecretKey::random(rng);
        let mut descriptor = BackupDescriptor {
            user_id: self.user_id(),
            version,
            algorithm: ALGORITHM_BACKUP.to_owned(),
            key_hash: descriptor::key_hash(&key),
            recovery_version: recovery.version,
            sealed_key: sealing::seal_key(&key, &recovery, version, rng)?,
            author: self.author(),
            signatures: std::collections::BTreeMap::new(),
        };
        self.sign_as_device(&mut descriptor)?;
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        descriptor::check(&descriptor, &recovery, head, &account)?;
        let begun = Begun { descriptor: descriptor.clone(), key: BackupKey { version, key } };
        self.account.backup.get_or_insert_default().begun = Some(begun);
        self.touch(Key::Account);
        Ok(descriptor)
    }

    /// The server has the descriptor that [`Machine::start_backup`] made: everything is written anew under its key.
    pub fn backup_begun(&mut self) {
        let Some(begun) = self.account.backup.as_mut().and_then(|backup| backup.begun.take()) else { return };
        let Some(head) = self.own_list().map(|(head, _)| head.clone()) else { return };
        let backup = self.account.backup.get_or_insert_default();
        backup.read = begun.key.version;
        backup.accept(begun.descriptor, &head);
        backup.keep(begun.key);
        self.touch(Key::Account);
    }

    /// The server refused the descriptor: somebody else was first, or the recovery key is another one.
    pub fn backup_given_up(&mut self) {
        if let Some(backup) = &mut self.account.backup {
            backup.begun = None;
            self.touch(Key::Account);
        }
    }

    /// Sends the key of a backup that this device began to those other devices of this account that it has not given it
    /// to, as envelopes of a conversation to work on; `None` if there is none or nobody to tell. Feed this account's list
    /// first, without a device that was revoked.
    pub fn share_backup_key(&mut self) -> Result<Option<ConversationId>, E2eeError> {
        let key = self.backup_key().ok_or(E2eeError::NoBackupKey)?.clone();
        let (user_id, own) = (self.user_id(), self.device_id());
        let Some(backup) = self.account.backup.as_ref().filter(|_| self.began_backup()) else { return Ok(None) };
        let devices = self.devices_of(user_id).into_iter().map(|device| device.device_id);
        let others: Vec<_> = devices.filter(|id| *id != own && !backup.told.contains(id)).collect();
        let reachable = |id: &&ConversationId| others.iter().any(|device| self.is_recipient(**id, user_id, *device));
        let Some(conversation_id) = self.conversations.keys().filter(reachable).min().copied() else {
            return Ok(None);
        };
        for device_id in &others {
            self.tell_secret(conversation_id, *device_id, OlmBody::BackupKey { key: key.clone() });
        }
        self.account.backup.get_or_insert_default().told.extend(others);
        self.touch(Key::Account);
        Ok(Some(conversation_id))
    }

    fn began_backup(&self) -> bool {
        let descriptor = self.account.backup.as_ref().and_then(|backup| backup.descriptor.as_ref());
        descriptor.is_some_and(|descriptor| descriptor.author == ListAuthor::Device(self.device_id()))
    }
}
