//! Sending wakes to the nodes that want them: one task a node, so that packet numbers go out in order.

use parking_lot::Mutex;
use sotto_protocol::NodeId;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Bus, BusResult,
    interest::Topic,
    sender::Sender,
    wakes::{CONTROL_CHANNEL, Control, Wake, encode},
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
    let mut sender = Sender::new(bus, node_id);
    let mut jobs = Vec::new();
    while queue.recv_many(&mut jobs, MAX_BATCH).await > 0 {
        let mut wakes = Vec::new();
        for job in jobs.drain(..) {
            match job {
                Job::Wakes(topic, together) => wakes.push((topic, together)),
                Job::Heartbeat { nodes, dropped } => {
                    sender.publish(std::mem::take(&mut wakes)).await;
                    sender.heartbeat(&nodes, dropped).await;
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
