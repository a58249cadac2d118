//! Groups: who comes and goes, and what each can read.

use sotto_sdk::{ClientEvent, MessageBody};
use sotto_testkit::{Person, TestCluster};

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_member_reads_nothing_more_and_a_new_one_nothing_from_before() {
    let cluster = TestCluster::start(3).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let carol = Person::register(&cluster, 2, "carol").await;
    let dave = Person::register(&cluster, 1, "dave").await;
    let people = [alice.find(&bob).await, alice.find(&carol).await];
    let id = alice.client().create_group(&people).await.unwrap();
    bob.knows(id).await;
    carol.knows(id).await;
    alice.devices[0].say(id, "one").await;
    for person in [&alice, &bob, &carol] {
        assert_eq!(person.devices[0].shows(id, 1).await, ["one"]);
    }
    alice.client().remove_member(id, carol.client().user_id()).await.unwrap();
    carol.devices[0].sees("carol is told", |event| matches!(event, ClientEvent::Left { .. }).then_some(())).await;
    let newcomer = alice.find(&dave).await;
    alice.client().add_members(id, &[newcomer]).await.unwrap();
    dave.knows(id).await;
    bob.devices[0].say(id, "two").await;
    alice.devices[0].say(id, "three").await;
    for person in [&alice, &bob] {
        let mut texts = person.devices[0].shows(id, 3).await;
        texts[1..].sort();
        assert_eq!(texts, ["one", "three", "two"]);
    }
    let mut texts = dave.devices[0].shows(id, 2).await;
    texts.sort();
    assert_eq!(texts, ["three", "two"]);
    assert_eq!(carol.devices[0].texts(id), ["one"]);
    // Nobody who is out sends: refused at once, or by the node.
    if carol.devices[0].client.send(id, &sotto_sdk::MessageBody::text("still here?")).await.is_ok() {
        carol.devices[0]
            .sees("carol's send is refused", |event| match event {
                ClientEvent::Refused { .. } | ClientEvent::SendBlocked { .. } => Some(()),
                _ => None,
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_is_told_the_groups_name_and_timer_again() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let carol = Person::register(&cluster, 1, "carol").await;
    let id = alice.client().create_group(&[alice.find(&bob).await]).await.unwrap();
    alice.client().send(id, &MessageBody::RoomName { name: "Trip".into() }).await.unwrap();
    bob.knows(id).await;
    bob.client().accept(id).await.unwrap();
    bob.devices[0].shows(id, 1).await;
    bob.client().send(id, &MessageBody::Timer { after_ms: Some(60_000) }).await.unwrap();
    alice.devices[0].shows(id, 2).await;
    let newcomer = alice.find(&carol).await;
    alice.client().add_members(id, &[newcomer]).await.unwrap();
    carol.knows(id).await;
    carol.devices[0].shows(id, 2).await;
    assert_eq!(carol.client().room_name(id).await.unwrap().as_deref(), Some("Trip"));
    assert_eq!(carol.client().timer(id).await.unwrap(), Some(60_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_one_device_accepts_is_told_to_the_others_at_once() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mut bob = Person::register(&cluster, 0, "bob").await;
    bob.link(&cluster, 1).await;
    let id = alice.write_to(&bob).await;
    bob.knows(id).await;
    bob.client().accept(id).await.unwrap();
    bob.devices[1]
        .sees("the acceptance", |event| match event {
            ClientEvent::Accepted { conversation_id } if *conversation_id == id => Some(()),
            _ => None,
        })
        .await;
}
