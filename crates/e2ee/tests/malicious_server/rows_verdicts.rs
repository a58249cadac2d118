//! What one device of a person decided about others' keys, its other devices learn: from own active devices only, and
//! an old word never undoes a newer one.

use serde_json::{Value, json};
use sotto_e2ee::{Alarm, DropReason, InboxOutcome, Machine, Registration, SendStep, Trust, TrustChange};
use sotto_protocol::{
    ConversationId, Problem, ProblemCode, UserId,
    events::{InboxBody, InboxItem},
    limits::MAX_ENVELOPE_BYTES,
    membership::ConversationKind,
};

use crate::{Client, Server, attacker::Attacker, client::uuid, pair};

fn dropped(client: &Client) -> Option<DropReason> {
    match client.inbox.last() {
        Some(InboxOutcome::Dropped(reason)) => Some(*reason),
        _ => None,
    }
}

fn verify(client: &mut Client, user_id: UserId) {
    let key = client.machine.master_key(user_id).unwrap().to_owned();
    assert!(client.machine.mark_verified(user_id, &key));
    client.persist();
}

/// Tells the other devices.
fn tell(client: &mut Client, server: &mut Server, id: ConversationId) -> bool {
    let tells = client.machine.tell_verifications();
    client.flush(server, id);
    tells
}

/// Alice's two devices, and Bob whom both have met.
fn two_devices() -> (Server, Client, Client, Client, ConversationId) {
    let (mut server, mut alice, bob, id) = pair();
    let mut second = alice.link(&mut server, 11);
    second.fetch_roster(&server, id);
    alice.query(&server, &[alice.user_id()]);
    alice.fetch_roster(&server, id);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::FirstUse);
    (server, alice, second, bob, id)
}

/// Somebody else under this account's id.
fn impostor_of(client: &mut Client, user_id: UserId) -> Registration {
    let device_id = uuid(&mut client.rng).into();
    Machine::register(&mut client.rng, user_id, device_id, 0).unwrap()
}

/// The last change that the client was told of.
fn changes(client: &Client) -> &[TrustChange] {
    match client.inbox.last() {
        Some(InboxOutcome::Verifications { people, .. }) => people,
        other => panic!("{other:?}"),
    }
}

/// What the device says of Bob, as its thief writes it.
fn says(user_id: UserId, master_key: &str, verified: bool, n: u32) -> Value {
    json!({"user_id": user_id, "master_key": master_key, "verified": verified, "n": n})
}

fn statement(people: &[Value]) -> Value {
    json!({"type": "verifications", "people": people})
}

#[test]
fn what_one_device_verified_or_took_back_the_others_learn_and_a_later_one_too() {
    let (mut server, mut alice, mut second, bob, id) = two_devices();
    assert!(!tell(&mut alice, &mut server, id), "nothing was decided");
    verify(&mut alice, bob.user_id());
    assert!(tell(&mut alice, &mut server, id));
    assert!(!tell(&mut alice, &mut server, id), "told once");
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::Verified);
    assert_eq!(changes(&second), [TrustChange { user_id: bob.user_id(), trust: Trust::Verified }]);
    assert!(!tell(&mut second, &mut server, id), "what it was told it does not tell back");

    let mut third = second.link(&mut server, 12);
    third.fetch_roster(&server, id);
    second.query(&server, &[second.user_id()]);
    assert!(tell(&mut second, &mut server, id));
    third.sync_inbox(&mut server);
    assert_eq!(third.machine.trust(bob.user_id()), Trust::Verified);

    third.machine.take_back_verification(bob.user_id());
    assert!(tell(&mut third, &mut server, id));
    for device in [&mut alice, &mut second] {
        device.sync_inbox(&mut server);
        if let Some(InboxOutcome::NeedsIdentity(_)) = device.inbox.last() {
            panic!("the new device is known by its list");
        }
        assert_eq!(device.machine.trust(bob.user_id()), Trust::FirstUse);
        assert_eq!(changes(device), [TrustChange { user_id: bob.user_id(), trust: Trust::FirstUse }]);
    }
    for client in [&alice, &second, &third] {
        assert!(!client.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
    }
}

