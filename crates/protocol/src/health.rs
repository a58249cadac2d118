//! Health of a node.

use serde::{Deserialize, Serialize};

/// `GET /health`: 200 while the node serves (Redis may be missing), 503 without PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Health {
    /// `ok`, `degraded` (Redis is missing: slower, nothing lost), `draining` or `down`.
    pub status: HealthStatus,
    /// PostgreSQL.
    pub database: Connectivity,
    /// Redis.
    pub redis: Connectivity,
    /// The notification queue (it lives in PostgreSQL).
    pub queue: Connectivity,
    /// The node that answers.
    pub node: String,
}

/// Health in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Everything is connected.
    Ok,
    /// Redis is missing.
    Degraded,
    /// The node is going away.
    Draining,
    /// PostgreSQL is missing.
    Down,
}

/// Whether a dependency answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Connectivity {
    /// It does.
    Connected,
    /// It does not.
    Disconnected,
}
