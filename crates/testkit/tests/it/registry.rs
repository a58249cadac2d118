//! What operators see in Redis.

use redis::{Cmd, cmd};
use sotto_protocol::frames::ServerFrame;
use sotto_testkit::{Person, RawSocket, TestCluster, eventually};

async fn text(cluster: &TestCluster, command: &Cmd) -> Option<String> {
    cluster.nodes[0].service.bus.query::<Option<String>>(command).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_in_the_registry_as_long_as_it_lives() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    alice.client().disconnect();
    let ticket = alice.client().http().create_ws_ticket().await.unwrap().ticket;
    let url = format!("{}?ticket={ticket}", cluster.nodes[1].ws_url());
    let mut socket = RawSocket::connect(&url, &[]).await.unwrap();
    let Ok(ServerFrame::Welcome { session_id, node_id, .. }) = socket.next().await else { panic!("no welcome") };
    let (user, session) = (alice.client().user_id().to_string(), session_id.to_string());

    let mut active = cmd("HGET");
    active.arg("sessions:active").arg(&session);
    assert_eq!(text(&cluster, &active).await.as_deref(), Some(user.as_str()));
    let mut of_device = cmd("HGET");
    of_device.arg(format!("device:{}:session", alice.client().device_id())).arg("ws");
    let entry = text(&cluster, &of_device).await.unwrap();
    let words: Vec<&str> = entry.split(' ').collect();
    let [node, opened_ms, of] = words[..] else { panic!("{entry}") };
    assert_eq!((node, of), (node_id.to_string().as_str(), session.as_str()));
    assert!(opened_ms.parse::<i64>().unwrap() > 0);
    let mut of_user = cmd("SISMEMBER");
    of_user.arg(format!("sessions:user:{user}")).arg(&session);
    assert!(cluster.nodes[0].service.bus.query::<bool>(&of_user).await.unwrap());

    drop(socket);
    eventually("the session leaves the registry", async || text(&cluster, &active).await.is_none().then_some(())).await;
    assert_eq!(text(&cluster, &of_device).await, None);
    assert!(!cluster.nodes[0].service.bus.query::<bool>(&of_user).await.unwrap());
}
