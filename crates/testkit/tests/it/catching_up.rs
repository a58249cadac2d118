//! Going away and coming back.

use sotto_testkit::{Person, TestCluster};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_gets_everything_once_with_its_keys_first() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "0").await;
    bob.devices[0].shows(id, 1).await;
    bob.client().disconnect();
    for n in 1..=300 {
        alice.devices[0].say(id, &n.to_string()).await;
    }
    alice.devices[0].shows(id, 301).await;
    bob.client().connect();
    let expected: Vec<String> = (0..=300).map(|n| n.to_string()).collect();
    assert_eq!(bob.devices[0].shows(id, 301).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_offline_are_sent_in_order_on_return() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "on").await;
    bob.devices[0].shows(id, 1).await;
    alice.client().disconnect();
    for n in 0..20 {
        alice.devices[0].say(id, &n.to_string()).await;
    }
    alice.client().connect();
    let texts = bob.devices[0].shows(id, 21).await;
    assert_eq!(texts[1..], (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
}
