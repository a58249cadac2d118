//! The key backup, and the recovery key that it is sealed to.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use sotto_protocol::backup::{
    Backup, BackupCount, BackupPage, PutBackupRequest, PutBackupSessionsRequest, PutRecoveryKeyRequest,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, LargeJson, Path, Query, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(put_recovery_key))
        .routes(routes!(get_backup, put_backup))
        .routes(routes!(list_backup_sessions, put_backup_sessions))
}

problems! {
    RecoveryKeyProblems = [InvalidKey, InvalidSignature, DeviceOnProbation, ChainConflict]
    PutProblems = [
        InvalidKey, InvalidSignature, DeviceOnProbation, Forbidden, ChainConflict, RecoveryKeyReplaced,
    ]
    ListProblems = [ChainConflict]
    SessionsProblems = [ChainConflict, LimitReached]
}

/// Publishes the recovery key's public half.
///
/// A further one comes with the bundle under the new recovery key, and with a fresh authentication.
#[utoipa::path(put, path = "/api/recovery/key", tag = "recovery", request_body = PutRecoveryKeyRequest,
    responses((status = 204, description = "It is published; what the old one opened is void"), RecoveryKeyProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn put_recovery_key(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<PutRecoveryKeyRequest>,
) -> ApiResult<StatusCode> {
    state.service.put_recovery_key(&device.claims(), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gets the recovery key's public half, and what the key backup is encrypted with.
#[utoipa::path(get, path = "/api/backup", tag = "backup",
    responses((status = 200, description = "What there is", body = Backup)),
    security(("bearer" = ["verified"])))]
async fn get_backup(State(state): State<ApiState>, device: VerifiedDevice) -> ApiResult<Json<Backup>> {
    Ok(Json(state.service.backup(&device.claims()).await?))
}

/// Begins a key backup; the one before is void.
///
/// No fresh authentication is needed if there is none, or if a device left the account since it was begun.
#[utoipa::path(put, path = "/api/backup", tag = "backup", request_body = PutBackupRequest,
    responses((status = 200, description = "It takes sessions", body = Backup), PutProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn put_backup(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<PutBackupRequest>,
) -> ApiResult<Json<Backup>> {
    Ok(Json(state.service.put_backup(&device.claims(), &body).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// `next` of the page before.
    after: Option<String>,
}

/// Lists the sessions of the key backup.
#[utoipa::path(get, path = "/api/backup/{version}/sessions", tag = "backup",
    params(("version" = i64, Path, description = "Version of its descriptor."), ListParams),
    responses((status = 200, description = "A page", body = BackupPage), ListProblems),
    security(("bearer" = ["verified"])))]
async fn list_backup_sessions(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(version): Path<i64>,
    Query(params): Query<ListParams>,
) -> ApiResult<Json<BackupPage>> {
    Ok(Json(state.service.backup_sessions(&device.claims(), version, params.after.as_deref()).await?))
}

/// Stores sessions in the key backup; one that begins earlier replaces one that begins later.
#[utoipa::path(post, path = "/api/backup/{version}/sessions", tag = "backup",
    params(("version" = i64, Path, description = "Version of its descriptor.")),
    request_body = PutBackupSessionsRequest,
    responses((status = 200, description = "They are stored", body = BackupCount), SessionsProblems),
    security(("bearer" = ["verified"])))]
async fn put_backup_sessions(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(version): Path<i64>,
    Json(body): LargeJson<PutBackupSessionsRequest>,
) -> ApiResult<Json<BackupCount>> {
    Ok(Json(state.service.put_backup_sessions(&device.claims(), version, &body).await?))
}
