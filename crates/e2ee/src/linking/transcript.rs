//! What both devices bind: the transcript hash T, the additional data of each message, and what is derived from them.

use sotto_identity::{CanonicalError, signing_bytes};
use sotto_protocol::keys::DeviceKeys;
use vodozemac::sas::EstablishedSas;

use super::{codes::Digits, qr::LinkIntent};
use crate::fields::Fields;

/// The `info` of HPKE, and the first field of T.
pub(crate) const INFO: &str = "sotto-link-v1";

/// Everything that T covers.
pub(crate) struct Transcript<'a> {
    pub(crate) intent: LinkIntent,
    pub(crate) base_url: &'a str,
    pub(crate) rendezvous: &'a [u8; 16],
    /// HPKE key of the device that shows the code.
    pub(crate) recipient_key: &'a [u8; 32],
    /// Encapsulated HPKE key of the other one.
    pub(crate) sender_key: &'a [u8; 32],
    /// m1 as the channel made it, without the header of the slot.
    pub(crate) initial_message: &'a [u8],
    /// m2, likewise.
    pub(crate) initial_response: &'a [u8],
}

impl Transcript<'_> {
    /// T.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let fields = Fields::default()
            .with(INFO)
            .with([self.intent.byte()])
            .with(self.base_url)
            .with(self.rendezvous)
            .with(self.recipient_key)
            .with(self.sender_key)
            .with(self.initial_message)
            .with(self.initial_response);
        fields.sha256()
    }
}

/// Additional data of a message: where it is, and which content of the slot it replaces.
pub(crate) fn additional_data(base_url: &str, rendezvous: &[u8; 16], replaces: &str) -> Vec<u8> {
    Fields::default().with(base_url).with(rendezvous).with(replaces).into_bytes()
}

/// The bytes that the new device signs with its Ed25519 key.
pub(crate) fn possession_bytes(transcript: &[u8; 32], keys: &DeviceKeys) -> Result<Vec<u8>, CanonicalError> {
    Ok(Fields::default().with("sotto-link-pop-v1").with(transcript).with(signing_bytes(keys)?).into_bytes())
}

/// The 3 digits that the new device shows after it was scanned.
pub(crate) fn approval_number(transcript: &[u8; 32], keys: &DeviceKeys) -> Result<Digits, CanonicalError> {
    let hash = Fields::default().with("sotto-link-approval-v1").with(transcript).with(signing_bytes(keys)?).sha256();
    Ok(Digits::of(leading(&hash), 3))
}

/// What the new device promises before it sees the other's key for the short authentication string.
pub(crate) fn sas_commitment(public_key: &[u8; 32]) -> [u8; 32] {
    Fields::default().with("sotto-link-commitment-v1").with(public_key).sha256()
}

/// The 6 digits of the short authentication string, bound to T.
pub(crate) fn sas_digits(sas: &EstablishedSas, transcript: &[u8; 32]) -> Option<Digits> {
    sas.bytes_raw(&sas_info(transcript), 8).ok().map(|bytes| sas_digits_of(&bytes))
}

/// The `info` of the HKDF that makes its bytes.
pub(crate) fn sas_info(transcript: &[u8; 32]) -> String {
    format!("sotto-link-sas-v1:{}", sotto_protocol::Base64Bytes(transcript.to_vec()).to_base64())
}

/// 8 bytes as digits.
pub(crate) fn sas_digits_of(bytes: &[u8]) -> Digits {
    Digits::of(leading(bytes), 6)
}

/// The first 8 bytes as a number.
fn leading(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first))
}
