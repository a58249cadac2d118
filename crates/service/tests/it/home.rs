//! The client's side of an account: keys that sign, and the requests that they make.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use sotto_identity::{Signed, cross_key_id, device_key_id, lists::next_entry, sign};
use sotto_protocol::{
    Base64Bytes, ConversationId, DeviceId, UserId,
    accounts::{AccountType, LoginRequest, RegisterRequest, SessionResponse},
    backup::{ALGORITHM_BACKUP, BackupDescriptor, RecoveryPublicKey},
    devices::{DeviceType, NewDevice},
    identity::ResetIdentityRequest,
    keys::{
        ALGORITHM_MEGOLM, ALGORITHM_OLM, CrossSigningKey, DeviceKeys, DeviceList, KeyUsage, ListAuthor, ListedDevice,
        OneTimeKeys, SignedOneTimeKey,
    },
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};
use sotto_service::{Entropy as _, SystemEntropy, tokens::AccessClaims};

use crate::world::World;

pub const PASSWORD: &str = "correct horse battery";

pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemEntropy.fill(&mut bytes);
    bytes
}

fn text(bytes: &[u8]) -> String {
    Base64Bytes(bytes.to_vec()).to_base64()
}

fn public(key: &SigningKey) -> String {
    text(key.verifying_key().as_bytes())
}

/// A Curve25519 public key that nobody has the private half of: the server never needs it.
fn curve25519() -> String {
    let mut bytes = random::<32>();
    bytes[31] &= 0x3f;
    text(&bytes)
}

pub fn signed<T: Signed>(mut object: T, user_id: UserId, key_id: &str, key: &SigningKey) -> T {
    sign(&mut object, user_id, key_id, |bytes| key.sign(bytes).to_bytes()).unwrap();
    object
}

/// An account's keys, as its devices share them.
pub struct Home {
    pub user_id: UserId,
    pub username: String,
    pub master: SigningKey,
    pub self_signing: SigningKey,
    pub list: DeviceList,
}

/// A device of an account.
pub struct Phone {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub key: SigningKey,
    pub curve25519: String,
}

impl Phone {
    pub fn new(user_id: UserId) -> Self {
        Self::with_id(user_id, DeviceId(SystemEntropy.uuid()))
    }

    pub fn with_id(user_id: UserId, device_id: DeviceId) -> Self {
        let key = SigningKey::from_bytes(&random());
        Self { user_id, device_id, key, curve25519: curve25519() }
    }

    pub fn named(name: &str) -> NewDevice {
        NewDevice { name: name.into(), device_type: DeviceType::Mobile }
    }

    pub fn listed(&self) -> ListedDevice {
        let (ed25519, curve25519) = (public(&self.key), self.curve25519.clone());
        ListedDevice { device_id: self.device_id, ed25519, curve25519 }
    }

    pub fn one_time_key(&self, fallback: bool) -> SignedOneTimeKey {
        let key =
            SignedOneTimeKey { key: curve25519(), fallback: fallback.then_some(true), signatures: BTreeMap::new() };
        signed(key, self.user_id, &device_key_id(self.device_id), &self.key)
    }

    /// Keys with ids that count from `from`.
    pub fn one_time_keys(&self, from: usize, count: usize) -> OneTimeKeys {
        let ids = (from..from + count).map(|id| format!("signed_curve25519:{id:04}"));
        ids.map(|id| (id, self.one_time_key(false))).collect()
    }

    pub fn fallback_key(&self, id: &str) -> OneTimeKeys {
        BTreeMap::from([(format!("signed_curve25519:{id}"), self.one_time_key(true))])
    }
}

impl Home {
    /// An account that is not registered yet, and its first device.
    pub fn new() -> (Self, Phone) {
        let user_id = UserId(SystemEntropy.uuid());
        let [master, self_signing] = [(); 2].map(|()| SigningKey::from_bytes(&random()));
        let username = format!("u{}", &user_id.0.simple().to_string()[..20]);
        let phone = Phone::new(user_id);
        let list = DeviceList {
            user_id,
            version: 1,
            prev_hash: None,
            devices: vec![phone.listed()],
            revoked: vec![],
            author: ListAuthor::Master,
            signatures: BTreeMap::new(),
        };
        let mut home = Self { user_id, username, master, self_signing, list };
        home.list = home.sign_by_master(home.list.clone());
        (home, phone)
    }

