//! Messages: sending, history, removal, envelopes ahead, the inbox over HTTP.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use sotto_protocol::{
    ConversationId, Problem, ProblemCode,
    events::{EventPage, InboxAckRequest, InboxPage},
    messages::{SendEnvelopesRequest, SendEnvelopesResponse, SendMessage, SendResponse},
};
use sotto_service::{limits::Limit, messages::Page};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{AuthedDevice, Json, LargeJson, Path, Query, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(send_message))
        .routes(routes!(send_envelopes))
        .routes(routes!(list_events))
        .routes(routes!(remove_message))
        .routes(routes!(list_inbox))
        .routes(routes!(ack_inbox))
}

problems! {
    SendProblems = [
        DeviceRevoked, Blocked, NotFound, StaleRoster, OutOfOrder, DuplicateTxn, UnknownRecipient, Unavailable,
    ]
    EnvelopeProblems = [DeviceRevoked, Blocked, NotFound, StaleRoster, AlreadyExists, UnknownRecipient]
    HistoryProblems = [NotFound]
}

/// Sends a message: acknowledged after the commit, in the order of `prev_txn_id`, for exactly the current roster.
///
/// `unavailable` leaves the outcome unknown: send the same bytes again.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/messages", tag = "messages",
    params(("conversation_id" = ConversationId, Path)), request_body = SendMessage,
    responses((status = 200, description = "Committed at this position", body = SendResponse), SendProblems),
    security(("bearer" = ["verified"])))]
async fn send_message(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Json(body): LargeJson<SendMessage>,
) -> ApiResult<Json<SendResponse>> {
    state.service.limits.by_device(Limit::SendDevice, device.device_id).await?;
    Ok(Json(state.service.send_message(&device.claims(), id, body).await?))
}

/// Sends envelopes ahead of a message (key shares for big groups), or requests for keys.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/envelopes", tag = "messages",
    params(("conversation_id" = ConversationId, Path)), request_body = SendEnvelopesRequest,
    responses((status = 200, description = "How many found room", body = SendEnvelopesResponse), EnvelopeProblems),
    security(("bearer" = ["verified"])))]
async fn send_envelopes(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Json(body): LargeJson<SendEnvelopesRequest>,
) -> ApiResult<Json<SendEnvelopesResponse>> {
    state.service.limits.by_device(Limit::SendDevice, device.device_id).await?;
    Ok(Json(state.service.send_envelopes(&device.claims(), id, body).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HistoryParams {
    /// Events after this position; 0, the default, begins at the first for this device. Not together with `before`.
    after: Option<i64>,
    /// The newest events before this position.
    before: Option<i64>,
    /// 1 to 200; 100 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

impl HistoryParams {
    fn page(&self) -> ApiResult<Page> {
        match (self.after, self.before) {
            (Some(_), Some(_)) => {
                Err(Problem::new(ProblemCode::InvalidRequest).with_detail("after and before exclude each other").into())
            }
            (after, None) => Ok(Page::After(after.unwrap_or(0))),
            (None, Some(before)) => Ok(Page::Before(before)),
        }
    }
}

/// Reads a page of a conversation's log, ascending, as far as it is for this device.
#[utoipa::path(get, path = "/api/conversations/{conversation_id}/events", tag = "messages",
    params(("conversation_id" = ConversationId, Path), HistoryParams),
    responses((status = 200, description = "A page", body = EventPage), HistoryProblems),
    security(("bearer" = ["verified"])))]
async fn list_events(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Query(params): Query<HistoryParams>,
) -> ApiResult<Json<EventPage>> {
    let page = params.page()?;
    Ok(Json(state.service.events(&device.claims(), id, page, params.limit.unwrap_or(100)).await?))
}

/// Deletes the content of one of the caller's own messages, for everybody.
#[utoipa::path(delete, path = "/api/conversations/{conversation_id}/messages/{seq}", tag = "messages",
    params(("conversation_id" = ConversationId, Path), ("seq" = i64, Path, description = "Its position")),
    responses((status = 200, description = "The removal's position", body = SendResponse), HistoryProblems),
    security(("bearer" = ["verified"])))]
async fn remove_message(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path((id, seq)): Path<(ConversationId, i64)>,
) -> ApiResult<Json<SendResponse>> {
    Ok(Json(state.service.remove_message(&device.claims(), id, seq).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct InboxParams {
    /// Items after this position.
    #[serde(default)]
    after: i64,
}

/// Reads a page of the calling device's inbox.
#[utoipa::path(get, path = "/api/inbox", tag = "messages", params(InboxParams),
    responses((status = 200, description = "A page, at most 200 items", body = InboxPage)),
    security(("bearer" = [])))]
async fn list_inbox(
    State(state): State<ApiState>,
    device: AuthedDevice,
    Query(params): Query<InboxParams>,
) -> ApiResult<Json<InboxPage>> {
    Ok(Json(state.service.inbox(&device.claims(), params.after).await?))
}

/// Deletes what the calling device has decrypted and stored.
#[utoipa::path(post, path = "/api/inbox/ack", tag = "messages", request_body = InboxAckRequest,
    responses((status = 204, description = "Deleted")), security(("bearer" = [])))]
async fn ack_inbox(
    State(state): State<ApiState>,
    device: AuthedDevice,
    Json(body): Json<InboxAckRequest>,
) -> ApiResult<StatusCode> {
    state.service.ack_inbox(&device.claims(), body.seq).await?;
    Ok(StatusCode::NO_CONTENT)
}
