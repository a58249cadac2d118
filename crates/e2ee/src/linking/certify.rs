//! Certificates and list entries: what the existing and the new device sign and check.

use serde::{Deserialize, Serialize};
use sotto_identity::{
    CrossSigning, Signed, check_certified_device, check_cross_signing, check_self_signed_device, cross_key_id,
    device_key_id, hash, link_bytes, next_entry, rendezvous_hash, sign, verify_chain, verify_next,
};
use sotto_protocol::{
    Base64Bytes, ConversationId, DeviceId,
    devices::NewDevice,
    keys::{DeviceKeys, DeviceList, ListedDevice, UserIdentity},
    limits::MAX_ONE_TIME_KEYS_PER_UPLOAD,
    linking::{CompleteLinkRequest, CreateGrantRequest, LinkHeadResponse},
    messages::OlmContent,
};

use crate::{
    error::E2eeError, identities::UserRecord, olm_channel::Sender, olm_payload::OlmBody, records::Key, secrets::Seed,
    state::Machine,
};

/// A secret on its way from one device of the account to another.
#[derive(Serialize, Deserialize)]
struct CarriedSecret {
    sender_device_id: DeviceId,
    content: OlmContent,
}

impl Machine {
    /// On the existing device: certifies a new device whose keys were proven to be its own, and extends the list.
    /// `transcript` is T, `rendezvous` the id of the slot where they were proven.
    pub fn prepare_grant(
        &mut self,
        new_device_keys: &DeviceKeys,
        transcript: [u8; 32],
        rendezvous: &[u8; 16],
    ) -> Result<CreateGrantRequest, E2eeError> {
        let user_id = self.user_id();
        let listed = check_self_signed_device(new_device_keys, user_id, new_device_keys.device_id)?;
        let mut device_keys = new_device_keys.clone();
        self.certify(&mut device_keys)?;
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        let mut device_list = next_entry(head, Some(listed.clone()), None, self.author())?;
        let head = head.clone();
        self.sign_as_device(&mut device_list)?;
        verify_next(&head, &device_list, &account)?;
        self.account.owed.insert(listed.device_id);
        self.account.granted.insert(listed.device_id, listed);
        self.touch(Key::Account);
        Ok(CreateGrantRequest {
            rendezvous_hash: Base64Bytes(rendezvous_hash(rendezvous).to_vec()),
            transcript: Base64Bytes(transcript.to_vec()),
            device_keys,
            device_list,
        })
    }

    fn certify(&self, device_keys: &mut DeviceKeys) -> Result<(), E2eeError> {
        let seed = self.account.self_signing.as_ref().ok_or(E2eeError::NoSelfSigningKey)?;
        let key_id = cross_key_id(&seed.public());
        Ok(sign(device_keys, self.user_id(), &key_id, |bytes| seed.sign(bytes))?)
    }

    /// Signs with the self-signing key and this device's, as a list entry is signed.
    pub(crate) fn sign_as_device<T: Signed>(&self, object: &mut T) -> Result<(), E2eeError> {
        let seed = self.account.self_signing.as_ref().ok_or(E2eeError::NoSelfSigningKey)?;
        sign(object, self.user_id(), &cross_key_id(&seed.public()), |bytes| seed.sign(bytes))?;
        let key_id = device_key_id(self.device_id());
        Ok(sign(object, self.user_id(), &key_id, |bytes| self.account.sign_bytes(bytes))?)
    }

    /// The next entry of the list without this device (any but the last of the account's).
    pub fn revoke_device(&self, device_id: DeviceId) -> Result<DeviceList, E2eeError> {
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        if !head.devices.iter().any(|device| device.device_id == device_id) {
            return Err(E2eeError::UnknownDevice(device_id));
        }
        let mut list = next_entry(head, None, Some(device_id), self.author())?;
        self.sign_as_device(&mut list)?;
        verify_next(head, &list, &account)?;
        Ok(list)
    }

    /// The next entry of the list with this device alone; `None` if it is alone in it already.
    pub fn revoke_others(&self) -> Result<Option<DeviceList>, E2eeError> {
        let (head, account) = self.own_list().ok_or(E2eeError::NotLinked)?;
        let mut list = next_entry(head, None, None, self.author())?;
        let own = self.device_id();
        let (devices, others): (Vec<_>, Vec<_>) = list.devices.into_iter().partition(|device| device.device_id == own);
        if others.is_empty() {
            return Ok(None);
        }
        list.devices = devices;
        list.revoked.extend(others);
        list.revoked.sort();
        self.sign_as_device(&mut list)?;
        verify_next(head, &list, &account)?;
        Ok(Some(list))
    }

