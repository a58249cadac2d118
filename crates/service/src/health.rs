//! How this node is.

use sotto_protocol::health::{Connectivity, Health, HealthStatus};

use crate::Service;

impl Service {
    /// Asks PostgreSQL, and says what is known of Redis.
    pub async fn health(&self) -> Health {
        // A pooled connection may have died unnoticed: the first question replaces it.
        let database = connectivity(self.database.ping().await || self.database.ping().await);
        let redis = connectivity(self.bus.is_connected());
        let status = match (database, redis) {
            (Connectivity::Disconnected, _) => HealthStatus::Down,
            _ if self.lifecycle.is_draining() => HealthStatus::Draining,
            (_, Connectivity::Disconnected) => HealthStatus::Degraded,
            _ => HealthStatus::Ok,
        };
        Health { status, database, redis, queue: database, node: self.node_name.clone() }
    }
}

fn connectivity(answers: bool) -> Connectivity {
    if answers { Connectivity::Connected } else { Connectivity::Disconnected }
}
