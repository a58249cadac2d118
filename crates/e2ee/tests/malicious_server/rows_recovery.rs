//! Row 37: what a replaced recovery key opens, and what is in the bundle.

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_e2ee::{Alarm, BackupStanding, E2eeError, Machine, RecoveryKey, sealed};
use sotto_protocol::{
    Base64Bytes,
    backup::{BackupDescriptor, BackupSession},
    recovery::RecoveryResponse,
};

use crate::{Client, Server, attacker::Attacker, client::uuid, rows_backup::signed};

struct Owner {
    server: Server,
    alice: Client,
    key: RecoveryKey,
    bundle: Base64Bytes,
}

fn owner(seed: u64) -> Owner {
    let (mut server, mut rng) = (Server::default(), StdRng::seed_from_u64(seed));
    let (user_id, device_id) = (uuid(&mut rng).into(), uuid(&mut rng).into());
    let registration = Machine::register(&mut rng, user_id, device_id, 0).unwrap();
    server.register(&registration.keys);
    let (key, bundle) = (registration.recovery_key.clone(), registration.keys.recovery_bundle.clone());
    let mut alice = Client::new(registration.machine, rng);
    alice.persist();
    Owner { server, alice, key, bundle }
}

#[test]
fn row_37_a_replaced_recovery_key_does_not_come_back_under_a_newer_descriptor() {
    let Owner { mut alice, key, bundle, .. } = owner(9);
    // As if the server had kept requests of this device that it refused, with a recovery key that its owner gave up.
    let mut kept = Machine::load(alice.records.clone()).unwrap();
    let mut forked = Machine::load(alice.records.clone()).unwrap();
    let replaced = alice.machine.replace_recovery_key(&key, &bundle, 1, &mut alice.rng).unwrap();
    alice.machine.recovery_key_stored(&replaced.recovery_key).unwrap();
    let current = alice.start_backup();
    let mut rng = StdRng::seed_from_u64(5);
    let fork = forked.replace_recovery_key(&key, &bundle, 1, &mut rng).unwrap();
    forked.recovery_key_stored(&fork.recovery_key).unwrap();
    for machine in [&mut kept, &mut forked] {
        let newer = machine.start_backup(current.version, &mut rng).unwrap();
        machine.backup_begun();
        assert!(newer.version > current.version);
        let recovery_key = machine.recovery_public_key().unwrap().clone();
        let standing = machine.receive_backup_descriptor(&recovery_key, &newer);
        assert_eq!(standing, BackupStanding::Held, "so the next line proves something");
        let standing = alice.machine.receive_backup_descriptor(&recovery_key, &newer);
        assert_eq!(standing, BackupStanding::Refused, "{recovery_key:?}");
        assert!(matches!(alice.machine.take_alarms()[..], [Alarm::BackupRefused { version: 2 }]));
    }
    assert_eq!(alice.machine.backup_version(), current.version);
}

#[test]
fn row_37_a_recovered_device_takes_no_other_recovery_key_than_the_one_that_was_typed() {
    let Owner { mut server, mut alice, key, bundle } = owner(9);
    let mut rng = StdRng::seed_from_u64(5);
    let second = alice.machine.replace_recovery_key(&key, &bundle, 1, &mut rng).unwrap();
    let second_key = alice.machine.recovery_key_stored(&second.recovery_key).unwrap();
    let given_up = alice.start_backup();
    let bundle = second.recovery_bundle.clone().unwrap();
    let third = alice.machine.replace_recovery_key(&second_key, &bundle, 2, &mut rng).unwrap();
    let third_key = alice.machine.recovery_key_stored(&third.recovery_key).unwrap();
    let current = alice.start_backup();
    let mut fresh = Machine::new_unlinked(alice.user_id(), uuid(&mut rng).into()).unwrap();
    let identity = server.identity(alice.user_id()).unwrap();
    let recovery_bundle = third.recovery_bundle.clone().unwrap();
    let complete = fresh.recover(&third_key, &RecoveryResponse { recovery_bundle, identity }, 0).unwrap();
    server.extend_list(complete.device_list, Some(complete.device_keys));
    fresh.receive_identities(vec![server.identity(alice.user_id()).unwrap()]);
    // Newer than version 1, and signed by the master key once.
    assert!(!fresh.receive_recovery_key(&second.recovery_key));
    assert_eq!(fresh.receive_backup_descriptor(&second.recovery_key, &given_up), BackupStanding::Refused);
    assert_eq!(fresh.receive_backup_descriptor(&third.recovery_key, &current), BackupStanding::NoKey);
    assert!(fresh.open_backup(&third_key).is_ok());
    assert!(!fresh.receive_recovery_key(&second.recovery_key));
}

