//! Use cases: who may do what, the rules, the transactions. One module a capability.
//!
//! HTTP routes, WebSocket sessions and workers all call these functions; here `store` and `bus` meet.

pub mod address;
mod bounded;
mod clock;
mod error;
mod health;
pub mod hub;
pub mod lifecycle;
pub mod limits;
mod node;
pub mod revocations;
pub mod tokens;

use std::sync::Arc;

use sotto_bus::Bus;
use sotto_protocol::NodeId;
use sotto_store::Database;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use error::{ServiceError, ServiceResult};
pub use node::ServiceConfig;

use crate::{lifecycle::Lifecycle, limits::Limits, revocations::RevocationCache, tokens::Tokens};

/// Everything that use cases need. One a process, shared.
pub struct Service {
    /// The node's name, for people and metrics; another process may have the same after a restart.
    pub node_name: String,
    /// This life of the process.
    pub node_id: NodeId,
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub bus: Bus,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Access tokens, tickets, challenges.
    pub tokens: Tokens,
    /// Rate limits.
    pub limits: Limits,
    /// Tokens that do not count any more.
    pub revocations: RevocationCache,
    /// Whether the node takes clients, and how many sockets it holds.
    pub lifecycle: Lifecycle,
}
