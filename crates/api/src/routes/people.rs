//! Finding and blocking people.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::{
    UserId,
    people::{BlockList, UserSummary},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, Path, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_user_by_name))
        .routes(routes!(list_blocks))
        .routes(routes!(block_user, unblock_user))
}

problems! {
    UserProblems = [NotFound]
}

/// Finds the person with exactly this name.
#[utoipa::path(get, path = "/api/users/by-name/{username}", tag = "people",
    params(("username" = String, Path, description = "The whole name")),
    responses((status = 200, description = "The person", body = UserSummary), UserProblems),
    security(("bearer" = ["verified"])))]
async fn get_user_by_name(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(username): Path<String>,
) -> ApiResult<Json<UserSummary>> {
    Ok(Json(state.service.user_by_name(&device.claims(), &username).await?))
}

/// Lists the people that the caller blocked.
#[utoipa::path(get, path = "/api/blocks", tag = "people",
    responses((status = 200, description = "The people", body = BlockList)),
    security(("bearer" = ["verified"])))]
async fn list_blocks(State(state): State<ApiState>, device: VerifiedDevice) -> ApiResult<Json<BlockList>> {
    Ok(Json(state.service.blocks(&device.claims()).await?))
}

/// Blocks a person; again is harmless.
#[utoipa::path(put, path = "/api/blocks/{user_id}", tag = "people", params(("user_id" = UserId, Path)),
    responses((status = 204, description = "The person is blocked"), UserProblems),
    security(("bearer" = ["verified"])))]
async fn block_user(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<UserId>,
) -> ApiResult<StatusCode> {
    state.service.block_user(&device.claims(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lifts a block; again is harmless.
#[utoipa::path(delete, path = "/api/blocks/{user_id}", tag = "people", params(("user_id" = UserId, Path)),
    responses((status = 204, description = "The person is not blocked")),
    security(("bearer" = ["verified"])))]
async fn unblock_user(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<UserId>,
) -> ApiResult<StatusCode> {
    state.service.unblock_user(&device.claims(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
