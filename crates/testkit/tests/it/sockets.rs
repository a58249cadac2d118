//! The socket itself: credentials, close codes, hostile frames.

use sotto_protocol::{
    CloseCode, ProblemCode,
    events::EventBody,
    frames::{ClientFrame, ServerFrame},
    limits,
    sync::Resume,
};
use sotto_testkit::{Person, RawSocket, TestCluster, eventually};
use tokio_tungstenite::tungstenite::{Error, Message, http::StatusCode};

fn hello() -> ClientFrame {
    ClientFrame::Hello { resume: Resume::default() }
}

async fn ticket(person: &Person) -> String {
    person.client().http().create_ws_ticket().await.unwrap().ticket
}

async fn open(cluster: &TestCluster, person: &Person) -> RawSocket {
    let url = format!("{}?ticket={}", cluster.nodes[0].ws_url(), ticket(person).await);
    let mut socket = RawSocket::connect(&url, &[]).await.unwrap();
    assert!(matches!(socket.next().await, Ok(ServerFrame::Welcome { .. })));
    socket
}

async fn close_code(mut socket: RawSocket) -> u16 {
    loop {
        if let Err(code) = socket.next().await {
            return code;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_opens_one_socket() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    alice.client().disconnect();
    let ticket = ticket(&alice).await;
    let protocols = format!("sotto.v1, ticket.{ticket}");
    let mut socket =
        RawSocket::connect(&cluster.nodes[0].ws_url(), &[("sec-websocket-protocol", &protocols)]).await.unwrap();
    assert!(matches!(socket.next().await, Ok(ServerFrame::Welcome { .. })));
    for node in &cluster.nodes {
        let again = RawSocket::connect(&format!("{}?ticket={ticket}", node.ws_url()), &[]).await.unwrap();
        assert_eq!(close_code(again).await, CloseCode::Unauthorized.code());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credential_or_a_forged_one_is_told_by_a_close_code() {
    let cluster = TestCluster::start(1).await;
    for query in ["", "?token=x", "?ticket=x.y.z"] {
        let socket = RawSocket::connect(&format!("{}{query}", cluster.nodes[0].ws_url()), &[]).await.unwrap();
        assert_eq!(close_code(socket).await, CloseCode::Unauthorized.code());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_foreign_origin_gets_no_socket() {
    let cluster = TestCluster::start(1).await;
    let refused =
        RawSocket::connect(&cluster.nodes[0].ws_url(), &[("origin", "https://evil.example")]).await.err().unwrap();
    assert!(matches!(refused, Error::Http(response) if response.status() == StatusCode::FORBIDDEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_node_says_so_before_the_upgrade() {
    let mut cluster = TestCluster::start(0).await;
    cluster.add_node_with(|service, _| service.max_sockets = 1).await;
    let _alice = Person::register(&cluster, 0, "alice").await;
    let refused = RawSocket::connect(&cluster.nodes[0].ws_url(), &[]).await.err().unwrap();
    let Error::Http(response) = refused else { panic!("not an HTTP answer") };
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_socket_of_a_device_replaces_the_older_on_any_node() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    alice.client().disconnect();
    let older = open(&cluster, &alice).await;
    let url = format!("{}?ticket={}", cluster.nodes[1].ws_url(), ticket(&alice).await);
    let mut newer = RawSocket::connect(&url, &[]).await.unwrap();
    assert!(matches!(newer.next().await, Ok(ServerFrame::Welcome { .. })));
    assert_eq!(close_code(older).await, CloseCode::Replaced.code());
    newer.send(&ClientFrame::Ping { nonce: 5 }).await;
    assert_eq!(newer.next().await, Ok(ServerFrame::Pong { nonce: 5 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_brought_into_a_conversation_before_hello_hears_it_though_the_notice_was_taken_before() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.client().disconnect();
    let mut socket = open(&cluster, &alice).await;
    let id = bob.write_to(&alice).await;
    // As after an older socket of the device that brought the notice.
    socket.send(&ClientFrame::Hello { resume: Resume { inbox_seq: 1_000, ..Resume::default() } }).await;
    socket.find(|frame| matches!(frame, ServerFrame::CaughtUp { .. }).then_some(())).await.unwrap();
    bob.devices[0].say(id, "live").await;
    let live = socket.find(|frame| match frame {
        ServerFrame::Event { event } => Some((event.conversation_id, matches!(event.body, EventBody::Message { .. }))),
        _ => None,
    });
    assert_eq!(live.await, Ok((id, true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_and_nobody_tells_of_is_late_and_not_lost() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "one").await;
    bob.client().disconnect();
    let mut socket = open(&cluster, &bob).await;
    socket.send(&ClientFrame::Hello { resume: Resume::default() }).await;
    socket.find(|frame| matches!(frame, ServerFrame::CaughtUp { .. }).then_some(())).await.unwrap();
    let inside = &cluster.nodes[0].service.cluster;
    eventually("the node is sure", async || (!inside.doubt.holds(inside.clock.monotonic())).then_some(())).await;
    // As by a node that dies between its commit and telling of it.
    let stored = sqlx::query(
        "WITH c AS (UPDATE conversations SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq),
         e AS (INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, target_seq)
             SELECT $1, last_seq, 3, $2, $3, now(), last_seq - 1 FROM c)
         INSERT INTO wake_outbox (conversation_ids, device_ids) VALUES (ARRAY[$1], '{}')",
    );
    let (user, device) = (alice.client().user_id().0, alice.client().device_id().0);
    stored.bind(id.0).bind(user).bind(device).execute(cluster.database.pool()).await.unwrap();
    let removal = socket.find(|frame| match frame {
        ServerFrame::Event { event } => matches!(event.body, EventBody::Removal { .. }).then_some(()),
        _ => None,
    });
    removal.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_put_out_of_a_group_before_hello_does_not_listen_there() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = bob.client().create_group(&[bob.find(&alice).await]).await.unwrap();
    alice.knows(id).await;
    alice.client().disconnect();
    let mut socket = open(&cluster, &alice).await;
    bob.client().remove_member(id, alice.client().user_id()).await.unwrap();
    socket.send(&ClientFrame::Hello { resume: Resume { inbox_seq: 1_000, ..Resume::default() } }).await;
    socket.find(|frame| matches!(frame, ServerFrame::CaughtUp { .. }).then_some(())).await.unwrap();
    let hub = &cluster.nodes[0].service.cluster.hub;
    eventually("nobody here listens to the group", async || (!hub.holds(id)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_frames_are_refused_and_end_the_socket_they_came_on() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    alice.client().disconnect();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for (text, code) in [
        ("{", ProblemCode::MalformedJson),
        (deep.as_str(), ProblemCode::MalformedJson),
        ("{\"type\":\"nonsense\"}", ProblemCode::InvalidRequest),
        ("[\"ping\",{\"nonce\":1}]", ProblemCode::InvalidRequest),
        ("{\"type\":\"ping\",\"extra\":1}", ProblemCode::InvalidRequest),
        ("{\"type\":\"mark\",\"conversation_id\":\"x\"}", ProblemCode::InvalidRequest),
    ] {
        let mut socket = open(&cluster, &alice).await;
        socket.text(text).await;
        let answer = socket.next().await;
        assert!(matches!(&answer, Ok(ServerFrame::Error { problem }) if problem.code == code), "{text}: {answer:?}");
    }
    let mut socket = open(&cluster, &alice).await;
    socket.send(&ClientFrame::Presence { active: true }).await;
    assert_eq!(close_code(socket).await, CloseCode::Protocol.code(), "a frame before hello");

    // The length alone is refused; one byte more than fits, and so much that it is still on its way then.
    for bytes in [limits::MAX_FRAME_BYTES + 1, 600 * 1024] {
        let mut socket = open(&cluster, &alice).await;
        socket.send(&hello()).await;
        socket.message(Message::text("x".repeat(bytes))).await;
        let told = loop {
            if let Err(code) = socket.next().await {
                break code;
            }
        };
        assert_eq!(told, CloseCode::TooBig.code());
        socket.end().await.expect("it ends without a reset, after all was read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_on_one_node_is_delivered_on_another() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    alice.client().disconnect();
    let mut socket = open(&cluster, &alice).await;
    socket.send(&hello()).await;
    socket.find(|frame| matches!(frame, ServerFrame::CaughtUp { .. }).then_some(())).await.unwrap();
    let body = serde_json::json!({ "message": "to all" });
    let posted =
        reqwest::Client::new().post(format!("{}/test/broadcast", cluster.url(1))).json(&body).send().await.unwrap();
    assert_eq!(posted.status(), 202);
    let heard = socket.find(|frame| match frame {
        ServerFrame::Broadcast { message } => Some(message),
        _ => None,
    });
    assert_eq!(heard.await, Ok("to all".to_owned()));
}