#[test]
fn row_37_another_accounts_bundle_recovers_nothing() {
    let (ada, eve) = (owner(9), owner(10));
    let mut rng = StdRng::seed_from_u64(5);
    let (user_id, device_id) = (ada.alice.user_id(), uuid(&mut rng).into());
    let identity = || ada.server.identity(user_id).unwrap();
    let recover = |key: &RecoveryKey, response: RecoveryResponse| {
        Machine::new_unlinked(user_id, device_id).unwrap().recover(key, &response, 0).err()
    };
    let honest = RecoveryResponse { recovery_bundle: ada.bundle.clone(), identity: identity() };
    assert!(recover(&ada.key, honest).is_none());
    // Whoever typed Eve's key with Ada's name, and a server that helps.
    let bundle = RecoveryResponse { recovery_bundle: eve.bundle.clone(), identity: identity() };
    assert!(matches!(recover(&eve.key, bundle), Some(E2eeError::WrongRecoveryKey)));
    let mut foreign = eve.server.identity(eve.alice.user_id()).unwrap();
    foreign.user_id = user_id;
    let swapped = RecoveryResponse { recovery_bundle: ada.bundle.clone(), identity: foreign };
    assert!(recover(&ada.key, swapped).is_some());
    let mut shorter = identity();
    shorter.lists.clear();
    assert!(recover(&ada.key, RecoveryResponse { recovery_bundle: ada.bundle.clone(), identity: shorter }).is_some());
    let mut altered = ada.bundle.clone();
    altered.0[40] ^= 1;
    assert!(recover(&ada.key, RecoveryResponse { recovery_bundle: altered, identity: identity() }).is_some());
}

#[test]
fn row_37_a_backup_key_counts_only_if_the_descriptor_names_it() {
    let (mut server, mut alice, _, id) = crate::pair();
    let descriptor = alice.start_backup();
    let recovery_key = alice.machine.recovery_public_key().unwrap().clone();
    alice.persist();
    let mut second = alice.link(&mut server, 11);
    second.fetch_roster(&server, id);
    let standing = second.machine.receive_backup_descriptor(&recovery_key, &descriptor);
    assert_eq!(standing, BackupStanding::NoKey);
    let attacker = Attacker::of(&alice);
    let right = attacker.record["backup"]["keys"][0].clone();
    let mut other_version = right.clone();
    other_version["version"] = 2.into();
    let made_up = json!({"version": 1, "key": Base64Bytes(vec![7; 32])});
    for (key, counts) in [(made_up, false), (other_version, false), (right, true)] {
        let payload = attacker.payload(&second, id, json!({"type": "backup_key", "key": key}));
        attacker.deliver(&mut server, &second, id, &payload);
        second.sync_inbox(&mut server);
        assert_eq!(second.machine.holds_backup_key(), counts, "{key}");
    }
}

#[test]
fn row_37_a_sealed_key_that_is_not_the_named_one_is_not_opened() {
    let Owner { mut alice, key, .. } = owner(9);
    let honest = alice.machine.start_backup(0, &mut alice.rng).unwrap();
    let recovery_key = alice.machine.recovery_public_key().unwrap().clone();
    let alone = |descriptor: &BackupDescriptor| {
        let mut fresh = Machine::load(alice.records.clone()).unwrap();
        let standing = fresh.receive_backup_descriptor(&recovery_key, descriptor);
        assert_eq!(standing, BackupStanding::NoKey, "its key is not here");
        let other = RecoveryKey::random(&mut StdRng::seed_from_u64(6));
        assert!(matches!(fresh.open_backup(&other), Err(E2eeError::WrongRecoveryKey)));
        let opened = fresh.open_backup(&key).is_ok();
        assert_eq!(opened, fresh.holds_backup_key());
        opened
    };
    assert!(alone(&honest));
    let another = BackupDescriptor { key_hash: vec![7; 32].into(), ..honest.clone() };
    assert!(!alone(&signed(&another, &alice, None)));
    let moved = BackupDescriptor { version: 2, ..honest.clone() };
    assert!(!alone(&signed(&moved, &alice, None)), "sealed for another version");
}

fn fields(fields: &[&[u8]]) -> Vec<u8> {
    let field = |field: &&[u8]| [&u32::try_from(field.len()).unwrap().to_be_bytes()[..], *field].concat();
    fields.iter().flat_map(field).collect()
}

#[test]
fn row_37_an_entry_holds_the_session_that_it_names() {
    let (mut server, mut alice, mut bob, id) = crate::pair();
    bob.send(&mut server, id, "one");
    alice.sync(&mut server);
    alice.start_backup();
    let entry = alice.machine.backup_entries(9, &mut alice.rng).unwrap().remove(0);
    alice.persist();
    let key = &Attacker::of(&alice).record["backup"]["keys"][0]["key"];
    let key: [u8; 32] = Base64Bytes::from_base64(key.as_str().unwrap()).unwrap().0.try_into().unwrap();
    let context = |session_id: &str| {
        let user_id = alice.user_id().to_string();
        fields(&[b"sotto-backup-entry-v1", user_id.as_bytes(), &1i64.to_be_bytes(), session_id.as_bytes()])
    };
    let plaintext = sealed::open(&key, &context(&entry.session_id.to_base64()), &entry.data.0).unwrap();
    // By a device that has the key: the same session under another name.
    let named = Base64Bytes(vec![7; 32]);
    let data = sealed::seal(&key, &context(&named.to_base64()), &plaintext, &mut StdRng::seed_from_u64(1)).unwrap();
    let moved = BackupSession { session_id: named.clone(), data: data.into(), ..entry.clone() };
    let import = alice.machine.receive_backup(&[moved, entry], 0).unwrap();
    assert_eq!((import.refused, import.known), (vec![named.to_base64()], 1));
}
