//! Routes that exist for tests only, and only where the operator switched them on.

use axum::Router;

use crate::ApiState;

/// Not in the document: they are no part of the API.
pub fn router() -> Router<ApiState> {
    Router::new()
}
