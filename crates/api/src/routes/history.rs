//! Handing history over to a device that was linked.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::{
    HistoryId,
    history::{CreateHistoryRequest, History, HistoryChunk, HistoryProgress, PutHistoryChunkRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, LargeJson, Path, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create_history))
        .routes(routes!(get_history, delete_history))
        .routes(routes!(get_history_chunk, put_history_chunk))
}

problems! {
    CreateProblems = [DeviceOnProbation, LimitReached]
    HistoryProblems = [NotFound]
    PutProblems = [NotFound, AlreadyExists, LimitReached]
}

/// Begins a history, which other devices of the account may fetch.
#[utoipa::path(post, path = "/api/history", tag = "history", request_body = CreateHistoryRequest,
    responses((status = 201, description = "Its chunks can be uploaded", body = History), CreateProblems),
    security(("bearer" = ["verified"])))]
async fn create_history(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<CreateHistoryRequest>,
) -> ApiResult<(StatusCode, Json<History>)> {
    Ok((StatusCode::CREATED, Json(state.service.create_history(&device.claims(), &body).await?)))
}

/// Tells how far a history is, and what is missing.
#[utoipa::path(get, path = "/api/history/{history_id}", tag = "history",
    params(("history_id" = HistoryId, Path)),
    responses((status = 200, description = "How far it is", body = History), HistoryProblems),
    security(("bearer" = ["verified"])))]
async fn get_history(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<HistoryId>,
) -> ApiResult<Json<History>> {
    Ok(Json(state.service.history(&device.claims(), id).await?))
}

/// Deletes a history, once the new device has it.
#[utoipa::path(delete, path = "/api/history/{history_id}", tag = "history",
    params(("history_id" = HistoryId, Path)),
    responses((status = 204, description = "It is gone"), HistoryProblems),
    security(("bearer" = ["verified"])))]
async fn delete_history(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<HistoryId>,
) -> ApiResult<StatusCode> {
    state.service.delete_history(&device.claims(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gets a chunk.
#[utoipa::path(get, path = "/api/history/{history_id}/chunks/{index}", tag = "history",
    params(("history_id" = HistoryId, Path), ("index" = u32, Path, description = "Its place, from 0.")),
    responses((status = 200, description = "The chunk", body = HistoryChunk), HistoryProblems),
    security(("bearer" = ["verified"])))]
async fn get_history_chunk(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path((id, index)): Path<(HistoryId, u32)>,
) -> ApiResult<Json<HistoryChunk>> {
    Ok(Json(state.service.history_chunk(&device.claims(), id, index).await?))
}

/// Uploads a chunk; the same again changes nothing.
#[utoipa::path(put, path = "/api/history/{history_id}/chunks/{index}", tag = "history",
    params(("history_id" = HistoryId, Path), ("index" = u32, Path, description = "Its place, from 0.")),
    request_body = PutHistoryChunkRequest,
    responses((status = 200, description = "It is stored", body = HistoryProgress), PutProblems),
    security(("bearer" = ["verified"])))]
async fn put_history_chunk(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path((id, index)): Path<(HistoryId, u32)>,
    Json(body): LargeJson<PutHistoryChunkRequest>,
) -> ApiResult<Json<HistoryProgress>> {
    Ok(Json(state.service.put_history_chunk(&device.claims(), id, index, &body).await?))
}
