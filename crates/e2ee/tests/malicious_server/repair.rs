//! What was lost or broken repairs itself.

use sotto_e2ee::{Alarm, DropReason, EventOutcome, InboxOutcome, RefusedOutcome, Warning};
use sotto_protocol::{Problem, ProblemCode, events::InboxBody, keys::KeysDigestResponse};

use crate::{Client, attacker::Attacker, got_envelope, pair};

#[test]
fn a_lost_room_key_is_asked_for_and_the_event_shown_once_it_comes() {
    let (mut server, mut alice, mut bob, id) = pair();
    server.lose_envelopes = 1;
    alice.send(&mut server, id, "one");
    alice.send(&mut server, id, "two");
    bob.sync(&mut server);
    assert_eq!(bob.machine.undecryptable(id).len(), 2);
    assert!(bob.events.iter().any(|event| matches!(event, EventOutcome::Undecryptable { .. })));
    alice.sync(&mut server);
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["one", "two"]);
    assert!(bob.shown.iter().all(|shown| shown.warnings.is_empty()), "{:?}", bob.shown);
    assert!(bob.machine.undecryptable(id).is_empty());
}

#[test]
fn a_key_is_given_again_only_to_a_device_that_had_it_and_only_from_there() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "before the phone");
    let mut bob2 = bob.link(&mut server, 22);
    server.lose_envelopes = 1;
    alice.send(&mut server, id, "with the phone");
    bob2.sync(&mut server);
    alice.sync(&mut server);
    bob2.sync(&mut server);
    assert_eq!(bob2.texts(), ["with the phone"]);
    let before_it = bob2.events.iter().filter(|event| matches!(event, EventOutcome::Undecryptable { .. })).count();
    assert_eq!(before_it, 3, "both wait, and the first stays unreadable when the key comes");
    // Somebody who never had it asks.
    let carol = Client::register(&mut server, 3);
    let attacker = Attacker::of(&carol);
    let session_id = alice.room_keys().into_keys().next().unwrap()[3..].to_owned();
    let content = serde_json::json!({"type": "key_request", "session_id": session_id});
    let payload = attacker.payload(&alice, id, content);
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync(&mut server);
    assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Dropped(DropReason::Unsolicited))));
    assert!(!got_envelope(&server, carol.device_id()));
}

#[test]
fn a_revoked_device_that_asks_gets_nothing() {
    let (mut server, mut alice, mut bob, id) = pair();
    let bob2 = bob.link(&mut server, 22);
    alice.send(&mut server, id, "x");
    let session_id = alice.room_keys().into_keys().next().unwrap()[3..].to_owned();
    let list = bob.machine.revoke_device(bob2.device_id()).unwrap();
    server.extend_list(list, None);
    alice.fetch_roster(&server, id);
    let attacker = Attacker::of(&bob2);
    let payload = attacker.payload(&alice, id, serde_json::json!({"type": "key_request", "session_id": session_id}));
    attacker.deliver(&mut server, &alice, id, &payload);
    server.envelopes.clear();
    alice.sync(&mut server);
    assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Dropped(DropReason::Unsolicited))));
    assert!(!got_envelope(&server, bob2.device_id()));
}

#[test]
fn a_broken_channel_gets_a_new_session_at_most_once_an_hour() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "x");
    bob.sync(&mut server);
    bob.send(&mut server, id, "y");
    alice.sync(&mut server);
    // Bob loses his sessions with Alice, as after a restore of an old backup.
    let lose = |bob: &mut Client, alice: &Client| {
        bob.records.remove(&format!("olm/{}", alice.device_id()));
        bob.machine = sotto_e2ee::Machine::load(bob.records.clone()).unwrap();
    };
    lose(&mut bob, &alice);
    alice.now_ms += 25 * 3_600_000;
    bob.now_ms = alice.now_ms;
    let before = server.one_time_keys[&alice.device_id()].len();
    alice.send(&mut server, id, "with a new session key");
    bob.sync(&mut server);
    assert!(bob.inbox.iter().any(|outcome| matches!(outcome, InboxOutcome::Dropped(DropReason::Undecryptable))));
    assert_eq!(server.one_time_keys[&alice.device_id()].len(), before - 1, "bob made a new session");
    alice.sync(&mut server);
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["x", "y", "with a new session key"]);
    // A flood of rubbish does not make him claim again.
    for _ in 0..5 {
        let mut rubbish = server.inboxes[&bob.device_id()]
            .iter()
            .filter_map(|item| match &item.body {
                InboxBody::Envelope { content, .. } if content.message_type == 1 => Some(item.body.clone()),
                _ => None,
            })
            .next_back()
            .unwrap();
        if let InboxBody::Envelope { content, .. } = &mut rubbish {
            *content.body.0.last_mut().unwrap() ^= 1;
        }
        server.put(bob.device_id(), rubbish);
        bob.sync(&mut server);
    }
    assert_eq!(server.one_time_keys[&alice.device_id()].len(), before - 1);
}

