//! The documents of the API and the page that shows them, all from this node.

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::get,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::ApiState;

/// `/openapi.json`, `/asyncapi.json` and `/docs`.
pub fn router(openapi: &str, asyncapi: &str) -> Router<ApiState> {
    let page = SwaggerUi::new("/docs").config(Config::from("/openapi.json").try_it_out_enabled(true));
    Router::from(page).merge(document("/openapi.json", openapi)).merge(document("/asyncapi.json", asyncapi))
}

fn document(path: &str, text: &str) -> Router<ApiState> {
    let text = bytes::Bytes::from(text.to_owned());
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Router::new().route(path, get(async move || ([kind], text)))
}
