//! Start, run, drain, end.

use std::{future::pending, io, net::SocketAddr, sync::Arc, time::Duration};

use sotto_api::{AcceptConfig, ApiConfig, ApiState, metrics::Render};
use sotto_bus::{Bus, BusConfig, BusError};
use sotto_service::{
    Service, ServiceConfig, SetupError, SystemEntropy, accounts::AccountsConfig, limits::LimitsConfig,
    passwords::PasswordConfig, tokens::KeySource,
};
use sotto_store::{Database, DatabaseConfig, StoreError, writer::WriterConfig};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

use crate::config::{Config, Environment};

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("{0}: {1}")]
    Listen(String, #[source] io::Error),
    /// The keys are missing or cannot be read, or passwords can't be hashed at these costs.
    #[error("keys or accounts: {0}")]
    Service(#[from] SetupError),
    /// The address of PostgreSQL cannot be parsed.
    #[error("database.url: {0}")]
    Database(#[from] StoreError),
    /// The address of Redis cannot be parsed.
    #[error("redis.url: {0}")]
    Redis(#[from] BusError),
    /// Anything else of the system.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// Connections that wait to be accepted, as far as the system allows (`net.core.somaxconn`): after a failover thousands
/// come at once.
const BACKLOG: u32 = 8_192;
/// A load balancer needs a moment to see that the node is not ready any more, even if it holds no socket.
const LEAST_DRAIN: Duration = Duration::from_millis(500);

/// The database as configured; nothing is connected yet.
///
/// # Errors
/// The address cannot be parsed.
pub fn database(config: &Config) -> Result<Database, StoreError> {
    let database = DatabaseConfig {
        max_connections: config.database.max_connections,
        acquire_timeout: Duration::from_millis(config.database.acquire_timeout_ms),
        lock_timeout: Duration::from_millis(config.database.lock_timeout_ms),
        ..DatabaseConfig::new(config.database.url.expose())
    };
    Database::connect_lazy(&database)
}

/// Puts the node together; needs a tokio runtime.
///
/// # Errors
/// [`StartError`].
pub fn state(config: &Config) -> Result<ApiState, StartError> {
    let server = &config.server;
    let service = ServiceConfig {
        node_name: server.node_name.clone(),
        issuer: config.keys.issuer.clone(),
        keys: KeySource { dir: config.keys.dir.clone(), create: server.environment == Environment::Development },
        max_sockets: server.max_connections,
        max_group_members: config.limits.group_members,
        accounts: AccountsConfig {
            probation: Duration::from_millis(config.accounts.probation_ms),
            passwords: PasswordConfig {
                memory_kib: config.accounts.password_memory_kib,
                passes: config.accounts.password_passes,
                ..PasswordConfig::default()
            },
        },
        limits: LimitsConfig { exempt: config.limits.exempt.clone(), rates: config.limits.rates.clone() },
        writer: WriterConfig::from(&config.writer),
    };
    let bus = Bus::connect_lazy(BusConfig {
        outgoing_queue: config.cluster.outgoing_queue,
        incoming_queue: config.cluster.incoming_queue,
        ..BusConfig::new(config.redis.url.expose())
    })?;
    let database = database(config)?;
    #[cfg(not(feature = "mutations"))]
    let clock = Arc::new(sotto_service::SystemClock::new());
    #[cfg(feature = "mutations")]
    let clock = crate::faults::clock(&database);
    let service = Service::new(database, bus, clock, Arc::new(SystemEntropy), service)?;
    let api = ApiConfig {
        cors_origins: config.cors.origins.clone(),
        trusted_proxies: server.trusted_proxies.clone(),
        test_routes: server.test_routes,
        query_tokens: server.query_tokens,
        body_timeout: Duration::from_millis(server.body_timeout_ms),
        request_timeout: Duration::from_millis(server.request_timeout_ms),
        drain: Duration::from_millis(server.drain_ms),
        accept: AcceptConfig::from(&config.http),
    };
    Ok(ApiState::new(service, api))
}

/// Runs the node until a signal ends it.
///
/// # Errors
/// [`StartError`].
pub async fn run(config: &Config, render: Render) -> Result<(), StartError> {
    raise_descriptors();
    let listener = listen("server.listen", config.server.listen)?;
    let state = state(config)?;
    let metrics = match config.server.metrics_listen {
        Some(address) => Some(listen("server.metrics_listen", address)?),
        None => None,
    };
    let ends = Ends { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? };
    let tasks = state.service.start();
    #[cfg(feature = "mutations")]
    tokio::spawn(crate::faults::follow(state.service.database.clone()));
    let end = end(state.clone(), ends);
    tokio::select! {
        outcome = sotto_api::serve(listener, state.clone(), end) => outcome?,
        outcome = serve_metrics(metrics, state, render) => outcome?,
    }
    drop(tasks);
    tracing::info!("ended");
    Ok(())
}

fn listen(field: &str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| StartError::Listen(format!("{field} {address}"), error))
}

/// Never ends while the node runs; not at all without a listener.
async fn serve_metrics(listener: Option<TcpListener>, state: ApiState, render: Render) -> io::Result<()> {
    match listener {
        Some(listener) => {
            let config = Arc::clone(&state.config);
            sotto_api::accept::run(listener, sotto_api::metrics::app(state, render), &config, pending()).await
        }
        None => pending().await,
    }
}

struct Ends {
    interrupt: Signal,
    terminate: Signal,
}

impl Ends {
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The first signal drains: not ready, no new sockets, sessions told to go. Returns when they are gone or the drain
/// time is over; the second signal ends the process at once.
async fn end(state: ApiState, mut ends: Ends) {
    ends.next().await;
    state.service.lifecycle.drain();
    tokio::spawn(async move {
        ends.next().await;
        tracing::warn!("ended at once");
        std::process::exit(130);
    });
    sleep(LEAST_DRAIN.min(state.config.drain)).await;
    state.service.cluster.drain(state.config.drain).await;
}

/// A socket is a descriptor: take as many as the system allows.
fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: now.maximum, ..now }) {
        tracing::warn!(%error, "the limit of descriptors stays as it is");
    }
}
