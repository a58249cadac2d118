//! All routes, and the layers around them.

use axum::{Router, middleware::from_fn_with_state};
use utoipa_axum::router::OpenApiRouter;

use crate::{ApiState, asyncapi, middleware, openapi, routes};

/// Routes that say what they do: handlers with `#[utoipa::path]`.
pub type ApiRouter = OpenApiRouter<ApiState>;

/// Every documented route. A capability adds one line here.
pub fn routes() -> ApiRouter {
    OpenApiRouter::new()
        .merge(routes::health::router())
        .merge(routes::auth::router())
        .merge(routes::accounts::router())
        .merge(routes::audit::router())
        .merge(routes::devices::router())
        .merge(routes::keys::router())
        .merge(routes::linking::router())
        .merge(routes::rendezvous::router())
        .merge(routes::history::router())
        .merge(routes::backup::router())
        .merge(routes::identity::router())
        .merge(routes::recovery::router())
        .merge(routes::people::router())
        .merge(routes::conversations::router())
        .merge(routes::messages::router())
        .merge(routes::sync::router())
}

/// The whole application.
pub fn app(state: ApiState) -> Router {
    let (router, document) = openapi::split(routes());
    let mut router = router.merge(routes::docs::router(&document, &asyncapi::document()));
    if state.config.test_routes {
        router = router.merge(routes::test::router());
    }
    around(router, state)
}

/// Puts the layers that every request goes through around any routes.
pub fn around(router: Router<ApiState>, state: ApiState) -> Router {
    router
        .layer(middleware::cors(&state.config))
        .layer(from_fn_with_state(state.clone(), middleware::headers))
        .layer(from_fn_with_state(state.clone(), middleware::request))
        .with_state(state)
}
