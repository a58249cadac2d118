//! `GET /ws`: the upgrade, who may have it, and with which credential.

mod credential;
mod driver;
mod sink;

use std::sync::Arc;

use axum::{
    extract::{
        RawQuery, State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::Response,
};
use sotto_protocol::{CloseCode, Problem, ProblemCode, frames, limits};
use sotto_service::{
    Service, ServiceError, lifecycle::SocketPlace, limits::Limit, revocations::MAX_FEED_AGE, tokens::AccessClaims,
};

use crate::{
    ApiError, ApiResult, ApiState,
    extract::{AllowedOrigin, ClientAddr},
    problems,
};

problems! {
    SocketProblems = [InvalidRequest, ForeignOrigin, UpgradeRequired, RateLimited, NodeFull, Unavailable]
}

/// A device's connection: sync, sends, marks, typing, presence.
///
/// A bad credential is told by a close code after the upgrade, because a browser cannot read the status of a refused
/// one.
#[utoipa::path(
    get,
    path = "/ws",
    operation_id = "open_socket",
    tag = "sync",
    params(
        ("ticket" = Option<String>, Query, description = "From POST /api/ws-tickets, one use."),
        ("token" = Option<String>, Query, description = "An access token; operators can switch this off."),
    ),
    responses(
        (status = 101, description = "Frames as in asyncapi.json, subprotocol sotto.v1."),
        SocketProblems,
    )
)]
pub(crate) async fn open_socket(
    State(state): State<ApiState>,
    ClientAddr(address): ClientAddr,
    _: AllowedOrigin,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> ApiResult<Response> {
    let service = state.service;
    let upgrade = upgrade.map_err(|rejection| upgrade_problem(&rejection))?;
    if service.revocations.age() > MAX_FEED_AGE {
        return Err(busy(ProblemCode::Unavailable));
    }
    service.limits.by_address(Limit::ConnectAddress, address).await?;
    let place = service.lifecycle.enter("ws").ok_or_else(|| busy(ProblemCode::NodeFull))?;
    let upgrade = configure(upgrade);
    let credential = credential::find(&headers, query.as_deref(), state.config.query_tokens);
    Ok(upgrade.on_upgrade(move |socket| serve(service, credential, socket, place)))
}

/// Sizes and subprotocol of every socket.
pub fn configure(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .protocols([frames::SUBPROTOCOL])
        .max_message_size(limits::MAX_FRAME_BYTES)
        .max_frame_size(limits::MAX_FRAME_BYTES)
        // The read buffer is allocated and zeroed at its full size for every read.
        .read_buffer_size(1024)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::MAX_FRAME_BYTES * 2)
}

/// Boxed apart from the driver, so that an idle connection does not carry the handshake's state.
async fn serve(
    service: Arc<Service>,
    credential: Option<credential::Credential>,
    socket: WebSocket,
    place: SocketPlace,
) {
    match Box::pin(admit(&service, credential)).await {
        Ok(caller) => Box::pin(driver::run(service, caller, socket)).await,
        Err(code) => driver::close(socket, code).await,
    }
    drop(place);
}

async fn admit(service: &Service, credential: Option<credential::Credential>) -> Result<AccessClaims, CloseCode> {
    let claims = match credential {
        Some(credential::Credential::Token(token)) => service.tokens.verify_access(&token),
        Some(credential::Credential::Ticket(ticket)) => service.redeem_ticket(&ticket).await,
        None => return Err(CloseCode::Unauthorized),
    };
    let claims = claims.map_err(|error| close_code(&error))?;
    if service.revocations.contains(claims.device_id, claims.token_generation) {
        return Err(CloseCode::Revoked);
    }
    Ok(claims)
}

fn close_code(error: &ServiceError) -> CloseCode {
    match error {
        ServiceError::Refused(problem) if problem.code == ProblemCode::TokenExpired => CloseCode::TokenExpired,
        ServiceError::Refused(problem) if problem.code == ProblemCode::DeviceRevoked => CloseCode::Revoked,
        ServiceError::Refused(_) => CloseCode::Unauthorized,
        _ => CloseCode::Internal,
    }
}

fn busy(code: ProblemCode) -> ApiError {
    Problem { retry_after_ms: Some(1_000), ..Problem::new(code) }.into()
}

fn upgrade_problem(rejection: &axum::extract::ws::rejection::WebSocketUpgradeRejection) -> ApiError {
    use axum::extract::ws::rejection::WebSocketUpgradeRejection as R;
    let code = match rejection {
        R::MethodNotGet(_) => ProblemCode::MethodNotAllowed,
        R::InvalidWebSocketVersionHeader(_) | R::WebSocketKeyHeaderMissing(_) => ProblemCode::InvalidRequest,
        _ => ProblemCode::UpgradeRequired,
    };
    Problem::new(code).with_detail(rejection.to_string()).into()
}
