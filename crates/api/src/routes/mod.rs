//! Routes: one module a capability, each with `router()`.

pub mod docs;
pub mod health;
pub mod test;
