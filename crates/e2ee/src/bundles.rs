//! What a recovery bundle has to hold, whoever sealed it with the right key.

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_identity::cross_key_id;
use sotto_protocol::{Base64Bytes, keys::UserIdentity, recovery::RecoveryResponse};
use uuid::Uuid;

use crate::{E2eeError, Machine, RecoveryKey, recovery::seal_bundle, sealed, secrets::Seed, vectors::Fixed};

struct Account {
    identity: UserIdentity,
    master: Seed,
    self_signing: Seed,
    key: RecoveryKey,
}

fn account() -> Account {
    let (user_id, device_id) = (Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
    let registered = Machine::register(&mut StdRng::seed_from_u64(1), user_id, device_id, 0).unwrap();
    let (keys, key) = (registered.keys, registered.recovery_key);
    let context = format!("sotto-recovery-v1:{user_id}");
    let bundle = sealed::open(key.bundle_key().as_bytes(), context.as_bytes(), &keys.recovery_bundle.0).unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&bundle).unwrap();
    let seed = |name: &str| serde_json::from_value(bundle[name].clone()).unwrap();
    let identity = UserIdentity {
        user_id,
        master_key: keys.master_key,
        self_signing_key: keys.self_signing_key,
        lists: vec![keys.device_list],
        device_keys: vec![keys.device_keys],
    };
    Account { identity, master: seed("master"), self_signing: seed("self_signing"), key }
}

impl Account {
    fn recover(&self, recovery_bundle: Base64Bytes) -> Option<E2eeError> {
        let mut machine = Machine::new_unlinked(self.identity.user_id, Uuid::from_u128(4).into()).unwrap();
        let response = RecoveryResponse { recovery_bundle, identity: self.identity.clone() };
        machine.recover(&self.key, &response, 0).err()
    }

    fn sealed(&self, master: &Seed, self_signing: &Seed) -> Base64Bytes {
        seal_bundle(&self.key, self.identity.user_id, master, self_signing, &mut Fixed(9)).unwrap()
    }
}

#[test]
fn a_bundle_holds_both_private_keys_of_the_account() {
    let account = account();
    let other = Seed::from_slice(&[8; 32]).unwrap();
    assert!(account.recover(account.sealed(&account.master, &account.self_signing)).is_none());
    for bundle in [account.sealed(&other, &account.self_signing), account.sealed(&account.master, &other)] {
        assert!(matches!(account.recover(bundle), Some(E2eeError::WrongMasterKey)));
    }
}

#[test]
fn a_bundle_says_whose_it_is_and_of_which_version() {
    let account = account();
    let user_id = account.identity.user_id;
    let context = format!("sotto-recovery-v1:{user_id}");
    let seal = |v: u8, user_id: Uuid| {
        let bundle =
            json!({"v": v, "user_id": user_id, "master": account.master, "self_signing": account.self_signing});
        let bytes = bundle.to_string().into_bytes();
        Base64Bytes(
            sealed::seal(account.key.bundle_key().as_bytes(), context.as_bytes(), &bytes, &mut Fixed(9)).unwrap(),
        )
    };
    assert!(account.recover(seal(1, user_id.0)).is_none());
    for bundle in [seal(2, user_id.0), seal(1, Uuid::from_u128(66))] {
        assert!(matches!(account.recover(bundle), Some(E2eeError::WrongRecoveryKey)));
    }
}

#[test]
fn an_account_that_is_pinned_is_not_replaced_by_another() {
    let account = account();
    let mut machine = Machine::new_unlinked(account.identity.user_id, Uuid::from_u128(4).into()).unwrap();
    let other = Seed::from_slice(&[8; 32]).unwrap().public();
    let mut foreign = account.identity.master_key.clone();
    foreign.keys = [(cross_key_id(&other), other)].into();
    assert!(machine.pin_master_key(&foreign));
    let recovery_bundle = account.sealed(&account.master, &account.self_signing);
    let response = RecoveryResponse { recovery_bundle, identity: account.identity.clone() };
    assert!(matches!(machine.recover(&account.key, &response, 0), Err(E2eeError::WrongMasterKey)));
}
