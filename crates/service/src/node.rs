//! Putting a node together, and what it does by itself.

use std::{sync::Arc, time::Duration};

use sotto_bus::Bus;
use sotto_protocol::NodeId;
use sotto_store::{Database, StoreResult, spent_tokens};
use tokio::{task::JoinSet, time::interval};

use crate::{
    Clock, Entropy, Service,
    lifecycle::Lifecycle,
    limits::{Limits, LimitsConfig},
    revocations::{POLL_INTERVAL, RevocationCache},
    tokens::{KeyError, KeySource, Tokens},
};

/// What an operator decides about use cases.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// The node's name.
    pub node_name: String,
    /// `iss` of tokens: the same on all nodes.
    pub issuer: String,
    /// Where the keys are.
    pub keys: KeySource,
    /// Sockets that this node takes.
    pub max_sockets: usize,
    /// Rate limits.
    pub limits: LimitsConfig,
}

const SWEEP_INTERVAL: Duration = Duration::from_secs(600);

impl Service {
    /// Puts a node together; nothing runs yet.
    ///
    /// # Errors
    /// The keys are missing or cannot be read.
    pub fn new(
        database: Database,
        bus: Bus,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        config: ServiceConfig,
    ) -> Result<Arc<Self>, KeyError> {
        let tokens = Tokens::load(config.issuer, config.keys, Arc::clone(&clock), Arc::clone(&entropy))?;
        Ok(Arc::new(Self {
            node_name: config.node_name,
            node_id: NodeId(entropy.uuid()),
            limits: Limits::new(bus.clone(), Arc::clone(&clock), config.limits),
            revocations: RevocationCache::new(Arc::clone(&clock)),
            lifecycle: Lifecycle::new(config.max_sockets),
            database,
            bus,
            clock,
            entropy,
            tokens,
        }))
    }

    /// Starts what the node does by itself; dropping the set ends it.
    pub fn start(self: &Arc<Self>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(self).follow_revocations());
        tasks.spawn(Arc::clone(self).sweep());
        tasks
    }

    async fn follow_revocations(self: Arc<Self>) {
        let mut ticks = interval(POLL_INTERVAL);
        loop {
            ticks.tick().await;
            note("revocations.poll", self.revocations.poll(&self.database).await);
        }
    }

    async fn sweep(self: Arc<Self>) {
        let mut ticks = interval(SWEEP_INTERVAL);
        loop {
            ticks.tick().await;
            note("spent_tokens.sweep", self.sweep_once().await);
        }
    }

    async fn sweep_once(&self) -> StoreResult<()> {
        let mut conn = self.database.acquire().await?;
        spent_tokens::sweep(&mut conn, self.clock.now()).await?;
        Ok(())
    }
}

/// Work that is tried again anyway: its failure is for the log only.
fn note(work: &'static str, outcome: StoreResult<()>) {
    if let Err(error) = outcome {
        tracing::warn!(work, %error, "background work failed");
    }
}
