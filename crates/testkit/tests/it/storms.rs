//! Many at once, and a database that does not keep up.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use sotto_protocol::{
    CloseCode, ConversationId, DeviceId, UserId,
    frames::{ClientFrame, ServerFrame},
    sync::Resume,
};
use sotto_service::{
    ServiceConfig,
    limits::{Limit, Rate},
    tokens::AccessClaims,
};
use sotto_testkit::{Mode, Person, RawSocket, TestCluster, eventually};
use uuid::Uuid;

const CROWD: i32 = 300;

/// Accounts with a device each, copied from those of a conversation and taking part in it; answers their tokens.
async fn crowd(cluster: &TestCluster, id: ConversationId) -> Vec<String> {
    let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "WITH who AS MATERIALIZED (
             SELECT n, gen_random_uuid() AS user_id, gen_random_uuid() AS device_id FROM generate_series(1, $1) n
         ), member AS (SELECT * FROM members WHERE conversation_id = $2 LIMIT 1
         ), users_made AS (
             INSERT INTO users (id, username, password_hash, master_key, self_signing_key, list_version, list_hash,
                 recovery_bundle, created_at)
             SELECT who.user_id, 'crowd' || n, password_hash, master_key, self_signing_key, list_version, list_hash,
                 recovery_bundle, created_at
             FROM who, users WHERE users.id = (SELECT user_id FROM member)
         ), devices_made AS (
             INSERT INTO devices (id, user_id, name, device_type, device_keys, verified, created_at)
             SELECT who.device_id, who.user_id, name, device_type, device_keys, verified, created_at
             FROM who, (SELECT * FROM devices WHERE user_id = (SELECT user_id FROM member) LIMIT 1) device
         ), members_made AS (
             INSERT INTO members (conversation_id, user_id, role, state, start_seq, roster_changed_version)
             SELECT conversation_id, who.user_id, role, state, start_seq, roster_changed_version FROM who, member
         )
         SELECT user_id, device_id FROM who",
    )
    .bind(CROWD)
    .bind(id.0)
    .fetch_all(cluster.database.pool())
    .await
    .unwrap();
    let token = |(user_id, device_id): (Uuid, Uuid)| {
        let claims = AccessClaims {
            user_id: UserId(user_id),
            device_id: DeviceId(device_id),
            token_generation: 0,
            verified: true,
            fresh_at_ms: None,
        };
        cluster.nodes[0].service.tokens.issue_access(claims).unwrap().token
    };
    rows.into_iter().map(token).collect()
}

/// Opens a socket and catches up; answers the events it was sent and the socket, or its close code.
async fn arrive(url: &str, token: &str) -> Result<(usize, RawSocket), u16> {
    let mut socket = RawSocket::connect(&format!("{url}?token={token}"), &[]).await.unwrap();
    assert!(matches!(socket.next().await?, ServerFrame::Welcome { .. }));
    socket.send(&ClientFrame::Hello { resume: Resume::default() }).await;
    let mut events = 0;
    loop {
        match socket.next().await? {
            ServerFrame::Sync { conversations } => {
                events += conversations.iter().map(|c| c.events.len()).sum::<usize>();
            }
            ServerFrame::CaughtUp { .. } => return Ok((events, socket)),
            _ => {}
        }
    }
}

async fn talk(cluster: &TestCluster) -> (Person, Person, ConversationId) {
    let alice = Person::register(cluster, 0, "alice").await;
    let bob = Person::register(cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "before").await;
    bob.devices[0].shows(id, 1).await;
    (alice, bob, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_at_once_on_four_connections_to_the_database_all_catch_up() {
    let mut cluster = TestCluster::start(0).await;
    cluster.add_small_node(4).await;
    let (alice, bob, id) = talk(&cluster).await;
    let tokens = crowd(&cluster, id).await;
    let url = cluster.nodes[0].ws_url();
    let arrivals = join_all(tokens.iter().map(|token| arrive(&url, token)));
    let (arrived, _) = tokio::join!(arrivals, alice.devices[0].say(id, "during"));
    let mut outcomes: BTreeMap<u16, usize> = BTreeMap::new();
    for outcome in &arrived {
        *outcomes.entry(outcome.as_ref().err().copied().unwrap_or_default()).or_default() += 1;
    }
    assert_eq!(outcomes, BTreeMap::from([(0, tokens.len())]), "by close code");
    assert!(arrived.iter().flatten().all(|(events, _)| *events > 0), "each was sent what was said");
    assert_eq!(bob.devices[0].shows(id, 2).await, ["before", "during"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_database_sends_arrivals_away_to_come_back_and_they_do() {
    let cluster = TestCluster::start(1).await;
    let (_alice, _bob, id) = talk(&cluster).await;
    let tokens = crowd(&cluster, id).await;
    let url = cluster.nodes[0].ws_url();
    cluster.postgres.set(Mode::Stall);
    let turned_away = join_all(tokens.iter().take(40).map(|token| arrive(&url, token))).await;
    for outcome in turned_away {
        let code = outcome.err().expect("nobody can be let in");
        assert!(CloseCode::may_return(code), "{code}");
    }
    cluster.postgres.set(Mode::Pass);
    for token in tokens.iter().take(40) {
        eventually("the device is back", async || arrive(&url, token).await.ok()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_cut_off_for_garbage_too_often_is_not_listened_to_any_more() {
    let mut cluster = TestCluster::start(0).await;
    let rate = Rate { burst: 2, period_ms: 600_000 };
    let strict = |service: &mut ServiceConfig| service.limits.rates.insert(Limit::CutDevice, rate);
    cluster.add_node_with(|service, _| assert_eq!(strict(service), None)).await;
    let (_alice, _bob, id) = talk(&cluster).await;
    let tokens = crowd(&cluster, id).await;
    let url = cluster.nodes[0].ws_url();
    for _ in 0..2 {
        let (_, mut socket) = arrive(&url, &tokens[0]).await.unwrap();
        socket.message("x".repeat(400_000).into()).await;
        socket.message("x".repeat(400_000).into()).await;
        let code = socket.find(|_| None::<()>).await;
        assert_eq!(code, Err(CloseCode::Protocol.code()));
    }
    assert_eq!(arrive(&url, &tokens[0]).await.err(), Some(CloseCode::UserLimit.code()));
    assert!(arrive(&url, &tokens[1]).await.is_ok(), "others are");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_floods_with_small_frames_is_refused_and_then_cut_off_to_come_back_later() {
    let mut cluster = TestCluster::start(0).await;
    let rate = Rate { burst: 50, period_ms: 600_000 };
    let slow = |service: &mut ServiceConfig| service.limits.rates.insert(Limit::FrameDevice, rate);
    cluster.add_node_with(|service, _| assert_eq!(slow(service), None)).await;
    let (_alice, _bob, id) = talk(&cluster).await;
    let tokens = crowd(&cluster, id).await;
    // Its hello is one of fifty.
    let (_, mut socket) = arrive(&cluster.nodes[0].ws_url(), &tokens[0]).await.unwrap();
    for nonce in 0..80 {
        socket.message(serde_json::to_string(&ClientFrame::Ping { nonce }).unwrap().into()).await;
    }
    let (mut pongs, mut refusals) = (0, 0);
    let code = loop {
        match socket.next().await {
            Ok(ServerFrame::Pong { .. }) => pongs += 1,
            Ok(ServerFrame::Error { .. }) => refusals += 1,
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!((pongs, refusals, code), (49, 10, CloseCode::UserLimit.code()));
}
