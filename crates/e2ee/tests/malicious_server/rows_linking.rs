//! Rows 15, 18 and 19, and what else a server tries while a device is linked.

use sotto_e2ee::{
    InboxOutcome, Machine,
    linking::{ExistingLink, LinkEvent, LinkFailure, Newcomer},
};
use sotto_identity::check_self_signed_device;
use sotto_protocol::keys::ListAuthor;

use crate::{
    Client, Server,
    attacker::Attacker,
    client::uuid,
    ending::signed_in,
    scene::{End, Scene, Side, URL, WAYS, Way},
};

#[test]
fn row_15_altered_contents_show_no_check_code_and_open_nothing() {
    for way in WAYS {
        for step in 1..=7u8 {
            for at in [0, 2, 3, 40, usize::MAX] {
                let mut scene = Scene::new(way);
                scene.bend_slot = Box::new(move |(side, mut content)| {
                    if content[1] == step {
                        let at = at.min(content.len() - 1);
                        content[at] ^= 1;
                    }
                    (side, content)
                });
                scene.run();
                let good = |side: usize| matches!(&scene.ends[side], Some(End::Linked { handed_over: true }));
                assert!(!good(0), "{way:?} m{step} altered at {at}");
                if step < 5 {
                    assert!(!scene.secrets_left(), "{way:?} m{step}");
                }
                if step < 3 && way == Way::ExistingShows {
                    assert!(scene.digits[1].is_empty(), "m{step}: no check code is shown");
                }
                if step == 6 {
                    let Some(End::Entered(entered)) = &scene.ends[1] else { panic!("{:?}", scene.ends) };
                    assert!(!entered.has_secrets);
                }
            }
        }
    }
}

#[test]
fn row_15_a_server_that_answers_in_the_existing_devices_place_is_not_believed() {
    // It knows everything that is in the slot, and opens a channel of its own with the one who scanned.
    let mut scene = Scene::new(Way::ExistingShows);
    let mallory = Scene::new(Way::ExistingShows);
    let mut mallory = Some(mallory);
    scene.bend_slot = Box::new(move |(side, content)| {
        let Some(other) = mallory.as_mut().filter(|_| content[1] == 2) else { return (side, content) };
        // m2 of another linking, sealed by a real device for another scanner.
        while other.puts.iter().all(|(_, put)| put[1] != 2) {
            assert!(other.perform_next() || other.deliver());
        }
        (side, other.puts.iter().find(|(_, put)| put[1] == 2).unwrap().1.clone())
    });
    scene.run();
    assert!(matches!(scene.failure(Side::New), LinkFailure::Interfered));
    assert!(scene.digits[1].is_empty(), "no check code is shown");
}

#[test]
fn row_15_a_content_replayed_in_the_slot_opens_nothing() {
    for way in WAYS {
        for (replayed, at) in [(1u8, 3u8), (3, 5), (2, 4), (4, 6)] {
            let mut scene = Scene::new(way);
            let mut kept: Option<Vec<u8>> = None;
            scene.bend_slot = Box::new(move |(side, mut content)| {
                let step = content[1];
                if step == replayed {
                    kept = Some(content.clone());
                }
                if step == at
                    && let Some(old) = &kept
                {
                    // Under the header of the step that is due.
                    content.truncate(3);
                    content.extend(&old[3..]);
                }
                (side, content)
            });
            scene.run();
            assert!(!matches!(&scene.ends[0], Some(End::Linked { handed_over: true })), "{way:?} {replayed} at {at}");
        }
    }
}

#[test]
fn row_15_a_content_moved_to_another_place_in_the_slots_history_opens_nothing() {
    // The bytes are as they were sealed; the server lies about which content they replaced.
    let mut scene = Scene::new(Way::ExistingShows);
    while scene.puts.is_empty() {
        assert!(scene.perform_next() || scene.deliver());
    }
    let (_, m1) = scene.puts[0].clone();
    let mut other = Scene::new(Way::ExistingShows);
    other.feed(Side::Existing, LinkEvent::Slot { content: m1, token: "2".to_owned(), same_network: None });
    other.run();
    assert!(matches!(other.failure(Side::Existing), LinkFailure::Interfered), "it is for another key");
    // To the same key, with a lie about the token before it.
    let now = scene.now;
    let (mut existing, mut machine) = (scene.existing, scene.alice.machine);
    let polled = LinkEvent::Slot { content: vec![1, 1, 1, 0], token: "1".to_owned(), same_network: None };
    assert!(existing.handle(&mut machine, polled, now).is_empty(), "the token is known: nothing new");
}

