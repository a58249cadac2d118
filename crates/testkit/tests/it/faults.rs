//! What breaks, and what holds all the same.

use sotto_testkit::{Mode, Person, TestCluster, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn messages_flow_between_nodes_without_redis_and_after_it_is_back() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "with").await;
    bob.devices[0].shows(id, 1).await;
    cluster.redis.set(Mode::Cut);
    eventually("the nodes notice", async || {
        cluster.nodes.iter().all(|node| !node.service.bus.is_connected()).then_some(())
    })
    .await;
    alice.devices[0].say(id, "without").await;
    bob.devices[0].shows(id, 2).await;
    bob.devices[0].say(id, "answer").await;
    alice.devices[0].shows(id, 3).await;
    cluster.redis.set(Mode::Pass);
    eventually("the nodes are connected again", async || {
        cluster.nodes.iter().all(|node| node.service.bus.is_connected()).then_some(())
    })
    .await;
    alice.devices[0].say(id, "again").await;
    let expected = ["with", "without", "answer", "again"];
    assert_eq!(bob.devices[0].shows(id, 4).await, expected);
    assert_eq!(alice.devices[0].shows(id, 4).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_acknowledges_nothing_and_loses_nothing() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "before").await;
    bob.devices[0].shows(id, 1).await;
    cluster.postgres.set(Mode::Cut);
    for n in 0..5 {
        alice.devices[0].say(id, &n.to_string()).await;
    }
    let health = reqwest::get(format!("{}/health", cluster.url(0))).await.unwrap();
    assert_eq!(health.status(), 503);
    assert_eq!(alice.devices[0].texts(id).len(), 1, "nothing is shown as sent");
    cluster.postgres.set(Mode::Pass);
    assert_eq!(bob.devices[0].shows(id, 6).await, ["before", "0", "1", "2", "3", "4"]);
    assert_eq!(alice.devices[0].shows(id, 6).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_node_sends_its_devices_elsewhere_without_loss() {
    let mut cluster = TestCluster::start(2).await;
    let alice = Person::register_on(&cluster, &[0, 1], "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "before").await;
    bob.devices[0].shows(id, 1).await;
    let mut node = cluster.nodes.remove(0);
    let ((), ()) = tokio::join!(node.drain(), async {
        for n in 0..20 {
            alice.devices[0].say(id, &n.to_string()).await;
        }
    });
    node.abort();
    let texts = bob.devices[0].shows(id, 21).await;
    assert_eq!(texts[1..], (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
}
