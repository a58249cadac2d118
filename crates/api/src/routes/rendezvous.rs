//! The rendezvous of two devices that are about to be linked.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use sotto_protocol::{
    RendezvousId,
    rendezvous::{
        ClaimCodeRequest, ClaimCodeResponse, CreateRendezvousRequest, CreateRendezvousResponse, LinkFailureRequest,
        PutRendezvousRequest, PutRendezvousResponse, Rendezvous,
    },
};
use sotto_service::rendezvous::Party;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{ClientAddr, Json, MaybeDevice, NoNavigation, Path, Query, VerifiedDevice},
    problems,
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create_rendezvous))
        .routes(routes!(claim_code))
        .routes(routes!(get_rendezvous, put_rendezvous, end_rendezvous))
        .routes(routes!(report_link_failure))
}

problems! {
    CreateProblems = [StepUpRequired, DeviceOnProbation, Forbidden, LinkingLocked, LinkingUnavailable]
    ClaimProblems = [Forbidden, NotFound, LinkingLocked, LinkingUnavailable]
    GetProblems = [Forbidden, NotFound, LinkingUnavailable]
    PutProblems = [Forbidden, NotFound, SequenceConflict, LinkingUnavailable]
    FailureProblems = [LinkingLocked]
}

/// A body around the most that a slot holds.
const BODY_BYTES: usize = 8 * 1024;

fn party(MaybeDevice(device): MaybeDevice, ClientAddr(address): ClientAddr) -> Party {
    Party { device: device.map(|device| device.claims()), address }
}

/// Opens a rendezvous: by a device of an account (fresh), or by a new one without a token.
#[utoipa::path(post, path = "/api/rendezvous", tag = "linking", request_body = CreateRendezvousRequest,
    responses((status = 201, description = "It is open, for five minutes", body = CreateRendezvousResponse),
        CreateProblems),
    security((), ("bearer" = [])))]
async fn create_rendezvous(
    State(state): State<ApiState>,
    _: NoNavigation,
    device: MaybeDevice,
    address: ClientAddr,
    Json(body): Json<CreateRendezvousRequest, BODY_BYTES>,
) -> ApiResult<(StatusCode, Json<CreateRendezvousResponse>)> {
    Ok((StatusCode::CREATED, Json(state.service.create_rendezvous(party(device, address), &body).await?)))
}

/// Turns a typed code into the rendezvous that it stands for, once.
#[utoipa::path(post, path = "/api/rendezvous/claim", tag = "linking", request_body = ClaimCodeRequest,
    responses((status = 200, description = "The rendezvous", body = ClaimCodeResponse), ClaimProblems),
    security((), ("bearer" = [])))]
async fn claim_code(
    State(state): State<ApiState>,
    _: NoNavigation,
    device: MaybeDevice,
    address: ClientAddr,
    Json(body): Json<ClaimCodeRequest, BODY_BYTES>,
) -> ApiResult<Json<ClaimCodeResponse>> {
    Ok(Json(state.service.claim_code(party(device, address), &body).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct GetParams {
    /// The newest `sequence_token` that the caller has seen: the answer waits until there is another.
    after: Option<String>,
    /// How long it waits, milliseconds, at most 25,000, which is the default.
    wait_ms: Option<u64>,
}

/// Reads a rendezvous; with `after` the answer waits for what the other side writes.
#[utoipa::path(get, path = "/api/rendezvous/{rendezvous_id}", tag = "linking",
    params(("rendezvous_id" = RendezvousId, Path), GetParams),
    responses((status = 200, description = "What it holds, old or new", body = Rendezvous), GetProblems),
    security((), ("bearer" = [])))]
async fn get_rendezvous(
    State(state): State<ApiState>,
    _: NoNavigation,
    device: MaybeDevice,
    address: ClientAddr,
    Path(id): Path<RendezvousId>,
    Query(params): Query<GetParams>,
) -> ApiResult<Json<Rendezvous>> {
    let wait_ms = params.wait_ms.unwrap_or(sotto_protocol::limits::MAX_RENDEZVOUS_WAIT_MS);
    Ok(Json(state.service.rendezvous(party(device, address), id, params.after.as_deref(), wait_ms).await?))
}

/// Writes into a rendezvous, if nobody else has meanwhile; the same write again answers the same.
#[utoipa::path(put, path = "/api/rendezvous/{rendezvous_id}", tag = "linking",
    params(("rendezvous_id" = RendezvousId, Path)), request_body = PutRendezvousRequest,
    responses((status = 200, description = "It is written", body = PutRendezvousResponse), PutProblems),
    security((), ("bearer" = [])))]
async fn put_rendezvous(
    State(state): State<ApiState>,
    _: NoNavigation,
    device: MaybeDevice,
    address: ClientAddr,
    Path(id): Path<RendezvousId>,
    Json(body): Json<PutRendezvousRequest, BODY_BYTES>,
) -> ApiResult<Json<PutRendezvousResponse>> {
    Ok(Json(state.service.put_rendezvous(party(device, address), id, &body).await?))
}

/// Ends a rendezvous: it is not found from then on.
#[utoipa::path(delete, path = "/api/rendezvous/{rendezvous_id}", tag = "linking",
    params(("rendezvous_id" = RendezvousId, Path)),
    responses((status = 204, description = "It is over"), GetProblems))]
async fn end_rendezvous(
    State(state): State<ApiState>,
    _: NoNavigation,
    Path(id): Path<RendezvousId>,
) -> ApiResult<StatusCode> {
    state.service.end_rendezvous(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reports that the other side failed a check; five within an hour lock linking for an hour.
#[utoipa::path(post, path = "/api/link/failures", tag = "linking", request_body = LinkFailureRequest,
    responses((status = 204, description = "It is counted, once a rendezvous"), FailureProblems),
    security(("bearer" = ["verified"])))]
async fn report_link_failure(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Json(body): Json<LinkFailureRequest>,
) -> ApiResult<StatusCode> {
    state.service.report_link_failure(&device.claims(), &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
