//! Linking from end to end, the three ways, with an honest rendezvous; and every way out of it.

use std::time::Duration;

use proptest::prelude::*;
use sotto_e2ee::{
    BackupStanding, Machine,
    linking::{LinkAction, LinkEvent, LinkFailure, LinkIntent, LinkQr, Newcomer},
};
use sotto_protocol::{Base64Bytes, ProblemCode, linking::GrantResponse};

use crate::{
    Client, Server,
    client::uuid,
    scene::{End, Scene, Side, URL, WAYS, Way},
};

#[test]
fn a_device_is_linked_in_each_of_the_three_ways() {
    for way in WAYS {
        let mut scene = Scene::new(way);
        scene.run();
        assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: true })), "{way:?} {:?}", scene.ends);
        let Some(End::Entered(entered)) = &scene.ends[1] else { panic!("{way:?} {:?}", scene.ends) };
        assert!(entered.has_secrets && entered.history.is_none());
        assert_eq!(scene.asked.as_ref().unwrap().name, "Ada's laptop");
        assert_eq!(scene.same_network, Some(true));
        assert_eq!(scene.account_shown.as_deref(), Some("ada"));
        let lengths: Vec<Vec<usize>> = scene.digits.iter().map(|d| d.iter().map(String::len).collect()).collect();
        let expected: [Vec<usize>; 2] = match way {
            Way::ExistingShows => [vec![], vec![4]],
            Way::NewShows => [vec![4], vec![3]],
            Way::Typed => [vec![], vec![6]],
        };
        assert_eq!(lengths, expected, "{way:?}");
        let newcomer = scene.newcomer();
        assert!(newcomer.machine.is_linked() && newcomer.machine.holds_self_signing_key());
        assert!(newcomer.alarms.is_empty(), "{:?}", newcomer.alarms);
        assert_eq!(scene.alice.machine.devices_of(scene.alice.user_id()).len(), 2);
        assert!(scene.alice.machine.devices_owed().is_empty());
        assert!(scene.slot.as_ref().unwrap().gone);
    }
}

#[test]
fn steps_alternate_and_nothing_readable_is_in_the_slot() {
    let mut scene = Scene::new(Way::ExistingShows);
    scene.run();
    let steps: Vec<(Side, u8)> = scene.puts.iter().map(|(side, content)| (*side, content[1])).collect();
    assert_eq!(
        steps,
        [
            (Side::New, 1),
            (Side::Existing, 2),
            (Side::New, 3),
            (Side::Existing, 4),
            (Side::New, 5),
            (Side::Existing, 6),
            (Side::New, 7)
        ]
    );
    let user = scene.alice.user_id().to_string();
    for (_, content) in &scene.puts {
        let text = String::from_utf8_lossy(content);
        assert!(!text.contains(&user) && !text.contains("laptop"));
    }
    let qr = LinkQr::parse(scene.qr.as_ref().unwrap(), LinkIntent::ExistingShows).unwrap();
    assert_eq!(qr.base_url, URL);
}

#[test]
fn the_history_and_the_backup_key_are_handed_over_when_chosen() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let descriptor = alice.start_backup();
    let recovery_key = alice.machine.recovery_public_key().unwrap().clone();
    alice.persist();
    let device_id = uuid(&mut alice.rng).into();
    let mut scene = Scene::on(server, alice, Way::ExistingShows, Newcomer::Fresh(device_id), device_id);
    scene.history = true;
    scene.run();
    let Some(End::Entered(entered)) = &scene.ends[1] else { panic!("{:?}", scene.ends) };
    assert_eq!(entered.history.as_ref().unwrap().address, "blob");
    let mut newcomer = scene.newcomer();
    assert_eq!(newcomer.machine.receive_backup_descriptor(&recovery_key, &descriptor), BackupStanding::Held);
    assert!(newcomer.machine.holds_backup_key());
}

