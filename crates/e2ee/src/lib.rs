//! The client's crypto and session engine: everything that one device knows and does, without any I/O.
//!
//! A [`Machine`] owns the crypto state of one device. Each step is the same: call a method, persist what
//! [`Machine::take_dirty`] gives (in one transaction), then send what the method returned. If persisting fails, drop
//! the machine and load it again: nothing was sent yet. Time and randomness are passed in. The server is trusted for
//! delivery only; what it must not do shows as [`Alarm`]s, refusals and [`Warning`]s.

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
mod answers;
pub mod backup;
#[cfg(test)]
mod bundles;
mod claims;
pub mod content;
mod crockford;
mod error;
mod fields;
#[cfg(test)]
mod formats;
pub mod history;
mod identities;
mod inbox;
mod key_requests;
pub mod linking;
mod log;
mod megolm_in;
mod megolm_out;
mod membership;
mod olm_channel;
mod olm_payload;
mod order;
mod pickled;
mod plaintext;
mod queue;
mod receiving;
mod records;
mod recovery;
mod register;
mod replacing;
mod reset;
mod roster;
pub mod sealed;
mod secrets;
mod sending;
mod state;
mod trust;
#[cfg(test)]
mod vectors;
mod verdicts;
mod verification;
mod words;

pub use answers::RefusedOutcome;
pub use backup::BackupStanding;
pub use content::{Mention, MessageBody};
pub use error::E2eeError;
pub use inbox::{DropReason, InboxOutcome};
pub use megolm_in::KeyOrigin;
pub use order::Warning;
pub use receiving::{EventOutcome, RefusalReason, Shown, WaitReason};
pub use register::{Registration, RegistrationKeys};
pub use roster::RosterQuery;
pub use secrets::{RecoveryKey, RecoveryKeyError, SecretKey};
pub use sending::{BlockReason, SendStep};
pub use state::{Machine, Record};
pub use trust::{Alarm, Trust};
pub use verdicts::TrustChange;
pub use verification::{VerifyError, safety_number};
