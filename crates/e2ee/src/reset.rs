//! A new identity for an account whose recovery key is lost, or in somebody else's hands.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_identity::{cross_key_id, device_key_id, hash, sign};
use sotto_protocol::{
    UserId,
    identity::ResetIdentityRequest,
    keys::{DeviceKeys, DeviceList, KeyUsage, ListAuthor},
};

use crate::{
    error::E2eeError,
    identities::UserRecord,
    records::Key,
    recovery::seal_bundle,
    register::cross_signing_key,
    secrets::{RecoveryKey, SecretKey, Seed},
    state::Machine,
};

/// A new identity, from before it is sent until the person has its recovery key. No `Debug`: it is the account.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reset {
    request: ResetIdentityRequest,
    master: String,
    self_signing: Seed,
    recovery_key: SecretKey,
    /// The server has it.
    done: bool,
}

impl Machine {
    /// Makes a new master key, a new self-signing key, a list with this device alone and a new recovery key.
    /// `recovery_version` is that of the newest published recovery key. Persist before sending; then
    /// [`Machine::identity_reset`], or [`Machine::reset_given_up`] if the server refused it. The same request until then.
    pub fn reset_identity(
        &mut self,
        recovery_version: i64,
        rng: &mut impl CryptoRng,
    ) -> Result<ResetIdentityRequest, E2eeError> {
        self.own_list().ok_or(E2eeError::NotLinked)?;
        let version = recovery_version.checked_add(1).ok_or(E2eeError::BadSecret)?;
        let open = self.account.reset.as_ref().filter(|reset| !reset.done).map(|reset| &reset.request);
        let same =
            |request: &&ResetIdentityRequest| request.recovery_key.as_ref().is_some_and(|k| k.version == version);
        if let Some(request) = open.filter(same) {
            return Ok(request.clone());
        }
        let reset = self.new_identity(version, rng)?;
        let request = reset.request.clone();
        self.account.reset = Some(reset);
        self.touch(Key::Account);
        Ok(request)
    }

    fn new_identity(&self, version: i64, rng: &mut impl CryptoRng) -> Result<Reset, E2eeError> {
        let user_id = self.user_id();
        let (master, self_signing) = (Seed::random(rng), Seed::random(rng));
        let (master_id, self_signing_id) = (cross_key_id(&master.public()), cross_key_id(&self_signing.public()));
        let mut self_signing_key = cross_signing_key(user_id, KeyUsage::SelfSigning, &self_signing);
        sign(&mut self_signing_key, user_id, &master_id, |bytes| master.sign(bytes))?;
        let mut device_list = self.list_of_this_device();
        sign(&mut device_list, user_id, &self_signing_id, |bytes| self_signing.sign(bytes))?;
        sign(&mut device_list, user_id, &master_id, |bytes| master.sign(bytes))?;
        let recovery_key = RecoveryKey::random(rng);
        let request = ResetIdentityRequest {
            master_key: cross_signing_key(user_id, KeyUsage::Master, &master),
            self_signing_key,
            device_keys: self.certified_by(&self_signing)?,
            device_list,
            recovery_bundle: seal_bundle(&recovery_key, user_id, &master, &self_signing, rng)?,
            recovery_key: Some(recovery_key.publish(user_id, version, &master)?),
        };
        let recovery_key = recovery_key.secret().clone();
        Ok(Reset { request, master: master.public(), self_signing, recovery_key, done: false })
    }

    fn list_of_this_device(&self) -> DeviceList {
        DeviceList {
            user_id: self.user_id(),
            version: 1,
            prev_hash: None,
            devices: vec![self.account.listed()],
            revoked: vec![],
            author: ListAuthor::Master,
            signatures: std::collections::BTreeMap::new(),
        }
    }

    /// This device's keys, signed by itself and this self-signing key alone.
    fn certified_by(&self, self_signing: &Seed) -> Result<DeviceKeys, E2eeError> {
        let user_id = self.user_id();
        let mut keys = DeviceKeys { signatures: std::collections::BTreeMap::new(), ..self.account.device_keys.clone() };
        let own = device_key_id(self.device_id());
        sign(&mut keys, user_id, &own, |bytes| self.account.sign_bytes(bytes))?;
        sign(&mut keys, user_id, &cross_key_id(&self_signing.public()), |bytes| self_signing.sign(bytes))?;
        Ok(keys)
    }

    /// The server has the new identity: it is this account's from now on. The key backup of before is void. Persist, then
    /// [`Machine::take_reset_key`].
    pub fn identity_reset(&mut self) {
        let Some(mut reset) = self.account.reset.take_if(|reset| !reset.done) else { return };
        let user_id = self.user_id();
        let list = &reset.request.device_list;
        let before = match self.users.get(&user_id) {
            Some(own) => own.renewed(reset.master.clone()),
            None => UserRecord::pinned(reset.master.clone()),
        };
        let own = UserRecord {
            self_signing: Some(reset.self_signing.public()),
            list_hash: hash(list).ok(),
            list: Some(list.clone()),
            devices: std::iter::once((self.device_id(), reset.request.device_keys.clone())).collect(),
            verified: true,
            ..before
        };
        self.users.insert(user_id, own);
        self.account.device_keys = reset.request.device_keys.clone();
        self.account.self_signing = Some(reset.self_signing.clone());
        self.account.recovery_public.clone_from(&reset.request.recovery_key);
        self.account.recovery_version_unknown = false;
        self.account.backup = None;
        self.account.granted.clear();
        self.account.owed.clear();
        reset.done = true;
        self.account.reset = Some(reset);
        self.touch(Key::Account);
        self.touch_user(user_id);
    }

    /// Whether a new identity is on its way and nobody knows what became of it: query this account's own keys.
    pub fn is_resetting(&self) -> bool {
        self.account.reset.as_ref().is_some_and(|reset| !reset.done)
    }

    /// The server refused the new identity: everything stays as it is.
    pub fn reset_given_up(&mut self) {
        if self.account.reset.take_if(|reset| !reset.done).is_some() {
            self.touch(Key::Account);
        }
    }

    /// The recovery key of an identity that the server has, once: to be shown to the person.
    pub fn take_reset_key(&mut self) -> Option<RecoveryKey> {
        let reset = self.account.reset.take_if(|reset| reset.done)?;
        self.touch(Key::Account);
        Some(RecoveryKey::from_secret(reset.recovery_key))
    }

    /// The server shows the identity whose answer was lost.
    pub(crate) fn settle_reset(&mut self, user_id: UserId, master: &str) {
        if user_id == self.user_id() && self.account.reset.as_ref().is_some_and(|reset| reset.master == master) {
            self.identity_reset();
        }
    }
}
