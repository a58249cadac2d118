//! HTTP and WebSocket: routes, extractors, problem documents, OpenAPI and AsyncAPI, the accept loop.
//!
//! A handler parses, calls one function of `sotto_service`, wraps. What every request goes through is in
//! [`middleware`]; every error leaves through [`problem`].

pub mod accept;
pub mod asyncapi;
pub mod extract;
pub mod metrics;
pub mod middleware;
pub mod openapi;
pub mod problem;
pub mod router;
pub mod routes;
mod state;
mod ws;

pub use accept::{AcceptConfig, serve};
pub use problem::{ApiError, ApiResult};
pub use state::{ApiConfig, ApiState};
pub use ws::{Socket, Upgrade};
