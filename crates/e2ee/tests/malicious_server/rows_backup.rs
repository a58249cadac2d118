//! Row 37 and rule 15: the key backup and the history that is handed over.

use proptest::prelude::*;
use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{Alarm, BackupStanding, EventOutcome, InboxOutcome, KeyOrigin, Machine, RecoveryKey};
use sotto_identity::{cross_key_id, device_key_id, sign};
use sotto_protocol::{
    Base64Bytes, ConversationId,
    backup::{BackupDescriptor, BackupSession, RecoveryPublicKey},
    keys::ListAuthor,
    recovery::RecoveryResponse,
};
use vodozemac::Ed25519SecretKey;

use crate::{Client, Server, attacker::Attacker, client::uuid, pair};

struct Backed {
    server: Server,
    alice: Client,
    bob: Client,
    id: ConversationId,
    recovery_key: RecoveryPublicKey,
    descriptor: BackupDescriptor,
    entries: Vec<BackupSession>,
}

/// Bob wrote two messages that Alice has read and backed up.
fn backed() -> Backed {
    let (mut server, mut alice, mut bob, id) = pair();
    bob.send(&mut server, id, "one");
    bob.send(&mut server, id, "two");
    alice.sync(&mut server);
    let descriptor = alice.start_backup();
    let entries = alice.machine.backup_entries(100, &mut alice.rng).unwrap();
    assert_eq!(entries.len(), 1);
    alice.machine.backup_stored(1, &entries);
    alice.persist();
    assert!(alice.machine.backup_entries(100, &mut alice.rng).unwrap().is_empty());
    let recovery_key = published(&alice);
    Backed { server, alice, bob, id, recovery_key, descriptor, entries }
}

fn published(client: &Client) -> RecoveryPublicKey {
    client.machine.recovery_public_key().unwrap().clone()
}

impl Backed {
    /// A second device of Alice that missed both messages and has the backup's key.
    fn second(&mut self) -> Client {
        let mut second = self.alice.link(&mut self.server, 11);
        second.fetch_roster(&self.server, self.id);
        self.alice.query(&self.server, &[self.alice.user_id()]);
        assert_eq!(self.alice.machine.share_backup_key().unwrap(), Some(self.id));
        self.alice.flush(&mut self.server, self.id);
        second.sync_inbox(&mut self.server);
        assert!(second.inbox.iter().any(|outcome| matches!(outcome, InboxOutcome::BackupKey)), "{:?}", second.inbox);
        second
    }

    fn events(&self, of: &mut Client) -> Vec<EventOutcome> {
        let events = self.server.conversations[&self.id].events.clone();
        events.iter().filter(|event| event.seq > 1).map(|event| of.receive(&self.server, event)).collect()
    }
}

#[test]
fn a_session_that_came_from_a_later_index_first_still_reads_what_was_before_it_out_of_the_backup() {
    let mut scene = backed();
    let mut second = scene.second();
    let standing = second.machine.receive_backup_descriptor(&scene.recovery_key, &scene.descriptor);
    assert_eq!(standing, BackupStanding::Held);
    scene.events(&mut second);
    // Bob goes on in the same session: his share begins where he is now.
    scene.bob.send(&mut scene.server, scene.id, "three");
    second.sync(&mut scene.server);
    assert_eq!(second.texts(), ["three"]);
    second.persist();
    let mut second = second.reloaded(12);
    let import = second.machine.receive_backup(&scene.entries, 0).unwrap();
    let shown = import.events.iter().filter(|event| matches!(event, EventOutcome::Shown(_))).count();
    assert_eq!((import.taken, shown), (1, 2), "{:?}", import.events);
    assert!(second.machine.undecryptable(scene.id).is_empty());
}

#[test]
fn a_second_device_reads_from_the_backup_and_says_so() {
    let mut scene = backed();
    let mut second = scene.second();
    assert!(second.machine.receive_backup(&scene.entries, 0).is_err(), "nothing is believed without a descriptor");
    assert_eq!(second.machine.receive_backup_descriptor(&scene.recovery_key, &scene.descriptor), BackupStanding::Held);
    let before = scene.events(&mut second);
    assert!(before.iter().all(|outcome| matches!(outcome, EventOutcome::Undecryptable { .. })), "{before:?}");
    let import = second.machine.receive_backup(&scene.entries, 0).unwrap();
    assert_eq!((import.taken, import.refused.len(), import.events.len()), (1, 0, 2));
    for event in &import.events {
        let EventOutcome::Shown(shown) = event else { panic!("{event:?}") };
        assert_eq!(shown.key_origin, KeyOrigin::Backup);
    }
    assert!(second.machine.backup_entries(9, &mut second.rng).unwrap().is_empty(), "it lies there already");
    let again = second.machine.receive_backup(&scene.entries, 0).unwrap();
    assert_eq!((again.taken, again.known), (0, 1));
    // What comes from its owner says so.
    scene.bob.send(&mut scene.server, scene.id, "three");
    second.sync(&mut scene.server);
    let last = second.shown.last().unwrap();
    assert_eq!((last.body_json.contains("three"), last.key_origin), (true, KeyOrigin::Owner));
}

