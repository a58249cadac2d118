//! Accounts and devices with known private keys.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use sotto_identity::{CrossSigning, check_cross_signing, cross_key_id, device_key_id, sign};
use sotto_protocol::{
    Base64Bytes, DeviceId, UserId,
    keys::{
        ALGORITHM_MEGOLM, ALGORITHM_OLM, CrossSigningKey, DeviceKeys, DeviceList, KeyUsage, ListAuthor, ListedDevice,
    },
};
use uuid::Uuid;

pub struct Account {
    pub user_id: UserId,
    pub master: SigningKey,
    pub self_signing: SigningKey,
}

pub struct Device {
    pub device_id: DeviceId,
    pub ed25519: SigningKey,
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64Bytes(bytes.as_ref().to_vec()).to_base64()
}

pub fn public(key: &SigningKey) -> String {
    base64(key.verifying_key().as_bytes())
}

impl Account {
    pub fn new(seed: u8) -> Self {
        Self {
            user_id: Uuid::from_u128(u128::from(seed)).into(),
            master: SigningKey::from_bytes(&[seed; 32]),
            self_signing: SigningKey::from_bytes(&[seed + 100; 32]),
        }
    }

    pub fn cross_keys(&self) -> (CrossSigningKey, CrossSigningKey) {
        let key = |usage, key: &SigningKey| CrossSigningKey {
            user_id: self.user_id,
            usage: vec![usage],
            keys: BTreeMap::from([(cross_key_id(&public(key)), public(key))]),
            signatures: BTreeMap::new(),
        };
        let mut self_signing = key(KeyUsage::SelfSigning, &self.self_signing);
        let by = cross_key_id(&public(&self.master));
        sign(&mut self_signing, self.user_id, &by, |bytes| self.master.sign(bytes).to_bytes()).unwrap();
        (key(KeyUsage::Master, &self.master), self_signing)
    }

    pub fn cross_signing(&self) -> CrossSigning {
        let (master, self_signing) = self.cross_keys();
        check_cross_signing(self.user_id, &master, &self_signing).unwrap()
    }

    pub fn sign_list(&self, list: &mut DeviceList, author: Option<&Device>) {
        list.signatures.clear();
        let by = cross_key_id(&public(&self.self_signing));
        sign(list, self.user_id, &by, |bytes| self.self_signing.sign(bytes).to_bytes()).unwrap();
        let (by, key) = match author {
            None => (cross_key_id(&public(&self.master)), &self.master),
            Some(device) => (device_key_id(device.device_id), &device.ed25519),
        };
        sign(list, self.user_id, &by, |bytes| key.sign(bytes).to_bytes()).unwrap();
    }

    pub fn first(&self, device: &Device) -> DeviceList {
        let mut list = DeviceList {
            user_id: self.user_id,
            version: 1,
            prev_hash: None,
            devices: vec![device.listed()],
            revoked: vec![],
            author: ListAuthor::Master,
            signatures: BTreeMap::new(),
        };
        self.sign_list(&mut list, None);
        list
    }
}

impl Device {
    pub fn new(seed: u8) -> Self {
        Self {
            device_id: Uuid::from_u128(1_000 + u128::from(seed)).into(),
            ed25519: SigningKey::from_bytes(&[seed; 32]),
        }
    }

    pub fn listed(&self) -> ListedDevice {
        // Any canonical point that is not of low order will do.
        let curve25519 = base64(self.ed25519.verifying_key().to_montgomery().to_bytes());
        ListedDevice { device_id: self.device_id, ed25519: public(&self.ed25519), curve25519 }
    }

    pub fn keys(&self, account: &Account) -> DeviceKeys {
        let listed = self.listed();
        let id = device_key_id(self.device_id);
        let mut keys = DeviceKeys {
            user_id: account.user_id,
            device_id: self.device_id,
            algorithms: vec![ALGORITHM_OLM.to_owned(), ALGORITHM_MEGOLM.to_owned()],
            keys: BTreeMap::from([
                (id.clone(), listed.ed25519),
                (format!("curve25519:{}", self.device_id), listed.curve25519),
            ]),
            signatures: BTreeMap::new(),
        };
        sign(&mut keys, account.user_id, &id, |bytes| self.ed25519.sign(bytes).to_bytes()).unwrap();
        let by = cross_key_id(&public(&account.self_signing));
        sign(&mut keys, account.user_id, &by, |bytes| account.self_signing.sign(bytes).to_bytes()).unwrap();
        keys
    }
}
