//! Use cases: who may do what, the rules, the transactions. One module a capability.
//!
//! HTTP routes, WebSocket sessions and workers all call these functions; here `store` and `bus` meet.

mod clock;
mod error;
pub mod hub;

use std::sync::Arc;

use sotto_store::Database;

pub use clock::{Clock, Entropy, SystemClock, SystemEntropy};
pub use error::{ServiceError, ServiceResult};

/// Everything that use cases need. One a process, shared.
pub struct Service {
    /// PostgreSQL.
    pub database: Database,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}