    /// Registers an account with `keys` one-time keys.
    pub async fn register(world: &World, keys: usize) -> (Self, Phone, SessionResponse) {
        let (home, phone) = Self::new();
        let session = world.service.register(&home.registration(&phone, keys)).await.unwrap();
        (home, phone, session)
    }

    pub fn registration(&self, phone: &Phone, keys: usize) -> RegisterRequest {
        RegisterRequest {
            username: self.username.clone(),
            password: PASSWORD.into(),
            device: Phone::named("first"),
            master_key: self.cross_key(&self.master, KeyUsage::Master),
            self_signing_key: self.self_signing_key(),
            device_keys: self.certify(phone),
            device_list: self.list.clone(),
            one_time_keys: phone.one_time_keys(0, keys),
            fallback_key: phone.fallback_key("fallback"),
            recovery_bundle: vec![7; 64].into(),
            account_type: AccountType::Person,
        }
    }

    /// The same account with other keys and a list that begins anew with this device.
    pub fn reborn(&self, phone: &Phone) -> Self {
        let [master, self_signing] = [(); 2].map(|()| SigningKey::from_bytes(&random()));
        let list = DeviceList {
            user_id: self.user_id,
            version: 1,
            prev_hash: None,
            devices: vec![phone.listed()],
            revoked: vec![],
            author: ListAuthor::Master,
            signatures: BTreeMap::new(),
        };
        let mut home = Self { user_id: self.user_id, username: self.username.clone(), master, self_signing, list };
        home.list = home.sign_by_master(home.list.clone());
        home
    }

    pub fn reset(&self, phone: &Phone) -> ResetIdentityRequest {
        ResetIdentityRequest {
            master_key: self.cross_key(&self.master, KeyUsage::Master),
            self_signing_key: self.self_signing_key(),
            device_keys: self.certify(phone),
            device_list: self.list.clone(),
            recovery_bundle: vec![9; 64].into(),
            recovery_key: None,
        }
    }

    fn cross_key(&self, key: &SigningKey, usage: KeyUsage) -> CrossSigningKey {
        let keys = BTreeMap::from([(cross_key_id(&public(key)), public(key))]);
        CrossSigningKey { user_id: self.user_id, usage: vec![usage], keys, signatures: BTreeMap::new() }
    }

    fn self_signing_key(&self) -> CrossSigningKey {
        let key = self.cross_key(&self.self_signing, KeyUsage::SelfSigning);
        signed(key, self.user_id, &cross_key_id(&public(&self.master)), &self.master)
    }

    /// The device's keys, signed by itself and the account.
    pub fn certify(&self, phone: &Phone) -> DeviceKeys {
        let own = device_key_id(phone.device_id);
        let keys = DeviceKeys {
            user_id: phone.user_id,
            device_id: phone.device_id,
            algorithms: vec![ALGORITHM_OLM.into(), ALGORITHM_MEGOLM.into()],
            keys: BTreeMap::from([
                (own.clone(), public(&phone.key)),
                (format!("curve25519:{}", phone.device_id), phone.curve25519.clone()),
            ]),
            signatures: BTreeMap::new(),
        };
        let keys = signed(keys, self.user_id, &own, &phone.key);
        signed(keys, self.user_id, &cross_key_id(&public(&self.self_signing)), &self.self_signing)
    }

    /// The next entry, signed by the account and its author; it is not the head until [`Self::accept`].
    pub fn next(&self, add: Option<&Phone>, revoke: Option<DeviceId>, author: &Phone) -> DeviceList {
        let by = ListAuthor::Device(author.device_id);
        self.sign_by_device(next_entry(&self.list, add.map(Phone::listed), revoke, by).unwrap(), author)
    }

