//! Rows 1 to 5 and 12: devices, lists, master keys, one-time keys, members.

use sotto_e2ee::{Alarm, BlockReason, EventOutcome, Machine, RefusalReason, SendStep, Trust};
use sotto_identity::{device_key_id, hash, next_entry, sign};
use sotto_protocol::{
    events::{Event, EventBody},
    keys::{DeviceKeys, DeviceList, ListAuthor, UserIdentity},
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};

use rand::SeedableRng as _;

use crate::{Client, Server, client::uuid, got_envelope, pair};

#[test]
fn row_01_an_unsigned_device_gets_no_key() {
    let (mut server, mut alice, mut bob, id) = pair();
    let intruder = Machine::new_unlinked(bob.user_id(), uuid(&mut bob.rng).into()).unwrap();
    let account = server.accounts.get_mut(&bob.user_id()).unwrap();
    account.device_keys.insert(intruder.device_id(), intruder.device_keys().clone());
    server.conversations.get_mut(&id).unwrap().roster_version += 1;
    alice.fetch_roster(&server, id);
    alice.send(&mut server, id, "secret");
    assert!(alice.has_alarm(
        |alarm| matches!(alarm, Alarm::UnsignedDevice { device_id, .. } if *device_id == intruder.device_id())
    ));
    assert!(got_envelope(&server, bob.device_id()));
    assert!(!got_envelope(&server, intruder.device_id()));
}

#[test]
fn row_01_a_list_that_the_server_extends_by_itself_is_refused() {
    let (mut server, mut alice, mut bob, id) = pair();
    let intruder = Client::register(&mut server, 66);
    let listed = intruder.machine.devices_of(intruder.user_id()).remove(0);
    let head = server.accounts[&bob.user_id()].lists[0].clone();
    let list = next_entry(&head, Some(listed), None, ListAuthor::Device(bob.device_id())).unwrap();
    server.extend_list(list, Some(intruder.machine.device_keys().clone()));
    alice.send(&mut server, id, "secret");
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::ListRefused { .. })));
    assert_eq!(alice.machine.devices_of(bob.user_id()).len(), 1);
    assert!(!got_envelope(&server, intruder.device_id()));
    // Bob's own device sees it as well.
    bob.query(&server, &[bob.user_id()]);
    assert!(bob.has_alarm(|alarm| matches!(alarm, Alarm::ListRefused { .. })));
}

#[test]
fn row_01_a_device_that_is_signed_but_in_no_list_gets_no_key() {
    let (mut server, mut alice, mut bob, id) = pair();
    let unlisted = Machine::new_unlinked(bob.user_id(), uuid(&mut bob.rng).into()).unwrap();
    let certified = bob.machine.prepare_grant(unlisted.device_keys(), [0; 32], &[0; 16]).unwrap().device_keys;
    server.accounts.get_mut(&bob.user_id()).unwrap().device_keys.insert(unlisted.device_id(), certified);
    alice.send(&mut server, id, "secret");
    alice.query(&server, &[bob.user_id()]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::UnsignedDevice { .. })));
    assert!(!got_envelope(&server, unlisted.device_id()));
}

#[test]
fn row_01_a_device_that_another_own_device_linked_is_told() {
    let (mut server, mut alice, _, _) = pair();
    let mut alice2 = alice.link(&mut server, 31);
    let alice3 = alice2.link(&mut server, 32);
    alice.query(&server, &[alice.user_id()]);
    let told =
        |alarm: &Alarm| matches!(alarm, Alarm::OwnDeviceAdded { device_id, .. } if *device_id == alice3.device_id());
    assert!(alice.has_alarm(told));
    assert!(!alice2.has_alarm(told));
}

fn feed(client: &mut Client, server: &Server, of: &Client, lists: Vec<DeviceList>) {
    let mut identity = server.identity(of.user_id()).unwrap();
    identity.lists = lists;
    client.machine.receive_identities(vec![identity]);
    client.persist();
}

