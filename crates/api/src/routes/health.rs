//! How the node is, and the keys that verify its tokens.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use sotto_protocol::health::{Health, HealthStatus};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{ApiState, extract::Json, router::ApiRouter};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_liveness))
        .routes(routes!(get_readiness))
        .routes(routes!(get_jwks))
}

/// How the node and what it needs are.
#[utoipa::path(get, path = "/health", tag = "health", responses(
    (status = 200, description = "It serves, perhaps degraded (Redis is missing) or draining", body = Health),
    (status = 503, description = "PostgreSQL is missing", body = Health),
))]
async fn get_health(State(state): State<ApiState>) -> (StatusCode, Json<Health>) {
    let health = state.service.health().await;
    (status_if(health.status != HealthStatus::Down), Json(health))
}

/// Whether the process runs at all.
#[utoipa::path(get, path = "/health/live", tag = "health", responses(
    (status = 204, description = "It does"),
))]
async fn get_liveness() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether the node should get clients.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, description = "It should", body = Health),
    (status = 503, description = "It drains, or PostgreSQL is missing", body = Health),
))]
async fn get_readiness(State(state): State<ApiState>) -> (StatusCode, Json<Health>) {
    let health = state.service.health().await;
    let is_ready = matches!(health.status, HealthStatus::Ok | HealthStatus::Degraded);
    (status_if(is_ready), Json(health))
}

fn status_if(fine: bool) -> StatusCode {
    if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// A set of JSON Web Keys (RFC 7517).
#[derive(Serialize, ToSchema)]
pub struct Jwks {
    /// The keys.
    keys: Vec<Jwk>,
}

/// An Ed25519 public key (RFC 8037).
#[derive(Serialize, ToSchema)]
pub struct Jwk {
    /// Always `OKP`.
    kty: &'static str,
    /// Always `Ed25519`.
    crv: &'static str,
    /// Always `EdDSA`.
    alg: &'static str,
    /// Always `sig`.
    r#use: &'static str,
    /// What the `kid` of a token's header names.
    kid: String,
    /// The public key, 32 bytes, base64url without padding.
    x: String,
}

/// The keys that verify access tokens, newest first.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "health", responses(
    (status = 200, description = "The keys", body = Jwks),
))]
async fn get_jwks(State(state): State<ApiState>) -> impl IntoResponse {
    let keys = state.service.tokens.public_keys().into_iter();
    let keys = keys.map(|key| Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid: key.kid, x: key.x });
    let cache = [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"))];
    let jwks: Json<Jwks> = Json(Jwks { keys: keys.collect() });
    (cache, jwks)
}
