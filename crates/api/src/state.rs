//! What handlers have at hand.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::extract::FromRef;
use sotto_service::{Service, address::IpRange};

/// What an operator decides about HTTP.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Origins that browsers may call from, besides the one that serves the page: `https://chat.example.org`.
    pub cors_origins: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpRange>,
    /// Whether routes that exist for tests only are there.
    pub test_routes: bool,
    /// Whether sockets may be opened with `?token=`.
    pub query_tokens: bool,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a request may take in all; sockets live on.
    pub request_timeout: Duration,
    /// The drain time, over which sessions are told to come back.
    pub drain: Duration,
    /// The accept loop.
    pub accept: crate::AcceptConfig,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            test_routes: false,
            query_tokens: true,
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(5),
            accept: crate::AcceptConfig::default(),
        }
    }
}

impl ApiConfig {
    /// Whether this peer's `X-Forwarded-For` is believed.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|range| range.contains(peer))
    }
}

/// State of every route.
#[derive(Clone)]
pub struct ApiState {
    /// The use cases.
    pub service: Arc<Service>,
    /// What an operator decides about HTTP.
    pub config: Arc<ApiConfig>,
}

impl ApiState {
    /// State of every route.
    pub fn new(service: Arc<Service>, config: ApiConfig) -> Self {
        Self { service, config: Arc::new(config) }
    }
}

impl FromRef<ApiState> for Arc<Service> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.service)
    }
}

impl FromRef<ApiState> for Arc<ApiConfig> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.config)
    }
}