#[test]
fn row_37_forged_entries_are_ignored() {
    let mut scene = backed();
    let mut second = scene.second();
    assert_eq!(second.machine.receive_backup_descriptor(&scene.recovery_key, &scene.descriptor), BackupStanding::Held);
    let honest = scene.entries[0].clone();
    let mut forged = vec![];
    for at in [0, 24, 60, honest.data.0.len() - 1] {
        let mut altered = honest.clone();
        altered.data.0[at] ^= 1;
        forged.push(altered);
    }
    forged.push(BackupSession { session_id: vec![7; 32].into(), ..honest.clone() });
    forged.push(BackupSession { conversation_id: uuid(&mut scene.bob.rng).into(), ..honest.clone() });
    forged.push(BackupSession { data: vec![1, 2, 3].into(), ..honest.clone() });
    // Whole and well-formed, but under a key that the server made up.
    let mut mallory = Client::register(&mut scene.server, 66);
    let other =
        mallory.create(&mut scene.server, sotto_protocol::membership::ConversationKind::Direct, &[scene.bob.user_id()]);
    mallory.send(&mut scene.server, other, "x");
    mallory.start_backup();
    forged.extend(mallory.machine.backup_entries(9, &mut mallory.rng).unwrap());
    let before = second.room_keys();
    let import = second.machine.receive_backup(&forged, 0).unwrap();
    second.persist();
    assert_eq!((import.taken, import.refused.len()), (0, forged.len()));
    assert_eq!(second.room_keys(), before);
    assert_eq!(second.machine.receive_backup(&[honest], 0).unwrap().taken, 1, "the honest one is taken");
}

/// Signs as a device whose records the attacker has.
pub fn signed(descriptor: &BackupDescriptor, with: &Client, master: Option<&Ed25519SecretKey>) -> BackupDescriptor {
    let attacker = Attacker::of(with);
    let mut forged = descriptor.clone();
    forged.signatures.clear();
    if let Some(master) = master {
        let key_id = cross_key_id(&master.public_key().to_base64());
        sign(&mut forged, descriptor.user_id, &key_id, |bytes| master.sign(bytes).to_bytes()).unwrap();
        return forged;
    }
    let seed = Ed25519SecretKey::from_base64(attacker.record["self_signing"].as_str().unwrap()).unwrap();
    let key_id = cross_key_id(&seed.public_key().to_base64());
    sign(&mut forged, descriptor.user_id, &key_id, |bytes| seed.sign(bytes).to_bytes()).unwrap();
    let key_id = device_key_id(with.device_id());
    sign(&mut forged, descriptor.user_id, &key_id, |bytes| attacker.account.sign(bytes).to_bytes()).unwrap();
    forged
}