#[test]
fn row_02_an_old_list_a_fork_and_a_returning_device_are_refused() {
    let (mut server, mut alice, mut bob, _) = pair();
    let bob2 = bob.link(&mut server, 21);
    let first = server.accounts[&bob.user_id()].lists[0].clone();
    let fork = bob.machine.revoke_device(bob2.device_id()).unwrap();
    let bob3 = bob.link(&mut server, 23);
    alice.query(&server, &[bob.user_id()]);
    assert_eq!(alice.machine.list_version(bob.user_id()), 3);

    feed(&mut alice, &server, &bob, vec![first.clone()]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::ListRolledBack { version: 1, .. })));

    assert_eq!(fork.version, 3);
    feed(&mut alice, &server, &bob, vec![fork]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::ListForked { version: 3, .. })));

    let revoking = bob.machine.revoke_device(bob3.device_id()).unwrap();
    server.extend_list(revoking.clone(), None);
    alice.query(&server, &[bob.user_id()]);
    assert_eq!(alice.machine.list_version(bob.user_id()), 4);
    let mut returning = revoking.clone();
    returning.version = 5;
    returning.prev_hash = Some(hash(&revoking).unwrap());
    returning.devices = bob.machine.devices_of(bob.user_id());
    returning.revoked.clear();
    feed(&mut alice, &server, &bob, vec![returning]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::ListRefused { .. })));
    assert_eq!(alice.machine.list_version(bob.user_id()), 4);
    assert!(alice.machine.devices_of(bob.user_id()).iter().all(|device| device.device_id != bob3.device_id()));
}

#[test]
fn row_02_a_revoked_device_cannot_extend_the_list_with_the_self_signing_key_it_still_holds() {
    let (mut server, mut alice, mut bob, _) = pair();
    let mut thief = bob.link(&mut server, 21);
    assert!(thief.machine.holds_self_signing_key());
    let without_thief = bob.machine.revoke_device(thief.device_id()).unwrap();
    server.extend_list(without_thief.clone(), None);
    alice.query(&server, &[bob.user_id()]);
    // The thief signs an entry with both keys that it has: the account's and its own.
    let accomplice = Client::register(&mut server, 66);
    let accomplice = accomplice.machine.devices_of(accomplice.user_id()).remove(0);
    let author = ListAuthor::Device(thief.device_id());
    let mut list = next_entry(&without_thief, Some(accomplice), None, author).unwrap();
    let thief_account = crate::attacker::Attacker::of(&thief);
    let seed = thief_account.record["self_signing"].as_str().unwrap();
    let self_signing = vodozemac::Ed25519SecretKey::from_base64(seed).unwrap();
    let key_id = sotto_identity::cross_key_id(&self_signing.public_key().to_base64());
    sign(&mut list, bob.user_id(), &key_id, |bytes| self_signing.sign(bytes).to_bytes()).unwrap();
    let by_thief = device_key_id(thief.device_id());
    sign(&mut list, bob.user_id(), &by_thief, |bytes| thief_account.account.sign(bytes).to_bytes()).unwrap();
    feed(&mut alice, &server, &bob, vec![list]);
    assert!(
        alice.has_alarm(|alarm| {
            matches!(alarm, Alarm::ListRefused { reason: sotto_identity::ListError::Author, .. })
        })
    );
    assert_eq!(alice.machine.list_version(bob.user_id()), 3);
    thief.query(&server, &[bob.user_id()]);
    assert!(!thief.machine.is_linked());
}

#[test]
fn row_03_a_swapped_master_key_blocks_sending_until_a_person_accepts_it() {
    let (mut server, mut alice, bob, id) = pair();
    alice.send(&mut server, id, "before");
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse);
    let mut rng = rand::rngs::StdRng::seed_from_u64(77);
    let device_id = uuid(&mut rng).into();
    let impostor = Machine::register(&mut rng, bob.user_id(), device_id, 0).unwrap();
    server.register(&impostor.keys);
    server.conversations.get_mut(&id).unwrap().roster_version += 1;
    server.envelopes.clear();
    alice.queue(id, "secret");
    let step = alice.flush(&mut server, id);
    let SendStep::Blocked(BlockReason::Violated(users)) = step else { panic!("{step:?}") };
    assert_eq!(users, [bob.user_id()]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Violated);
    assert!(server.envelopes.is_empty());
    // The old key served again does not unblock by itself; a person does.
    let shown = alice.machine.offered_master_key(bob.user_id()).unwrap().to_owned();
    assert!(!alice.machine.accept_new_master_key(bob.user_id(), "another that came meanwhile"));
    assert!(alice.machine.accept_new_master_key(bob.user_id(), &shown));
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse);
}

#[test]
fn row_03_people_verify_each_other_by_master_key() {
    let (_, mut alice, bob, _) = pair();
    let master = bob.machine.master_key(bob.user_id()).unwrap().to_owned();
    assert!(!alice.machine.mark_verified(bob.user_id(), "another"));
    assert!(alice.machine.mark_verified(bob.user_id(), &master));
    alice.persist();
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Verified);
    alice.machine.take_back_verification(bob.user_id());
    alice.persist();
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse);
}

