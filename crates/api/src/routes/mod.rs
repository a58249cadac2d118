//! Routes: one module a capability, each with `router()`.

pub mod accounts;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod conversations;
pub mod devices;
pub mod docs;
pub mod health;
pub mod history;
pub mod identity;
pub mod keys;
pub mod linking;
pub mod messages;
pub mod people;
pub mod recovery;
pub mod rendezvous;
pub mod sync;
pub mod test;
