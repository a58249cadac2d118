//! Every line of Redis: rate limits, one-use tokens, and what else connects the nodes.
//!
//! Losing Redis costs latency, never a message: every function answers [`BusError::Unavailable`] at once while it is
//! away, and each caller says what it does then. Names of keys are in `docs/ARCHITECTURE.md`.

mod connection;
pub mod interest;
pub mod limits;
pub mod nodes;
pub mod onetime;
pub mod publisher;
pub mod registry;
pub mod rendezvous;
mod sender;
pub mod subscriber;
pub mod wakes;

pub use connection::{Bus, BusConfig, BusError, BusResult};
