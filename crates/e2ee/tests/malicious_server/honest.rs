//! With an honest server everything arrives, once, in order, without a warning.

use sotto_e2ee::{EventOutcome, RefusedOutcome, SendStep};
use sotto_protocol::{
    Problem, ProblemCode,
    membership::{ConversationKind, MembershipAction, Role},
};

use crate::{Client, Server, got_envelope, pair};

#[test]
fn two_people_talk() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "hello");
    bob.sync(&mut server);
    bob.send(&mut server, id, "hi");
    alice.sync(&mut server);
    bob.sync(&mut server);
    for person in [&alice, &bob] {
        assert_eq!(person.texts(), ["hello", "hi"]);
        assert!(person.shown.iter().all(|shown| shown.warnings.is_empty()));
        assert!(person.alarms.is_empty(), "{:?}", person.alarms);
    }
    assert_eq!(bob.machine.queued(id).count(), 0);
}

#[test]
fn all_devices_of_both_show_everything_and_a_newcomer_reads_from_where_it_came_in() {
    let (mut server, mut alice, mut bob, id) = pair();
    let mut alice2 = alice.link(&mut server, 11);
    alice.send(&mut server, id, "one");
    let mut bob2 = bob.link(&mut server, 12);
    alice.send(&mut server, id, "two");
    bob2.send(&mut server, id, "three");
    for device in [&mut alice, &mut alice2, &mut bob, &mut bob2] {
        device.sync(&mut server);
    }
    assert_eq!(alice.texts(), ["one", "two", "three"]);
    assert_eq!(alice2.texts(), ["one", "two", "three"]);
    assert_eq!(bob.texts(), ["one", "two", "three"]);
    assert_eq!(bob2.texts(), ["two", "three"]);
    let sessions: Vec<_> = alice.room_keys().into_keys().collect();
    assert_eq!(sessions.len(), 2, "the newcomer got the current session, not a new one");
    assert!([alice, alice2, bob, bob2].iter().flat_map(|d| &d.shown).all(|shown| shown.warnings.is_empty()));
}

#[test]
fn row_13_a_removed_member_and_a_revoked_device_get_no_more_keys() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let mut carol = Client::register(&mut server, 3);
    let bob2 = bob.link(&mut server, 21);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id(), carol.user_id()]);
    alice.send(&mut server, id, "all");
    carol.sync(&mut server);
    alice.change(&mut server, id, MembershipAction::Remove { user_id: carol.user_id() });
    server.envelopes.clear();
    alice.send(&mut server, id, "without carol");
    assert!(!got_envelope(&server, carol.device_id()));
    assert!(got_envelope(&server, bob.device_id()), "the session rotated");
    let list = bob.machine.revoke_device(bob2.device_id()).unwrap();
    server.extend_list(list, None);
    server.envelopes.clear();
    alice.send(&mut server, id, "without bob's second");
    assert!(!got_envelope(&server, bob2.device_id()));
    assert!(got_envelope(&server, bob.device_id()));
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["all", "without carol", "without bob's second"]);
    let last = server.conversations[&id].events.last().unwrap().clone();
    assert!(matches!(carol.machine.receive_event(&last, 0), EventOutcome::Undecryptable { .. }));
}

#[test]
fn members_come_and_go_and_a_newcomer_checks_the_chain_of_those_who_left() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let mut carol = Client::register(&mut server, 3);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id()]);
    alice.change(&mut server, id, MembershipAction::SetRole { user_id: bob.user_id(), role: Role::Admin });
    alice.fetch_roster(&server, id);
    alice.change(&mut server, id, MembershipAction::Leave {});
    bob.sync(&mut server);
    bob.query(&server, &[carol.user_id()]);
    let members = vec![bob.machine.new_member(carol.user_id(), Role::Member).unwrap()];
    bob.change(&mut server, id, MembershipAction::Add { members });
    bob.send(&mut server, id, "welcome");
    // Carol shares nothing with Alice any more: her keys are not served.
    server.accounts.remove(&alice.user_id());
    carol.sync(&mut server);
    assert_eq!(carol.texts(), ["welcome"]);
    assert!(carol.alarms.is_empty(), "{:?}", carol.alarms);
}

#[test]
fn a_pipelined_tail_is_encrypted_again_after_a_refusal_and_leaves_no_hole() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.send(&mut server, id, "0");
    bob.sync(&mut server);
    for text in ["1", "2", "3"] {
        alice.queue(id, text);
    }
    let mut sends = Vec::new();
    while let SendStep::Send(message) = alice.machine.poll_send(id, &mut alice.rng, alice.now_ms).unwrap() {
        sends.push(message);
    }
    assert_eq!(sends.len(), 3);
    let mut bob2 = bob.link(&mut server, 22);
    let sender = (alice.user_id(), alice.device_id());
    let problems: Vec<Problem> = sends.iter().map(|m| server.send(id, sender, m, 0).unwrap_err()).collect();
    assert_eq!(problems[0].code, ProblemCode::StaleRoster);
    for (message, problem) in sends.iter().zip(&problems) {
        let outcome = alice.machine.message_refused(id, message.txn_id, problem).unwrap();
        assert_eq!(outcome, RefusedOutcome::Again);
    }
    alice.persist();
    alice.flush(&mut server, id);
    bob.sync(&mut server);
    bob2.sync(&mut server);
    assert_eq!(bob.texts(), ["0", "1", "2", "3"]);
    assert_eq!(bob2.texts(), ["1", "2", "3"]);
    assert!(bob.shown.iter().chain(&bob2.shown).all(|shown| shown.warnings.is_empty()));
}

