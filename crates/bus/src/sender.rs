//! Packets of wakes to the nodes that want them, numbered for each.

use std::collections::{HashMap, HashSet};

use redis::Pipeline;
use sotto_protocol::NodeId;

use crate::{
    Bus,
    interest::{self, Topic},
    wakes::{MAX_PACKET_BYTES, Packet, Wake, encode, node_channel},
};

/// Topics whose listeners are remembered; beyond it all are forgotten.
const MAX_KNOWN: usize = 20_000;

/// The nodes that want to hear of topics.
type Listeners = HashMap<Topic, Vec<NodeId>>;

pub(crate) struct Sender {
    bus: Bus,
    node_id: NodeId,
    /// Last number sent to each node.
    numbers: HashMap<NodeId, u64>,
    /// As looked up last.
    known: Listeners,
    /// Wakes were dropped, and nobody knows whose they were.
    lost: bool,
}

impl Sender {
    pub(crate) fn new(bus: Bus, node_id: NodeId) -> Self {
        Self { bus, node_id, numbers: HashMap::new(), known: HashMap::new(), lost: false }
    }

    /// Tells those who wanted to hear at the last look, looks in the same round trip, then tells those who are new. So
    /// every wake has a look after its commit, and mostly one round trip; a node that left drops what it hears.
    pub(crate) async fn publish(&mut self, wakes: Vec<(Topic, Vec<Wake>)>) {
        if wakes.is_empty() {
            return;
        }
        let mut seen = HashSet::new();
        let topics: Vec<Topic> = wakes.iter().map(|(topic, _)| *topic).filter(|topic| seen.insert(*topic)).collect();
        let mut pipeline = redis::pipe();
        let known = std::mem::take(&mut self.known);
        let known = if known.len() > MAX_KNOWN { Listeners::new() } else { known };
        self.tell(&mut pipeline, &wakes, &known);
        interest::look(&mut pipeline, &topics);
        let Ok(answers) = self.bus.pipe::<Vec<Vec<String>>>(&pipeline).await else {
            // A node that lost Redis itself reads the outbox anyway; to the others the next packet shows a gap, or the
            // next heartbeat.
            self.lost = true;
            self.numbers.values_mut().for_each(|number| *number += 1);
            return;
        };
        self.known = known;
        let new = self.learn(interest::found(&topics, &answers));
        if !new.is_empty() {
            let mut pipeline = redis::pipe();
            self.tell(&mut pipeline, &wakes, &new);
            _ = self.bus.pipe::<()>(&pipeline).await;
        }
    }

    /// Remembers who wants to hear; answers those who did not before.
    fn learn(&mut self, found: impl Iterator<Item = (Topic, Vec<NodeId>)>) -> Listeners {
        let mut new = Listeners::new();
        for (topic, nodes) in found {
            let before = self.known.insert(topic, nodes.clone()).unwrap_or_default();
            let later: Vec<NodeId> = nodes.into_iter().filter(|id| !before.contains(id)).collect();
            if !later.is_empty() {
                new.insert(topic, later);
            }
        }
        new
    }

    /// Adds packets of what these nodes want to hear.
    fn tell(&mut self, pipeline: &mut Pipeline, wakes: &[(Topic, Vec<Wake>)], listeners: &Listeners) {
        let mut by_node: HashMap<NodeId, Vec<&Wake>> = HashMap::new();
        for (topic, together) in wakes {
            for node_id in listeners.get(topic).into_iter().flatten().filter(|id| **id != self.node_id) {
                by_node.entry(*node_id).or_default().extend(together);
            }
        }
        for (node_id, wakes) in by_node {
            for wakes in pages(wakes) {
                let number = self.numbers.entry(node_id).or_default();
                *number += 1;
                let packet = Packet { from: self.node_id, number: *number, wakes };
                pipeline.cmd("PUBLISH").arg(node_channel(node_id)).arg(encode(&packet)).ignore();
            }
        }
    }

    /// Repeats the last numbers. After a loss one number is never sent, so that every receiver notices.
    pub(crate) async fn heartbeat(&mut self, nodes: &[NodeId], dropped: bool) {
        self.lost |= dropped;
        self.numbers.retain(|id, _| nodes.contains(id));
        let skip = u64::from(std::mem::take(&mut self.lost));
        let mut pipeline = redis::pipe();
        for node_id in nodes.iter().filter(|id| **id != self.node_id) {
            let number = self.numbers.entry(*node_id).or_default();
            *number += skip;
            let packet = Packet::<Wake> { from: self.node_id, number: *number, wakes: Vec::new() };
            pipeline.cmd("PUBLISH").arg(node_channel(*node_id)).arg(encode(&packet)).ignore();
        }
        _ = self.bus.pipe::<()>(&pipeline).await;
    }
}

/// Cuts into packets of at most [`MAX_PACKET_BYTES`].
fn pages(wakes: Vec<&Wake>) -> Vec<Vec<&Wake>> {
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
