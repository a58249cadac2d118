//! Recovering an account with its recovery key.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::{
    accounts::SessionResponse,
    recovery::{CompleteRecoveryRequest, PutRecoveryRequest, RecoveryResponse},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{FreshDevice, Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(get_recovery, put_recovery)).routes(routes!(complete_recovery))
}

problems! {
    PutProblems = [DeviceOnProbation]
    CompleteProblems = [
        InvalidKey, InvalidSignature, DeviceRevoked, Forbidden, AlreadyExists, ChainConflict, LimitReached,
    ]
}

/// Gives the encrypted recovery bundle, to a device that is signed or not.
#[utoipa::path(get, path = "/api/recovery", tag = "recovery",
    responses((status = 200, description = "The bundle and the account's identity", body = RecoveryResponse)),
    security(("bearer" = ["fresh"])))]
async fn get_recovery(State(state): State<ApiState>, device: FreshDevice) -> ApiResult<Json<RecoveryResponse>> {
    Ok(Json(state.service.recovery(&device.claims()).await?))
}

/// Replaces the recovery bundle; the old recovery key opens nothing any more.
#[utoipa::path(put, path = "/api/recovery", tag = "recovery", request_body = PutRecoveryRequest,
    responses((status = 204, description = "The bundle is replaced"), PutProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn put_recovery(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<PutRecoveryRequest>,
) -> ApiResult<StatusCode> {
    state.service.put_recovery(&device.claims(), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the calling unverified device a full one, by an entry that the master key signed.
#[utoipa::path(post, path = "/api/recovery/complete", tag = "recovery", request_body = CompleteRecoveryRequest,
    responses((status = 200, description = "The tokens of the full device", body = SessionResponse), CompleteProblems),
    security(("bearer" = ["fresh"])))]
async fn complete_recovery(
    State(state): State<ApiState>,
    device: FreshDevice,
    Json(body): Json<CompleteRecoveryRequest>,
) -> ApiResult<Json<SessionResponse>> {
    Ok(Json(state.service.complete_recovery(&device.claims(), &body).await?))
}