#[test]
fn a_statement_that_comes_late_again_or_out_of_order_undoes_nothing() {
    let (mut server, mut alice, mut second, bob, id) = two_devices();
    let bob_id = bob.user_id();
    for turn in 0..3 {
        if turn % 2 == 0 {
            verify(&mut alice, bob_id);
        } else {
            alice.machine.take_back_verification(bob_id);
        }
        tell(&mut alice, &mut server, id);
    }
    alice.machine.take_back_verification(bob_id);
    tell(&mut alice, &mut server, id);
    let items: Vec<InboxItem> = server.inboxes[&second.device_id()].clone();
    assert_eq!(items.len(), 4);
    // The newest one first; then all of them, twice.
    for item in items.iter().rev().chain(&items) {
        second.receive_item(&server, item);
        assert_eq!(second.machine.trust(bob_id), Trust::FirstUse);
    }
    // The same words in fresh envelopes, from a device whose owner bends it: still old.
    let key = alice.machine.master_key(bob_id).unwrap().to_owned();
    let attacker = Attacker::of(&alice);
    for (verified, n) in [(true, 1), (true, 3), (true, 4)] {
        let payload = attacker.payload(&second, id, statement(&[says(bob_id, &key, verified, n)]));
        attacker.deliver(&mut server, &second, id, &payload);
    }
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob_id), Trust::FirstUse);
    let payload = attacker.payload(&second, id, statement(&[says(bob_id, &key, true, 5)]));
    attacker.deliver(&mut server, &second, id, &payload);
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob_id), Trust::Verified, "a newer one counts, so the rest proves something");
}

#[test]
fn of_two_decisions_that_did_not_know_of_each_other_taking_back_wins_on_all_devices() {
    let (mut server, mut alice, mut second, bob, id) = two_devices();
    verify(&mut alice, bob.user_id());
    tell(&mut alice, &mut server, id);
    second.sync_inbox(&mut server);
    // Alice takes it back here and verifies it again there, both from the same knowledge.
    alice.machine.take_back_verification(bob.user_id());
    second.machine.take_back_verification(bob.user_id());
    tell(&mut second, &mut server, id);
    verify(&mut second, bob.user_id());
    alice.machine.tell_verifications();
    tell(&mut alice, &mut server, id);
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::Verified, "it knew of one taking back, and went on");
    tell(&mut second, &mut server, id);
    alice.sync_inbox(&mut server);
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Verified);
    // Now truly at the same time, in any order and again.
    let key = alice.machine.master_key(bob.user_id()).unwrap().to_owned();
    let attacker = Attacker::of(&alice);
    for (verified, trust) in [(true, Trust::Verified), (false, Trust::FirstUse), (true, Trust::FirstUse)] {
        second.now_ms += 1;
        let word = statement(&[says(bob.user_id(), &key, verified, 4)]);
        attacker.deliver(&mut server, &second, id, &attacker.payload(&second, id, word));
        second.sync_inbox(&mut server);
        assert_eq!(second.machine.trust(bob.user_id()), trust);
    }
}

#[test]
fn nobody_but_an_own_active_device_decides() {
    let (mut server, alice, mut second, bob, id) = two_devices();
    let key = alice.machine.master_key(bob.user_id()).unwrap().to_owned();
    let word = statement(&[says(bob.user_id(), &key, true, 9)]);
    let attacker = Attacker::of(&bob);
    attacker.deliver(&mut server, &second, id, &attacker.payload(&second, id, word.clone()));
    second.sync_inbox(&mut server);
    assert_eq!(dropped(&second), Some(DropReason::Unsolicited), "another account's");
    // Alice's first device is thrown out; what it says comes afterwards.
    let thief = Attacker::of(&alice);
    let list = second.machine.revoke_device(alice.device_id()).unwrap();
    server.extend_list(list, None);
    second.query(&server, &[second.user_id()]);
    thief.deliver(&mut server, &second, id, &thief.payload(&second, id, word.clone()));
    second.sync_inbox(&mut server);
    assert_eq!(dropped(&second), Some(DropReason::Unsolicited), "a revoked one's");
    assert_eq!(second.machine.trust(bob.user_id()), Trust::FirstUse);
    assert!(!second.records.contains_key("verdicts"));
}

#[test]
fn a_device_that_is_out_is_told_nothing() {
    let (mut server, mut alice, second, bob, id) = two_devices();
    let list = alice.machine.revoke_device(second.device_id()).unwrap();
    server.extend_list(list, None);
    alice.query(&server, &[alice.user_id()]);
    verify(&mut alice, bob.user_id());
    assert!(!tell(&mut alice, &mut server, id));
    assert!(!server.inboxes.contains_key(&second.device_id()));
}

