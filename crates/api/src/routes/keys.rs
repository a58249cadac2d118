//! Keys of devices and accounts.

use axum::extract::State;
use sotto_protocol::keys::{
    ClaimKeysRequest, ClaimKeysResponse, KeysDigestRequest, KeysDigestResponse, OneTimeKeyCount, QueryKeysRequest,
    QueryKeysResponse, UploadKeysRequest,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(upload_keys))
        .routes(routes!(query_keys))
        .routes(routes!(claim_keys))
        .routes(routes!(compare_keys))
}

problems! {
    UploadProblems = [InvalidKey, InvalidSignature, DeviceRevoked, KeyConflict, LimitReached]
}

/// Stores one-time keys and the fallback key of the calling device, all or nothing.
#[utoipa::path(post, path = "/api/keys/one-time", tag = "keys", request_body = UploadKeysRequest,
    responses((status = 200, description = "How many are stored now", body = OneTimeKeyCount), UploadProblems),
    security(("bearer" = ["verified"])))]
async fn upload_keys(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<UploadKeysRequest>,
) -> ApiResult<Json<OneTimeKeyCount>> {
    Ok(Json(state.service.upload_keys(&device.claims(), &body).await?))
}

/// Gives identities of people that the caller shares a conversation with; strangers are absent.
#[utoipa::path(post, path = "/api/keys/query", tag = "keys", request_body = QueryKeysRequest,
    responses((status = 200, description = "The identities found", body = QueryKeysResponse)),
    security(("bearer" = ["verified"])))]
async fn query_keys(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<QueryKeysRequest>,
) -> ApiResult<Json<QueryKeysResponse>> {
    Ok(Json(state.service.query_keys(&device.claims(), &body).await?))
}

/// Takes a one-time key of each device, or its fallback key; each one-time key is given once.
#[utoipa::path(post, path = "/api/keys/claim", tag = "keys", request_body = ClaimKeysRequest,
    responses((status = 200, description = "The keys", body = ClaimKeysResponse)),
    security(("bearer" = ["verified"])))]
async fn claim_keys(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<ClaimKeysRequest>,
) -> ApiResult<Json<ClaimKeysResponse>> {
    Ok(Json(state.service.claim_keys(&device.claims(), &body).await?))
}

/// Compares the calling device's outstanding one-time keys with the stored ones.
#[utoipa::path(post, path = "/api/keys/digest", tag = "keys", request_body = KeysDigestRequest,
    responses((status = 200, description = "Whether they are the same", body = KeysDigestResponse)),
    security(("bearer" = ["verified"])))]
async fn compare_keys(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<KeysDigestRequest>,
) -> ApiResult<Json<KeysDigestResponse>> {
    Ok(Json(state.service.compare_keys(&device.claims(), &body).await?))
}
