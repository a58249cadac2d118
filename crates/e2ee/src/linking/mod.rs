//! Linking a device and revoking it: the channel between the two devices, its two sides as state machines without I/O,
//! and what both sign and check.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod attacks_later;
mod base_url;
mod certify;
mod channel;
mod codes;
mod event;
mod existing;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hpke_vectors;
mod messages;
mod new;
mod qr;
mod slot;
mod transcript;
#[cfg(test)]
mod vectors;

pub use base_url::{MAX_BASE_URL_BYTES, normalize_base_url};
pub use codes::TypedCode;
pub use event::{Entered, LINK_LIFE, LinkAction, LinkDone, LinkEvent, LinkFailure, Now};
pub use existing::ExistingLink;
pub use messages::HistoryPointer;
pub use new::{NewLink, Newcomer};
pub use qr::{LinkIntent, LinkQr, QrError};
pub(crate) use qr::{qr_header, qr_payload};
pub use slot::MAX_SLOT_BYTES;
