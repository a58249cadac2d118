//! One multiplexed connection that comes back by itself, and fails at once while Redis is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::RwLock;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, IntoConnectionInfo as _, Pipeline, RedisError,
    ScriptInvocation,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};
use tokio::{sync::Notify, task::JoinHandle, time::timeout};

/// Where Redis is and how long to wait for it.
#[derive(Clone)]
pub struct BusConfig {
    /// `redis://[user:password@]host:port/[db]`.
    pub url: String,
    /// How long a command may take.
    pub response_timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How often the connection is asked whether it lives, and at most how long Redis is not looked for.
    pub check_interval: Duration,
    /// How often the subscription is asked whether it lives, and how long the answer may take.
    pub silence: Duration,
    /// Wakes waiting to be published; beyond it they are dropped, and the receivers are made to notice.
    pub outgoing_queue: usize,
    /// Messages waiting for this node; a full queue holds up the subscription, and Redis cuts off a node that is too
    /// slow, which is noticed as a lost connection.
    pub incoming_queue: usize,
}

impl BusConfig {
    /// The defaults for this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            response_timeout: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(1),
            check_interval: Duration::from_secs(1),
            silence: Duration::from_secs(5),
            outgoing_queue: 16_384,
            incoming_queue: 1_024,
        }
    }
}

/// Why Redis did not do it.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// Redis is away, or did not answer in time: the command may or may not have been carried out.
    #[error("Redis is not available")]
    Unavailable,
    /// Redis refused the command, or answered something unexpected: a bug, or a key of another type.
    #[error("Redis: {0}")]
    Command(#[source] RedisError),
}

/// Result of a command.
pub type BusResult<T> = Result<T, BusError>;

/// Redis. Cheap to clone.
#[derive(Clone)]
pub struct Bus {
    inner: Arc<Inner>,
    _keeper: Arc<Keeper>,
}

struct Inner {
    client: Client,
    config: BusConfig,
    connection: RwLock<Option<MultiplexedConnection>>,
    connected: AtomicBool,
    doubt: Notify,
}

/// Ends the background task with the last `Bus`.
struct Keeper(JoinHandle<()>);

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Whole seconds: TCP takes no less.
const KEEPALIVE: Duration = Duration::from_secs(5);
const FIRST_RETRY: Duration = Duration::from_millis(50);

impl Bus {
    /// Starts connecting in the background; needs a tokio runtime. Works, as unavailable, while Redis is away.
    ///
    /// # Errors
    /// The address cannot be parsed.
    pub fn connect_lazy(config: BusConfig) -> BusResult<Self> {
        let info = config.url.as_str().into_connection_info().map_err(BusError::Command)?;
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true).set_keepalive(keepalive));
        let client = Client::open(info).map_err(BusError::Command)?;
        let inner = Arc::new(Inner {
            client,
            config,
            connection: RwLock::new(None),
            connected: AtomicBool::new(false),
            doubt: Notify::new(),
        });
        let keeper = Arc::new(Keeper(tokio::spawn(keep(Arc::clone(&inner)))));
        Ok(Self { inner, _keeper: keeper })
    }

    /// Whether Redis answered lately.
    pub fn is_connected(&self) -> bool {
        self.inner.connected.load(Ordering::Relaxed)
    }

    /// Whether Redis answers now.
    pub async fn ping(&self) -> bool {
        self.query::<String>(&redis::cmd("PING")).await.is_ok()
    }

    /// Runs one command.
    ///
    /// # Errors
    /// [`BusError`].
    pub async fn query<T: FromRedisValue>(&self, command: &Cmd) -> BusResult<T> {
        let mut connection = self.connection()?;
        self.judge(command.query_async(&mut connection).await)
    }

    /// Runs a pipeline; `atomic()` on it makes it a transaction.
    ///
    /// # Errors
    /// [`BusError`].
    pub async fn pipe<T: FromRedisValue>(&self, pipeline: &Pipeline) -> BusResult<T> {
        let mut connection = self.connection()?;
        self.judge(pipeline.query_async(&mut connection).await)
    }

    /// Runs a Lua script, loading it where Redis does not have it yet.
    ///
    /// # Errors
    /// [`BusError`].
    pub async fn script<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> BusResult<T> {
        let mut connection = self.connection()?;
        self.judge(script.invoke_async(&mut connection).await)
    }

    pub(crate) fn config(&self) -> &BusConfig {
        &self.inner.config
    }

    /// For connections of one's own: subscriptions and blocking reads must not share this one.
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    fn connection(&self) -> BusResult<MultiplexedConnection> {
        self.inner.connection.read().clone().ok_or(BusError::Unavailable)
    }

    fn judge<T>(&self, outcome: Result<T, RedisError>) -> BusResult<T> {
        outcome.map_err(|error| {
            if is_unavailable(&error) {
                self.inner.doubt.notify_one();
                tracing::debug!(%error, "a Redis command failed");
                BusError::Unavailable
            } else {
                BusError::Command(error)
            }
        })
    }
}

/// Lost connections and time-outs, and a server that is loading, read-only or out of memory.
fn is_unavailable(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_timeout()
        || error.is_connection_dropped()
        || error.is_unrecoverable_error()
        || matches!(error.code(), Some("LOADING" | "READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "OOM" | "MISCONF"))
}

/// Connects, watches the connection, connects again.
async fn keep(inner: Arc<Inner>) {
    let mut pause = FIRST_RETRY;
    loop {
        if let Some(connection) = connect(&inner).await {
            tracing::info!("Redis is connected");
            inner.set(Some(connection.clone()));
            watch(&inner, connection).await;
            tracing::warn!("Redis is not available");
            inner.set(None);
            pause = FIRST_RETRY;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(inner.config.check_interval);
    }
}

async fn connect(inner: &Inner) -> Option<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(inner.config.connect_timeout))
        .set_response_timeout(Some(inner.config.response_timeout))
        .set_pipeline_buffer_size(1_024);
    match inner.client.get_multiplexed_async_connection_with_config(&config).await {
        Ok(mut connection) => answers(&mut connection, inner).await.then_some(connection),
        Err(error) => {
            tracing::debug!(%error, "connecting to Redis failed");
            None
        }
    }
}

/// Returns when the connection does not answer any more.
async fn watch(inner: &Inner, mut connection: MultiplexedConnection) {
    while answers(&mut connection, inner).await {
        let _ = timeout(inner.config.check_interval, inner.doubt.notified()).await;
    }
}

async fn answers(connection: &mut MultiplexedConnection, inner: &Inner) -> bool {
    let ping = redis::cmd("PING");
    matches!(timeout(inner.config.response_timeout, ping.query_async::<String>(connection)).await, Ok(Ok(_)))
}

impl Inner {
    fn set(&self, connection: Option<MultiplexedConnection>) {
        self.connected.store(connection.is_some(), Ordering::Relaxed);
        metrics::gauge!("redis_connected").set(f64::from(u8::from(connection.is_some())));
        *self.connection.write() = connection;
    }
}
