//! Revoked means out.

use std::time::{Duration, Instant};

use sotto_protocol::CloseCode;
use sotto_sdk::ClientEvent;
use sotto_testkit::{Mode, Person, RawSocket, TestCluster, TestDevice, eventually};

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
    assert_eq!((receipt.sockets_closed, receipt.sockets_pending), (1, false), "the other node confirms");
    assert_eq!((receipt.refresh_tokens_deleted, receipt.fallback_keys_deleted, receipt.devices_told), (1, 1, 1));
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

async fn closed(device: &TestDevice) -> Option<u16> {
    let code = |event: &ClientEvent| match event {
        ClientEvent::Closed { code } => Some(*code),
        _ => None,
    };
    device.sees("the socket is closed for good", code).await
}

/// What a node answers to a device with this token.
async fn answers(cluster: &TestCluster, node: usize, token: &str) -> u16 {
    let url = format!("{}/api/devices", cluster.url(node));
    reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_is_in_force_everywhere_within_ten_seconds_without_redis() {
    let cluster = TestCluster::start(2).await;
    let mut bob = Person::register(&cluster, 0, "bob").await;
    bob.link(&cluster, 1).await;
    let lost = &bob.devices[1];
    let token = lost.client.http().tokens().unwrap().access_token;
    assert_eq!(answers(&cluster, 1, &token).await, 200);
    cluster.redis.set(Mode::Cut);
    eventually("the nodes notice", async || {
        cluster.nodes.iter().all(|node| !node.service.bus.is_connected()).then_some(())
    })
    .await;
    let started = Instant::now();
    let receipt = bob.client().revoke_device(lost.client.device_id(), PASSWORD).await.unwrap();
    assert!(receipt.sockets_pending, "nobody can confirm it");
    assert_eq!(closed(lost).await, Some(CloseCode::Revoked.code()));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for node in 0..2 {
        assert_eq!(answers(&cluster, node, &token).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_is_in_force_on_every_node_within_two_seconds_with_redis_or_without() {
    let cluster = TestCluster::start(2).await;
    for redis in [Mode::Pass, Mode::Cut] {
        cluster.redis.set(redis);
        let name = if redis == Mode::Pass { "bob" } else { "bill" };
        let person = Person::register(&cluster, 0, name).await;
        let token = person.client().http().tokens().unwrap().access_token;
        person.client().disconnect();
        let ticket = person.client().http().create_ws_ticket().await.unwrap().ticket;
        let url = format!("{}?ticket={ticket}", cluster.nodes[1].ws_url());
        let mut socket = RawSocket::connect(&url, &[]).await.unwrap();
        assert!(socket.next().await.is_ok(), "the other node says welcome");
        let started = Instant::now();
        person.client().http().logout(&sotto_protocol::accounts::LogoutRequest::default()).await.unwrap();
        assert_eq!(answers(&cluster, 0, &token).await, 401, "here at once");
        let code = loop {
            if let Err(code) = socket.next().await {
                break code;
            }
        };
        assert_eq!(code, CloseCode::TokenExpired.code());
        assert_eq!(answers(&cluster, 1, &token).await, 401);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}
