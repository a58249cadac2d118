//! The accept loop: hyper with the limits that `axum::serve` does not have.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::ServiceExt as _;

use crate::{ApiState, extract::PeerAddr, router};

/// Limits of connections.
#[derive(Clone, Debug)]
pub struct AcceptConfig {
    /// HTTP connections at once; more wait in the kernel's queue. Sockets are counted by the service, not here.
    pub max_connections: usize,
    /// How long a client may take for the headers of a request, and be idle between two.
    pub header_timeout: Duration,
    /// The same for trusted proxies, which keep connections for the next client; longer than they keep them.
    pub proxy_header_timeout: Duration,
    /// The most that headers may take before hyper refuses them unseen, bytes.
    pub max_header_bytes: usize,
    /// How long written bytes may stay unacknowledged by the peer.
    pub write_timeout: Duration,
    /// How long requests may go on after the shutdown began.
    pub grace: Duration,
}

impl Default for AcceptConfig {
    fn default() -> Self {
        Self {
            max_connections: 12_000,
            header_timeout: Duration::from_secs(15),
            proxy_header_timeout: Duration::from_secs(90),
            max_header_bytes: 32 * 1024,
            write_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(5),
        }
    }
}

/// How long to wait when the process has no descriptors left.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);
/// What hyper reads ahead of a connection.
const MIN_BUFFER_BYTES: usize = 64 * 1024;

/// Serves the API until `shutdown` is done, then lets requests finish. Sockets are not waited for: they end by
/// [`sotto_service::lifecycle::Lifecycle::drain`].
///
/// # Errors
/// The listener's own address cannot be read.
pub async fn serve(listener: TcpListener, state: ApiState, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let config = Arc::clone(&state.config);
    let app = router::app(state);
    run(listener, app, &config, shutdown).await
}

/// Serves any application with the limits of `config`.
///
/// # Errors
/// The listener's own address cannot be read.
pub async fn run(
    listener: TcpListener,
    app: Router,
    config: &crate::ApiConfig,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let most = config.accept.max_connections;
    let places = Arc::new(Semaphore::new(most));
    let ending = watch::Sender::new(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let connection = Connection::new(stream, peer, app.clone(), config);
        let ending = ending.subscribe();
        tokio::spawn(async move {
            connection.drive(ending).await;
            drop(place);
        });
    }
    drop(listener);
    ending.send_replace(true);
    let all = places.acquire_many(u32::try_from(most).unwrap_or(u32::MAX));
    if tokio::time::timeout(config.accept.grace, all).await.is_err() {
        tracing::warn!("requests were cut off");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            // Of the connection, not of the listener.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "accepting failed");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}

/// A connection that is ready to be served.
struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    header_timeout: Duration,
    max_header_bytes: usize,
}

impl Connection {
    fn new(stream: TcpStream, peer: SocketAddr, app: Router, config: &crate::ApiConfig) -> Self {
        let limits = &config.accept;
        prepare(&stream, limits);
        let header_timeout = if config.trusts(peer.ip()) { limits.proxy_header_timeout } else { limits.header_timeout };
        Self { stream, peer, app, header_timeout, max_header_bytes: limits.max_header_bytes }
    }

    /// Returns when the connection ends or is upgraded; after `ending` it ends with the request in progress.
    async fn drive(self, mut ending: watch::Receiver<bool>) {
        let Self { stream, peer, app, header_timeout, max_header_bytes } = self;
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddr(peer));
            app.clone().oneshot(request)
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(header_timeout);
        builder.max_header_size(max_header_bytes).max_buf_size(max_header_bytes.max(MIN_BUFFER_BYTES));
        let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let outcome = tokio::select! {
            outcome = connection.as_mut() => outcome,
            () = ended(&mut ending) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Returns when the accept loop ends.
async fn ended(ending: &mut watch::Receiver<bool>) {
    // The sender is gone only when the loop is.
    let _ = ending.wait_for(|ending| *ending).await;
}

/// Options that fail only on sockets that are broken already.
fn prepare(stream: &TcpStream, limits: &AcceptConfig) {
    let _ = stream.set_nodelay(true);
    let patience_ms = u32::try_from(limits.write_timeout.as_millis()).unwrap_or(u32::MAX);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(stream, patience_ms);
}
