//! `GET /ws`: the upgrade, who may have it, and with which credential.

mod credential;
mod driver;
mod socket;
mod upgrade;

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use sotto_protocol::{CloseCode, Problem, ProblemCode};
use sotto_service::{
    Service, ServiceError,
    lifecycle::SocketPlace,
    limits::Limit,
    revocations::{Ended, MAX_FEED_AGE},
    session::{Busy, Connection, Place},
    tokens::AccessClaims,
};

pub use self::{socket::Socket, upgrade::Upgrade};
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
    upgrade: ApiResult<Upgrade>,
) -> ApiResult<Response> {
    let service = state.service;
    let upgrade = upgrade?;
    if service.revocations.age() > MAX_FEED_AGE {
        return Err(busy(ProblemCode::Unavailable));
    }
    service.limits.by_address(Limit::ConnectAddress, address).await?;
    let place = service.lifecycle.enter("ws").ok_or_else(|| busy(ProblemCode::NodeFull))?;
    let line = service.cluster.openings.entering.line_up().map_err(|Busy| busy(ProblemCode::NodeFull))?;
    let credential = credential::find(&headers, query.as_deref(), state.config.query_tokens);
    Ok(upgrade.accept(move |socket| serve(service, credential, socket, place, line)))
}

/// Lets the device in when it is its turn, then leaves it to a task that carries nothing of the handshake.
async fn serve(
    service: Arc<Service>,
    credential: Option<credential::Credential>,
    mut socket: Socket,
    place: SocketPlace,
    line: Place,
) {
    let opened = async {
        let _turn = line.turn().await.map_err(|Busy| CloseCode::UserLimit)?;
        if socket.is_gone() {
            return Ok(None);
        }
        let caller = admit(&service, credential).await?;
        Connection::open(&service.cluster, &*service.entropy, &caller)
            .await
            .map(|connection| Some((caller, connection)))
    };
    match opened.await {
        Ok(Some((caller, connection))) => {
            let driver = driver::Driver::new(service, caller, connection, socket, place);
            tokio::spawn(driver.run());
        }
        Ok(None) => {}
        Err(code) => driver::close(&mut socket, code).await,
    }
}

async fn admit(service: &Service, credential: Option<credential::Credential>) -> Result<AccessClaims, CloseCode> {
    let claims = match credential {
        Some(credential::Credential::Token(token)) => service.tokens.verify_access(&token),
        Some(credential::Credential::Ticket(ticket)) => service.redeem_ticket(&ticket).await,
        None => return Err(CloseCode::Unauthorized),
    };
    let claims = claims.map_err(|error| close_code(&error))?;
    match service.revocations.ended(claims.device_id, claims.token_generation) {
        Some(Ended::Device) => return Err(CloseCode::Revoked),
        Some(Ended::Tokens) => return Err(CloseCode::TokenExpired),
        None => {}
    }
    if service.limits.is_used_up(Limit::CutDevice, claims.device_id) {
        return Err(CloseCode::UserLimit);
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