#[test]
fn an_upload_is_persisted_first_and_repeated_until_it_is_acknowledged() {
    let (_, mut alice, _, _) = pair();
    let upload = alice.machine.one_time_keys_to_upload(10).unwrap().unwrap();
    assert_eq!(upload.one_time_keys.len(), 40);
    alice.persist();
    assert_eq!(alice.machine.one_time_keys_to_upload(10).unwrap().as_ref(), Some(&upload));
    let conflicting: Vec<String> = upload.one_time_keys.keys().take(3).cloned().collect();
    let rest = alice.machine.keys_conflicted(&conflicting).unwrap();
    assert_eq!(rest.one_time_keys.len(), 37);
    alice.machine.keys_uploaded();
    alice.persist();
    assert_eq!(alice.machine.one_time_keys_to_upload(50).unwrap(), None);
}

#[test]
fn a_digest_that_differs_drops_what_the_server_lost_and_refills() {
    let (mut server, mut alice, _, _) = pair();
    let held = server.one_time_keys.get_mut(&alice.device_id()).unwrap();
    let digest = sotto_identity::one_time_keys_digest(held.keys().map(String::as_str));
    assert_eq!(alice.machine.keys_digest().digest.0, digest);
    while held.len() > 20 {
        held.pop_last();
    }
    let key_ids = Some(held.keys().cloned().collect());
    let response = KeysDigestResponse { matches: false, key_ids };
    let upload = alice.machine.receive_digest(&response).unwrap().unwrap();
    alice.persist();
    assert_eq!(upload.one_time_keys.len(), 30);
    held.extend(upload.one_time_keys);
    let digest = sotto_identity::one_time_keys_digest(held.keys().map(String::as_str));
    assert_eq!(alice.machine.keys_digest().digest.0, digest);
}

#[test]
fn a_used_fallback_key_is_replaced_and_the_old_one_still_opens_what_is_on_its_way() {
    let (mut server, mut alice, bob, id) = pair();
    server.one_time_keys.get_mut(&alice.device_id()).unwrap().clear();
    let used = server.fallback_keys[&alice.device_id()].keys().next().unwrap().clone();
    let attacker = Attacker::of(&bob);
    let payload = attacker.payload(&alice, id, serde_json::json!({"type": "dummy"}));
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.now_ms = 3_600_000;
    let upload = alice.machine.replace_fallback_key(alice.now_ms).unwrap().unwrap();
    assert!(!upload.fallback_key.contains_key(&used));
    assert_eq!(alice.machine.replace_fallback_key(alice.now_ms + 3_599_999).unwrap(), None, "young");
    alice.machine.keys_uploaded();
    alice.persist();
    server.fallback_keys.insert(alice.device_id(), upload.fallback_key);
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert!(alice.inbox.iter().all(|outcome| matches!(outcome, InboxOutcome::Handled)), "{:?}", alice.inbox);
}

#[test]
fn a_server_that_lost_what_it_acknowledged_is_told_of_and_sending_goes_on() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "kept");
    let lost = alice.send(&mut server, id, "lost");
    let conversation = server.conversations.get_mut(&id).unwrap();
    conversation.stored.remove(&(alice.device_id(), lost));
    conversation.events.pop();
    alice.queue(id, "after");
    alice.send(&mut server, id, "and after that");
    let told = |alarm: &&Alarm| matches!(alarm, Alarm::AcknowledgedLost { txn_id, .. } if *txn_id == lost);
    assert_eq!(alice.alarms.iter().filter(told).count(), 1);
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["kept", "after", "and after that"]);
    assert_eq!(bob.shown[1].warnings, [Warning::Hole { missing: 1 }], "who never got it notices");
    assert_eq!(bob.shown[2].warnings, []);
}

#[test]
fn a_server_that_finds_everything_out_of_order_is_not_asked_for_ever() {
    let (mut server, mut alice, _, id) = pair();
    alice.send(&mut server, id, "stored");
    let txn_id = alice.queue(id, "refused");
    let out_of_order = Problem::new(ProblemCode::OutOfOrder);
    let mut outcomes = (0..20).map(|_| alice.machine.message_refused(id, txn_id, &out_of_order).unwrap());
    assert!(outcomes.any(|outcome| outcome == RefusedOutcome::Failed));
    assert_eq!(alice.machine.queued(id).count(), 0);
}
