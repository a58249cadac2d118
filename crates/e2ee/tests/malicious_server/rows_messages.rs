//! Rows 6, 9 and 14: events that the server relabels, moves, replays, drops or swaps.

use sotto_e2ee::{EventOutcome, RefusalReason, Warning};
use sotto_protocol::{events::Event, events::EventBody, membership::ConversationKind};

use crate::{Client, Server, pair};

fn refused(outcome: &EventOutcome) -> Option<RefusalReason> {
    match outcome {
        EventOutcome::Refused { reason, .. } => Some(*reason),
        _ => None,
    }
}

fn message(server: &Server, id: sotto_protocol::ConversationId, from_end: usize) -> Event {
    server.conversations[&id].events.iter().rev().nth(from_end).unwrap().clone()
}

/// Bob has the keys, and sees everything but the last messages.
fn received(count: usize) -> (Server, Client, Client, sotto_protocol::ConversationId, Vec<Event>) {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "first");
    bob.sync(&mut server);
    for n in 0..count {
        alice.send(&mut server, id, &n.to_string());
    }
    let events = (0..count).rev().map(|at| message(&server, id, at)).collect();
    (server, alice, bob, id, events)
}

#[test]
fn row_06_an_event_under_another_senders_name_is_refused() {
    let (mut server, mut alice, mut bob, id, events) = received(1);
    let alice2 = alice.link(&mut server, 11);
    bob.fetch_roster(&server, id);
    let impostors = [(bob.user_id(), bob.device_id()), (alice.user_id(), alice2.device_id())];
    for (seq, (user_id, device_id)) in (20..).zip(impostors) {
        let mut event = Event { seq, ..events[0].clone() };
        (event.sender_user_id, event.sender_device_id) = (user_id, device_id);
        let outcome = bob.receive(&server, &event);
        assert_eq!(refused(&outcome), Some(RefusalReason::WrongSender));
    }
    assert_eq!(bob.texts(), ["first"]);
}

#[test]
fn row_06_an_event_of_a_device_that_no_list_names_is_refused() {
    let (server, _, mut bob, _, events) = received(1);
    let mut event = events[0].clone();
    event.sender_device_id = uuid::Uuid::from_u128(5).into();
    assert_eq!(refused(&bob.receive(&server, &event)), Some(RefusalReason::UnknownDevice));
}

#[test]
fn row_09_an_event_moved_to_another_conversation_is_refused() {
    let (mut server, mut alice, mut bob, _, events) = received(1);
    let other = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    alice.send(&mut server, other, "elsewhere");
    bob.sync(&mut server);
    let shown = bob.shown.len();
    let mut moved = events[0].clone();
    moved.conversation_id = other;
    moved.seq = 50;
    assert_eq!(refused(&bob.receive(&server, &moved)), Some(RefusalReason::WrongConversation));
    assert_eq!(bob.shown.len(), shown);
}

#[test]
fn row_09_a_replayed_event_is_shown_once() {
    let (server, _, mut bob, _, events) = received(1);
    bob.receive(&server, &events[0]);
    assert_eq!(bob.receive(&server, &events[0]), EventOutcome::Duplicate);
    let mut replayed = events[0].clone();
    replayed.seq += 1;
    assert_eq!(refused(&bob.receive(&server, &replayed)), Some(RefusalReason::Replayed));
    assert_eq!(bob.texts(), ["first", "0"]);
}

#[test]
fn row_09_an_event_under_another_transaction_id_is_refused() {
    let (server, _, mut bob, _, events) = received(1);
    let mut renamed = events[0].clone();
    if let EventBody::Message { txn_id, .. } = &mut renamed.body {
        *txn_id = uuid::Uuid::from_u128(9).into();
    }
    assert_eq!(refused(&bob.receive(&server, &renamed)), Some(RefusalReason::WrongTxn));
}

#[test]
fn row_09_two_ciphertexts_under_one_index_are_not_both_shown() {
    let (server, _, mut bob, _, events) = received(2);
    bob.receive(&server, &events[0]);
    let mut twin = events[1].clone();
    if let (EventBody::Message { content, .. }, EventBody::Message { content: first, .. }) =
        (&mut twin.body, &events[0].body)
    {
        content.ciphertext.clone_from(&first.ciphertext);
    }
    assert_eq!(refused(&bob.receive(&server, &twin)), Some(RefusalReason::Replayed));
    assert_eq!(bob.texts(), ["first", "0"]);
}

#[test]
fn row_14_a_dropped_message_is_noticed_at_the_next_one() {
    let (server, _, mut bob, _, mut events) = received(3);
    events.remove(1);
    // A server that drops a message has to renumber, or the log shows a gap.
    events[1].seq -= 1;
    bob.receive(&server, &events[0]);
    bob.receive(&server, &events[1]);
    assert!(bob.shown[1].warnings.is_empty());
    assert_eq!(bob.shown[2].warnings, [Warning::Hole { missing: 1 }]);
}

#[test]
fn row_14_swapped_messages_are_noticed() {
    let (server, _, mut bob, _, mut events) = received(2);
    events.swap(0, 1);
    let seqs = (events[1].seq, events[0].seq);
    (events[0].seq, events[1].seq) = seqs;
    bob.receive(&server, &events[0]);
    bob.receive(&server, &events[1]);
    let warnings: Vec<_> = bob.shown[1..].iter().flat_map(|shown| shown.warnings.clone()).collect();
    assert_eq!(warnings, [Warning::Hole { missing: 1 }, Warning::Swapped]);
}

#[test]
fn row_14_a_message_withheld_from_the_start_is_noticed() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "never delivered");
    alice.send(&mut server, id, "second");
    let events = &mut server.conversations.get_mut(&id).unwrap().events;
    events.remove(1);
    events[1].seq -= 1;
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["second"]);
    assert_eq!(bob.shown[0].warnings, [Warning::Hole { missing: 1 }]);
}

#[test]
fn row_14_a_server_that_shows_two_rosters_under_one_version_is_noticed() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let mut carol = Client::register(&mut server, 3);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id(), carol.user_id()]);
    bob.sync(&mut server);
    carol.link(&mut server, 33);
    // Bob gets the new version without Carol's new list, Alice gets it whole.
    let mut roster = server.roster(id, 0, 0);
    roster.identities.clear();
    bob.machine.receive_roster(roster).unwrap();
    bob.persist();
    alice.fetch_roster(&server, id);
    alice.send(&mut server, id, "x");
    bob.sync(&mut server);
    assert_eq!(bob.shown[0].warnings, [Warning::RosterMismatch]);
}
