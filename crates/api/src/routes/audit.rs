//! What was done to the caller's account.

use axum::extract::State;
use serde::Deserialize;
use sotto_protocol::audit::AuditPage;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiResult, ApiState,
    extract::{Json, Query, VerifiedDevice},
    router::ApiRouter,
};

/// The capability's routes.
pub fn router() -> ApiRouter {
    OpenApiRouter::new().routes(routes!(list_audit))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// `next` of the page before.
    before: Option<i64>,
}

/// Lists what was done to the account: sign-ins, devices that came and went, recovery.
#[utoipa::path(get, path = "/api/account/audit", tag = "accounts", params(ListParams),
    responses((status = 200, description = "A page, newest first", body = AuditPage)),
    security(("bearer" = ["verified"])))]
async fn list_audit(
    State(state): State<ApiState>,
    device: VerifiedDevice,
    Query(params): Query<ListParams>,
) -> ApiResult<Json<AuditPage>> {
    Ok(Json(state.service.audit(&device.claims(), params.before).await?))
}
