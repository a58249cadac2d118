//! Hearing wakes: one subscription a node, which comes back by itself and says when it was away.

use std::{collections::HashMap, time::Duration};

use futures_util::StreamExt as _;
use redis::aio::{PubSubSink, PubSubStream};
use sotto_protocol::NodeId;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    Bus,
    wakes::{CONTROL_CHANNEL, Control, Packet, Wake, decode, node_channel},
};

/// What the subscription brings.
#[derive(Debug)]
pub enum Heard {
    /// Wakes for local sessions.
    Wakes(Vec<Wake>),
    /// A message to all nodes.
    Control(Control),
    /// The subscription stands (again).
    Connected,
    /// Something may have been missed: a number was skipped, a packet was not readable, the connection was lost.
    Unsure,
}

const RETRY: Duration = Duration::from_millis(250);

/// Subscribes in the background until the receiver is dropped.
pub fn subscribe(bus: Bus, node_id: NodeId) -> mpsc::Receiver<Heard> {
    let (sender, receiver) = mpsc::channel(bus.config().incoming_queue);
    tokio::spawn(async move {
        while !sender.is_closed() {
            if let Err(error) = listen(&bus, node_id, &sender).await {
                tracing::debug!(%error, "the subscription failed");
            }
            if sender.send(Heard::Unsure).await.is_err() {
                return;
            }
            tokio::time::sleep(RETRY).await;
        }
    });
    receiver
}

async fn listen(bus: &Bus, node_id: NodeId, sender: &mpsc::Sender<Heard>) -> redis::RedisResult<()> {
    let connecting = async {
        let mut subscription = bus.client().get_async_pubsub().await?;
        subscription.subscribe(&[node_channel(node_id).as_str(), CONTROL_CHANNEL]).await?;
        Ok::<_, redis::RedisError>(subscription)
    };
    let Ok(connected) = timeout(bus.config().connect_timeout, connecting).await else { return Ok(()) };
    let (sink, messages) = connected?.split();
    tokio::select! {
        outcome = forward(messages, sender) => outcome,
        () = silence(sink, bus.config().silence) => {
            tracing::warn!("the subscription is silent");
            Ok(())
        }
    }
}

/// Returns when Redis does not answer on the subscription: nothing else tells a half-open one from a quiet one.
async fn silence(mut sink: PubSubSink, limit: Duration) {
    while let Ok(Ok(_)) = timeout(limit, sink.ping::<redis::Value>()).await {
        tokio::time::sleep(limit).await;
    }
}

async fn forward(mut messages: PubSubStream, sender: &mpsc::Sender<Heard>) -> redis::RedisResult<()> {
    let mut numbers = Numbers::default();
    if sender.send(Heard::Connected).await.is_err() {
        return Ok(());
    }
    while let Some(message) = messages.next().await {
        let bytes = message.get_payload_bytes();
        let heard = if message.get_channel_name() == CONTROL_CHANNEL {
            decode(bytes).map_or(Heard::Unsure, Heard::Control)
        } else {
            let Some(packet) = decode::<Packet>(bytes) else {
                if sender.send(Heard::Unsure).await.is_err() {
                    return Ok(());
                }
                continue;
            };
            if !numbers.follows(&packet) && sender.send(Heard::Unsure).await.is_err() {
                return Ok(());
            }
            Heard::Wakes(packet.wakes)
        };
        if sender.send(heard).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Last number heard from each node.
#[derive(Default)]
struct Numbers(HashMap<NodeId, u64>);

impl Numbers {
    /// Whether nothing is missing before this packet.
    fn follows(&mut self, packet: &Packet) -> bool {
        let last = self.0.insert(packet.from, packet.number).unwrap_or(0);
        let heartbeat = packet.wakes.is_empty();
        packet.number == if heartbeat { last } else { last + 1 }
    }
}

#[cfg(test)]
mod tests {
    use sotto_protocol::{DeviceId, SessionId};
    use uuid::Uuid;

    use super::*;

    fn packet(number: u64, heartbeat: bool) -> Packet {
        let wake = Wake::Replace { device_id: DeviceId(Uuid::nil()), session_id: SessionId(Uuid::nil()), by_new: true };
        let wakes = if heartbeat { vec![] } else { vec![wake] };
        Packet { from: NodeId(Uuid::nil()), number, wakes }
    }

    #[test]
    fn a_skipped_number_is_noticed_by_the_next_packet_or_heartbeat() {
        let mut numbers = Numbers::default();
        assert!(numbers.follows(&packet(0, true)));
        assert!(numbers.follows(&packet(1, false)));
        assert!(numbers.follows(&packet(1, true)));
        assert!(!numbers.follows(&packet(3, false)));
        assert!(numbers.follows(&packet(4, false)));
        assert!(!numbers.follows(&packet(5, true)));
        assert!(numbers.follows(&packet(5, true)));
    }
}
