//! Extractors: who asks, from where, and with what.

mod address;
mod device;
mod json;
mod origin;
mod params;

pub use address::{ClientAddr, PeerAddr};
pub use device::{AuthedDevice, FreshDevice, MaybeDevice, VerifiedDevice, bearer};
pub use json::{Json, LargeJson, parse};
pub use origin::{AllowedOrigin, NoNavigation};
pub use params::{Path, Query};