#[test]
fn row_03_a_pin_survives_an_identity_with_a_broken_list() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let honest = server.identity(bob.user_id()).unwrap();
    let pinned = bob.machine.master_key(bob.user_id()).unwrap().to_owned();
    assert!(alice.machine.pin_master_key(&honest.master_key));
    assert!(alice.machine.mark_verified(bob.user_id(), &pinned));
    let mut broken = honest.clone();
    broken.lists[0].devices.clear();
    alice.machine.receive_identities(vec![broken]);
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Verified);
    // Whom the server makes up in his place right after is not believed.
    let device_id = uuid(&mut alice.rng).into();
    let impostor = Machine::register(&mut alice.rng, bob.user_id(), device_id, 0).unwrap();
    server.register(&impostor.keys);
    alice.query(&server, &[bob.user_id()]);
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
    alice.persist();
    assert_eq!(alice.machine.master_key(bob.user_id()), Some(pinned.as_str()));
    assert_eq!(alice.machine.devices_of(bob.user_id()), []);
}

#[test]
fn row_04_device_keys_altered_anywhere_are_refused() {
    let mut server = Server::default();
    let bob = Client::register(&mut server, 2);
    let other = Client::register(&mut server, 3);
    let keys = bob.machine.device_keys().clone();
    let foreign = other.machine.device_keys().clone();
    let mutations: Vec<(&str, Box<dyn Fn(&mut DeviceKeys)>)> = vec![
        ("user", Box::new(|k| k.user_id = foreign.user_id)),
        ("device", Box::new(|k| k.device_id = foreign.device_id)),
        ("algorithm dropped", Box::new(|k| drop(k.algorithms.pop()))),
        ("algorithm added", Box::new(|k| k.algorithms.push("x".to_owned()))),
        ("algorithms swapped", Box::new(|k| k.algorithms.reverse())),
        ("key added", Box::new(|k| drop(k.keys.insert("ed25519:x".to_owned(), "x".to_owned())))),
        ("keys foreign", Box::new(|k| k.keys = foreign.keys.clone())),
        (
            "curve25519 foreign",
            Box::new(|k| {
                let key = foreign.keys[&format!("curve25519:{}", foreign.device_id)].clone();
                *k.keys.get_mut(&format!("curve25519:{}", k.device_id)).unwrap() = key;
            }),
        ),
        ("signatures foreign", Box::new(|k| k.signatures = foreign.signatures.clone())),
        ("signature added", Box::new(|k| k.signatures.extend(foreign.signatures.clone()))),
        ("signature dropped", Box::new(|k| drop(k.signatures.values_mut().next().unwrap().pop_first()))),
        ("no signature", Box::new(|k| k.signatures.clear())),
    ];
    for (name, mutate) in mutations {
        let mut alice = Client::register(&mut Server::default(), 1);
        let mut altered = keys.clone();
        mutate(&mut altered);
        assert_ne!(altered, keys, "{name}");
        let identity = UserIdentity { device_keys: vec![altered], ..server.identity(bob.user_id()).unwrap() };
        alice.machine.receive_identities(vec![identity]);
        alice.persist();
        assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::UnsignedDevice { .. })), "{name}");
        let query = alice.machine.query_for([bob.user_id()]);
        assert_eq!(query.users[&bob.user_id()], 0, "{name}: the keys are still wanted");
    }
}

#[test]
fn row_05_forged_and_foreign_one_time_keys_make_no_session() {
    use sotto_protocol::keys::OneTimeKeys;
    type Forge = fn(&mut OneTimeKeys, &OneTimeKeys);
    let forgeries: [(&str, Forge); 5] = [
        ("another key under the signature", |keys, foreign| {
            let other = foreign.values().next().unwrap().key.clone();
            keys.values_mut().for_each(|key| key.key.clone_from(&other));
        }),
        ("another device's key", |keys, foreign| keys.clone_from(foreign)),
        ("a small-order key", |keys, _| keys.values_mut().for_each(|key| key.key = "A".repeat(43))),
        ("said to be a fallback", |keys, _| keys.values_mut().for_each(|key| key.fallback = Some(true))),
        ("unsigned", |keys, _| keys.values_mut().for_each(|key| key.signatures.clear())),
    ];
    for (name, forge) in forgeries {
        let (mut server, mut alice, bob, id) = pair();
        let foreign = server.one_time_keys[&alice.device_id()].clone();
        forge(server.one_time_keys.get_mut(&bob.device_id()).unwrap(), &foreign);
        alice.send(&mut server, id, "secret");
        assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::ForgedOneTimeKey { .. })), "{name}");
        assert!(server.envelopes.is_empty(), "{name}");
    }
}

