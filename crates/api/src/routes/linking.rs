//! Linking a further device by grant and completion.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::{
    accounts::SessionResponse,
    linking::{CompleteLinkRequest, CreateGrantRequest, GrantResponse, LinkHeadRequest, LinkHeadResponse},
};
use sotto_service::limits::Limit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{ClientAddr, Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(create_grant)).routes(routes!(get_link_head)).routes(routes!(complete_link))
}

problems! {
    GrantProblems = [
        InvalidKey, InvalidSignature, DeviceOnProbation, Forbidden, AlreadyExists, ChainConflict, LimitReached,
        LinkingLocked,
    ]
    HeadProblems = [GrantRejected]
    CompleteProblems = [
        InvalidKey, InvalidSignature, GrantRejected, Forbidden, AlreadyExists, ChainConflict, LimitReached,
    ]
}

/// Grants a new device to come in, by a device of the account.
#[utoipa::path(post, path = "/api/link/grants", tag = "linking", request_body = CreateGrantRequest,
    responses((status = 201, description = "The grant, for one use within five minutes", body = GrantResponse),
        GrantProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn create_grant(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<CreateGrantRequest>,
) -> ApiResult<(StatusCode, Json<GrantResponse>)> {
    Ok((StatusCode::CREATED, Json(state.service.create_grant(&device.claims(), body).await?)))
}

/// Gives what the new device checks before it completes; the grant is the credential.
#[utoipa::path(post, path = "/api/link/head", tag = "linking", request_body = LinkHeadRequest,
    responses((status = 200, description = "The account that the grant leads into", body = LinkHeadResponse),
        HeadProblems))]
async fn get_link_head(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    Json(body): Json<LinkHeadRequest>,
) -> ApiResult<Json<LinkHeadResponse>> {
    state.service.limits.by_address(Limit::GrantAddress, address).await?;
    Ok(Json(state.service.link_head(&body).await?))
}

/// Brings the new device in; the same request again within five minutes gives the same refresh token.
#[utoipa::path(post, path = "/api/link/complete", tag = "linking", request_body = CompleteLinkRequest,
    responses((status = 200, description = "The tokens of the new device", body = SessionResponse), CompleteProblems))]
async fn complete_link(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    Json(body): Json<CompleteLinkRequest>,
) -> ApiResult<Json<SessionResponse>> {
    state.service.limits.by_address(Limit::GrantAddress, address).await?;
    Ok(Json(state.service.complete_link(&body).await?))
}
