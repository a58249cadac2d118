//! The backup when devices leave or two begin one at once, and an account's new identity.

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{Alarm, BackupStanding, BlockReason, InboxOutcome, Machine, SendStep, Trust};
use sotto_protocol::{
    backup::{BackupDescriptor, RecoveryPublicKey},
    identity::ResetIdentityRequest,
    recovery::RecoveryResponse,
};

use crate::{Client, Server, client::uuid, pair};

fn published(client: &Client) -> RecoveryPublicKey {
    client.machine.recovery_public_key().unwrap().clone()
}

/// Alice's second device began the backup, and both hold its key.
fn begun_by_the_second() -> (Server, Client, Client, Client, BackupDescriptor) {
    let (mut server, mut alice, mut bob, id) = pair();
    let mut second = alice.link(&mut server, 11);
    second.fetch_roster(&server, id);
    alice.query(&server, &[alice.user_id()]);
    alice.fetch_roster(&server, id);
    assert!(second.machine.receive_recovery_key(&published(&alice)));
    let descriptor = second.start_backup();
    assert_eq!(second.machine.share_backup_key().unwrap(), Some(id));
    assert_eq!(second.machine.share_backup_key().unwrap(), None, "told once");
    second.flush(&mut server, id);
    alice.sync_inbox(&mut server);
    assert!(alice.inbox.iter().any(|outcome| matches!(outcome, InboxOutcome::BackupKey)));
    let standing = alice.machine.receive_backup_descriptor(&published(&alice), &descriptor);
    assert_eq!(standing, BackupStanding::Held);
    bob.send(&mut server, id, "one");
    alice.sync(&mut server);
    (server, alice, bob, second, descriptor)
}

#[test]
fn row_37_nothing_is_written_under_a_key_that_left_with_a_device() {
    let (mut server, mut alice, _, second, descriptor) = begun_by_the_second();
    assert!(alice.machine.backup_lacks());
    // Its owner signs it out: nobody starts a new backup for this device.
    let list = second.machine.revoke_device(second.device_id()).unwrap();
    server.extend_list(list, None);
    alice.query(&server, &[alice.user_id()]);
    assert!(alice.machine.backup_is_outdated() && !alice.machine.backup_lacks());
    assert!(alice.machine.backup_entries(9, &mut alice.rng).is_err());
    assert!(alice.machine.share_backup_key().is_err());
    let standing = alice.machine.receive_backup_descriptor(&published(&alice), &descriptor);
    assert_eq!(standing, BackupStanding::AuthorLeft);
    alice.persist();
    assert!(!alice.has_alarm(|alarm| matches!(alarm, Alarm::BackupRefused { .. })), "honest servers show it");
    assert!(alice.machine.backup_is_outdated(), "it is not taken again");
    let next = alice.start_backup();
    assert_eq!(next.version, 2);
    assert!(!alice.machine.backup_is_outdated());
    assert_eq!(alice.machine.backup_entries(9, &mut alice.rng).unwrap().len(), 1);
}

#[test]
fn row_37_a_device_that_left_begins_no_backup_that_is_taken() {
    let (mut server, mut alice, _, second, descriptor) = begun_by_the_second();
    let mut thief = second;
    let higher = thief.machine.start_backup(7, &mut thief.rng).unwrap();
    let list = alice.machine.revoke_device(thief.device_id()).unwrap();
    server.extend_list(list, None);
    alice.query(&server, &[alice.user_id()]);
    let standing = alice.machine.receive_backup_descriptor(&published(&alice), &higher);
    assert_eq!(standing, BackupStanding::AuthorLeft);
    assert_eq!(alice.machine.backup_version(), descriptor.version);
    let mut altered = higher.clone();
    altered.sealed_key.0[3] ^= 1;
    let standing = alice.machine.receive_backup_descriptor(&published(&alice), &altered);
    assert_eq!(standing, BackupStanding::Refused, "not even signed by who left");
    assert_eq!(alice.machine.start_backup(higher.version, &mut alice.rng).unwrap().version, 9);
}

#[test]
fn a_backup_counts_when_the_server_has_it_and_the_first_of_two_wins() {
    let (mut server, mut alice, _, id) = pair();
    let mut second = alice.link(&mut server, 11);
    second.fetch_roster(&server, id);
    let key = published(&alice);
    assert!(second.machine.receive_recovery_key(&key));
    let ours = alice.machine.start_backup(0, &mut alice.rng).unwrap();
    alice.persist();
    assert!(!alice.machine.holds_backup_key(), "the server may refuse it");
    assert_eq!(alice.machine.start_backup(0, &mut alice.rng).unwrap(), ours, "the same bytes again");
    // The answer was lost: what the server shows is the answer.
    let mut informed = alice.reloaded(5);
    assert_eq!(informed.machine.receive_backup_descriptor(&key, &ours), BackupStanding::Held);
    assert_eq!(informed.machine.backup_to_read(), None, "it wrote it");
    // Or the other one was first.
    let theirs = second.start_backup();
    assert_eq!(alice.machine.receive_backup_descriptor(&key, &theirs), BackupStanding::NoKey);
    assert_eq!(alice.machine.start_backup(0, &mut alice.rng).unwrap().version, 2);
    alice.machine.backup_given_up();
    assert_eq!(alice.machine.backup_version(), 1);
}

#[test]
fn row_37_only_the_accounts_published_recovery_key_is_taken() {
    let (mut server, mut alice, bob, _) = pair();
    let mut second = alice.link(&mut server, 11);
    let honest = published(&alice);
    assert!(!second.machine.receive_recovery_key(&published(&bob)), "somebody else's");
    let altered = RecoveryPublicKey { version: 2, ..honest.clone() };
    assert!(!second.machine.receive_recovery_key(&altered), "not signed");
    assert!(second.machine.recovery_public_key().is_none());
    second.persist();
    assert!(second.has_alarm(|alarm| matches!(alarm, Alarm::BackupRefused { .. })));
    assert!(second.machine.receive_recovery_key(&honest));
}

