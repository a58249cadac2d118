//! Use cases: who may do what, the rules, the transactions. One module a capability.
//!
//! HTTP routes, WebSocket sessions and workers all call these functions; here `store` and `bus` meet.

pub mod accounts;
pub mod address;
mod audit;
mod auth;
mod backup;
mod bounded;
mod checks;
mod clock;
pub mod cluster;
pub mod conversations;
mod devices;
mod enrolment;
mod error;
mod health;
mod history;
pub mod hub;
mod identity;
mod keys;
pub mod lifecycle;
pub mod limits;
mod linking;
pub mod live;
mod logout;
mod maintenance;
mod membership;
pub mod messages;
mod node;
pub mod passwords;
mod people;
mod receipts;
mod recovery;
mod refresh;
pub mod rendezvous;
pub mod revocations;
pub mod sending;
pub mod session;
mod sync_token;
pub mod tokens;

use std::sync::Arc;

use sotto_bus::Bus;
use sotto_store::Database;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use error::{ServiceError, ServiceResult};
pub use node::{ServiceConfig, SetupError};

use crate::{
    accounts::AccountsConfig, cluster::Cluster, lifecycle::Lifecycle, limits::Limits, passwords::Passwords,
    rendezvous::Waiting, revocations::RevocationCache, tokens::Tokens,
};

/// Everything that use cases need. One a process, shared.
pub struct Service {
    /// The node's name, for people and metrics; another process may have the same after a restart.
    pub node_name: String,
    /// This node among its siblings: sockets, wakes, the writer.
    pub cluster: Arc<Cluster>,
    /// Members that a group may have.
    pub(crate) max_group_members: usize,
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
    /// What an operator decides about accounts.
    pub accounts: AccountsConfig,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Rate limits.
    pub limits: Limits,
    /// Reads of rendezvous that are held.
    pub(crate) rendezvous_waiting: Arc<Waiting>,
    /// Tokens that do not count any more.
    pub revocations: Arc<RevocationCache>,
    /// Whether the node takes clients, and how many sockets it holds.
    pub lifecycle: Arc<Lifecycle>,
}
