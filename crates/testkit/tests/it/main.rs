//! The whole house: real nodes, real PostgreSQL, real Redis, real clients.

mod borders;
mod canary;
mod catching_up;
mod chaos;
mod client;
mod contract;
mod endings;
mod faults;
mod groups;
mod last_seen;
mod linking;
mod messages;
mod mutations;
mod registry;
mod rendezvous;
mod restoring;
mod revocation;
mod sockets;
mod storms;
