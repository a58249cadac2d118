//! The client's crypto and session engine for browsers: `sotto-e2ee` as WebAssembly.
//!
//! [`machine::Machine`] keeps the engine's manner: call a method, store what `takeDirty` gives in one transaction, then
//! send what the method returned. Wire types and outcomes are JSON text in the shapes of `sotto-protocol` and
//! `sotto-e2ee`; records, keys and QR codes are bytes and never strings. Clocks are passed in, milliseconds; randomness
//! is the browser's.

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod codec;
mod error;
pub mod linking;
pub mod machine;
pub mod recovery;
mod rng;
