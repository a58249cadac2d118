//! The sections that hold sizes and times of the machinery: connections, the writer, what passes between nodes.
//!
//! Their defaults are those of the crates that they configure.

use std::time::Duration;

use serde::Deserialize;
use sotto_api::AcceptConfig;
use sotto_bus::BusConfig;
use sotto_store::writer::WriterConfig;

use super::flexible::parsed;

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// HTTP connections at once, sockets not counted; more wait in the kernel's queue.
    #[serde(deserialize_with = "parsed")]
    pub connections: usize,
    /// How long a client may take for the headers of a request, and be idle between two, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub header_timeout_ms: u64,
    /// The same for trusted proxies, which keep connections for the next client.
    #[serde(deserialize_with = "parsed")]
    pub proxy_header_timeout_ms: u64,
    /// What a request's line and headers may take before they are refused unread, bytes.
    #[serde(deserialize_with = "parsed")]
    pub header_bytes: usize,
    /// How long written bytes may stay unacknowledged by the peer, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub write_timeout_ms: u64,
    /// How long requests may go on after the drain, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub grace_ms: u64,
}

impl Default for Http {
    fn default() -> Self {
        let accept = AcceptConfig::default();
        Self {
            connections: accept.max_connections,
            header_timeout_ms: milliseconds(accept.header_timeout),
            proxy_header_timeout_ms: milliseconds(accept.proxy_header_timeout),
            header_bytes: accept.max_header_bytes,
            write_timeout_ms: milliseconds(accept.write_timeout),
            grace_ms: milliseconds(accept.grace),
        }
    }
}

impl From<&Http> for AcceptConfig {
    fn from(http: &Http) -> Self {
        Self {
            max_connections: http.connections,
            header_timeout: Duration::from_millis(http.header_timeout_ms),
            proxy_header_timeout: Duration::from_millis(http.proxy_header_timeout_ms),
            max_header_bytes: http.header_bytes,
            write_timeout: Duration::from_millis(http.write_timeout_ms),
            grace: Duration::from_millis(http.grace_ms),
        }
    }
}

/// `[writer]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Writer {
    /// Batches that are committed side by side.
    #[serde(deserialize_with = "parsed")]
    pub lanes: usize,
    /// Messages in one batch.
    #[serde(deserialize_with = "parsed")]
    pub max_batch: usize,
    /// Messages waiting in one lane; beyond it a send is answered 503.
    #[serde(deserialize_with = "parsed")]
    pub queue: usize,
    /// Undelivered envelopes that one sending device may have in one inbox; the rest becomes a gap notice.
    #[serde(deserialize_with = "parsed")]
    pub sender_quota: i64,
    /// Undelivered items in one inbox.
    #[serde(deserialize_with = "parsed")]
    pub inbox_quota: i64,
}

impl Default for Writer {
    fn default() -> Self {
        let WriterConfig { lanes, max_batch, queue, sender_quota, inbox_quota } = WriterConfig::default();
        Self { lanes, max_batch, queue, sender_quota, inbox_quota }
    }
}

impl From<&Writer> for WriterConfig {
    fn from(writer: &Writer) -> Self {
        let &Writer { lanes, max_batch, queue, sender_quota, inbox_quota } = writer;
        Self { lanes, max_batch, queue, sender_quota, inbox_quota }
    }
}

/// `[cluster]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// Wakes waiting to be published to other nodes; beyond it they read from PostgreSQL what they missed.
    #[serde(deserialize_with = "parsed")]
    pub outgoing_queue: usize,
    /// Packets of other nodes waiting to be taken in.
    #[serde(deserialize_with = "parsed")]
    pub incoming_queue: usize,
}

impl Default for Cluster {
    fn default() -> Self {
        let BusConfig { outgoing_queue, incoming_queue, .. } = BusConfig::new(String::new());
        Self { outgoing_queue, incoming_queue }
    }
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
