//! Routes: one module a capability, each with `router()`.

pub mod conversations;
pub mod docs;
pub mod health;
pub mod messages;
pub mod sync;
pub mod test;
