//! Rows 6, 7, 8, 10 and 11: what may come over Olm, and from whom.

use serde_json::{Value, json};
use sotto_e2ee::{DropReason, InboxOutcome};
use sotto_protocol::{ConversationId, TxnId, events::InboxBody};
use vodozemac::{
    megolm::{GroupSession, InboundGroupSession, SessionConfig},
    olm::Session,
};

use crate::{
    Client, Server,
    attacker::{Attacker, ed25519_of},
    client::uuid,
    pair,
};

fn dropped(client: &Client) -> Option<DropReason> {
    match client.inbox.last() {
        Some(InboxOutcome::Dropped(reason)) => Some(*reason),
        _ => None,
    }
}

fn room_key(group: &GroupSession) -> serde_json::Value {
    let session_key = group.session_key().to_base64();
    json!({"type": "room_key", "session_id": group.session_id(), "session_key": session_key, "n": 1})
}

#[test]
fn an_attackers_honest_payload_is_accepted_so_the_rows_below_prove_something() {
    let (mut server, mut alice, bob, id) = pair();
    let attacker = Attacker::of(&bob);
    let payload = attacker.payload(&alice, id, room_key(&GroupSession::new(SessionConfig::version_1())));
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Keys { .. })), "{:?}", alice.inbox);
    assert_eq!(alice.room_keys().len(), 1);
}

#[test]
fn row_06_a_payload_that_disagrees_with_its_sender_is_dropped() {
    let (mut server, mut alice, bob, id) = pair();
    let carol = Client::register(&mut server, 3);
    let (attacker, carols) = (Attacker::of(&bob), Attacker::of(&carol));
    let honest = attacker.payload(&alice, id, room_key(&GroupSession::new(SessionConfig::version_1())));
    let forgeries = [
        ("sender_user_id", json!(carol.user_id())),
        ("sender_device_id", json!(carol.device_id())),
        ("sender_ed25519", json!(ed25519_of(&carol))),
        ("sender_device_keys", carols.record["device_keys"].clone()),
        ("sender_device_keys", json!(null)),
    ];
    for (field, value) in forgeries {
        let mut payload = honest.clone();
        payload[field] = value;
        attacker.deliver(&mut server, &alice, id, &payload);
        alice.sync_inbox(&mut server);
        assert_eq!(dropped(&alice), Some(DropReason::SenderMismatch), "{field}");
        alice.now_ms += 1;
    }
    // The user inside the sender's own keys is changed, as for an account that claims another's device.
    let mut payload = honest.clone();
    payload["sender_device_keys"]["user_id"] = json!(carol.user_id());
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::SenderMismatch));
    assert!(alice.room_keys().is_empty());
}

#[test]
fn row_06_an_envelope_under_another_senders_name_is_dropped() {
    let (mut server, mut alice, mut bob, id) = pair();
    let bob2 = bob.link(&mut server, 22);
    bob.send(&mut server, id, "x");
    for item in server.inboxes.get_mut(&alice.device_id()).unwrap() {
        if let InboxBody::Envelope { sender_device_id, .. } = &mut item.body {
            *sender_device_id = bob2.device_id();
        }
    }
    alice.query(&server, &[bob.user_id()]);
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::SenderMismatch));
    assert!(alice.room_keys().is_empty());
}

#[test]
fn row_07_a_room_key_wrapped_in_megolm_changes_nothing() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "x");
    bob.sync(&mut server);
    let known: Vec<_> = bob.room_keys().into_keys().collect();
    let body = room_key(&GroupSession::new(SessionConfig::version_1())).to_string();
    let txn_id = TxnId(uuid(&mut alice.rng));
    alice.machine.queue_json(id, txn_id, &body, None).unwrap();
    alice.flush(&mut server, id);
    bob.sync(&mut server);
    assert_eq!(bob.shown.last().unwrap().body_json, body);
    assert_eq!(bob.shown.last().unwrap().body(), None);
    assert_eq!(bob.room_keys().into_keys().collect::<Vec<_>>(), known);
}

#[test]
fn row_07_forwarded_keys_that_nobody_asked_for_change_nothing() {
    let (mut server, mut alice, bob, id) = pair();
    let alice2 = alice.link(&mut server, 11);
    let group = GroupSession::new(SessionConfig::version_1());
    let exported = InboundGroupSession::from(&group).export_at_first_known_index().to_base64();
    for sender in [&bob, &alice2] {
        for owner in [bob.device_id(), alice2.device_id(), alice.device_id()] {
            let attacker = Attacker::of(sender);
            let content = json!({
                "type": "forwarded_room_key", "session_id": group.session_id(),
                "session_key": exported, "owner_device_id": owner,
            });
            let payload = attacker.payload(&alice, id, content);
            attacker.deliver(&mut server, &alice, id, &payload);
            alice.sync_inbox(&mut server);
            assert_eq!(dropped(&alice), Some(DropReason::Unsolicited));
        }
    }
    assert!(alice.room_keys().is_empty());
}

