//! Two people, four devices, three nodes.

use sotto_sdk::ClientEvent;
use sotto_testkit::{Person, TestCluster, eventually};

/// Messages of each device.
const EACH: usize = 15;

async fn two_people_with_two_devices(cluster: &TestCluster) -> (Person, Person) {
    let mut alice = Person::register(cluster, 0, "alice").await;
    let mut bob = Person::register(cluster, 1, "bob").await;
    alice.link(cluster, 2).await;
    bob.link(cluster, 2).await;
    (alice, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_shows_every_message_once_and_in_one_order() {
    let cluster = TestCluster::start(3).await;
    let (alice, bob) = two_people_with_two_devices(&cluster).await;
    let id = alice.talk_to(&bob).await;
    alice.knows(id).await;
    bob.knows(id).await;
    for n in 0..EACH {
        for person in [&alice, &bob] {
            for (i, device) in person.devices.iter().enumerate() {
                device.say(id, &format!("{} {i} {n}", person.name)).await;
            }
        }
    }
    let everybody: Vec<_> = alice.devices.iter().chain(&bob.devices).collect();
    let first = everybody[0].shows(id, EACH * 4).await;
    for device in &everybody[1..] {
        assert_eq!(device.shows(id, EACH * 4).await, first);
    }
    for person in ["alice", "bob"] {
        for device in 0..2 {
            let prefix = format!("{person} {device} ");
            let own: Vec<&String> = first.iter().filter(|text| text.starts_with(&prefix)).collect();
            let expected: Vec<String> = (0..EACH).map(|n| format!("{prefix}{n}")).collect();
            assert_eq!(own, expected.iter().collect::<Vec<_>>(), "a sender's own order");
        }
    }
    for device in everybody {
        assert_eq!(device.count(|event| matches!(event, ClientEvent::Undecryptable { .. })), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_linked_later_reads_what_comes_and_not_what_was() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mut bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "before").await;
    bob.devices[0].shows(id, 1).await;
    bob.link(&cluster, 0).await;
    alice.devices[0].say(id, "after").await;
    assert_eq!(bob.devices[0].shows(id, 2).await, ["before", "after"]);
    assert_eq!(bob.devices[1].shows(id, 1).await, ["after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn read_on_one_device_shows_on_the_other_and_to_the_sender() {
    let cluster = TestCluster::start(2).await;
    let (alice, mut bob) = {
        let alice = Person::register(&cluster, 0, "alice").await;
        (alice, Person::register(&cluster, 1, "bob").await)
    };
    bob.link(&cluster, 0).await;
    let id = alice.talk_to(&bob).await;
    bob.knows(id).await;
    alice.devices[0].say(id, "read me").await;
    bob.devices[0].shows(id, 1).await;
    let seq = bob.devices[0].shown(id)[0].seq;
    bob.devices[0].client.mark_read(id, seq).await.unwrap();
    for device in [&bob.devices[1], &alice.devices[0]] {
        device
            .sees("the read mark", |event| match event {
                ClientEvent::Marks { marks, .. } => marks
                    .iter()
                    .any(|mark| mark.user_id == bob.client().user_id() && mark.read_seq == seq)
                    .then_some(()),
                _ => None,
            })
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_gets_no_receipts_before_the_request_is_accepted() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.write_to(&bob).await;
    bob.knows(id).await;
    alice.devices[0].say(id, "hello, stranger").await;
    bob.devices[0].shows(id, 1).await;
    let seq = bob.devices[0].shown(id)[0].seq;
    bob.devices[0].client.mark_read(id, seq).await.unwrap();
    // The mark is stored, and told to bob's own devices only.
    eventually("the mark is stored", async || {
        let read: Option<i64> = sqlx::query_scalar("SELECT read_seq FROM marks WHERE user_id = $1")
            .bind(bob.client().user_id().0)
            .fetch_optional(cluster.database.pool())
            .await
            .unwrap();
        (read == Some(seq)).then_some(())
    })
    .await;
    alice.devices[0].say(id, "and again").await;
    bob.devices[0].shows(id, 2).await;
    let bob_id = bob.client().user_id();
    let is_bobs = |event: &ClientEvent| matches!(event, ClientEvent::Marks { marks, .. } if marks.iter().any(|mark| mark.user_id == bob_id));
    assert_eq!(alice.devices[0].count(is_bobs), 0);
}
