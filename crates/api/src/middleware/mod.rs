//! What every request goes through, from the outside in: [`request`] (id, client, span, metrics, panics, time,
//! problems), [`headers`], CORS.

mod cors;
mod headers;
mod request;

pub use cors::layer as cors;
pub use headers::add as headers;
pub use request::{RequestId, around as request};
