//! One live connection of a device: the rules (a pure state machine) and what its catch-up reads.

mod catch_up;
mod connection;
mod machine;
mod repair;

pub use connection::{Connection, FrameSink, Gone};
pub use machine::{Action, Machine, PING_INTERVAL, Phase};