#[test]
fn row_07_a_self_signing_key_from_somebody_else_is_not_taken() {
    let (mut server, mut alice, bob, id) = pair();
    let attacker = Attacker::of(&bob);
    let content = json!({"type": "self_signing_key", "seed": attacker.record["self_signing"]});
    let payload = attacker.payload(&alice, id, content);
    attacker.deliver(&mut server, &alice, id, &payload);
    let before = alice.records["account"].clone();
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::Unsolicited));
    let secret = |record: &[u8]| serde_json::from_slice::<serde_json::Value>(record).unwrap()["self_signing"].clone();
    assert_eq!(secret(&before), secret(&alice.records["account"]));
}

#[test]
fn row_08_a_session_is_not_overwritten_by_a_worse_or_a_foreign_one() {
    let (mut server, mut alice, mut bob, id) = pair();
    let mut carol = Client::register(&mut server, 3);
    let attacker = Attacker::of(&bob);
    let mut group = GroupSession::new(SessionConfig::version_1());
    let payload = attacker.payload(&alice, id, room_key(&group));
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    let stored = alice.room_keys();
    assert_eq!(stored.len(), 1);
    group.encrypt("advances");
    let worse = attacker.payload(&alice, id, room_key(&group));
    attacker.deliver(&mut server, &alice, id, &worse);
    // Carol heard of the session and claims that it is hers.
    carol.query(&server, &[alice.user_id()]);
    let thief = Attacker::of(&carol);
    let foreign = thief.payload(&alice, id, room_key(&group));
    thief.deliver(&mut server, &alice, id, &foreign);
    bob.sync(&mut server);
    alice.sync_inbox(&mut server);
    assert_eq!(alice.room_keys(), stored);
    assert!(alice.has_alarm(|alarm| matches!(alarm, sotto_e2ee::Alarm::ForeignRoomKey { .. })));
}

#[test]
fn row_10_a_replayed_fallback_prekey_message_makes_no_second_session_or_message() {
    let (mut server, mut alice, bob, id) = pair();
    server.one_time_keys.get_mut(&alice.device_id()).unwrap().clear();
    let attacker = Attacker::of(&bob);
    let payload = attacker.payload(&alice, id, room_key(&GroupSession::new(SessionConfig::version_1())));
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Keys { .. })));
    let first = server.inboxes[&alice.device_id()][0].body.clone();
    server.put(alice.device_id(), first.clone());
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::Replayed), "while its session lives");
    // Sessions that push the first one out.
    for _ in 0..6 {
        alice.now_ms += 1;
        let payload = attacker.payload(&alice, id, json!({"type": "dummy"}));
        attacker.deliver(&mut server, &alice, id, &payload);
        alice.sync_inbox(&mut server);
        assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Handled)));
    }
    let before = alice.records[&format!("olm/{}", bob.device_id())].clone();
    server.put(alice.device_id(), first);
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::Replayed), "after its session is gone");
    assert_eq!(alice.records[&format!("olm/{}", bob.device_id())], before);
}

/// Begins a session with Alice's next one-time key, or her fallback key.
fn begin(server: &mut Server, attacker: &Attacker, alice: &mut Client, id: ConversationId) -> Session {
    alice.now_ms += 1;
    let payload = attacker.payload(alice, id, json!({"type": "dummy"}));
    let mut session = attacker.session(server, alice);
    let content = attacker.encrypt(&mut session, &payload);
    attacker.put(server, alice, id, content);
    alice.sync_inbox(server);
    session
}

#[test]
fn sessions_with_one_device_are_bounded_and_the_newest_stay() {
    let (mut server, mut alice, bob, id) = pair();
    let attacker = Attacker::of(&bob);
    let mut sessions: Vec<Session> = (0..12).map(|_| begin(&mut server, &attacker, &mut alice, id)).collect();
    assert!(alice.inbox.iter().all(|outcome| matches!(outcome, InboxOutcome::Handled)));
    let record: Value = serde_json::from_slice(&alice.records[&format!("olm/{}", bob.device_id())]).unwrap();
    assert_eq!(record["sessions"].as_array().unwrap().len(), 5);
    for session in &mut sessions[7..] {
        let payload = attacker.payload(&alice, id, json!({"type": "dummy"}));
        let content = attacker.encrypt(session, &payload);
        attacker.put(&mut server, &alice, id, content);
        alice.sync_inbox(&mut server);
        assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Handled)), "{:?}", alice.inbox.last());
    }
}

