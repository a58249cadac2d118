//! Headers of every answer.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::ApiState;

const NODE: HeaderName = HeaderName::from_static("x-sotto-node");
/// An API has nothing that a browser should run or frame.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// The page of the documentation brings its own scripts and styles, and nothing from elsewhere.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Adds who answers, and what browsers and caches must not do with it.
pub async fn add(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_private = path.starts_with("/api") || path.starts_with("/auth");
    let is_docs = path.starts_with("/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(name) = HeaderValue::from_str(&state.service.node_name) {
        headers.insert(NODE, name);
    }
    if is_private {
        set(headers, header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    set(headers, header::CONTENT_SECURITY_POLICY, if is_docs { DOCS_POLICY } else { POLICY });
    set(headers, header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(headers, header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    set(headers, header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A route's own choice stays.
fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}
