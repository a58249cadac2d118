//! One live connection of a device: the rules (a pure state machine) and what its catch-up reads.

mod catch_up;
mod connection;
mod gather;
mod machine;
mod openings;
mod repair;
mod turns;

pub use connection::{Connection, FrameSink, Gone};
pub use machine::{Action, Machine, PING_INTERVAL, Phase};
pub use openings::Openings;
pub use turns::{Busy, Gate, InTurn, Place, Turn};