#[test]
fn one_device_does_not_fill_the_memory_of_a_fallback_key() {
    let (mut server, mut alice, bob, id) = pair();
    let carol = Client::register(&mut server, 3);
    server.one_time_keys.get_mut(&alice.device_id()).unwrap().clear();
    alice.query(&server, &[carol.user_id()]);
    let flooding = Attacker::of(&bob);
    for _ in 0..40 {
        begin(&mut server, &flooding, &mut alice, id);
    }
    assert_eq!(dropped(&alice), Some(DropReason::TooManySessions));
    let account: Value = serde_json::from_slice(&alice.records["account"]).unwrap();
    assert_eq!(account["fallback"]["used"][0]["sessions"].as_array().unwrap().len(), 32);
    begin(&mut server, &Attacker::of(&carol), &mut alice, id);
    assert!(matches!(alice.inbox.last(), Some(InboxOutcome::Handled)), "others are not affected");
}

#[test]
fn row_11_a_relayed_plaintext_is_dropped() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let mut carol = Client::register(&mut server, 3);
    let others = [bob.user_id(), carol.user_id()];
    let id = alice.create(&mut server, sotto_protocol::membership::ConversationKind::Group, &others);
    bob.sync(&mut server);
    carol.sync(&mut server);
    // What Alice wrote for Bob, Bob encrypts for Carol: as his own, and with only the recipient corrected.
    let (alices, bobs) = (Attacker::of(&alice), Attacker::of(&bob));
    let group = GroupSession::new(SessionConfig::version_1());
    let relayed = alices.payload(&bob, id, room_key(&group));
    let readdressed = alices.payload(&carol, id, room_key(&group));
    let mut signed_over = bobs.payload(&bob, id, room_key(&group));
    signed_over["recipient_user_id"] = json!(carol.user_id());
    for (payload, expected) in [
        (relayed, DropReason::SenderMismatch),
        (readdressed, DropReason::SenderMismatch),
        (signed_over, DropReason::RecipientMismatch),
        (bobs.payload(&bob, id, room_key(&group)), DropReason::RecipientMismatch),
    ] {
        bobs.deliver(&mut server, &carol, id, &payload);
        carol.sync_inbox(&mut server);
        assert_eq!(dropped(&carol), Some(expected));
    }
    let mut elsewhere = bobs.payload(&carol, id, room_key(&group));
    elsewhere["conversation_id"] = json!(uuid::Uuid::nil());
    bobs.deliver(&mut server, &carol, id, &elsewhere);
    carol.sync_inbox(&mut server);
    assert_eq!(dropped(&carol), Some(DropReason::ConversationMismatch));
    assert!(carol.room_keys().is_empty());
}

#[test]
fn row_11_each_field_that_names_the_recipient_counts() {
    let (mut server, mut alice, bob, id) = pair();
    let carol = Client::register(&mut server, 3);
    let attacker = Attacker::of(&bob);
    for (field, value) in [
        ("recipient_user_id", json!(carol.user_id())),
        ("recipient_device_id", json!(carol.device_id())),
        ("recipient_ed25519", json!(ed25519_of(&carol))),
    ] {
        let mut payload = attacker.payload(&alice, id, room_key(&GroupSession::new(SessionConfig::version_1())));
        payload[field] = value;
        attacker.deliver(&mut server, &alice, id, &payload);
        alice.sync_inbox(&mut server);
        assert_eq!(dropped(&alice), Some(DropReason::RecipientMismatch), "{field}");
    }
    assert!(alice.room_keys().is_empty());
}

#[test]
fn row_07_even_the_right_self_signing_key_is_taken_from_own_devices_only() {
    let (mut server, mut alice, bob, id) = pair();
    let attacker = Attacker::of(&bob);
    let seed = Attacker::of(&alice).record["self_signing"].clone();
    let payload = attacker.payload(&alice, id, json!({"type": "self_signing_key", "seed": seed}));
    attacker.deliver(&mut server, &alice, id, &payload);
    alice.sync_inbox(&mut server);
    assert_eq!(dropped(&alice), Some(DropReason::Unsolicited));
}
