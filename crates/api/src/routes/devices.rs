//! Devices of the caller's account.

use axum::extract::State;
use sotto_protocol::{
    DeviceId,
    devices::{Device, Devices, RenameDeviceRequest, RevocationReceipt, RevokeDeviceRequest},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{AuthedDevice, Json, Path, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(list_devices)).routes(routes!(rename_device)).routes(routes!(revoke_device))
}

problems! {
    RenameProblems = [NotFound]
    RevokeProblems = [
        InvalidKey, InvalidSignature, DeviceUnverified, StepUpRequired, DeviceOnProbation, Forbidden, NotFound,
        ChainConflict, LimitReached,
    ]
}

/// Lists the account's devices that are not revoked.
#[utoipa::path(get, path = "/api/devices", tag = "devices",
    responses((status = 200, description = "The devices, oldest first", body = Devices)),
    security(("bearer" = [])))]
async fn list_devices(State(state): State<ApiState>, device: AuthedDevice) -> ApiResult<Json<Devices>> {
    Ok(Json(state.service.devices(&device.claims()).await?))
}

/// Renames a device.
#[utoipa::path(patch, path = "/api/devices/{device_id}", tag = "devices", params(("device_id" = DeviceId, Path)),
    request_body = RenameDeviceRequest,
    responses((status = 200, description = "The device", body = Device), RenameProblems),
    security(("bearer" = ["verified"])))]
async fn rename_device(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<DeviceId>,
    Json(body): Json<RenameDeviceRequest>,
) -> ApiResult<Json<Device>> {
    Ok(Json(state.service.rename_device(&device.claims(), id, &body).await?))
}

/// Revokes a device for ever: another one with a fresh authentication, oneself without.
#[utoipa::path(post, path = "/api/devices/{device_id}/revoke", tag = "devices",
    params(("device_id" = DeviceId, Path)), request_body = RevokeDeviceRequest,
    responses((status = 200, description = "The device is out", body = RevocationReceipt), RevokeProblems),
    security(("bearer" = [])))]
async fn revoke_device(
    State(state): State<ApiState>,
    device: AuthedDevice,
    Path(id): Path<DeviceId>,
    Json(body): Json<RevokeDeviceRequest>,
) -> ApiResult<Json<RevocationReceipt>> {
    Ok(Json(state.service.revoke_device(&device.claims(), id, &body).await?))
}