#[test]
fn another_key_than_the_compared_one_is_a_violation_also_at_first_sight() {
    let (mut server, mut alice, mut second, _, id) = two_devices();
    let carol = Client::register(&mut server, 3);
    alice.query(&server, &[carol.user_id()]);
    verify(&mut alice, carol.user_id());
    tell(&mut alice, &mut server, id);
    second.sync_inbox(&mut server);
    assert_eq!(changes(&second), [], "nobody of whom it knows");
    assert_eq!(second.machine.trust(carol.user_id()), Trust::Unverified);
    // The true key first: verified from the first moment.
    let mut honest = second.reloaded(5);
    honest.query(&server, &[carol.user_id()]);
    assert_eq!(honest.machine.trust(carol.user_id()), Trust::Verified);
    let mut looked_up = second.reloaded(6);
    let key = server.identity(carol.user_id()).unwrap().master_key;
    assert!(looked_up.machine.pin_master_key(&key));
    assert_eq!(looked_up.machine.trust(carol.user_id()), Trust::Verified);
    // The server shows another one, in either way.
    let impostor = impostor_of(&mut alice, carol.user_id());
    let true_key = server.identity(carol.user_id()).unwrap().master_key.keys.into_values().next();
    server.register(&impostor.keys);
    let mut looked_up = second.reloaded(7);
    assert!(!looked_up.machine.pin_master_key(&impostor.keys.master_key));
    assert_eq!(looked_up.machine.master_key(carol.user_id()), true_key.as_deref());
    second.query(&server, &[carol.user_id()]);
    assert_eq!(second.machine.trust(carol.user_id()), Trust::Violated);
    assert!(second.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
}

#[test]
fn a_device_that_was_shown_another_key_is_warned_and_verifies_nothing() {
    let (mut server, mut alice, _, bob, id) = two_devices();
    // To Alice's next device the server shows another Bob.
    let true_bob = server.accounts.remove(&bob.user_id()).unwrap();
    let impostor = impostor_of(&mut alice, bob.user_id());
    server.register(&impostor.keys);
    let mut deceived = alice.link(&mut server, 13);
    deceived.query(&server, &[bob.user_id()]);
    assert_eq!(deceived.machine.trust(bob.user_id()), Trust::FirstUse);
    server.accounts.insert(bob.user_id(), true_bob);
    alice.query(&server, &[alice.user_id()]);
    verify(&mut alice, bob.user_id());
    tell(&mut alice, &mut server, id);
    deceived.sync_inbox(&mut server);
    assert_eq!(changes(&deceived), [TrustChange { user_id: bob.user_id(), trust: Trust::Violated }]);
    assert!(deceived.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { .. })));
    // The person decides for the key that was compared: there is nothing left to compare.
    let compared = alice.machine.master_key(bob.user_id()).unwrap().to_owned();
    assert!(deceived.machine.accept_new_master_key(bob.user_id(), &compared));
    assert_eq!(deceived.machine.trust(bob.user_id()), Trust::Verified);
    // A late word about the key that was left is none about this one.
    let attacker = Attacker::of(&alice);
    let left = impostor.keys.master_key.keys.values().next().unwrap();
    let word = statement(&[says(bob.user_id(), left, true, 9)]);
    attacker.deliver(&mut server, &deceived, id, &attacker.payload(&deceived, id, word));
    deceived.sync_inbox(&mut server);
    assert_eq!(deceived.machine.trust(bob.user_id()), Trust::FirstUse);
}

#[test]
fn a_new_key_that_was_accepted_is_not_verified_by_what_was_said_of_the_old_one() {
    let (mut server, mut alice, mut second, bob, id) = two_devices();
    verify(&mut alice, bob.user_id());
    let old = alice.machine.master_key(bob.user_id()).unwrap().to_owned();
    let renewed = impostor_of(&mut alice, bob.user_id());
    server.register(&renewed.keys);
    second.query(&server, &[bob.user_id()]);
    let shown = second.machine.offered_master_key(bob.user_id()).unwrap().to_owned();
    assert!(second.machine.accept_new_master_key(bob.user_id(), &shown));
    tell(&mut alice, &mut server, id);
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::FirstUse);
    assert_ne!(second.machine.master_key(bob.user_id()), Some(old.as_str()));
    assert!(!second.has_alarm(|alarm| matches!(alarm, Alarm::MasterKeyChanged { offered, .. } if *offered == old)));
    // Nor does it pass that on to a device that comes later.
    let mut third = second.link(&mut server, 14);
    second.query(&server, &[second.user_id()]);
    assert!(!tell(&mut second, &mut server, id));
    third.sync_inbox(&mut server);
    third.query(&server, &[bob.user_id()]);
    assert_eq!(third.machine.trust(bob.user_id()), Trust::FirstUse);
}

#[test]
fn a_dropped_statement_is_made_good_by_the_next_and_a_lost_answer_by_a_repeat() {
    let (mut server, mut alice, mut second, bob, id) = two_devices();
    let carol = Client::register(&mut server, 3);
    for device in [&mut alice, &mut second] {
        device.query(&server, &[carol.user_id()]);
    }
    server.lose_envelopes = 1;
    verify(&mut alice, bob.user_id());
    tell(&mut alice, &mut server, id);
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::FirstUse);
    verify(&mut alice, carol.user_id());
    // The device ends before it is sent.
    assert!(alice.machine.tell_verifications());
    alice.persist();
    alice.flush(&mut server, id);
    second.sync_inbox(&mut server);
    assert_eq!(changes(&second).len(), 2);
    for user_id in [bob.user_id(), carol.user_id()] {
        assert_eq!(second.machine.trust(user_id), Trust::Verified);
    }
}

