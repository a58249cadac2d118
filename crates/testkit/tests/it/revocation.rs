//! Revoked means out.

use sotto_sdk::ClientEvent;
use sotto_testkit::{Person, TestCluster};

const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_is_closed_on_another_node_and_gets_no_more_keys() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mut bob = Person::register(&cluster, 0, "bob").await;
    bob.link(&cluster, 1).await;
    let id = alice.talk_to(&bob).await;
    bob.knows(id).await;
    alice.devices[0].say(id, "to both").await;
    bob.devices[1].shows(id, 1).await;

    let lost = bob.devices[1].client.device_id();
    let receipt = bob.client().revoke_device(lost, PASSWORD).await.unwrap();
    assert_eq!(receipt.device_id, lost);
    bob.devices[1]
        .sees("the socket is closed for good", |event| match event {
            ClientEvent::Closed { code } => Some(*code),
            _ => None,
        })
        .await;
    alice.devices[0].say(id, "to one").await;
    assert_eq!(bob.devices[0].shows(id, 2).await, ["to both", "to one"]);
    assert_eq!(bob.devices[1].texts(id), ["to both"]);
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM inbox_items WHERE device_id = $1)
             + (SELECT count(*) FROM inboxes WHERE device_id = $1)
             + (SELECT count(*) FROM one_time_keys WHERE device_id = $1)
             + (SELECT count(*) FROM refresh_tokens WHERE device_id = $1)",
    )
    .bind(lost.0)
    .fetch_one(cluster.database.pool())
    .await
    .unwrap();
    assert_eq!(left, 0, "queue, keys and tokens are destroyed");
    let refused = bob.devices[1].client.conversations().await;
    assert!(refused.is_err(), "its token is dead");
}