/// The server takes in a new identity.
fn takes(server: &mut Server, request: &ResetIdentityRequest) {
    let user_id = request.device_keys.user_id;
    let account = server.accounts.get_mut(&user_id).unwrap();
    account.master_key = request.master_key.clone();
    account.self_signing_key = request.self_signing_key.clone();
    account.lists.clear();
    account.device_keys.clear();
    server.extend_list(request.device_list.clone(), Some(request.device_keys.clone()));
}

#[test]
fn a_new_identity_blocks_contacts_until_they_accept_it_and_then_reaches_them_again() {
    let (mut server, mut alice, mut bob, id) = pair();
    bob.sync(&mut server);
    bob.query(&server, &[alice.user_id()]);
    alice.link(&mut server, 11);
    alice.query(&server, &[alice.user_id()]);
    alice.start_backup();
    let before = alice.machine.master_key(alice.user_id()).unwrap().to_owned();
    let request = alice.machine.reset_identity(1, &mut alice.rng).unwrap();
    alice.persist();
    assert_eq!(alice.machine.reset_identity(1, &mut alice.rng).unwrap(), request, "the same bytes again");
    assert!(alice.machine.take_reset_key().is_none(), "the server does not have it yet");
    takes(&mut server, &request);
    alice.machine.identity_reset();
    alice.persist();
    let recovery_key = alice.machine.take_reset_key().unwrap();
    assert!(alice.machine.take_reset_key().is_none());
    assert_ne!(alice.machine.master_key(alice.user_id()).unwrap(), before);
    assert_eq!(alice.machine.devices_of(alice.user_id()).len(), 1);
    alice.query(&server, &[alice.user_id()]);
    assert!(alice.alarms.is_empty(), "{:?}", alice.alarms);

    bob.queue(id, "secret");
    let step = bob.flush(&mut server, id);
    assert!(matches!(step, SendStep::Blocked(BlockReason::Violated(_))), "{step:?}");
    assert_eq!(bob.machine.trust(alice.user_id()), Trust::Violated);
    alice.sync(&mut server);
    assert!(alice.texts().is_empty());
    let shown = bob.machine.offered_master_key(alice.user_id()).unwrap().to_owned();
    assert!(bob.machine.accept_new_master_key(alice.user_id(), &shown));
    assert!(matches!(bob.flush(&mut server, id), SendStep::Idle));
    alice.sync(&mut server);
    assert_eq!(alice.texts(), ["secret"]);
    alice.send(&mut server, id, "it is me");
    bob.sync(&mut server);
    assert!(bob.texts().contains(&"it is me".to_owned()), "{:?}", bob.events);
    for client in [&alice, &bob] {
        assert!(!client.has_alarm(|alarm| matches!(alarm, Alarm::MemberKeyMismatch { .. })));
    }

    // The new recovery key recovers the new account.
    let identity = server.identity(alice.user_id()).unwrap();
    let response = RecoveryResponse { recovery_bundle: request.recovery_bundle.clone(), identity };
    let mut fresh = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
    fresh.recover(&recovery_key, &response, 0).unwrap();
}

#[test]
fn a_new_identity_whose_answer_was_lost_is_found_and_a_refused_one_changes_nothing() {
    let (mut server, mut alice, _, _) = pair();
    let before = alice.machine.master_key(alice.user_id()).unwrap().to_owned();
    assert!(!alice.machine.is_resetting());
    alice.machine.reset_identity(0, &mut alice.rng).unwrap();
    assert!(alice.machine.is_resetting());
    alice.machine.reset_given_up();
    assert!(!alice.machine.is_resetting());
    alice.persist();
    alice.query(&server, &[alice.user_id()]);
    assert_eq!(alice.machine.master_key(alice.user_id()).unwrap(), before);
    let request = alice.machine.reset_identity(0, &mut alice.rng).unwrap();
    alice.persist();
    takes(&mut server, &request);
    let mut again = alice.reloaded(3);
    assert!(again.machine.is_resetting());
    again.query(&server, &[again.user_id()]);
    assert!(again.alarms.is_empty(), "{:?}", again.alarms);
    assert!(!again.machine.is_resetting(), "the server has it");
    assert_ne!(again.machine.master_key(again.user_id()).unwrap(), before);
    assert!(again.machine.take_reset_key().is_some());
    // Another identity than the one that it asked for stays an alarm.
    let mut other = StdRng::seed_from_u64(70);
    let device_id = uuid(&mut other).into();
    let impostor = Machine::register(&mut other, alice.user_id(), device_id, 0).unwrap();
    server.register(&impostor.keys);
    alice.query(&server, &[alice.user_id()]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
    assert_eq!(alice.machine.master_key(alice.user_id()).unwrap(), before);
}

#[test]
fn one_entry_leaves_this_device_alone() {
    let (mut server, mut alice, _, _) = pair();
    assert!(alice.machine.revoke_others().unwrap().is_none());
    alice.link(&mut server, 11);
    alice.link(&mut server, 12);
    alice.query(&server, &[alice.user_id()]);
    let list = alice.machine.revoke_others().unwrap().unwrap();
    assert_eq!((list.devices.len(), list.revoked.len()), (1, 2));
    server.extend_list(list, None);
    alice.query(&server, &[alice.user_id()]);
    assert_eq!(alice.machine.devices_of(alice.user_id()).len(), 1);
    assert!(alice.machine.is_linked());
}
