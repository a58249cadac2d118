//! Registering, signing in and out, tokens.

use axum::{extract::State, http::StatusCode};
use sotto_protocol::accounts::{
    ChallengeResponse, LoginRequest, LogoutRequest, RefreshRequest, RegisterRequest, SessionResponse, StepUpRequest,
    StepUpResponse, TokenPair,
};
use sotto_protocol::devices::{LogoutOthersRequest, LogoutOthersResponse};
use sotto_service::limits::Limit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{AuthedDevice, ClientAddr, Json, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(create_challenge))
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(logout_others))
        .routes(routes!(step_up))
}

problems! {
    RegisterProblems = [InvalidKey, InvalidSignature, Forbidden, UsernameTaken, AlreadyExists, LimitReached, ChainConflict]
    LoginProblems = [WrongCredentials, DeviceRevoked]
    RefreshProblems = [RefreshRejected, DeviceRevoked]
    LogoutProblems = [
        InvalidKey, InvalidSignature, DeviceUnverified, Forbidden, ChainConflict, LimitReached,
    ]
    LogoutOthersProblems = [
        InvalidKey, InvalidSignature, DeviceOnProbation, Forbidden, ChainConflict, LimitReached,
    ]
    StepUpProblems = [WrongCredentials]
}

/// Makes an account with its first device.
#[utoipa::path(post, path = "/auth/register", tag = "accounts", request_body = RegisterRequest,
    responses((status = 201, description = "The account and the tokens of its first device", body = SessionResponse),
        RegisterProblems))]
async fn register(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    Json(body): Json<RegisterRequest>,
) -> ApiResult<(StatusCode, Json<SessionResponse>)> {
    state.service.limits.by_address(Limit::RegisterAddress, address).await?;
    Ok((StatusCode::CREATED, Json(state.service.register(&body).await?)))
}

/// Gives a challenge, which a known device signs to sign in again.
#[utoipa::path(post, path = "/auth/challenges", tag = "accounts",
    responses((status = 200, description = "The challenge", body = ChallengeResponse)))]
async fn create_challenge(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
) -> ApiResult<Json<ChallengeResponse>> {
    state.service.limits.by_address(Limit::RefreshAddress, address).await?;
    Ok(Json(state.service.create_challenge()?))
}

/// Signs in by password.
///
/// With `known_device` as that device; otherwise as a new one, which can only be linked or recover.
#[utoipa::path(post, path = "/auth/login", tag = "accounts", request_body = LoginRequest,
    responses((status = 200, description = "The tokens of the device", body = SessionResponse), LoginProblems))]
async fn login(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    Json(body): Json<LoginRequest>,
) -> ApiResult<Json<SessionResponse>> {
    state.service.limits.by_address(Limit::LoginAddress, address).await?;
    Ok(Json(state.service.login(body).await?))
}

/// Exchanges a refresh token for the next one and an access token.
///
/// A replay within 60 s gives the same next one; any later use of a used token ends all that followed from it.
#[utoipa::path(post, path = "/auth/refresh", tag = "accounts", request_body = RefreshRequest,
    responses((status = 200, description = "The next tokens", body = TokenPair), RefreshProblems))]
async fn refresh(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    Json(body): Json<RefreshRequest>,
) -> ApiResult<Json<TokenPair>> {
    state.service.limits.by_address(Limit::RefreshAddress, address).await?;
    Ok(Json(state.service.refresh(&body.refresh_token).await?))
}

/// Logs the device out, on all nodes within two seconds.
///
/// With the entry of the list that leaves it out, it is revoked for ever. Without one its tokens end: a linked device can
/// sign in again by its key, an unverified one is gone.
#[utoipa::path(post, path = "/auth/logout", tag = "accounts", request_body = Option<LogoutRequest>,
    responses((status = 204, description = "The tokens are void"), LogoutProblems), security(("bearer" = [])))]
async fn logout(
    State(state): State<ApiState>,
    device: AuthedDevice,
    body: Option<Json<Option<LogoutRequest>>>,
) -> ApiResult<StatusCode> {
    let request = body.and_then(|Json(request)| request).unwrap_or_default();
    state.service.logout(&device.claims(), &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes all other devices of the account, by one entry of the list.
#[utoipa::path(post, path = "/auth/logout-others", tag = "accounts", request_body = LogoutOthersRequest,
    responses((status = 200, description = "They are out", body = LogoutOthersResponse), LogoutOthersProblems),
    security(("bearer" = ["verified", "fresh"])))]
async fn logout_others(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<LogoutOthersRequest>,
) -> ApiResult<Json<LogoutOthersResponse>> {
    Ok(Json(state.service.logout_others(&device.claims(), &body).await?))
}

/// Proves the password again, for actions that need a fresh authentication.
#[utoipa::path(post, path = "/auth/step-up", tag = "accounts", request_body = StepUpRequest,
    responses((status = 200, description = "A fresh access token", body = StepUpResponse), StepUpProblems),
    security(("bearer" = [])))]
async fn step_up(
    State(state): State<ApiState>,
    device: AuthedDevice,
    Json(body): Json<StepUpRequest>,
) -> ApiResult<Json<StepUpResponse>> {
    Ok(Json(state.service.step_up(&device.claims(), &body).await?))
}
