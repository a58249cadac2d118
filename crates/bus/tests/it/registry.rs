//! The registry of sessions.

use sotto_bus::{Bus, interest::Topic, registry::SessionEntry};
use sotto_protocol::{DeviceId, NodeId, SessionId, UserId};

use crate::{bus, unique};

fn session(node_id: NodeId) -> SessionEntry {
    SessionEntry {
        session_id: SessionId(unique()),
        user_id: UserId(unique()),
        device_id: DeviceId(unique()),
        endpoint: "ws",
        node_id,
    }
}

async fn enter(bus: &Bus, sessions: &[SessionEntry]) {
    let opened: Vec<_> = sessions.iter().map(|session| (*session, 1)).collect();
    assert!(bus.register_again(&opened).await.unwrap().iter().all(|entered| entered.replaced.is_none()));
}

#[tokio::test]
async fn the_later_socket_of_a_device_has_its_place_whoever_enters_last() {
    let bus = bus().await;
    let first = session(NodeId(unique()));
    let second = SessionEntry { node_id: NodeId(unique()), session_id: SessionId(unique()), ..first };
    let one = bus.register(&first, 1_000).await.unwrap();
    assert_eq!((one.holder.session_id, one.holder.opened_ms, one.replaced), (first.session_id, 1_000, None));
    // Its node's clock is behind.
    let two = bus.register(&second, 400).await.unwrap();
    assert_eq!((two.holder.session_id, two.holder.opened_ms), (second.session_id, 1_001));
    assert_eq!(two.replaced, Some(one.holder));

    // The first node enters everything again, as after a Redis that was away.
    let again = bus.register_again(&[(first, one.holder.opened_ms)]).await.unwrap();
    assert_eq!((again[0].holder, again[0].replaced), (two.holder, None));
    let again = bus.register_again(&[(second, two.holder.opened_ms)]).await.unwrap();
    assert_eq!((again[0].holder, again[0].replaced), (two.holder, None));
    // The answer was lost, so its node does not know when it opened.
    let again = bus.register_again(&[(second, 400)]).await.unwrap();
    assert_eq!((again[0].holder, again[0].replaced), (two.holder, None));
    bus.unregister(&first).await.unwrap();
    assert_eq!(bus.interested(&[Topic::Device(first.device_id)]).await.unwrap(), [vec![second.node_id]]);

    // Redis lost its data, and the first node is quicker.
    bus.unregister(&second).await.unwrap();
    assert_eq!(bus.sockets_of(first.device_id).await.unwrap(), 0);
    bus.register_again(&[(first, one.holder.opened_ms)]).await.unwrap();
    let again = bus.register_again(&[(second, two.holder.opened_ms)]).await.unwrap();
    assert_eq!((again[0].holder, again[0].replaced), (two.holder, Some(one.holder)));
}

#[tokio::test]
async fn a_dead_node_is_buried_by_one_of_the_others_with_all_of_its_sessions() {
    let (one, two) = (bus().await, bus().await);
    let [dead, first, second] = [unique(), unique(), unique()].map(NodeId);
    let sessions: Vec<SessionEntry> = (0..200).map(|_| session(dead)).collect();
    enter(&one, &sessions).await;
    // This device has come back elsewhere by then.
    let back = SessionEntry { node_id: first, session_id: SessionId(unique()), ..sessions[0] };
    one.register(&back, 1).await.unwrap();

    let (a, b) = tokio::join!(one.may_bury(dead, first), two.may_bury(dead, second));
    assert!(a.unwrap() ^ b.unwrap(), "one of them");
    assert_eq!(one.remove_node(dead).await.unwrap().len(), 200);
    let users: Vec<UserId> = sessions.iter().map(|session| session.user_id).collect();
    let online = one.connected(&users).await.unwrap();
    assert!(online[0] && !online[1..].contains(&true));
    assert_eq!(one.sockets_of(back.device_id).await.unwrap(), 1, "its successor stays");
    assert_eq!(one.sockets_of(sessions[1].device_id).await.unwrap(), 0);
    assert!(two.may_bury(dead, second).await.unwrap(), "if it lives and dies again");
}

#[tokio::test]
async fn a_burial_that_broke_off_is_finished_by_another_when_its_time_is_over() {
    let bus = bus().await;
    let [dead, first, second] = [unique(), unique(), unique()].map(NodeId);
    let sessions: Vec<SessionEntry> = (0..10).map(|_| session(dead)).collect();
    enter(&bus, &sessions).await;
    assert!(bus.may_bury(dead, first).await.unwrap());
    for session in &sessions[..4] {
        bus.unregister(session).await.unwrap();
    }
    assert!(!bus.may_bury(dead, second).await.unwrap());
    let claim = format!("node:{dead}:burial");
    let left_ms: i64 = bus.query(redis::cmd("PTTL").arg(&claim)).await.unwrap();
    assert!((1..=30_000).contains(&left_ms), "the claim ends by itself, in {left_ms} ms");

    bus.query::<i64>(redis::cmd("DEL").arg(&claim)).await.unwrap();
    assert!(bus.may_bury(dead, second).await.unwrap());
    assert_eq!(bus.remove_node(dead).await.unwrap().len(), 6);
    for session in &sessions {
        assert_eq!(bus.sockets_of(session.device_id).await.unwrap(), 0);
    }
}
