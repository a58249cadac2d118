//! The server program: configuration, logs, start, drain. What it serves is in `sotto_api`.

pub mod admin;
pub mod config;
#[cfg(feature = "mutations")]
mod faults;
pub mod logging;
pub mod metrics;
pub mod program;
pub mod serve;
