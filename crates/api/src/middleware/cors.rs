//! Which pages may call (WHATWG Fetch, CORS protocol).

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::ApiConfig;

const PREFLIGHT_CACHE: Duration = Duration::from_hours(1);

/// Answers preflights and lets the configured origins read answers.
pub fn layer(config: &ApiConfig) -> CorsLayer {
    let origins = config.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        // For the cookie by which the load balancer finds the node again; nothing is authenticated by cookie.
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("x-request-id")])
        .expose_headers([
            // By it clients see that their clock is wrong.
            header::DATE,
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-sotto-node"),
        ])
        .max_age(PREFLIGHT_CACHE)
}
