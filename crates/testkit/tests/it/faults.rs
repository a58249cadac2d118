//! What breaks, and what holds all the same.

use std::time::Duration;

use sotto_bus::{
    Bus, BusConfig,
    interest::Topic,
    subscriber::{self, Heard},
};
use sotto_protocol::NodeId;
use sotto_service::{Entropy as _, SystemEntropy};
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

#[tokio::test(flavor = "multi_thread")]
async fn interest_that_a_slow_redis_did_not_take_is_entered_again() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    let node = &cluster.nodes[1].service.cluster;
    let interested = async || {
        let nodes = node.bus.interested(&[Topic::Conversation(id)]).await.ok()?;
        Some(nodes[0].contains(&node.node_id))
    };
    bob.client().disconnect();
    eventually("the interest ends", async || (interested().await == Some(false)).then_some(())).await;
    // Frozen, not cut: the subscription stands, and Redis remembers the node.
    cluster.redis.set(Mode::Stall);
    bob.client().connect();
    eventually("the session opens without Redis", async || node.hub.cursor(id)).await;
    assert!(node.doubt.owes());
    cluster.redis.set(Mode::Pass);
    eventually("the interest stands", async || (interested().await == Some(true)).then_some(())).await;
    eventually("nothing is owed", async || (!node.doubt.owes()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_froze_is_noticed_and_made_again() {
    let cluster = TestCluster::start(0).await;
    let direct = std::env::var("REDIS_URL").unwrap();
    let secret = direct.trim_start_matches("redis://").rsplit_once('@').map_or("", |(secret, _)| secret);
    let url = format!("redis://{secret}@{}", cluster.redis.address);
    let config = BusConfig { silence: Duration::from_millis(100), ..BusConfig::new(url) };
    let bus = Bus::connect_lazy(config).unwrap();
    let mut heard = subscriber::subscribe(bus, NodeId(SystemEntropy.uuid()));
    assert!(matches!(heard.recv().await, Some(Heard::Connected)));
    // Other tests talk on the control channel meanwhile.
    let mut next_doubt = async || loop {
        match heard.recv().await {
            Some(Heard::Control(_) | Heard::Wakes(_)) => {}
            other => return other,
        }
    };
    let quiet = tokio::time::timeout(Duration::from_millis(500), next_doubt()).await;
    assert!(quiet.is_err(), "quiet is not frozen: {quiet:?}");
    cluster.redis.set(Mode::Stall);
    assert!(matches!(next_doubt().await, Some(Heard::Unsure)));
    cluster.redis.set(Mode::Pass);
    eventually("it stands again", async || matches!(heard.recv().await, Some(Heard::Connected)).then_some(())).await;
}