    /// On the new device: checks the account that the grant leads into, down to this device's own keys, and makes
    /// the completion. `expected_master` came over the linking channel, unpadded base64. Persist before sending.
    pub fn accept_link_head(
        &mut self,
        grant: &Base64Bytes,
        transcript: [u8; 32],
        expected_master: &str,
        head: &LinkHeadResponse,
        device: NewDevice,
        now_ms: i64,
    ) -> Result<CompleteLinkRequest, E2eeError> {
        let account = self.check_own_identity(&head.identity, expected_master)?;
        let last = verify_chain(&head.identity.lists, &account)?;
        verify_next(last, &head.device_list, &account)?;
        if !head.device_list.devices.contains(&self.account.listed()) {
            return Err(E2eeError::ListDisagrees);
        }
        check_certified_device(&head.device_keys, self.device_id(), &account)?;
        if hash(&head.device_keys)? != hash(&self.account.device_keys)? {
            return Err(E2eeError::ListDisagrees);
        }
        self.account.device_keys = head.device_keys.clone();
        self.pin_own(&head.identity, last, &account);
        let signature = self.account.sign_bytes(&link_bytes(&grant.0, &transcript));
        let request = CompleteLinkRequest {
            grant: grant.clone(),
            user_id: self.user_id(),
            device,
            one_time_keys: self.account.make_one_time_keys(MAX_ONE_TIME_KEYS_PER_UPLOAD)?,
            fallback_key: self.account.make_fallback_key(now_ms)?,
            signature: Base64Bytes(signature.to_vec()),
        };
        self.touch(Key::Account);
        Ok(request)
    }

    pub(crate) fn check_own_identity(
        &self,
        identity: &UserIdentity,
        expected_master: &str,
    ) -> Result<CrossSigning, E2eeError> {
        let account = check_cross_signing(self.user_id(), &identity.master_key, &identity.self_signing_key)?;
        let pinned = self.master_key(self.user_id()).is_none_or(|pinned| pinned == expected_master);
        if account.master.to_base64() != expected_master || !pinned {
            return Err(E2eeError::WrongMasterKey);
        }
        Ok(account)
    }

    /// Pins this account's own identity with the list before this device came in.
    pub(crate) fn pin_own(&mut self, identity: &UserIdentity, head: &DeviceList, account: &CrossSigning) {
        let mut own = UserRecord {
            self_signing: Some(account.self_signing.to_base64()),
            verified: true,
            ..UserRecord::pinned(account.master.to_base64())
        };
        own.advance(head);
        for keys in &identity.device_keys {
            let listed = check_certified_device(keys, keys.device_id, account);
            if listed.is_ok_and(|listed| head.devices.contains(&listed)) {
                own.devices.insert(keys.device_id, keys.clone());
            }
        }
        self.users.insert(self.user_id(), own);
        self.touch_user(self.user_id());
    }

    /// On the existing device, after the new one has completed: the list that the server gives now must hold exactly
    /// the keys that this device signed. Only then are secrets handed over.
    pub fn after_link(&mut self, identity: UserIdentity, device_id: DeviceId) -> Result<(), E2eeError> {
        self.receive_identities(vec![identity]);
        let granted = self.account.granted.get(&device_id).ok_or(E2eeError::UnknownDevice(device_id))?;
        let listed = self.devices_of(self.user_id()).into_iter().find(|device| device.device_id == device_id);
        if listed.as_ref() == Some(granted) { Ok(()) } else { Err(E2eeError::ListDisagrees) }
    }

    /// The person took it back: the device is owed nothing, and nobody that this device let in.
    pub(crate) fn forget_granted(&mut self, device_id: DeviceId) {
        self.account.granted.remove(&device_id);
        self.account.owed.remove(&device_id);
        self.touch(Key::Account);
    }

    /// The device has taken the account's secrets from this one.
    pub fn secrets_arrived(&mut self, device_id: DeviceId) {
        if self.account.owed.remove(&device_id) {
            self.touch(Key::Account);
        }
    }