#[test]
fn row_15_with_a_typed_code_two_channels_show_other_digits() {
    // The server stands in the middle with real engines on both sides: one that enters, one of an account of its own.
    let mut honest = Scene::new(Way::Typed);
    let mut to_alice = Scene::new(Way::Typed);
    while honest.digits[1].is_empty() {
        assert!(honest.perform_next() || honest.deliver());
    }
    let read_by_person = honest.digits[1][0].clone();
    to_alice.mistype = Some((Side::Existing, Box::leak(read_by_person.into_boxed_str())));
    to_alice.run();
    assert!(matches!(to_alice.failure(Side::Existing), LinkFailure::WrongDigits));
    assert!(to_alice.granted.is_none());
}

#[test]
fn row_17_nothing_is_approved_or_granted_before_the_digits_are_typed() {
    for (way, typing) in
        [(Way::ExistingShows, Side::Existing), (Way::NewShows, Side::New), (Way::Typed, Side::Existing)]
    {
        let mut scene = Scene::new(way);
        scene.mistype = Some((typing, ""));
        scene.run();
        assert_eq!(scene.puts.iter().any(|(_, content)| content[1] == 3), typing == Side::Existing, "{way:?}");
        scene.feed(Side::Existing, LinkEvent::Approved { number: None, history: true });
        scene.run();
        assert!(scene.asked.is_none() && scene.granted.is_none(), "{way:?}");
        scene.mistype = None;
        scene.run();
        assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: true })), "{way:?}");
    }
}

#[test]
fn row_18_a_device_that_shows_anothers_keys_as_its_own_is_refused() {
    for way in WAYS {
        let mut server = Server::default();
        let mut alice = Client::register(&mut server, 1);
        let honest = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
        let device_id = honest.device_id();
        // The attacker has the public keys of a device that waits to be linked, and private keys of its own.
        let mut attacker = Machine::new_unlinked(alice.user_id(), device_id).unwrap();
        let bytes = attacker.take_dirty().unwrap().remove(0).1.unwrap();
        let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        record["device_keys"] = serde_json::to_value(honest.device_keys()).unwrap();
        assert!(check_self_signed_device(honest.device_keys(), alice.user_id(), device_id).is_ok());
        let newcomer = signed_in([("account".to_owned(), serde_json::to_vec(&record).unwrap())]);
        let mut scene = Scene::on(server, alice, way, newcomer, device_id);
        scene.run();
        assert!(matches!(scene.failure(Side::Existing), LinkFailure::NotPossessed), "{way:?}");
        assert!(scene.asked.is_none() && scene.granted.is_none() && !scene.secrets_left());
    }
}

#[test]
fn row_18_keys_without_their_own_signature_are_refused() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut machine = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
    let device_id = machine.device_id();
    let bytes = machine.take_dirty().unwrap().remove(0).1.unwrap();
    let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    record["device_keys"]["signatures"] = serde_json::json!({});
    let newcomer = signed_in([("account".to_owned(), serde_json::to_vec(&record).unwrap())]);
    let mut scene = Scene::on(server, alice, Way::ExistingShows, newcomer, device_id);
    scene.run();
    assert!(matches!(scene.failure(Side::Existing), LinkFailure::NotPossessed));
}

#[test]
fn row_19_no_secret_leaves_before_the_servers_list_holds_what_was_signed() {
    for way in WAYS {
        // The server keeps the entry back.
        let mut scene = Scene::new(way);
        scene.bend_identity = Box::new(|mut identity| {
            identity.lists.clear();
            identity
        });
        scene.run();
        assert!(matches!(scene.failure(Side::Existing), LinkFailure::Account(_)), "{way:?}");
        assert!(scene.reread && !scene.secrets_left(), "{way:?}");
        // It has an entry that the existing device's keys signed, but with another device in it.
        let mut server = Server::default();
        let mut alice = Client::register(&mut server, 1);
        let mut other = Machine::load(alice.records.clone()).unwrap();
        let intruder = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
        let request = other.prepare_grant(intruder.device_keys(), [0; 32], &[0; 16]).unwrap();
        assert_eq!(request.device_list.author, ListAuthor::Device(alice.device_id()));
        let device_id = uuid(&mut alice.rng).into();
        let mut scene = Scene::on(server, alice, way, Newcomer::Fresh(device_id), device_id);
        scene.bend_identity = Box::new(move |mut identity| {
            identity.lists = vec![request.device_list.clone()];
            identity.device_keys.push(request.device_keys.clone());
            identity
        });
        scene.run();
        assert!(matches!(scene.failure(Side::Existing), LinkFailure::Account(_)), "{way:?}");
        assert!(!scene.secrets_left(), "{way:?}");
        assert!(scene.alice.has_alarm(|alarm| matches!(alarm, sotto_e2ee::Alarm::OwnDeviceAdded { .. })));
    }
}

