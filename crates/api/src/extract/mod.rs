//! Extractors: who asks, from where, and with what.

mod address;
mod device;
mod json;
mod origin;
mod params;

pub use address::{ClientAddr, PeerAddr};
pub use device::{AuthedDevice, FreshDevice, VerifiedDevice, bearer};
pub use json::{Json, LargeJson, parse};
pub use origin::AllowedOrigin;
pub use params::{Path, Query};
