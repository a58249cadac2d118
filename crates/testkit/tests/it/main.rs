//! The whole house: real nodes, real PostgreSQL, real Redis, real clients.

mod backup;
mod borders;
mod canary;
mod catching_up;
mod chaos;
mod client;
mod contract;
mod endings;
mod faults;
mod full_disk;
mod groups;
mod last_seen;
mod linking;
mod messages;
mod mutations;
mod recovery;
mod registry;
mod rendezvous;
mod restoring;
mod revocation;
mod signing_out;
mod sockets;
mod storms;
mod verification;