#[test]
fn a_device_that_signed_in_with_a_password_is_linked_and_keeps_its_keys() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let machine = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
    let device_id = machine.device_id();
    let before = machine.device_keys().keys.clone();
    let mut scene = Scene::on(server, alice, Way::ExistingShows, Newcomer::SignedIn(Box::new(machine)), device_id);
    scene.run();
    assert!(matches!(scene.ends[1], Some(End::Entered(_))));
    assert_eq!(scene.newcomer().machine.device_keys().keys, before);
    // Into the account that it signed in to only.
    let mut server = Server::default();
    let alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let machine = Machine::new_unlinked(bob.user_id(), device_id).unwrap();
    let mut scene = Scene::on(server, alice, Way::ExistingShows, Newcomer::SignedIn(Box::new(machine)), device_id);
    scene.run();
    assert!(matches!(scene.failure(Side::New), LinkFailure::OtherAccount));
    assert!(scene.new.unwrap().into_machine().is_some(), "its own account is left as it was");
}

#[test]
fn wrong_digits_end_it_at_the_first_try() {
    let cases = [
        (Way::ExistingShows, Side::Existing, "0000"),
        (Way::NewShows, Side::New, "0000"),
        (Way::NewShows, Side::Existing, "000"),
        (Way::Typed, Side::Existing, "000000"),
    ];
    for (way, mistaken, digits) in cases {
        let mut scene = Scene::new(way);
        scene.mistype = Some((mistaken, digits));
        scene.run();
        assert!(matches!(scene.failure(mistaken), LinkFailure::WrongDigits), "{way:?} {mistaken:?}");
        assert!(scene.failure(mistaken).is_failed_check());
        assert!(scene.granted.is_none() && !scene.secrets_left(), "{way:?}");
        assert!(scene.slot.as_ref().unwrap().gone);
        scene.feed(mistaken, LinkEvent::Typed("1111".to_owned()));
        assert!(scene.queue.is_empty(), "there is no second try");
        assert!(scene.new.unwrap().into_machine().is_none(), "keys of a device that did not come in are gone");
    }
}

#[test]
fn what_is_not_so_many_digits_is_no_try() {
    let mut scene = Scene::new(Way::ExistingShows);
    while scene.digits[1].is_empty() {
        assert!(scene.perform_next() || scene.deliver());
    }
    scene.feed(Side::Existing, LinkEvent::Typed("12".to_owned()));
    scene.run();
    assert!(matches!(scene.ends[0], Some(End::Linked { .. })));
}

#[test]
fn row_21_it_ends_after_five_minutes_whatever_the_server_says() {
    for way in WAYS {
        for steps in 0..24 {
            let mut scene = Scene::new(way);
            for _ in 0..steps {
                let _ = scene.perform_next() || scene.deliver();
            }
            if scene.ends.iter().any(Option::is_some) {
                break;
            }
            scene.now.monotonic += Duration::from_mins(5);
            let granted = scene.granted.is_some();
            for side in [Side::Existing, Side::New] {
                scene.feed(side, LinkEvent::Tick);
            }
            scene.run();
            assert!(granted || matches!(scene.failure(Side::Existing), LinkFailure::Expired), "{way:?} {steps}");
            assert!(!scene.secrets_left() || scene.reread);
        }
    }
}

#[test]
fn when_the_last_message_is_lost_the_secrets_come_as_an_envelope() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let bob = Client::register(&mut server, 2);
    let id = alice.create(&mut server, sotto_protocol::membership::ConversationKind::Direct, &[bob.user_id()]);
    let device_id = uuid(&mut alice.rng).into();
    let mut scene = Scene::on(server, alice, Way::ExistingShows, Newcomer::Fresh(device_id), device_id);
    while scene.puts.iter().all(|(_, content)| content[1] != 5) {
        assert!(scene.perform_next() || scene.deliver());
    }
    // The existing device dies here.
    scene.slot.as_mut().unwrap().gone = true;
    scene.queue.clear();
    scene.feed(Side::New, LinkEvent::Gone);
    scene.run();
    let Some(End::Entered(entered)) = &scene.ends[1] else { panic!("{:?}", scene.ends) };
    assert!(!entered.has_secrets);
    let mut newcomer = scene.newcomer();
    assert!(newcomer.machine.is_linked() && !newcomer.machine.holds_self_signing_key());
    // It comes back, reads the list, and finds whom it owes.
    let (mut server, mut alice) = (scene.server, scene.alice);
    assert!(alice.machine.devices_owed().is_empty(), "before it has read the list it sends nothing");
    assert!(alice.machine.hand_over_later(device_id).is_err());
    alice.query(&server, &[alice.user_id()]);
    assert_eq!(alice.machine.devices_owed(), [device_id]);
    alice.fetch_roster(&server, id);
    assert_eq!(alice.machine.hand_over_later(device_id).unwrap(), Some(id));
    alice.flush(&mut server, id);
    newcomer.sync(&mut server);
    assert!(newcomer.machine.holds_self_signing_key(), "{:?}", newcomer.inbox);
    assert!(alice.machine.devices_owed().is_empty());
}

