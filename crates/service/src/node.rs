//! Putting a node together, and what it does by itself.

use std::{sync::Arc, time::Duration};

use sotto_bus::Bus;
use sotto_store::{Database, StoreResult, history, spent_tokens, writer::WriterConfig};
use tokio::{
    task::JoinSet,
    time::{interval, sleep, timeout},
};

use crate::{
    Clock, Entropy, Service,
    accounts::AccountsConfig,
    cluster::{Cluster, ClusterConfig},
    lifecycle::Lifecycle,
    limits::{Limits, LimitsConfig},
    passwords::Passwords,
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
    /// Members that a group may have, at most `limits::MAX_GROUP_MEMBERS_CEILING`.
    pub max_group_members: usize,
    /// Accounts and passwords.
    pub accounts: AccountsConfig,
    /// Rate limits.
    pub limits: LimitsConfig,
    /// Sizes of the message writer.
    pub writer: WriterConfig,
}

/// Why a node can't be put together.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The keys are missing or cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The costs of passwords are not allowed.
    #[error("{0}")]
    Passwords(String),
}

const POLL_DEADLINE: Duration = Duration::from_secs(2);
const POLL_RETRY: Duration = Duration::from_millis(500);
const SWEEP_INTERVAL: Duration = Duration::from_mins(10);
/// Histories deleted by one statement: each has up to a gigabyte of rows.
const HISTORIES_AT_ONCE: i64 = 2;

impl Service {
    /// Puts a node together and among its siblings; needs a tokio runtime. [`Self::start`] does the rest.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(
        database: Database,
        bus: Bus,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        config: ServiceConfig,
    ) -> Result<Arc<Self>, SetupError> {
        let tokens = Tokens::load(config.issuer, config.keys, Arc::clone(&clock), Arc::clone(&entropy))?;
        let passwords = Passwords::new(config.accounts.passwords, &*entropy)
            .map_err(|error| SetupError::Passwords(error.to_string()))?;
        let lifecycle = Arc::new(Lifecycle::new(config.max_sockets));
        let revocations = Arc::new(RevocationCache::new(Arc::clone(&clock)));
        let cluster = Cluster::start(
            ClusterConfig { node_name: config.node_name.clone(), writer: config.writer },
            database.clone(),
            bus.clone(),
            Arc::clone(&clock),
            &*entropy,
            Arc::clone(&lifecycle),
            Arc::clone(&revocations),
        );
        Ok(Arc::new(Self {
            node_name: config.node_name,
            cluster,
            max_group_members: config.max_group_members,
            accounts: config.accounts,
            passwords,
            limits: Limits::new(bus.clone(), Arc::clone(&clock), config.limits),
            rendezvous_waiting: Arc::default(),
            revocations,
            lifecycle,
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
        tasks.spawn(Arc::clone(self).look_at_rendezvous());
        tasks.spawn(Arc::clone(self).sweep());
        tasks.spawn(Arc::clone(self).maintain());
        tasks
    }

    async fn follow_revocations(self: Arc<Self>) {
        loop {
            // A read that hangs must not cost the whole age that the feed may have.
            let polled = timeout(POLL_DEADLINE, self.revocations.poll(&self.database)).await;
            let fresh = matches!(polled, Ok(Ok(())));
            if let Ok(outcome) = polled {
                note("revocations.poll", outcome);
            } else {
                tracing::warn!(work = "revocations.poll", "background work takes too long");
            }
            sleep(if fresh { POLL_INTERVAL } else { POLL_RETRY }).await;
        }
    }

    async fn look_at_rendezvous(self: Arc<Self>) {
        self.rendezvous_waiting.poll(&self.bus).await;
    }

    async fn sweep(self: Arc<Self>) {
        let mut ticks = interval(SWEEP_INTERVAL);
        loop {
            ticks.tick().await;
            note("sweep", self.sweep_once().await);
        }
    }

    async fn sweep_once(&self) -> StoreResult<()> {
        let mut conn = self.database.acquire().await?;
        let now = self.clock.now();
        spent_tokens::sweep(&mut conn, now).await?;
        while history::sweep(&mut conn, now, HISTORIES_AT_ONCE).await? == HISTORIES_AT_ONCE.unsigned_abs() {}
        Ok(())
    }
}

/// Work that is tried again anyway: its failure is for the log only.
fn note(work: &'static str, outcome: StoreResult<()>) {
    if let Err(error) = outcome {
        tracing::warn!(work, %error, "background work failed");
    }
}
