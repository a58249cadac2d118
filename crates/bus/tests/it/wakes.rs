//! Wakes between nodes.

use sotto_bus::{
    Bus,
    interest::Topic,
    publisher::Publisher,
    subscriber::{self, Heard},
    wakes::Wake,
};
use sotto_protocol::{ConversationId, NodeId};
use tokio::sync::mpsc;

use crate::{bus, unique};

/// A node that hears.
struct Listener {
    node_id: NodeId,
    heard: mpsc::Receiver<Heard>,
}

impl Listener {
    async fn new(bus: &Bus) -> Self {
        let node_id = NodeId(unique());
        let mut heard = subscriber::subscribe(bus.clone(), node_id);
        assert!(matches!(heard.recv().await, Some(Heard::Connected)));
        Self { node_id, heard }
    }

    /// What it heard until a heartbeat said that there is nothing more: positions, -1 for a doubt.
    async fn positions(&mut self) -> Vec<i64> {
        let mut positions = Vec::new();
        while let Some(heard) = self.heard.recv().await {
            match heard {
                Heard::Wakes(wakes) if wakes.is_empty() => break,
                Heard::Wakes(wakes) => positions.extend(wakes.iter().map(|wake| match wake {
                    Wake::Event { seq, .. } => *seq,
                    other => panic!("{other:?}"),
                })),
                Heard::Unsure => positions.push(-1),
                // Other tests share the channel of all nodes.
                Heard::Control(_) | Heard::Connected => {}
            }
        }
        positions
    }
}

/// What both heard of all that was published so far.
async fn positions(publisher: &Publisher, one: &mut Listener, two: &mut Listener) -> (Vec<i64>, Vec<i64>) {
    publisher.heartbeat(vec![one.node_id, two.node_id]).await;
    (one.positions().await, two.positions().await)
}

#[tokio::test]
async fn who_is_interested_at_the_commit_hears_once_and_numbers_have_no_holes() {
    let bus = bus().await;
    let (mut one, mut two) = (Listener::new(&bus).await, Listener::new(&bus).await);
    let publisher = Publisher::start(bus.clone(), NodeId(unique()));
    let conversation_id = ConversationId(unique());
    let topic = Topic::Conversation(conversation_id);
    let tell = |seq| publisher.wake(topic, Wake::Event { conversation_id, seq, frame: None });

    bus.enter(one.node_id, &[topic]).await.unwrap();
    tell(1);
    tell(2);
    assert_eq!(positions(&publisher, &mut one, &mut two).await, (vec![1, 2], vec![]));

    // The publisher knows the first by now and has to find the second.
    bus.enter(two.node_id, &[topic]).await.unwrap();
    tell(3);
    tell(4);
    assert_eq!(positions(&publisher, &mut one, &mut two).await, (vec![3, 4], vec![3, 4]));

    // Who left may be told once more, and misses nothing when it is back.
    bus.leave(one.node_id, &[topic]).await.unwrap();
    tell(5);
    publisher.flush().await;
    tell(6);
    publisher.flush().await;
    bus.enter(one.node_id, &[topic]).await.unwrap();
    tell(7);
    assert_eq!(positions(&publisher, &mut one, &mut two).await, (vec![5, 7], vec![5, 6, 7]));
    bus.leave(one.node_id, &[topic]).await.unwrap();
    bus.leave(two.node_id, &[topic]).await.unwrap();
}