/// Up to the moment when the step is in the slot.
fn until_put(scene: &mut Scene, step: u8) {
    while scene.puts.iter().all(|(_, content)| content[1] != step) {
        assert!(scene.perform_next() || scene.deliver());
    }
}

#[test]
fn the_end_of_the_rendezvous_is_not_taken_for_a_receipt() {
    for way in WAYS {
        let mut scene = Scene::new(way);
        until_put(&mut scene, 6);
        scene.feed(Side::Existing, LinkEvent::Gone);
        scene.run();
        assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: false })), "{way:?} {:?}", scene.ends);
        assert_eq!(scene.alice.machine.devices_owed(), [scene.device_id]);
    }
}

#[test]
fn who_has_its_secrets_is_in_whether_or_not_its_receipt_arrives() {
    let lost: [fn() -> LinkEvent; 3] =
        [|| LinkEvent::Gone, || LinkEvent::Declined, || LinkEvent::Refused(ProblemCode::SequenceConflict)];
    for event in lost {
        let mut scene = Scene::new(Way::ExistingShows);
        while !matches!(scene.queue.back(), Some((Side::New, LinkAction::Put { content, .. })) if content[1] == 7) {
            assert!(scene.perform_next() || scene.deliver());
        }
        scene.queue.clear();
        scene.feed(Side::New, LinkEvent::Tick);
        assert!(scene.queue.is_empty());
        scene.feed(Side::New, event());
        scene.run();
        let Some(End::Entered(entered)) = &scene.ends[1] else { panic!("{:?}", scene.ends) };
        assert!(entered.has_secrets);
    }
}

#[test]
fn who_is_taken_back_after_the_grant_gets_no_secret_even_if_it_comes_in() {
    for way in WAYS {
        let mut scene = Scene::new(way);
        until_put(&mut scene, 4);
        scene.feed(Side::Existing, LinkEvent::Declined);
        // Everything but the end of the rendezvous arrives.
        scene.queue.retain(|(_, action)| !matches!(action, LinkAction::Delete));
        scene.run();
        assert!(matches!(scene.failure(Side::Existing), LinkFailure::Cancelled), "{way:?}");
        assert!(!scene.secrets_left());
        assert_eq!(scene.server.accounts[&scene.alice.user_id()].lists.len(), 2, "it came in nevertheless");
        scene.alice.query(&scene.server, &[scene.alice.user_id()]);
        assert!(scene.alice.machine.devices_owed().is_empty(), "{way:?}");
        assert!(scene.alice.machine.hand_over_later(scene.device_id).is_err());
        scene.alice.persist();
        assert!(scene.alice.has_alarm(|alarm| matches!(alarm, sotto_e2ee::Alarm::OwnDeviceAdded { .. })));
    }
}

#[test]
fn a_history_that_takes_too_long_leaves_the_device_linked() {
    let mut scene = Scene::new(Way::ExistingShows);
    (scene.history, scene.keep_history) = (true, true);
    scene.run();
    assert!(scene.reread && !scene.secrets_left());
    scene.now.monotonic += Duration::from_mins(5);
    scene.feed(Side::Existing, LinkEvent::Tick);
    scene.run();
    assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: false })), "{:?}", scene.ends);
    assert_eq!(scene.alice.machine.devices_owed(), [scene.device_id], "the secrets come later");
}

