//! A new identity for an account.

use axum::extract::State;
use sotto_protocol::identity::{ResetIdentityRequest, ResetIdentityResponse};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(reset_identity))
}

problems! {
    ResetProblems = [InvalidKey, InvalidSignature, DeviceOnProbation, Forbidden, ChainConflict, LimitReached]
}

/// Replaces the account's master key: its device list begins anew with the calling device alone, contacts are warned.
#[utoipa::path(post, path = "/api/account/identity", tag = "recovery", request_body = ResetIdentityRequest,
    responses((status = 200, description = "The account has the new identity", body = ResetIdentityResponse),
        ResetProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn reset_identity(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<ResetIdentityRequest>,
) -> ApiResult<Json<ResetIdentityResponse>> {
    Ok(Json(state.service.reset_identity(&device.claims(), &body).await?))
}