#[test]
fn statements_are_bounded_and_malformed_ones_change_nothing() {
    let (mut server, alice, mut second, bob, id) = two_devices();
    let attacker = Attacker::of(&alice);
    let key = alice.machine.master_key(bob.user_id()).unwrap().to_owned();
    let mut rng = bob.rng;
    let put = |second: &mut Client, server: &mut Server, content: Value| {
        second.now_ms += 1;
        attacker.deliver(server, second, id, &attacker.payload(second, id, content));
        second.sync_inbox(server);
    };
    let strangers = |rng: &mut _, count: usize| -> Vec<Value> {
        (0..count).map(|_| says(uuid(rng).into(), &key, true, 1)).collect()
    };
    put(&mut second, &mut server, statement(&strangers(&mut rng, 33)));
    assert_eq!(dropped(&second), Some(DropReason::Malformed));
    for wrong in [json!({}), json!("x"), says(bob.machine.user_id(), &key, true, 1)["n"].clone()] {
        put(&mut second, &mut server, json!({"type": "verifications", "people": wrong}));
        assert_eq!(dropped(&second), Some(DropReason::Malformed));
    }
    put(&mut second, &mut server, statement(&[says(bob.machine.user_id(), "no key", true, 9)]));
    put(&mut second, &mut server, statement(&[says(alice.user_id(), &key, true, 9)]));
    assert!(!second.records.contains_key("verdicts"));
    for _ in 0..32 {
        put(&mut second, &mut server, statement(&strangers(&mut rng, 32)));
    }
    let kept: Value = serde_json::from_slice(&second.records["verdicts"]).unwrap();
    assert_eq!(kept["of"].as_array().unwrap().len(), 1_000);
    put(&mut second, &mut server, statement(&[says(bob.machine.user_id(), &key, true, 1)]));
    assert_eq!(second.machine.trust(bob.machine.user_id()), Trust::Verified, "who is known has room");
}

#[test]
fn a_device_that_comes_later_is_told_of_everybody_in_envelopes_that_fit() {
    let (mut server, mut alice, mut bob, id) = pair();
    let people: Vec<UserId> = (0..40).map(|n| Client::register(&mut server, 100 + n).user_id()).collect();
    alice.query(&server, &people);
    for user_id in &people {
        verify(&mut alice, *user_id);
    }
    let mut second = alice.link(&mut server, 11);
    second.query(&server, &people);
    alice.query(&server, &[alice.user_id()]);
    assert!(tell(&mut alice, &mut server, id));
    second.sync_inbox(&mut server);
    let trusted = |user_id: &&UserId| second.machine.trust(**user_id) == Trust::Verified;
    assert_eq!(people.iter().filter(trusted).count(), 40);
    let sizes = server.inboxes[&second.device_id()].iter().map(|item| match &item.body {
        InboxBody::Envelope { content, .. } => content.body.0.len(),
        _ => 0,
    });
    let sizes: Vec<usize> = sizes.collect();
    assert_eq!(sizes.len(), 2);
    assert!(sizes.iter().all(|size| *size < MAX_ENVELOPE_BYTES), "{sizes:?}");
    bob.sync(&mut server);
    assert!(bob.inbox.is_empty(), "nobody else hears of it");
}

#[test]
fn a_conversation_that_was_left_or_a_page_that_is_refused_only_delays_a_statement() {
    let (mut server, mut alice, mut second, bob, first) = two_devices();
    let other = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    second.fetch_roster(&server, other);
    verify(&mut alice, bob.user_id());
    assert!(alice.machine.tell_verifications());
    let chosen = alice.machine.conversations_with_work()[0];
    let rest = if chosen == first { other } else { first };
    server.put(alice.device_id(), InboxBody::ConversationLeft { conversation_id: chosen });
    alice.sync_inbox(&mut server);
    assert_eq!(alice.machine.conversations_with_work(), [rest]);
    let page = loop {
        match alice.machine.poll_send(rest, &mut alice.rng, alice.now_ms).unwrap() {
            SendStep::PostEnvelopes(page) => break page,
            SendStep::Idle => panic!("nothing is sent"),
            step => alice.perform(&mut server, rest, step),
        }
    };
    alice.machine.envelopes_refused(rest, page.txn_id, &Problem::new(ProblemCode::NotFound));
    alice.persist();
    assert!(!alice.machine.has_envelopes());
    assert!(tell(&mut alice, &mut server, rest), "at the next occasion");
    second.sync_inbox(&mut server);
    assert_eq!(second.machine.trust(bob.user_id()), Trust::Verified);
}
