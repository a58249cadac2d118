//! Conversations: making, listing, roster, membership, message requests, marks.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use sotto_protocol::{
    ConversationId,
    conversations::{
        ChangeMembershipRequest, Conversation, Conversations, CreateConversationRequest, MarkRequest, Marks,
        MembershipResponse, Roster,
    },
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, Path, Query, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_conversations, create_conversation))
        .routes(routes!(get_conversation))
        .routes(routes!(get_roster))
        .routes(routes!(change_membership))
        .routes(routes!(accept_conversation))
        .routes(routes!(decline_conversation))
        .routes(routes!(list_marks, raise_marks))
}

problems! {
    CreateConversationProblems = [
        InvalidSignature, DeviceRevoked, Forbidden, Blocked, NotFound, AlreadyExists, ChainConflict, LimitReached,
    ]
    ConversationProblems = [NotFound]
    MembershipProblems = [
        InvalidSignature, DeviceRevoked, Forbidden, Blocked, NotFound, ChainConflict, LimitReached,
    ]
    DeclineProblems = [NotFound, Forbidden]
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// `next` of the page before.
    after: Option<ConversationId>,
}

/// Lists the conversations that the caller is in.
#[utoipa::path(get, path = "/api/conversations", tag = "conversations", params(ListParams),
    responses((status = 200, description = "A page, ordered by id", body = Conversations)),
    security(("bearer" = ["verified"])))]
async fn list_conversations(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Query(params): Query<ListParams>,
) -> ApiResult<Json<Conversations>> {
    Ok(Json(state.service.conversations(&device.claims(), params.after).await?))
}

/// Makes a conversation from link 1 of its membership chain.
///
/// A pair of people has one direct conversation: when it exists, it is the answer.
#[utoipa::path(post, path = "/api/conversations", tag = "conversations", request_body = CreateConversationRequest,
    responses((status = 200, description = "The conversation", body = MembershipResponse),
        CreateConversationProblems),
    security(("bearer" = ["verified"])))]
async fn create_conversation(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<CreateConversationRequest>,
) -> ApiResult<Json<MembershipResponse>> {
    Ok(Json(state.service.create_conversation(&device.claims(), &body.change).await?))
}

/// Gets one conversation.
#[utoipa::path(get, path = "/api/conversations/{conversation_id}", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)),
    responses((status = 200, description = "The conversation", body = Conversation), ConversationProblems),
    security(("bearer" = ["verified"])))]
async fn get_conversation(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<Conversation>> {
    Ok(Json(state.service.conversation(&device.claims(), id).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RosterParams {
    /// Identities that changed after this roster version; 0, the default, for all.
    #[serde(default)]
    since: i64,
    /// Links of the membership chain after this index; 0, the default, from the first on.
    #[serde(default)]
    chain_since: i64,
}

/// Gets who and which devices to encrypt for.
///
/// While the answer has `chain_next` it holds links only: ask again with that as `chain_since`.
#[utoipa::path(get, path = "/api/conversations/{conversation_id}/roster", tag = "conversations",
    params(("conversation_id" = ConversationId, Path), RosterParams),
    responses((status = 200, description = "The roster", body = Roster), ConversationProblems),
    security(("bearer" = ["verified"])))]
async fn get_roster(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Query(params): Query<RosterParams>,
) -> ApiResult<Json<Roster>> {
    Ok(Json(state.service.roster(&device.claims(), id, params.since, params.chain_since).await?))
}

/// Adds, removes, leaves, changes a role or the retention: the next link of the chain.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/membership", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)), request_body = ChangeMembershipRequest,
    responses((status = 200, description = "The change is in the log", body = MembershipResponse),
        MembershipProblems),
    security(("bearer" = ["verified"])))]
async fn change_membership(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Json(body): Json<ChangeMembershipRequest>,
) -> ApiResult<Json<MembershipResponse>> {
    Ok(Json(state.service.change_membership(&device.claims(), id, &body.change).await?))
}

/// Accepts a message request: receipts, presence and typing are shown from now on.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/accept", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)),
    responses((status = 200, description = "The conversation", body = Conversation), ConversationProblems),
    security(("bearer" = ["verified"])))]
async fn accept_conversation(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<Conversation>> {
    Ok(Json(state.service.accept_conversation(&device.claims(), id).await?))
}

/// Declines a message request: the caller is out of the conversation, and the others are not told why.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/decline", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)),
    responses((status = 204, description = "The caller is out"), DeclineProblems),
    security(("bearer" = ["verified"])))]
async fn decline_conversation(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
) -> ApiResult<StatusCode> {
    state.service.decline_conversation(&device.claims(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the marks of members that show them.
#[utoipa::path(get, path = "/api/conversations/{conversation_id}/marks", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)),
    responses((status = 200, description = "The marks", body = Marks), ConversationProblems),
    security(("bearer" = ["verified"])))]
async fn list_marks(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
) -> ApiResult<Json<Marks>> {
    Ok(Json(state.service.marks(&device.claims(), id).await?))
}

/// Raises the caller's marks; stored within a quarter of a second, shown then or, where many are connected, up to 1.5 s
/// later.
#[utoipa::path(post, path = "/api/conversations/{conversation_id}/marks", tag = "conversations",
    params(("conversation_id" = ConversationId, Path)), request_body = MarkRequest,
    responses((status = 202, description = "They will be raised"), ConversationProblems),
    security(("bearer" = ["verified"])))]
async fn raise_marks(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Path(id): Path<ConversationId>,
    Json(body): Json<MarkRequest>,
) -> ApiResult<StatusCode> {
    state.service.mark(&device.claims(), id, &body).await?;
    Ok(StatusCode::ACCEPTED)
}
