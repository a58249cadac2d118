//! When somebody was last there.

use sotto_bus::registry::SessionEntry;
use sotto_protocol::{
    NodeId, SessionId,
    frames::{ClientFrame, ServerFrame},
    sync::Resume,
};
use sotto_service::{Entropy as _, SystemEntropy};
use sotto_testkit::{Person, RawSocket, TestCluster, eventually};

async fn last_seen(of: &Person) -> Option<i64> {
    let devices = of.client().http().list_devices().await.unwrap();
    devices.devices[0].last_seen_at_ms
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_was_last_seen_when_it_connected_even_if_it_never_said_goodbye() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let at = eventually("the connection is noted", async || last_seen(&alice).await).await;
    assert_eq!(at % 60_000, 0, "to the minute");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_on_a_node_that_died_is_told_to_be_gone() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    alice.talk_to(&bob).await;
    let node = &cluster.nodes[0].service.cluster;
    let (user_id, device_id) = (bob.client().user_id(), bob.client().device_id());
    let (node_id, session_id) = (NodeId(SystemEntropy.uuid()), SessionId(SystemEntropy.uuid()));
    bob.client().disconnect();
    eventually("Bob is gone", async || (!node.hub.directory.has_user(user_id)).then_some(())).await;
    // As if Bob had gone on to another node.
    let there = SessionEntry { session_id, user_id, device_id, endpoint: "ws", node_id };
    node.bus.register(&there, 1).await.unwrap();

    alice.client().disconnect();
    let ticket = alice.client().http().create_ws_ticket().await.unwrap().ticket;
    let url = format!("{}?ticket={ticket}", cluster.nodes[0].ws_url());
    let mut socket = RawSocket::connect(&url, &[]).await.unwrap();
    socket.send(&ClientFrame::Hello { resume: Resume::default() }).await;
    socket.find(|frame| matches!(frame, ServerFrame::CaughtUp { .. }).then_some(())).await.unwrap();
    socket.send(&ClientFrame::WatchPresence { user_ids: vec![user_id] }).await;
    let presence = |frame| match frame {
        ServerFrame::Presence { user_id: of, online, last_seen_at_ms } if of == user_id => {
            Some((online, last_seen_at_ms))
        }
        _ => None,
    };
    assert_eq!(socket.find(presence).await, Ok((true, None)));
    node.bury(node_id).await.unwrap();
    let Ok((false, Some(at))) = socket.find(presence).await else { panic!("Bob is not told to be gone") };
    assert_eq!(at % 60_000, 0);
}
