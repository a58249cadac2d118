//! Sending wakes to the nodes that want them: one task a node, so that packet numbers go out in order.

use std::collections::HashMap;

use parking_lot::Mutex;
use sotto_protocol::NodeId;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Bus, BusResult,
    interest::Topic,
    wakes::{CONTROL_CHANNEL, Control, MAX_PACKET_BYTES, Packet, Wake, encode, node_channel},
};

const MAX_BATCH: usize = 1_024;

enum Job {
    Wakes(Topic, Vec<Wake>),
    Heartbeat { nodes: Vec<NodeId>, dropped: bool },
    Flush(oneshot::Sender<()>),
}

/// Publishes wakes in the background.
pub struct Publisher {
    bus: Bus,
    jobs: mpsc::Sender<Job>,
    /// Something was dropped since the last heartbeat.
    dropped: Mutex<bool>,
}

impl Publisher {
    /// Starts the task.
    pub fn start(bus: Bus, node_id: NodeId) -> Self {
        let (jobs, queue) = mpsc::channel(bus.config().outgoing_queue);
        tokio::spawn(run(bus.clone(), node_id, queue));
        Self { bus, jobs, dropped: Mutex::new(false) }
    }

    /// Queues a wake for every other node that is interested in the topic. Never blocks.
    pub fn wake(&self, topic: Topic, wake: Wake) {
        self.wakes(topic, vec![wake]);
    }

    /// Queues wakes that belong together, such as keys and the event that needs them: if one is dropped, all are.
    pub fn wakes(&self, topic: Topic, wakes: Vec<Wake>) {
        if self.jobs.try_send(Job::Wakes(topic, wakes)).is_err() {
            *self.dropped.lock() = true;
            metrics::counter!("sotto_wakes_dropped_total").increment(1);
        }
    }

    /// Repeats the last number to every node, so that each learns of a lost packet. Waits for its place in the queue.
    pub async fn heartbeat(&self, nodes: Vec<NodeId>) {
        let dropped = std::mem::take(&mut *self.dropped.lock());
        _ = self.jobs.send(Job::Heartbeat { nodes, dropped }).await;
    }

    /// Waits until everything queued so far is published.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.jobs.send(Job::Flush(done)).await.is_ok() {
            _ = wait.await;
        }
    }

    /// Tells all nodes, this one too.
    ///
    /// # Errors
    /// [`crate::BusError`]: nodes learn of revocations by polling then.
    pub async fn control(&self, message: &Control) -> BusResult<()> {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(CONTROL_CHANNEL).arg(encode(message));
        self.bus.query(&publish).await
    }
}

async fn run(bus: Bus, node_id: NodeId, mut queue: mpsc::Receiver<Job>) {
    let mut sender = Sender { bus, node_id, numbers: HashMap::new(), lost: false };
    let mut jobs = Vec::new();
    while queue.recv_many(&mut jobs, MAX_BATCH).await > 0 {
        let mut wakes = Vec::new();
        for job in jobs.drain(..) {
            match job {
                Job::Wakes(topic, together) => wakes.push((topic, together)),
                Job::Heartbeat { nodes, dropped } => {
                    sender.publish(std::mem::take(&mut wakes)).await;
                    sender.lost |= dropped;
                    sender.heartbeat(&nodes).await;
                }
                Job::Flush(done) => {
                    sender.publish(std::mem::take(&mut wakes)).await;
                    _ = done.send(());
                }
            }
        }
        sender.publish(wakes).await;
    }
}

struct Sender {
    bus: Bus,
    node_id: NodeId,
    /// Last number sent to each node.
    numbers: HashMap<NodeId, u64>,
    /// Wakes were dropped, and nobody knows whose they were.
    lost: bool,
}

impl Sender {
    async fn publish(&mut self, wakes: Vec<(Topic, Vec<Wake>)>) {
        if wakes.is_empty() {
            return;
        }
        let mut topics: Vec<Topic> = Vec::new();
        let mut places: HashMap<Topic, usize> = HashMap::new();
        for (topic, _) in &wakes {
            places.entry(*topic).or_insert_with(|| {
                topics.push(*topic);
                topics.len() - 1
            });
        }
        let Ok(interested) = self.bus.interested(&topics).await else {
            // A node that lost Redis itself reads the outbox anyway; to the others the next packet shows a gap, or the
            // next heartbeat.
            self.lost = true;
            self.numbers.values_mut().for_each(|number| *number += 1);
            return;
        };
        let mut by_node: HashMap<NodeId, Vec<Wake>> = HashMap::new();
        for (topic, together) in wakes {
            for node_id in interested[places[&topic]].iter().filter(|id| **id != self.node_id) {
                by_node.entry(*node_id).or_default().extend_from_slice(&together);
            }
        }
        let mut pipeline = redis::pipe();
        for (node_id, wakes) in by_node {
            for wakes in pages(wakes) {
                let number = self.numbers.entry(node_id).or_default();
                *number += 1;
                let packet = Packet { from: self.node_id, number: *number, wakes };
                pipeline.cmd("PUBLISH").arg(node_channel(node_id)).arg(encode(&packet)).ignore();
            }
        }
        _ = self.bus.pipe::<()>(&pipeline).await;
    }

    /// After a loss one number is never sent, so that every receiver notices.
    async fn heartbeat(&mut self, nodes: &[NodeId]) {
        self.numbers.retain(|id, _| nodes.contains(id));
        let skip = u64::from(std::mem::take(&mut self.lost));
        let mut pipeline = redis::pipe();
        for node_id in nodes.iter().filter(|id| **id != self.node_id) {
            let number = self.numbers.entry(*node_id).or_default();
            *number += skip;
            let packet = Packet { from: self.node_id, number: *number, wakes: Vec::new() };
            pipeline.cmd("PUBLISH").arg(node_channel(*node_id)).arg(encode(&packet)).ignore();
        }
        _ = self.bus.pipe::<()>(&pipeline).await;
    }
}

/// Cuts into packets of at most [`MAX_PACKET_BYTES`].
fn pages(wakes: Vec<Wake>) -> Vec<Vec<Wake>> {
    let mut pages = Vec::new();
    let mut page = Vec::new();
    let mut bytes = 0;
    for wake in wakes {
        let size = wake.size();
        if bytes + size > MAX_PACKET_BYTES && !page.is_empty() {
            pages.push(std::mem::take(&mut page));
            bytes = 0;
        }
        bytes += size;
        page.push(wake);
    }
    if !page.is_empty() {
        pages.push(page);
    }
    pages
}
