//! Row 37: the published recovery key and the descriptor of the key backup.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use sotto_identity::{
    BackupError, SignatureError, Signed, check_descriptor, check_recovery_key, cross_key_id, device_key_id, sign,
};
use sotto_protocol::{
    backup::{ALGORITHM_BACKUP, BackupDescriptor, RecoveryPublicKey},
    keys::{DeviceList, ListAuthor},
};

use crate::support::{Account, Device, public};

struct Cast {
    ada: Account,
    phone: Device,
    lost: Device,
    head: DeviceList,
    recovery_key: RecoveryPublicKey,
}

fn signed<T: Signed>(mut object: T, account: &Account, by: &[(String, &SigningKey)]) -> T {
    object.signatures_mut().clear();
    for (key_id, key) in by {
        sign(&mut object, account.user_id, key_id, |bytes| key.sign(bytes).to_bytes()).unwrap();
    }
    object
}

fn cast() -> Cast {
    let (ada, phone, lost) = (Account::new(2), Device::new(7), Device::new(8));
    let mut head = ada.first(&phone);
    head.revoked = vec![lost.listed()];
    let recovery_key = RecoveryPublicKey {
        user_id: ada.user_id,
        version: 3,
        curve25519: Device::new(9).listed().curve25519,
        signatures: BTreeMap::new(),
    };
    let by = [(cross_key_id(&public(&ada.master)), &ada.master)];
    let recovery_key = signed(recovery_key, &ada, &by);
    Cast { ada, phone, lost, head, recovery_key }
}

impl Cast {
    fn unsigned(&self, author: ListAuthor) -> BackupDescriptor {
        BackupDescriptor {
            user_id: self.ada.user_id,
            version: 1,
            algorithm: ALGORITHM_BACKUP.to_owned(),
            key_hash: vec![1; 32].into(),
            recovery_version: 3,
            sealed_key: vec![2; 100].into(),
            author,
            signatures: BTreeMap::new(),
        }
    }

    fn by_account(&self) -> (String, &SigningKey) {
        (cross_key_id(&public(&self.ada.self_signing)), &self.ada.self_signing)
    }

    fn by_master(&self) -> (String, &SigningKey) {
        (cross_key_id(&public(&self.ada.master)), &self.ada.master)
    }

    /// Signed as a device does it.
    fn by(&self, device: &Device, descriptor: BackupDescriptor) -> BackupDescriptor {
        let by_device = (device_key_id(device.device_id), &device.ed25519);
        signed(descriptor, &self.ada, &[self.by_account(), by_device])
    }

    fn check(&self, descriptor: &BackupDescriptor) -> Result<(), BackupError> {
        check_descriptor(descriptor, &self.head, &self.ada.cross_signing(), &self.recovery_key)
    }
}

#[test]
fn row_37_a_recovery_key_is_published_by_the_master_key_alone() {
    let cast = cast();
    let account = cast.ada.cross_signing();
    let check = |key: &RecoveryPublicKey| check_recovery_key(key, &account).err();
    assert!(check(&cast.recovery_key).is_none());
    let key = || cast.recovery_key.clone();
    let bob = RecoveryPublicKey { user_id: Account::new(3).user_id, ..key() };
    assert!(matches!(check(&signed(bob, &cast.ada, &[cast.by_master()])), Some(BackupError::WrongUser)));
    let by_account = signed(key(), &cast.ada, &[cast.by_account()]);
    assert!(matches!(check(&by_account), Some(BackupError::Signature(SignatureError::Unexpected))));
    let more = signed(key(), &cast.ada, &[cast.by_master(), cast.by_account()]);
    assert!(matches!(check(&more), Some(BackupError::Signature(SignatureError::Unexpected))));
    let thief = signed(key(), &cast.ada, &[(cast.by_master().0, &cast.lost.ed25519)]);
    assert!(matches!(check(&thief), Some(BackupError::Signature(SignatureError::Wrong(_)))));
    assert!(check(&RecoveryPublicKey { version: 4, ..key() }).is_some(), "the version is signed");
    let other = RecoveryPublicKey { curve25519: Device::new(10).listed().curve25519, ..key() };
    assert!(check(&other).is_some(), "the key is signed");
    let low = RecoveryPublicKey { curve25519: crate::support::base64([0; 32]), ..key() };
    assert!(matches!(check(&signed(low, &cast.ada, &[cast.by_master()])), Some(BackupError::Key(_))));
}

#[test]
fn row_37_a_descriptor_says_what_it_must() {
    let cast = cast();
    let author = ListAuthor::Device(cast.phone.device_id);
    let good = || cast.unsigned(author);
    assert!(cast.check(&cast.by(&cast.phone, good())).is_ok());
    let check = |descriptor| cast.check(&cast.by(&cast.phone, descriptor)).unwrap_err();
    let bob = Account::new(3).user_id;
    assert!(matches!(check(BackupDescriptor { user_id: bob, ..good() }), BackupError::WrongUser));
    let other = BackupDescriptor { algorithm: "sotto.backup.v2".to_owned(), ..good() };
    assert!(matches!(check(other), BackupError::Algorithm));
    for (hash, sealed) in [(31, 100), (33, 100), (32, 0), (32, 1_025)] {
        let odd = BackupDescriptor { key_hash: vec![1; hash].into(), sealed_key: vec![2; sealed].into(), ..good() };
        assert!(matches!(check(odd), BackupError::Size), "{hash} {sealed}");
    }
    for version in [2, 4] {
        let other = BackupDescriptor { recovery_version: version, ..good() };
        assert!(matches!(check(other), BackupError::OldRecoveryKey { expected: 3, .. }));
    }
}

#[test]
fn row_37_a_descriptor_is_signed_by_an_active_device_or_the_master_key() {
    let cast = cast();
    let by_device = |device: &Device| cast.unsigned(ListAuthor::Device(device.device_id));
    let by_master = || cast.unsigned(ListAuthor::Master);
    assert!(cast.check(&signed(by_master(), &cast.ada, &[cast.by_master()])).is_ok());
    let lost = cast.by(&cast.lost, by_device(&cast.lost));
    assert!(matches!(cast.check(&lost), Err(BackupError::Author)), "it holds the self-signing key still");
    let phone = (device_key_id(cast.phone.device_id), &cast.phone.ed25519);
    let refused = [
        signed(by_device(&cast.phone), &cast.ada, &[cast.by_account()]),
        signed(by_device(&cast.phone), &cast.ada, std::slice::from_ref(&phone)),
        signed(by_device(&cast.phone), &cast.ada, &[(cast.by_account().0, &cast.lost.ed25519), phone.clone()]),
        signed(by_device(&cast.phone), &cast.ada, &[cast.by_account(), (phone.0.clone(), &cast.lost.ed25519)]),
        signed(by_device(&cast.phone), &cast.ada, &[cast.by_account(), phone, cast.by_master()]),
        signed(by_master(), &cast.ada, &[(cast.by_master().0, &cast.ada.self_signing)]),
        signed(by_master(), &cast.ada, &[cast.by_account()]),
        signed(by_master(), &cast.ada, &[cast.by_master(), cast.by_account()]),
        BackupDescriptor { version: 2, ..cast.by(&cast.phone, by_device(&cast.phone)) },
    ];
    for (at, descriptor) in refused.iter().enumerate() {
        assert!(matches!(cast.check(descriptor), Err(BackupError::Signature(_))), "{at}");
    }
}
