//! The caller's account: settings, password, deletion.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::accounts::{Account, ChangePasswordRequest, UpdateAccountRequest};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{AuthedDevice, Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(get_account, update_account, delete_account)).routes(routes!(change_password))
}

problems! {
    UpdateProblems = [UsernameTaken]
    DeleteProblems = [DeviceOnProbation]
}

/// Gets the caller's account.
#[utoipa::path(get, path = "/api/account", tag = "accounts",
    responses((status = 200, description = "The account", body = Account)), security(("bearer" = [])))]
async fn get_account(State(state): State<ApiState>, device: AuthedDevice) -> ApiResult<Json<Account>> {
    Ok(Json(state.service.account(&device.claims()).await?))
}

/// Changes name and settings.
#[utoipa::path(patch, path = "/api/account", tag = "accounts", request_body = UpdateAccountRequest,
    responses((status = 200, description = "The account", body = Account), UpdateProblems),
    security(("bearer" = ["verified"])))]
async fn update_account(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<UpdateAccountRequest>,
) -> ApiResult<Json<Account>> {
    Ok(Json(state.service.update_account(&device.claims(), &body).await?))
}

/// Deletes the account: all devices end and the name is free again.
#[utoipa::path(delete, path = "/api/account", tag = "accounts",
    responses((status = 204, description = "The account is gone"), DeleteProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn delete_account(State(state): State<ApiState>, device: VerifiedDevice) -> ApiResult<StatusCode> {
    state.service.delete_account(&device.claims()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replaces the password; unverified devices, which the old one let in, are out.
#[utoipa::path(post, path = "/api/account/password", tag = "accounts", request_body = ChangePasswordRequest,
    responses((status = 204, description = "The password is changed")),
    security(("bearer" = ["verified", "fresh"])))]
async fn change_password(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<ChangePasswordRequest>,
) -> ApiResult<StatusCode> {
    state.service.change_password(&device.claims(), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
