//! A new account: its keys, its first device, its recovery key.

use std::collections::BTreeMap;

use rand::CryptoRng;
use sotto_identity::{SortedMap, cross_key_id, hash, sign};
use sotto_protocol::{
    Base64Bytes, DeviceId, UserId,
    accounts::{AccountType, RegisterRequest},
    devices::NewDevice,
    keys::{CrossSigningKey, DeviceKeys, DeviceList, KeyUsage, ListAuthor, OneTimeKeys},
    limits::MAX_ONE_TIME_KEYS_PER_UPLOAD,
};

use crate::{
    account::AccountState,
    error::E2eeError,
    identities::UserRecord,
    recovery::seal_bundle,
    secrets::{RecoveryKey, Seed},
    state::Machine,
};

/// A new account on its first device.
#[derive(Debug)]
pub struct Registration {
    /// The device's crypto state: persist it before registering.
    pub machine: Machine,
    /// The keys for the server.
    pub keys: RegistrationKeys,
    /// To be shown to the person once.
    pub recovery_key: RecoveryKey,
}

/// The public keys of a new account.
#[derive(Clone, Debug)]
pub struct RegistrationKeys {
    /// The account's identity.
    pub master_key: CrossSigningKey,
    /// Signed by the master key.
    pub self_signing_key: CrossSigningKey,
    /// Signed by the device and the self-signing key.
    pub device_keys: DeviceKeys,
    /// Entry 1.
    pub device_list: DeviceList,
    /// 50.
    pub one_time_keys: OneTimeKeys,
    /// One.
    pub fallback_key: OneTimeKeys,
    /// The account's private keys under the recovery key.
    pub recovery_bundle: Base64Bytes,
}

impl RegistrationKeys {
    /// The request of a person.
    pub fn into_request(self, username: String, password: String, device: NewDevice) -> RegisterRequest {
        RegisterRequest {
            username,
            password,
            device,
            master_key: self.master_key,
            self_signing_key: self.self_signing_key,
            device_keys: self.device_keys,
            device_list: self.device_list,
            one_time_keys: self.one_time_keys,
            fallback_key: self.fallback_key,
            recovery_bundle: self.recovery_bundle,
            account_type: AccountType::Person,
        }
    }
}

impl Machine {
    /// Makes an account. Both ids are fresh UUIDs. The master private key stays in the recovery bundle only.
    pub fn register(
        rng: &mut impl CryptoRng,
        user_id: UserId,
        device_id: DeviceId,
        now_ms: i64,
    ) -> Result<Registration, E2eeError> {
        let mut account = AccountState::new(user_id, device_id)?;
        let (master, self_signing) = (Seed::random(rng), Seed::random(rng));
        let master_key = cross_signing_key(user_id, KeyUsage::Master, &master);
        let mut self_signing_key = cross_signing_key(user_id, KeyUsage::SelfSigning, &self_signing);
        let master_id = cross_key_id(&master.public());
        let self_signing_id = cross_key_id(&self_signing.public());
        sign(&mut self_signing_key, user_id, &master_id, |bytes| master.sign(bytes))?;
        sign(&mut account.device_keys, user_id, &self_signing_id, |bytes| self_signing.sign(bytes))?;
        let mut device_list = DeviceList {
            user_id,
            version: 1,
            prev_hash: None,
            devices: vec![account.listed()],
            revoked: vec![],
            author: ListAuthor::Master,
            signatures: BTreeMap::new(),
        };
        sign(&mut device_list, user_id, &self_signing_id, |bytes| self_signing.sign(bytes))?;
        sign(&mut device_list, user_id, &master_id, |bytes| master.sign(bytes))?;
        let recovery_key = RecoveryKey::random(rng);
        let recovery_bundle = seal_bundle(&recovery_key, user_id, &master, &self_signing, rng)?;
        account.recovery_public = Some(recovery_key.publish(user_id, 1, &master)?);
        let keys = RegistrationKeys {
            master_key,
            self_signing_key,
            device_keys: account.device_keys.clone(),
            device_list: device_list.clone(),
            one_time_keys: account.make_one_time_keys(MAX_ONE_TIME_KEYS_PER_UPLOAD)?,
            fallback_key: account.make_fallback_key(now_ms)?,
            recovery_bundle,
        };
        let own = UserRecord {
            self_signing: Some(self_signing.public()),
            list_hash: Some(hash(&device_list)?),
            list: Some(device_list),
            devices: SortedMap::from_iter([(device_id, account.device_keys.clone())]),
            verified: true,
            ..UserRecord::pinned(master.public())
        };
        account.self_signing = Some(self_signing);
        let mut machine = Self::new(account);
        machine.users.insert(user_id, own);
        machine.touch_user(user_id);
        Ok(Registration { machine, keys, recovery_key })
    }

    /// A device of an existing account that is not linked to it yet.
    pub fn new_unlinked(user_id: UserId, device_id: DeviceId) -> Result<Self, E2eeError> {
        Ok(Self::new(AccountState::new(user_id, device_id)?))
    }
}

pub(crate) fn cross_signing_key(user_id: UserId, usage: KeyUsage, seed: &Seed) -> CrossSigningKey {
    let public = seed.public();
    let keys = BTreeMap::from([(cross_key_id(&public), public)]);
    CrossSigningKey { user_id, usage: vec![usage], keys, signatures: BTreeMap::new() }
}
