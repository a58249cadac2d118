//! The outermost layer: request id, client address, span, metrics, panics, time limit, problem documents.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use sotto_protocol::{Problem, ProblemCode};
use sotto_service::{ServiceError, limits::Limit};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::{
    ApiError, ApiResult, ApiState,
    extract::{ClientAddr, PeerAddr},
    problem,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID_BYTES: usize = 64;
/// Longest path and query, bytes.
const MAX_URI_BYTES: usize = 8 * 1024;
/// Largest headers of a request, bytes of names and values.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Names the request in logs and problems.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Surrounds every request, matched or not.
pub async fn around(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let started = state.service.clock.monotonic();
    let id = id_of(&request, &state);
    let client = client_of(&request, &state);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    // The matched path, never the query or a header: those may hold credentials.
    let span = tracing::info_span!("request", request_id = %id, %method, route, node = state.service.node_name);
    request.extensions_mut().insert(RequestId(id.clone()));
    request.extensions_mut().insert(client);
    let work = async {
        let answer = guarded(&state, client, request, next).await.unwrap_or_else(ApiError::into_response);
        let mut response = problem::finish(answer, &id);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let took = state.service.clock.monotonic().saturating_sub(started);
        record(method.as_str(), &route, response.status().as_u16(), took);
        response
    };
    work.instrument(span).await
}

async fn guarded(state: &ApiState, client: ClientAddr, request: Request, next: Next) -> ApiResult<Response> {
    check_size(&request)?;
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/auth/") {
        state.service.limits.by_address(Limit::ApiAddress, client.0).await?;
    }
    let is_safe = request.method().is_safe();
    let work = next.run(request).in_current_span();
    // What changes something is done to its end, also when nobody waits for it any more: a commit is always told of.
    let work = async {
        if is_safe {
            AssertUnwindSafe(work).catch_unwind().await.map_err(drop)
        } else {
            tokio::spawn(work).await.map_err(drop)
        }
    };
    match timeout(state.config.request_timeout, work).await {
        Ok(Ok(response)) => Ok(response),
        // What the panic said is on stderr, with its place.
        Ok(Err(())) => Err(ServiceError::Internal("the handler panicked".to_owned()).into()),
        Err(_) => {
            tracing::warn!("the request took too long");
            let problem = Problem::new(ProblemCode::Unavailable);
            Err(Problem { retry_after_ms: Some(1_000), ..problem }.into())
        }
    }
}

fn check_size(request: &Request) -> ApiResult<()> {
    let uri = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    if uri > MAX_URI_BYTES {
        return Err(ProblemCode::UriTooLong.into());
    }
    if header_bytes(request.headers()) > MAX_HEADER_BYTES {
        return Err(ProblemCode::HeadersTooLarge.into());
    }
    Ok(())
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

/// The caller's id if it is short and plain, else a new one.
fn id_of(request: &Request, state: &ApiState) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    given.filter(is_plain).map_or_else(|| state.service.entropy.uuid().to_string(), str::to_owned)
}

fn client_of(request: &Request, state: &ApiState) -> ClientAddr {
    let unknown = PeerAddr(([0, 0, 0, 0], 0).into());
    let PeerAddr(peer) = request.extensions().get().copied().unwrap_or(unknown);
    ClientAddr::of(peer.ip(), request.headers(), &state.config)
}

fn record(method: &str, route: &str, status: u16, took: Duration) {
    tracing::info!(status, latency_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX), "answered");
    let labels = [("route", route.to_owned()), ("method", known(method)), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route.to_owned(), "method" => known(method))
        .record(took.as_secs_f64());
}

/// Methods are free text: a label must not be.
fn known(method: &str) -> String {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method.to_owned(),
        _ => "other".to_owned(),
    }
}