#[test]
fn row_37_a_descriptor_is_taken_with_the_right_signatures_only() {
    let mut scene = backed();
    let second = scene.second();
    let thief = scene.alice.link(&mut scene.server, 31);
    scene.alice.query(&scene.server, &[scene.alice.user_id()]);
    let list = scene.alice.machine.revoke_device(thief.device_id()).unwrap();
    scene.server.extend_list(list, None);
    let mut higher = scene.descriptor.clone();
    higher.version = 2;
    let master = Ed25519SecretKey::from_slice(&[13; 32]);
    let mut by_master = higher.clone();
    by_master.author = ListAuthor::Master;
    let honest_key = scene.recovery_key.clone();
    let foreign_key = RecoveryPublicKey { curve25519: mallorys_recovery_key(), ..honest_key.clone() };
    let newer_key = RecoveryPublicKey { version: 2, ..honest_key.clone() };
    let mut half = signed(&higher, &scene.alice, None);
    half.signatures.values_mut().next().unwrap().pop_first();
    let mut half_other = signed(&higher, &scene.alice, None);
    half_other.signatures.values_mut().next().unwrap().pop_last();
    let mut more = signed(&higher, &scene.alice, None);
    more.signatures.insert(scene.bob.user_id().to_string(), Default::default());
    let forgeries = [
        ("unsigned by anybody for this version", higher.clone()),
        ("by a revoked device as if it were an active one", signed(&higher, &thief, None)),
        ("by another master key", signed(&by_master, &scene.alice, Some(&master))),
        ("by the self-signing key as if it were the master key", signed(&by_master, &scene.alice, None)),
        ("sealed to a recovery key of the server's", signed(&scene.descriptor, &scene.alice, None)),
        ("sealed to another recovery key than the published one", signed(&higher, &scene.alice, None)),
        (
            "of another account",
            signed(&BackupDescriptor { user_id: scene.bob.user_id(), ..higher.clone() }, &scene.alice, None),
        ),
        ("without the author", half),
        ("without the self-signing key", half_other),
        ("version 0", signed(&BackupDescriptor { version: 0, ..higher.clone() }, &scene.alice, None)),
    ];
    for (name, forged) in forgeries {
        let mut fresh = second.reloaded(1);
        fresh.query(&scene.server, &[fresh.user_id()]);
        let recovery_key = match name {
            "sealed to a recovery key of the server's" => &foreign_key,
            "sealed to another recovery key than the published one" => &newer_key,
            _ => &honest_key,
        };
        assert_eq!(fresh.machine.receive_backup_descriptor(recovery_key, &forged), BackupStanding::Refused, "{name}");
        fresh.persist();
        assert!(fresh.has_alarm(|alarm| matches!(alarm, Alarm::BackupRefused { .. })), "{name}");
        assert!(fresh.machine.receive_backup(&scene.entries, 0).is_err(), "{name}");
    }
    // The same helper makes one that is taken, so that the rows above prove something.
    let mut fresh = second.reloaded(1);
    fresh.query(&scene.server, &[fresh.user_id()]);
    assert_eq!(
        fresh.machine.receive_backup_descriptor(&honest_key, &signed(&scene.descriptor, &scene.alice, None)),
        BackupStanding::Held
    );
    let higher = signed(&higher, &scene.alice, None);
    assert_eq!(fresh.machine.receive_backup_descriptor(&honest_key, &higher), BackupStanding::NoKey);
    assert_eq!(fresh.machine.backup_version(), 2);
}

/// A recovery key that the server made up.
fn mallorys_recovery_key() -> String {
    vodozemac::Curve25519PublicKey::from(&vodozemac::Curve25519SecretKey::from_slice(&[66; 32])).to_base64()
}

#[test]
fn row_37_an_older_descriptor_and_a_fork_are_refused() {
    let mut scene = backed();
    let newer = scene.alice.start_backup();
    assert_eq!(newer.version, 2);
    assert_eq!(
        scene.alice.machine.receive_backup_descriptor(&scene.recovery_key, &scene.descriptor),
        BackupStanding::Refused
    );
    assert!(scene.alice.machine.holds_backup_key());
    assert_eq!(
        scene.alice.machine.receive_backup_descriptor(&scene.recovery_key, &newer),
        BackupStanding::Held,
        "the same again is no harm"
    );
    let mut other = Machine::load(scene.alice.records.clone()).unwrap();
    let fork = other.start_backup(0, &mut StdRng::seed_from_u64(99)).unwrap();
    assert_eq!(fork.version, 2);
    assert_eq!(scene.alice.machine.receive_backup_descriptor(&scene.recovery_key, &fork), BackupStanding::Refused);
    let import = scene.alice.machine.receive_backup(&scene.entries, 0).unwrap();
    assert_eq!(import.refused.len(), 1, "entries of the version before are void");
}

#[test]
fn row_37_a_revoked_device_cannot_read_what_is_backed_up_after_it_left() {
    let mut scene = backed();
    let mut lost = scene.second();
    assert_eq!(lost.machine.receive_backup_descriptor(&scene.recovery_key, &scene.descriptor), BackupStanding::Held);
    scene.alice.query(&scene.server, &[scene.alice.user_id()]);
    let list = scene.alice.machine.revoke_device(lost.device_id()).unwrap();
    scene.server.extend_list(list, None);
    scene.alice.query(&scene.server, &[scene.alice.user_id()]);
    let newer = scene.alice.start_backup();
    let entries = scene.alice.machine.backup_entries(9, &mut scene.alice.rng).unwrap();
    assert!(!entries.is_empty(), "everything is written again under the new key");
    assert_eq!(scene.alice.machine.share_backup_key().unwrap(), None, "nobody else is left");
    lost.machine.receive_backup_descriptor(&scene.recovery_key, &newer);
    assert!(!lost.machine.holds_backup_key());
    assert!(lost.machine.receive_backup(&entries, 0).is_err());
}