#[test]
fn row_12_a_ghost_member_gets_no_key() {
    let (mut server, mut alice, bob, id) = pair();
    let ghost = Client::register(&mut server, 66);
    let conversation = server.conversations.get_mut(&id).unwrap();
    conversation.ghosts.push(ghost.user_id());
    conversation.roster_version += 1;
    alice.fetch_roster(&server, id);
    alice.send(&mut server, id, "secret");
    assert!(
        alice.has_alarm(|alarm| matches!(alarm, Alarm::GhostMember { user_id, .. } if *user_id == ghost.user_id()))
    );
    assert!(got_envelope(&server, bob.device_id()));
    assert!(!got_envelope(&server, ghost.device_id()));
}

#[test]
fn row_12_a_link_that_no_member_signed_brings_nobody_in() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let ghost = Client::register(&mut server, 66);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    let state = alice.machine.membership(id).unwrap().clone();
    let master_key = ghost.machine.master_key(ghost.user_id()).unwrap().to_owned();
    let members = vec![NewMember { user_id: ghost.user_id(), master_key, role: Role::Member }];
    let unsigned = MembershipChange {
        conversation_id: id,
        index: state.index + 1,
        prev_hash: Some(state.head_hash.clone()),
        action: MembershipAction::Add { members },
        actor_user_id: alice.user_id(),
        actor_device_id: alice.device_id(),
        signatures: Default::default(),
    };
    let mut by_ghost = unsigned.clone();
    let account = crate::attacker::Attacker::of(&ghost).account;
    let key_id = device_key_id(alice.device_id());
    sign(&mut by_ghost, alice.user_id(), &key_id, |bytes| account.sign(bytes).to_bytes()).unwrap();
    for link in [unsigned, by_ghost] {
        server.change(link, 0);
        alice.send(&mut server, id, "secret");
        assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::MembershipRefused { index: 2, .. })));
        assert!(!got_envelope(&server, ghost.device_id()));
        alice.alarms.clear();
        server.conversations.get_mut(&id).unwrap().chain.pop();
    }
    // By a member who is no admin it is refused as well.
    let mut by_member = server.conversations[&id].chain[0].clone();
    by_member.index = 2;
    assert!(sotto_identity::MembershipState::start(&by_member).is_err());
}

#[test]
fn row_12_a_change_that_the_roster_brought_is_told_of_as_its_actor_signed_it() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    alice.change(&mut server, id, MembershipAction::SetRole { user_id: bob.user_id(), role: Role::Admin });
    bob.fetch_roster(&server, id);
    let honest = server.conversations[&id].events.last().unwrap().clone();
    let mut forged = honest.clone();
    let EventBody::Membership { change } = &mut forged.body else { panic!("{forged:?}") };
    change.action = MembershipAction::Remove { user_id: bob.user_id() };
    let outcome = bob.receive(&server, &forged);
    assert!(matches!(outcome, EventOutcome::Refused { reason: RefusalReason::WrongSender, .. }), "{outcome:?}");
    let later = Event { seq: honest.seq + 1, ..honest };
    assert!(matches!(bob.receive(&server, &later), EventOutcome::Membership { .. }));
}

#[test]
fn row_12_a_link_by_a_device_that_nobody_knows_brings_nobody_in() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let ghost = Client::register(&mut server, 66);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    alice.change(&mut server, id, MembershipAction::SetRole { user_id: bob.user_id(), role: Role::Admin });
    alice.send(&mut server, id, "bob leads too");
    let state = alice.machine.membership(id).unwrap().clone();
    let master_key = ghost.machine.master_key(ghost.user_id()).unwrap().to_owned();
    let members = vec![NewMember { user_id: ghost.user_id(), master_key, role: Role::Member }];
    server.change(
        MembershipChange {
            conversation_id: id,
            index: state.index + 1,
            prev_hash: Some(state.head_hash.clone()),
            action: MembershipAction::Add { members },
            actor_user_id: bob.user_id(),
            actor_device_id: uuid(&mut alice.rng).into(),
            signatures: Default::default(),
        },
        0,
    );
    alice.send(&mut server, id, "secret");
    assert!(alice.has_alarm(|alarm| matches!(alarm, Alarm::MembershipRefused { index: 3, .. })));
    assert_eq!(alice.machine.queued(id).count(), 0, "the members that are in get it");
    assert!(!got_envelope(&server, ghost.device_id()));
}