#[test]
fn an_unknown_outcome_is_retried_in_the_same_bytes() {
    let (mut server, mut alice, mut bob, id) = pair();
    alice.queue(id, "once");
    let message = loop {
        match alice.machine.poll_send(id, &mut alice.rng, alice.now_ms).unwrap() {
            SendStep::Send(message) => break message,
            step => alice.perform(&mut server, id, step),
        }
    };
    let sender = (alice.user_id(), alice.device_id());
    let first = server.send(id, sender, &message, 0).unwrap();
    alice.machine.resend(id);
    alice.persist();
    let SendStep::Send(again) = alice.machine.poll_send(id, &mut alice.rng, alice.now_ms).unwrap() else {
        panic!("nothing to send again")
    };
    assert_eq!(again, message);
    assert_eq!(server.send(id, sender, &again, 0).unwrap().seq, first.seq);
    // The event itself resolves the outcome too.
    alice.sync(&mut server);
    assert_eq!(alice.machine.queued(id).count(), 0);
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["once"]);
}

#[test]
fn a_message_that_fails_for_good_leaves_no_hole() {
    let (mut server, mut alice, mut bob, id) = pair();
    let doomed = alice.queue(id, "doomed");
    alice.queue(id, "lives");
    let outcome = alice.machine.message_refused(id, doomed, &Problem::new(ProblemCode::PayloadTooLarge)).unwrap();
    assert_eq!(outcome, RefusedOutcome::Failed);
    alice.flush(&mut server, id);
    bob.sync(&mut server);
    assert_eq!(bob.texts(), ["lives"]);
    assert!(bob.shown[0].warnings.is_empty());
    assert_eq!(bob.shown[0].counter, 1);
}

#[test]
fn a_session_rotates_after_100_messages_and_after_24_hours() {
    let (mut server, mut alice, mut bob, id) = pair();
    for n in 0..101 {
        alice.queue(id, &n.to_string());
    }
    alice.flush(&mut server, id);
    assert_eq!(alice.room_keys().len(), 2);
    alice.now_ms += 24 * 3_600_000;
    alice.send(&mut server, id, "next day");
    assert_eq!(alice.room_keys().len(), 3);
    bob.sync(&mut server);
    assert_eq!(bob.shown.len(), 102);
    assert!(bob.shown.iter().all(|shown| shown.warnings.is_empty()));
}

#[test]
fn shares_of_a_big_group_go_ahead_in_pages() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut others: Vec<Client> = (0..250).map(|n| Client::register(&mut server, 100 + n)).collect();
    let ids: Vec<_> = others.iter().map(Client::user_id).collect();
    let id = alice.create(&mut server, ConversationKind::Group, &ids);
    alice.queue(id, "to all");
    let mut pages = 0;
    loop {
        let step = alice.machine.poll_send(id, &mut alice.rng, alice.now_ms).unwrap();
        match &step {
            SendStep::Idle => break,
            SendStep::PostEnvelopes(page) => {
                pages += 1;
                assert!(serde_json::to_vec(page).unwrap().len() < 256 * 1024);
            }
            SendStep::Send(message) => assert!(message.envelopes.is_empty()),
            _ => {}
        }
        alice.perform(&mut server, id, step);
    }
    assert!(pages > 1);
    for other in &mut others[..3] {
        other.sync(&mut server);
        assert_eq!(other.texts(), ["to all"]);
    }
    assert!(others.iter().all(|other| got_envelope(&server, other.device_id())));
}

#[test]
fn a_lost_device_is_replaced_with_the_recovery_key() {
    use rand::{SeedableRng as _, rngs::StdRng};
    use sotto_e2ee::{Machine, RecoveryKey};
    use sotto_protocol::recovery::RecoveryResponse;

    let mut server = Server::default();
    let mut rng = StdRng::seed_from_u64(9);
    let (user_id, device_id) = (crate::client::uuid(&mut rng).into(), crate::client::uuid(&mut rng).into());
    let lost = Machine::register(&mut rng, user_id, device_id, 0).unwrap();
    server.register(&lost.keys);
    let text = lost.recovery_key.to_text();
    let key = RecoveryKey::parse(&text.to_lowercase()).unwrap();
    let response = RecoveryResponse {
        recovery_bundle: lost.keys.recovery_bundle.clone(),
        identity: server.identity(user_id).unwrap(),
    };
    let mut fresh = Machine::new_unlinked(user_id, crate::client::uuid(&mut rng).into()).unwrap();
    assert!(fresh.recover(&RecoveryKey::random(&mut rng), &response, 0).is_err());
    let request = fresh.recover(&key, &response, 0).unwrap();
    server.extend_list(request.device_list, Some(request.device_keys));
    let mut fresh = Client::new(fresh, rng);
    fresh.query(&server, &[user_id]);
    assert!(fresh.machine.is_linked());
    let list = fresh.machine.revoke_device(device_id).unwrap();
    assert_eq!(list.devices.len(), 1);
}

#[test]
fn a_member_whose_account_is_gone_does_not_hold_up_the_others() {
    let mut server = Server::default();
    let mut alice = Client::register(&mut server, 1);
    let mut bob = Client::register(&mut server, 2);
    let carol = Client::register(&mut server, 3);
    let id = alice.create(&mut server, ConversationKind::Group, &[bob.user_id(), carol.user_id()]);
    let mut roster = server.roster(id, 0, 0);
    roster.members.retain(|member| member.user_id != carol.user_id());
    server.accounts.remove(&carol.user_id());
    alice.machine.receive_roster(roster).unwrap();
    alice.send(&mut server, id, "two of us");
    assert!(!got_envelope(&server, carol.device_id()));
    bob.sync_inbox(&mut server);
    assert_eq!(bob.inbox.len(), 1);
}
