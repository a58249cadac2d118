//! The socket and its tickets.

use axum::extract::State;
use sotto_protocol::sync::TicketResponse;
use sotto_service::limits::Limit;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{AuthedDevice, Json},
    router::ApiRouter,
    ws::{__path_open_socket, open_socket},
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(create_ticket)).routes(routes!(open_socket))
}

/// Makes a one-use ticket for a socket, for clients that can't set headers.
#[utoipa::path(post, path = "/api/ws-tickets", tag = "sync",
    responses((status = 200, description = "A ticket", body = TicketResponse)), security(("bearer" = [])))]
async fn create_ticket(State(state): State<ApiState>, device: AuthedDevice) -> ApiResult<Json<TicketResponse>> {
    state.service.limits.by_device(Limit::TicketDevice, device.device_id).await?;
    let ticket = state.service.tokens.issue_ticket(device.claims())?;
    Ok(Json(TicketResponse { ticket: ticket.token, expires_in_ms: ticket.expires_in_ms }))
}
