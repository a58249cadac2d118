//! What both sides check alike: canonical JSON, signatures, keys, device lists and the membership chain.
//!
//! Pure functions over the wire types; no I/O, no clock, no randomness. Servers call it before they store, clients
//! call it because they trust no server.

#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod backup;
pub mod canonical;
pub mod devices;
pub mod digest;
pub mod keys;
pub mod lists;
pub mod membership;
pub mod proofs;
pub mod signing;
pub mod sorted;

pub use backup::{BackupError, check_descriptor, check_recovery_key};
pub use canonical::{CanonicalError, canonical_json, hash, signing_bytes};
pub use devices::{
    CrossSigning, DeviceKeysError, OneTimeKeyError, OneTimeKeyKind, check_certified_device, check_cross_signing,
    check_one_time_key, check_self_signed_device,
};
pub use digest::one_time_keys_digest;
pub use keys::{Curve25519Public, Ed25519Public, KeyError};
pub use lists::{ListError, next_entry, verify_chain, verify_first, verify_next};
pub use membership::{MemberEntry, MembershipError, MembershipState, check_change_signature};
pub use proofs::{link_bytes, login_bytes, rendezvous_hash, verify_link, verify_login};
pub use signing::{SignatureError, Signed, cross_key_id, device_key_id, sign, verify};
pub use sorted::{SortedMap, SortedSet};
