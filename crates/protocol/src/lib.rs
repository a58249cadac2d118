//! Everything that crosses the wire between a Sotto client and a Sotto node.
//!
//! Types only: ids, requests and answers of the HTTP API, frames of the WebSocket, limits, problem codes and close
//! codes. JSON is the encoding (`sotto.v1`); times are integer milliseconds since the Unix epoch (`*_at_ms`),
//! durations carry their unit in the name, byte strings are unpadded standard base64 (RFC 4648 section 4).
//! Requests refuse unknown fields, answers may gain fields.

#![deny(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod bytes;
pub mod close;
pub mod conversations;
pub mod devices;
pub mod events;
pub mod flat;
pub mod frames;
pub mod health;
pub mod history;
pub mod identity;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod linking;
pub mod membership;
pub mod messages;
pub mod people;
pub mod problem;
pub mod recovery;
pub mod rendezvous;
pub mod sync;

pub use bytes::Base64Bytes;
pub use close::CloseCode;
pub use ids::{ConversationId, DeviceId, HistoryId, NodeId, RendezvousId, SessionId, TxnId, UserId};
pub use problem::{Problem, ProblemCode};
