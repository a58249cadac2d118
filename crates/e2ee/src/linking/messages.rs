//! The messages of a linking, m1 to m7: JSON inside the HPKE channel. None has a `Debug`: they carry keys.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sotto_protocol::{Base64Bytes, UserId, devices::NewDevice, keys::DeviceKeys, limits::MAX_DEVICE_NAME_CHARS};
use zeroize::Zeroizing;

use super::event::LinkFailure;
use crate::{backup::BackupKey, secrets::Seed};

/// m1 and m2: what the two devices need of each other before they are sure of each other.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Greeting {
    /// From the existing device: the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<UserId>,
    /// From the new device, in m1 after a typed code: commitment to its key of m3, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commitment: Option<Base64Bytes>,
    /// From the existing device, in m2 after a typed code: its key for the short authentication string, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sas_key: Option<Base64Bytes>,
}

/// m3, from the new device: who it is.
#[derive(Serialize, Deserialize)]
pub(super) struct Introduction {
    /// Signed by itself.
    pub(super) device_keys: DeviceKeys,
    pub(super) device: NewDevice,
    /// Proof of possession: its Ed25519 signature over T and its keys.
    pub(super) pop: Base64Bytes,
    /// After a typed code: the key that m1 committed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sas_key: Option<Base64Bytes>,
}

impl Introduction {
    /// Whether a name is one that the server accepts and that a person reads in one line as it is written.
    pub(super) fn has_readable_name(&self) -> bool {
        let name = &self.device.name;
        let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let deceives = |c: char| c.is_control() || turns(c);
        (1..=MAX_DEVICE_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(deceives)
    }
}

/// m4, from the existing device: what the new one must find.
#[derive(Serialize, Deserialize)]
pub(super) struct Admission {
    pub(super) base_url: String,
    pub(super) user_id: UserId,
    /// Public keys of the account, unpadded base64.
    pub(super) master_key: String,
    pub(super) self_signing_key: String,
    /// The entry that takes the new device in.
    pub(super) list_version: i64,
    pub(super) list_hash: String,
    /// The certificate: the new device's keys, signed by the self-signing key too.
    pub(super) device_keys: DeviceKeys,
    pub(super) grant: Base64Bytes,
}

/// m5, from the new device: it is in.
#[derive(Serialize, Deserialize)]
pub(super) struct Arrival {
    pub(super) list_version: i64,
}

/// Where the history for the new device lies, and how it is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPointer {
    /// What the server calls it.
    pub address: String,
    /// What [`crate::history`] needs to read it.
    pub manifest: crate::history::Manifest,
}

/// m6, from the existing device after it has checked the list. Never the master key.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    pub(super) self_signing: Seed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) backup_key: Option<BackupKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<HistoryPointer>,
}

/// m7, from the new device: it has the secrets. The end of the rendezvous would not prove that, the server can make it.
#[derive(Serialize, Deserialize)]
pub(super) struct Receipt {}

/// A message's JSON; wiped when dropped.
pub(super) fn encode<T: Serialize>(message: &T) -> Result<Zeroizing<Vec<u8>>, LinkFailure> {
    sotto_json::to_vec(message).map(Zeroizing::new).map_err(|_| LinkFailure::Malformed)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, LinkFailure> {
    let bytes = Zeroizing::new(bytes);
    sotto_json::from_slice(&bytes).map_err(|_| LinkFailure::Malformed)
}

/// The 32 bytes of a key or commitment.
pub(super) fn bytes_32(field: Option<&Base64Bytes>) -> Result<[u8; 32], LinkFailure> {
    field.and_then(|field| field.0.as_slice().try_into().ok()).ok_or(LinkFailure::Malformed)
}