#[test]
fn a_device_whose_completion_was_refused_is_linked_at_the_next_try() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let machine = Machine::new_unlinked(alice.user_id(), uuid(&mut alice.rng).into()).unwrap();
    let device_id = machine.device_id();
    let mut scene = Scene::on(server, alice, Way::ExistingShows, Newcomer::SignedIn(Box::new(machine)), device_id);
    scene.bend_completion = Some(ProblemCode::ChainConflict);
    scene.run();
    assert!(matches!(scene.failure(Side::New), LinkFailure::Refused(ProblemCode::ChainConflict)));
    let machine = scene.new.take().unwrap().into_machine().unwrap();
    let newcomer = Newcomer::SignedIn(Box::new(machine));
    let mut scene = Scene::on(scene.server, scene.alice, Way::NewShows, newcomer, device_id);
    scene.run();
    assert!(matches!(scene.ends[0], Some(End::Linked { handed_over: true })), "{:?}", scene.ends);
}

#[test]
fn a_refusal_or_a_person_who_declines_ends_it_on_both_sides() {
    for way in WAYS {
        let mut scene = Scene::new(way);
        while scene.digits.iter().all(Vec::is_empty) {
            assert!(scene.perform_next() || scene.deliver());
        }
        scene.feed(Side::Existing, LinkEvent::Declined);
        scene.run();
        assert!(matches!(scene.failure(Side::Existing), LinkFailure::Cancelled));
        assert!(matches!(scene.failure(Side::New), LinkFailure::Ended), "{way:?}");
        let mut scene = Scene::new(way);
        scene.feed(Side::New, LinkEvent::Refused(ProblemCode::RateLimited));
        scene.run();
        assert!(matches!(scene.failure(Side::New), LinkFailure::Refused(ProblemCode::RateLimited)));
    }
}

/// More with `PROPTEST_CASES`.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(96)
}

/// An event out of the blue, by number.
fn junk(scene: &Scene, kind: u8) -> LinkEvent {
    let stale = || Box::new(scene.server.identity(scene.alice.user_id()).unwrap());
    match kind % 13 {
        0 => LinkEvent::Typed("0000".to_owned()),
        1 => LinkEvent::Typed("nonsense".to_owned()),
        2 => LinkEvent::Approved { number: Some("000".to_owned()), history: true },
        3 => LinkEvent::Stored { token: "7".to_owned() },
        4 => LinkEvent::Slot { content: vec![1, 6, 1, 7], token: "77".to_owned(), same_network: None },
        5 => LinkEvent::Granted(GrantResponse { grant: Base64Bytes(vec![6; 32]), expires_in_ms: 1 }),
        6 => LinkEvent::OwnIdentity(stale()),
        7 => LinkEvent::Completed,
        8 => LinkEvent::History(None),
        9 => LinkEvent::Claimed { rendezvous: [3; 16] },
        10 => LinkEvent::Opened {
            rendezvous: [3; 16],
            token: "9".to_owned(),
            typed_code: None,
            life: Duration::from_mins(15),
        },
        11 => LinkEvent::Tick,
        _ => LinkEvent::Slot {
            content: scene.slot.as_ref().unwrap().content.clone(),
            token: "78".to_owned(),
            same_network: None,
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    /// Whatever comes in whatever order: no panic, one end, no secret before the list was read after m5, and no grant
    /// without a person.
    #[test]
    fn no_order_of_events_gets_secrets_out(way in 0usize..3, choices in prop::collection::vec(any::<(u8, u8)>(), 0..60)) {
        let mut scene = Scene::new(WAYS[way]);
        for (choice, kind) in choices {
            match choice % 16 {
                0 => { let event = junk(&scene, kind); scene.feed(Side::Existing, event); }
                1 => { let event = junk(&scene, kind); scene.feed(Side::New, event); }
                2 => scene.now.monotonic += Duration::from_secs(u64::from(kind) / 16),
                3..6 => { scene.deliver(); }
                _ => { scene.perform_next(); }
            }
            nothing_leaked(&scene)?;
        }
        scene.run();
        nothing_leaked(&scene)?;
    }
}

fn nothing_leaked(scene: &Scene) -> Result<(), TestCaseError> {
    let has = |step: u8| scene.puts.iter().any(|(_, content)| content[1] == step);
    if scene.secrets_left() {
        prop_assert!(has(5) && scene.granted.is_some());
        let listed = scene.alice.machine.devices_of(scene.alice.user_id());
        prop_assert!(listed.iter().any(|device| device.device_id == scene.device_id));
    }
    prop_assert!(scene.granted.is_none() || (has(3) && scene.asked.is_some()));
    Ok(())
}