    /// The next entry with its author alone.
    pub fn alone(&self, author: &Phone) -> DeviceList {
        let mut entry = next_entry(&self.list, None, None, ListAuthor::Device(author.device_id)).unwrap();
        let (stay, gone): (Vec<_>, Vec<_>) =
            entry.devices.into_iter().partition(|device| device.device_id == author.device_id);
        entry.devices = stay;
        entry.revoked.extend(gone);
        entry.revoked.sort();
        self.sign_by_device(entry, author)
    }

    fn sign_by_device(&self, entry: DeviceList, author: &Phone) -> DeviceList {
        let entry = signed(entry, self.user_id, &device_key_id(author.device_id), &author.key);
        signed(entry, self.user_id, &cross_key_id(&public(&self.self_signing)), &self.self_signing)
    }

    /// The next entry by the master key.
    pub fn next_by_master(&self, add: Option<&Phone>, revoke: Option<DeviceId>) -> DeviceList {
        self.sign_by_master(next_entry(&self.list, add.map(Phone::listed), revoke, ListAuthor::Master).unwrap())
    }

    /// Signs an entry by the account and its master key.
    pub fn sign_by_master(&self, entry: DeviceList) -> DeviceList {
        let entry = signed(entry, self.user_id, &cross_key_id(&public(&self.self_signing)), &self.self_signing);
        signed(entry, self.user_id, &cross_key_id(&public(&self.master)), &self.master)
    }

    pub fn accept(&mut self, entry: DeviceList) {
        self.list = entry;
    }

    /// The recovery key's public half, signed by the master key.
    pub fn recovery_key(&self, version: i64) -> RecoveryPublicKey {
        let (user_id, signatures) = (self.user_id, BTreeMap::new());
        let key = RecoveryPublicKey { user_id, version, curve25519: curve25519(), signatures };
        signed(key, self.user_id, &cross_key_id(&public(&self.master)), &self.master)
    }

    /// A backup's descriptor by a device.
    pub fn backup(&self, version: i64, recovery_version: i64, author: &Phone) -> BackupDescriptor {
        let by = ListAuthor::Device(author.device_id);
        let descriptor = self.unsigned_backup(version, recovery_version, by);
        let descriptor = signed(descriptor, self.user_id, &device_key_id(author.device_id), &author.key);
        signed(descriptor, self.user_id, &cross_key_id(&public(&self.self_signing)), &self.self_signing)
    }

    /// A backup's descriptor by the master key.
    pub fn backup_by_master(&self, version: i64, recovery_version: i64) -> BackupDescriptor {
        let descriptor = self.unsigned_backup(version, recovery_version, ListAuthor::Master);
        signed(descriptor, self.user_id, &cross_key_id(&public(&self.master)), &self.master)
    }

    pub fn unsigned_backup(&self, version: i64, recovery_version: i64, author: ListAuthor) -> BackupDescriptor {
        BackupDescriptor {
            user_id: self.user_id,
            version,
            algorithm: ALGORITHM_BACKUP.into(),
            key_hash: random::<32>().to_vec().into(),
            recovery_version,
            sealed_key: vec![1; 80].into(),
            author,
            signatures: BTreeMap::new(),
        }
    }

    pub fn login(&self) -> LoginRequest {
        LoginRequest {
            username: self.username.clone(),
            password: PASSWORD.into(),
            known_device: None,
            new_device: None,
        }
    }

    pub fn comes_in(&self) -> NewMember {
        NewMember { user_id: self.user_id, master_key: public(&self.master), role: Role::Admin }
    }
}

/// Makes the direct conversation of two people.
pub async fn direct(world: &World, by: (&Home, &Phone), claims: &AccessClaims, with: &Home) -> ConversationId {
    let conversation_id = ConversationId(SystemEntropy.uuid());
    let mut members = vec![by.0.comes_in(), with.comes_in()];
    members.sort_by_key(|member| member.user_id);
    let change = MembershipChange {
        conversation_id,
        index: 1,
        prev_hash: None,
        action: MembershipAction::Create { kind: ConversationKind::Direct, members },
        actor_user_id: by.0.user_id,
        actor_device_id: by.1.device_id,
        signatures: BTreeMap::new(),
    };
    let change = signed(change, by.0.user_id, &device_key_id(by.1.device_id), &by.1.key);
    world.service.create_conversation(claims, &change).await.unwrap().conversation_id
}