#[test]
fn row_37_a_new_recovery_key_voids_the_old_one() {
    let mut server = Server::default();
    let mut rng = StdRng::seed_from_u64(9);
    let (user_id, device_id) = (uuid(&mut rng).into(), uuid(&mut rng).into());
    let registration = Machine::register(&mut rng, user_id, device_id, 0).unwrap();
    server.register(&registration.keys);
    let old = registration.recovery_key.clone();
    let mut alice = Client::new(registration.machine, rng);
    let first = alice.start_backup();
    let first_key = published(&alice);
    let wrong = RecoveryKey::random(&mut alice.rng);
    let bundle = &registration.keys.recovery_bundle;
    assert!(alice.machine.replace_recovery_key(&wrong, bundle, 1, &mut alice.rng).is_err());
    let request = alice.machine.replace_recovery_key(&old, bundle, 1, &mut alice.rng).unwrap();
    alice.persist();
    assert!(alice.machine.recovery_key_stored(&first_key).is_none(), "the old one is published still");
    assert_eq!(alice.machine.receive_backup_descriptor(&first_key, &first), BackupStanding::Held);
    let fresh = alice.machine.recovery_key_stored(&request.recovery_key).unwrap();
    assert!(alice.machine.recovery_key_stored(&request.recovery_key).is_none(), "given once");
    let second = alice.start_backup();
    assert_eq!(
        alice.machine.receive_backup_descriptor(&first_key, &first),
        BackupStanding::Refused,
        "a replaced recovery key does not come back"
    );
    alice.persist();
    // On a fresh device, after everything else is lost.
    let response = RecoveryResponse {
        recovery_bundle: request.recovery_bundle.unwrap(),
        identity: server.identity(user_id).unwrap(),
    };
    let mut recovered = Machine::new_unlinked(user_id, uuid(&mut alice.rng).into()).unwrap();
    assert!(recovered.recover(&old, &response, 0).is_err(), "the old key opens nothing");
    let complete = recovered.recover(&fresh, &response, 0).unwrap();
    server.extend_list(complete.device_list, Some(complete.device_keys));
    let mut recovered = Client::new(recovered, StdRng::seed_from_u64(3));
    recovered.query(&server, &[user_id]);
    assert_eq!(recovered.machine.receive_backup_descriptor(&request.recovery_key, &second), BackupStanding::NoKey);
    assert!(recovered.machine.open_backup(&old).is_err());
    recovered.machine.open_backup(&fresh).unwrap();
    assert!(recovered.machine.holds_backup_key());
    // Its own next backup is sealed to the same recovery key.
    let third = recovered.start_backup();
    assert_eq!((third.version, third.recovery_version), (3, request.recovery_key.version));
    assert_eq!(published(&recovered).curve25519, request.recovery_key.curve25519);
    recovered.persist();
    assert!(recovered.machine.holds_backup_key(), "it is stored");
}

#[test]
fn row_37_a_backup_key_from_somebody_else_is_not_taken() {
    let (mut server, bob, mut alice, id) = pair();
    let attacker = Attacker::of(&bob);
    alice.query(&server, &[bob.user_id()]);
    let key = serde_json::json!({"version": 1, "key": sotto_protocol::Base64Bytes(vec![7; 32])});
    let content = serde_json::json!({"type": "backup_key", "key": key});
    let payload = attacker.payload(&alice, id, content);
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert!(matches!(alice.inbox[..], [InboxOutcome::Dropped(_)]), "{:?}", alice.inbox);
    assert!(!alice.machine.holds_backup_key());
}

proptest! {
    #[test]
    fn row_37_no_bytes_are_an_entry(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut server = Server::default();
        let mut alice = Client::register(&mut server, 1);
        alice.start_backup();
        let entry = BackupSession {
            conversation_id: uuid(&mut alice.rng).into(),
            session_id: Base64Bytes(vec![7; 32]),
            first_index: 0,
            data: bytes.into(),
        };
        prop_assert_eq!(alice.machine.receive_backup(&[entry], 0).unwrap().refused.len(), 1);
    }
}
