//! `/metrics`, on a listener of its own, in the Prometheus text format.

use std::sync::Arc;

use axum::{Router, http::header, routing::get};

use crate::ApiState;

/// What renders the metrics that were recorded.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const PAGE_BYTES: u64 = 4096;

/// The listener's only route.
pub fn app(state: ApiState, render: Render) -> Router {
    let page = async move || {
        observe(&state);
        ([(header::CONTENT_TYPE, TEXT)], render())
    };
    Router::new().route("/metrics", get(page))
}

/// Gauges that are read when somebody looks.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn observe(state: &ApiState) {
    metrics::gauge!("cluster_load").set(state.service.lifecycle.load());
    metrics::gauge!("revocation_feed_age_seconds").set(state.service.revocations.age().as_secs_f64());
    // A gauge nobody has touched yet is absent; zero is what people and scripts look for.
    metrics::gauge!("ws_connections_active", "endpoint" => "ws").increment(0.0);
    let memory = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    if let Some(pages) = memory.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()) {
        metrics::gauge!("process_resident_memory_bytes").set((pages * PAGE_BYTES) as f64);
    }
    if let Ok(descriptors) = std::fs::read_dir("/proc/self/fd") {
        metrics::gauge!("process_open_fds").set(descriptors.count() as f64);
    }
}
