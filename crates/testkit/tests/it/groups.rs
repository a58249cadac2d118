//! Groups: who comes and goes, and what each can read.

use sotto_sdk::ClientEvent;
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
