//! The server program: configuration, logs, start, drain. What it serves is in `sotto_api`.

pub mod config;
pub mod logging;
pub mod metrics;
pub mod serve;
