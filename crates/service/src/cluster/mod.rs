//! This node among its siblings: what it holds, how it hears of what happens elsewhere, how it goes away.

mod announce;
mod delivery;
mod fence;
mod gatherer;
mod heartbeat;
mod listening;
mod marks;
mod outbox;
mod pacing;
mod reading;
mod seen;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{Clock, Entropy, hub::Hub, lifecycle::Lifecycle, revocations::RevocationCache, session::Openings};
use sotto_bus::{Bus, publisher::Publisher};
use sotto_protocol::NodeId;
use sotto_store::{
    Database, Kept,
    writer::{Now, Writer, WriterConfig},
};

pub(crate) use delivery::encode;
pub use gatherer::MarkGatherer;
pub(crate) use marks::Reach;
pub use outbox::Doubt;
pub use seen::SeenGatherer;

/// How this process takes part.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// For people: `node-1`.
    pub node_name: String,
    /// The writer's sizes.
    pub writer: WriterConfig,
}

/// The parts of a node that hold sockets together. One a process.
pub struct Cluster {
    /// This life of this process.
    pub node_id: NodeId,
    /// How it takes part.
    pub config: ClusterConfig,
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub bus: Bus,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Local sessions.
    pub hub: Arc<Hub>,
    /// Tells other nodes.
    pub publisher: Arc<Publisher>,
    /// Stores messages.
    pub writer: Writer,
    /// Bounds what opens and catches up at once.
    pub openings: Openings,
    /// Gathers marks.
    pub marks: MarkGatherer,
    /// What stores them, turn by turn.
    marks_connection: Kept,
    /// Paces how often they are shown.
    pacing: pacing::Pacing,
    /// Gathers when devices were there.
    pub seen: SeenGatherer,
    /// Whether wakes may have been missed.
    pub doubt: Doubt,
    /// This node is taken out of the cluster.
    left: AtomicBool,
    /// Whose turn it is to read a conversation.
    reading: reading::Reading,
    /// Whether it takes clients.
    pub lifecycle: Arc<Lifecycle>,
    /// Who lost access.
    pub revocations: Arc<RevocationCache>,
}

impl Cluster {
    /// Starts the node's background tasks on the current runtime.
    pub fn start(
        config: ClusterConfig,
        database: Database,
        bus: Bus,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
        lifecycle: Arc<Lifecycle>,
        revocations: Arc<RevocationCache>,
    ) -> Arc<Self> {
        let node_id = NodeId(entropy.uuid());
        let hub = Arc::new(Hub::default());
        let publisher = Arc::new(Publisher::start(bus.clone(), node_id));
        let writer_clock = Arc::clone(&clock);
        let writer_now: Now = Arc::new(move || writer_clock.now());
        let writer = Writer::start(
            &database,
            config.writer,
            &writer_now,
            &delivery::on_commit(Arc::clone(&hub), Arc::clone(&publisher)),
        );
        let cluster = Arc::new(Self {
            node_id,
            config,
            openings: Openings::start(&database),
            marks: MarkGatherer::default(),
            marks_connection: database.keep(),
            pacing: pacing::Pacing::default(),
            seen: SeenGatherer::default(),
            doubt: Doubt::default(),
            left: AtomicBool::new(false),
            reading: reading::Reading::default(),
            lifecycle,
            revocations,
            database,
            bus,
            clock,
            hub,
            publisher,
            writer,
        });
        tokio::spawn(listening::run(Arc::clone(&cluster)));
        tokio::spawn(heartbeat::run(Arc::clone(&cluster)));
        tokio::spawn(outbox::run(Arc::clone(&cluster)));
        tokio::spawn(turn_wheel(Arc::clone(&cluster.hub)));
        tokio::spawn(fence::run(Arc::clone(&cluster)));
        tokio::spawn(marks::run(Arc::clone(&cluster)));
        tokio::spawn(seen::run(Arc::clone(&cluster)));
        cluster
    }

    /// Sends every session away, spread over `time`; returns when all are gone or the time is over.
    pub async fn drain(&self, time: Duration) {
        self.lifecycle.drain();
        let sessions = self.hub.directory.all();
        let count = sessions.len().max(1);
        tracing::info!(sessions = sessions.len(), "draining");
        for (i, session) in sessions.iter().enumerate() {
            let share = time.as_millis() / 2 * i as u128 / count as u128;
            session.post(|mailbox| mailbox.drain(u64::try_from(share).unwrap_or(0)));
        }
        if tokio::time::timeout(time, self.lifecycle.emptied()).await.is_err() {
            tracing::warn!(sessions = self.hub.directory.len(), "drain time is over");
        }
        self.finish_marks().await;
        self.flush_seen().await;
        self.publisher.flush().await;
        self.left.store(true, Ordering::Release);
        if let Err(error) = self.bus.remove_node(self.node_id).await {
            tracing::debug!(%error, "the registry keeps this node until it is found dead");
        }
    }
}

async fn turn_wheel(hub: Arc<Hub>) {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    for turn in 0.. {
        second.tick().await;
        hub.wheel.turn(turn);
    }
}