    /// Devices that this one linked, that are in the highest list seen exactly as it signed them, and whose secrets it
    /// has not handed over: the linking broke off before its last message.
    pub fn devices_owed(&self) -> Vec<DeviceId> {
        let owed = self.account.owed.iter().filter(|device_id| self.own_granted(**device_id).is_ok());
        owed.copied().collect()
    }

    /// Sends the account's secrets, as envelopes of a conversation, to a device of [`Machine::devices_owed`]: the same
    /// check as at the end of a linking. Gives the conversation to work on; `None` if there is none yet.
    pub fn hand_over_later(&mut self, device_id: DeviceId) -> Result<Option<ConversationId>, E2eeError> {
        self.own_granted(device_id)?;
        let seed = self.account.self_signing.clone().ok_or(E2eeError::NoSelfSigningKey)?;
        let user_id = self.user_id();
        let reachable = |id: &&ConversationId| self.is_recipient(**id, user_id, device_id);
        let Some(conversation_id) = self.conversations.keys().filter(reachable).min().copied() else {
            return Ok(None);
        };
        self.tell_secret(conversation_id, device_id, OlmBody::SelfSigningKey { seed });
        if let Some(key) = self.backup_key().cloned() {
            self.tell_secret(conversation_id, device_id, OlmBody::BackupKey { key });
        }
        self.secrets_arrived(device_id);
        Ok(Some(conversation_id))
    }

    /// The account's self-signing key, encrypted for a device that this one linked ([`Machine::after_link`] first).
    /// The caller carries the bytes; [`E2eeError::NoSession`]: feed [`Machine::claim_for_device`]'s answer first.
    pub fn export_self_signing_for(&mut self, device_id: DeviceId) -> Result<Vec<u8>, E2eeError> {
        let seed = self.account.self_signing.clone().ok_or(E2eeError::NoSelfSigningKey)?;
        let user_id = self.user_id();
        let device = self.own_granted(device_id)?;
        let content = self.encrypt_to(user_id, &device, None, OlmBody::SelfSigningKey { seed })?;
        self.secrets_arrived(device_id);
        Ok(sotto_json::to_vec(&CarriedSecret { sender_device_id: self.device_id(), content })?)
    }

    /// The device as the highest list seen has it, if that is how this device signed it.
    fn own_granted(&self, device_id: DeviceId) -> Result<ListedDevice, E2eeError> {
        let device = self.own_active(device_id)?;
        if self.account.granted.get(&device_id) == Some(&device) { Ok(device) } else { Err(E2eeError::ListDisagrees) }
    }

    fn own_active(&self, device_id: DeviceId) -> Result<ListedDevice, E2eeError> {
        let devices = self.devices_of(self.user_id());
        devices.into_iter().find(|d| d.device_id == device_id).ok_or(E2eeError::UnknownDevice(device_id))
    }

    /// On the new device: takes what [`Machine::export_self_signing_for`] made on a device of the same account.
    pub fn import_self_signing(&mut self, bytes: &[u8], now_ms: i64) -> Result<(), E2eeError> {
        let carried: CarriedSecret = sotto_json::from_slice(bytes).map_err(|_| E2eeError::BadSecret)?;
        let device = self.own_active(carried.sender_device_id)?;
        let sender = Sender { user_id: self.user_id(), device };
        match self.decrypt_from(&sender, None, &carried.content, now_ms) {
            Ok(OlmBody::SelfSigningKey { seed }) => self.take_self_signing(&sender, seed),
            _ => Err(E2eeError::BadSecret),
        }
    }

    /// Takes the self-signing key from an active own device, if it is the account's.
    pub(crate) fn take_self_signing(&mut self, sender: &Sender, seed: Seed) -> Result<(), E2eeError> {
        let own = self.users.get(&self.user_id()).ok_or(E2eeError::NotLinked)?;
        let active = sender.user_id == self.user_id() && own.active().contains(&sender.device);
        if !active || own.self_signing.as_deref() != Some(seed.public().as_str()) {
            return Err(E2eeError::BadSecret);
        }
        self.account.self_signing = Some(seed);
        self.touch(Key::Account);
        Ok(())
    }

    /// Whether this device can link and revoke others.
    pub fn holds_self_signing_key(&self) -> bool {
        self.account.self_signing.is_some()
    }
}
