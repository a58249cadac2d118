//! The connection pool, migrations and named transactions.

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{Kept, StoreError, StoreResult, faults::Faults};

/// Where PostgreSQL is and how hard to hold on to it.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host:port/name?sslmode=..`.
    pub url: String,
    /// Connections of this process at most; of 8 or more two, else one, are kept for what must never wait.
    pub max_connections: u32,
    /// How long a caller waits for a connection before it is told that the database is not available.
    pub acquire_timeout: Duration,
    /// How long a statement waits for a row lock (`lock_timeout`).
    pub lock_timeout: Duration,
    /// Switches of the test build; empty in every other.
    pub faults: Faults,
}

impl DatabaseConfig {
    /// The defaults for this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 24,
            acquire_timeout: Duration::from_secs(3),
            lock_timeout: Duration::from_secs(5),
            faults: Faults::default(),
        }
    }
}

/// PostgreSQL.
#[derive(Clone, Debug)]
pub struct Database {
    pool: PgPool,
    vital: PgPool,
    keepers: Arc<AtomicUsize>,
    faults: Faults,
}

const TX_ATTEMPTS: u32 = 5;
/// A connection that was used within this is taken as it is.
pub(crate) const IDLE_BEFORE_PING: Duration = Duration::from_millis(500);

impl Database {
    /// Opens the pool lazily: a node starts, and says that it is not ready, while PostgreSQL is away.
    ///
    /// # Errors
    /// The address cannot be parsed.
    pub fn connect_lazy(config: &DatabaseConfig) -> StoreResult<Self> {
        // A frozen or cut-off node must not hold its locks: the server ends its session within seconds.
        let options = PgConnectOptions::from_str(&config.url)?.application_name("sotto").options([
            ("lock_timeout", format!("{}ms", config.lock_timeout.as_millis())),
            ("idle_in_transaction_session_timeout", "5s".to_owned()),
            // One plan a statement, and it goes by index whatever the statistics of a young table say: docs/adr/0005.
            ("plan_cache_mode", "force_generic_plan".to_owned()),
            ("enable_seqscan", "off".to_owned()),
            ("jit", "off".to_owned()),
            ("tcp_keepalives_idle", "5".to_owned()),
            ("tcp_keepalives_interval", "2".to_owned()),
            ("tcp_keepalives_count", "3".to_owned()),
        ]);
        let vital = if config.max_connections < 8 { 1 } else { 2 };
        let pool = |size: u32| {
            PgPoolOptions::new()
                .max_connections(size.max(1))
                .acquire_timeout(config.acquire_timeout)
                // A ping before each use would double the round trips; one that lay idle may be dead, as after a restart.
                .test_before_acquire(false)
                .before_acquire(|connection, usage| {
                    Box::pin(async move {
                        if usage.idle_for > IDLE_BEFORE_PING {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_lazy_with(options.clone())
        };
        let pools = (pool(config.max_connections.saturating_sub(vital)), pool(vital));
        Ok(Self { pool: pools.0, vital: pools.1, keepers: Arc::default(), faults: config.faults.clone() })
    }

    /// The pool, for statements outside a transaction.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Switches of the test build.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// A connection for statements outside a transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn acquire(&self) -> StoreResult<sqlx::pool::PoolConnection<sqlx::Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// A connection for a task that asks often. Of the pool half is kept at most; who comes later shares the rest.
    pub fn keep(&self) -> Kept {
        let earlier = self.keepers.fetch_add(1, Ordering::Relaxed);
        Kept::new(self.clone(), earlier < self.size() / 2)
    }

    /// A connection for what keeps the node alive, however busy the pool is: short statements of background tasks.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn acquire_vital(&self) -> StoreResult<sqlx::pool::PoolConnection<sqlx::Postgres>> {
        Ok(self.vital.acquire().await?)
    }

    /// Connections that [`Self::acquire`] gives out at once.
    pub fn size(&self) -> usize {
        usize::try_from(self.pool.options().get_max_connections()).unwrap_or(usize::MAX)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A migration failed, or the database is newer than this program.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        MIGRATIONS.run(&self.pool).await
    }

    /// Whether PostgreSQL answers.
    pub async fn ping(&self) -> bool {
        let ping = async { self.vital.acquire().await?.ping().await };
        matches!(tokio::time::timeout(Duration::from_secs(2), ping).await, Ok(Ok(())))
    }

    /// Begins a transaction; [`crate::transaction!`] does it by name, with retries.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn begin(&self) -> StoreResult<Transaction> {
        Ok(Transaction(self.pool.begin().await?))
    }
}

/// A transaction; rolled back when it is dropped.
pub struct Transaction(sqlx::Transaction<'static, sqlx::Postgres>);

impl Transaction {
    /// Its connection.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    /// Commits.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: whether it is committed is not known.
    pub async fn commit(self) -> StoreResult<()> {
        Ok(self.0.commit().await?)
    }
}

/// Counts the outcome of a named transaction; answers whether to try again. For [`crate::transaction!`].
#[doc(hidden)]
pub fn try_again<T, E: RetryableError>(name: &'static str, attempt: u32, outcome: &Result<T, E>) -> bool {
    let label = if outcome.is_ok() { "ok" } else { "error" };
    metrics::counter!("sotto_transactions_total", "name" => name, "outcome" => label).increment(1);
    attempt < TX_ATTEMPTS && outcome.as_ref().is_err_and(RetryableError::is_retryable)
}

/// Runs a block in a transaction with a name (for metrics), again on serialisation failure or deadlock.
///
/// `transaction!(database, "devices.revoke", |conn| { .. Ok(value) })`: `?` in the block leaves the block and rolls
/// back. READ COMMITTED: lock rows with SELECT FOR UPDATE first, then read what you decide on. A macro, because the
/// futures of async closures that borrow are not known to be `Send`.
#[macro_export]
macro_rules! transaction {
    ($database:expr, $name:literal, |$conn:ident| $work:block) => {{
        let mut attempt = 1;
        loop {
            let outcome = match $database.begin().await {
                Err(error) => Err(::core::convert::From::from(error)),
                Ok(mut transaction) => {
                    let worked = async {
                        let $conn = transaction.connection();
                        $work
                    };
                    match worked.await {
                        Ok(value) => match transaction.commit().await {
                            Ok(()) => Ok(value),
                            Err(error) => Err(::core::convert::From::from(error)),
                        },
                        Err(error) => Err(error),
                    }
                }
            };
            if !$crate::try_again($name, attempt, &outcome) {
                break outcome;
            }
            attempt += 1;
        }
    }};
}

/// Errors that may come from a serialisation failure below.
pub trait RetryableError {
    /// Whether the same transaction may simply be tried again.
    fn is_retryable(&self) -> bool;
}

impl RetryableError for StoreError {
    fn is_retryable(&self) -> bool {
        self.is_retryable()
    }
}

/// The schema, embedded.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
