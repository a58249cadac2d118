//! Routes that exist for tests only, and only where the operator switched them on.

use axum::{Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use sotto_protocol::ProblemCode;

use crate::{ApiResult, ApiState, extract::Json};

/// Not in the document: they are no part of the API.
pub fn router() -> Router<ApiState> {
    Router::new().route("/test/broadcast", post(broadcast))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Broadcast {
    message: String,
}

/// Sends a `broadcast` frame to every socket of every node.
async fn broadcast(State(state): State<ApiState>, Json(body): Json<Broadcast>) -> ApiResult<StatusCode> {
    state.service.cluster.broadcast(&body.message).await.map_err(|_| ProblemCode::Unavailable)?;
    Ok(StatusCode::ACCEPTED)
}