#[test]
fn row_19_secrets_that_are_asked_for_out_of_turn_do_not_leave() {
    for way in WAYS {
        let mut scene = Scene::new(way);
        for _ in 0..40 {
            let identity = scene.server.identity(scene.alice.user_id()).unwrap();
            if scene.server.accounts[&scene.alice.user_id()].lists.len() == 1 {
                scene.feed(Side::Existing, LinkEvent::OwnIdentity(Box::new(identity)));
                scene.feed(Side::Existing, LinkEvent::History(None));
                assert!(!scene.secrets_left());
            }
            let _ = scene.perform_next() || scene.deliver();
        }
        assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: true })), "{way:?}: ignored, not fatal");
    }
}

#[test]
fn a_self_signing_key_is_taken_from_an_active_own_device_and_only_the_accounts() {
    let (mut server, mut alice, _, id) = crate::pair();
    let mut second = alice.link(&mut server, 11);
    second.fetch_roster(&server, id);
    alice.query(&server, &[alice.user_id()]);
    let attacker = Attacker::of(&alice);
    let send = |server: &mut Server, second: &mut Client, seed: serde_json::Value| {
        let content = serde_json::json!({"type": "self_signing_key", "seed": seed});
        let payload = attacker.payload(second, id, content);
        attacker.deliver(server, second, id, &payload);
        second.inbox.clear();
        second.sync_inbox(server);
        matches!(second.inbox[..], [InboxOutcome::SelfSigningKey])
    };
    let own = attacker.record["self_signing"].clone();
    assert!(send(&mut server, &mut second, own.clone()), "{:?}", second.inbox);
    let foreign = serde_json::json!(sotto_protocol::Base64Bytes(vec![8; 32]));
    assert!(!send(&mut server, &mut second, foreign), "another key than the account's");
    let list = second.machine.revoke_device(alice.device_id()).unwrap();
    server.extend_list(list, None);
    second.query(&server, &[alice.user_id()]);
    assert!(!send(&mut server, &mut second, own), "from a device that was revoked");
}

#[test]
fn the_new_device_refuses_another_account_than_the_other_device_named() {
    let mut scene = Scene::new(Way::ExistingShows);
    let mut elsewhere = Server::default();
    let mallory = Client::register(&mut elsewhere, 66);
    let foreign = elsewhere.identity(mallory.user_id()).unwrap();
    scene.bend_head = Box::new(move |mut head| {
        head.identity = foreign.clone();
        head
    });
    scene.run();
    assert!(matches!(scene.failure(Side::New), LinkFailure::Account(_)));
    assert!(scene.new.unwrap().into_machine().is_none());
    // An older list than the one that was signed.
    let mut scene = Scene::new(Way::NewShows);
    scene.bend_head = Box::new(|mut head| {
        head.device_list = head.identity.lists[0].clone();
        head
    });
    scene.run();
    assert!(matches!(scene.failure(Side::New), LinkFailure::Account(_)));
    assert!(!scene.secrets_left());
}

#[test]
fn codes_of_another_service_or_intent_are_refused_before_anything_is_sent() {
    let scene = Scene::new(Way::NewShows);
    let qr = scene.qr.unwrap();
    let other = ExistingLink::scan(&qr, "https://other.example", scene.now).err();
    assert!(matches!(other, Some(LinkFailure::OtherService)));
    let shown_by_existing = Scene::new(Way::ExistingShows).qr.unwrap();
    let wrong = ExistingLink::scan(&shown_by_existing, URL, scene.now).err();
    assert!(matches!(wrong, Some(LinkFailure::Qr(sotto_e2ee::linking::QrError::Intent))));
    let link = ExistingLink::scan(b"https://chat.example/link", URL, scene.now).err();
    assert!(matches!(link, Some(LinkFailure::Qr(sotto_e2ee::linking::QrError::Link))));
}
