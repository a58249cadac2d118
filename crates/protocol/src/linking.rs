//! Linking a further device by grant and completion (`docs/SECURITY.md`, linking, steps 5 to 7).

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    devices::NewDevice,
    ids::UserId,
    keys::{DeviceKeys, DeviceList, OneTimeKeys, UserIdentity},
};

/// `POST /api/link/grants` (step-up), by the existing device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateGrantRequest {
    /// Where the two devices met: SHA-256 of the 16 bytes of the rendezvous' id, 32 bytes.
    pub rendezvous_hash: Base64Bytes,
    /// T: SHA-256 of the linking transcript, 32 bytes.
    pub transcript: Base64Bytes,
    /// The new device's keys, signed by itself and by the self-signing key.
    pub device_keys: DeviceKeys,
    /// The next entry of the device list, with the new device.
    pub device_list: DeviceList,
}

/// A grant: 256 random bits, single use, bound to the new device's Ed25519 key.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GrantResponse {
    /// The grant.
    pub grant: Base64Bytes,
    /// How long it lives, milliseconds.
    pub expires_in_ms: u64,
}

/// `POST /api/link/head`: what the new device checks before it completes. The grant is the credential.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkHeadRequest {
    /// The grant.
    pub grant: Base64Bytes,
}

/// The account that the grant leads into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LinkHeadResponse {
    /// The current username.
    pub username: String,
    /// The account's keys and the whole device list.
    pub identity: UserIdentity,
    /// The entry that completion will append.
    pub device_list: DeviceList,
    /// The new device's keys with the self-signing signature.
    pub device_keys: DeviceKeys,
}

/// `POST /api/link/complete`, by the new device. The same request again within 5 minutes gives the same answer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CompleteLinkRequest {
    /// The grant.
    pub grant: Base64Bytes,
    /// The account.
    pub user_id: UserId,
    /// Name and type of the device.
    pub device: NewDevice,
    /// At most 50.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub one_time_keys: OneTimeKeys,
    /// Exactly one.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub fallback_key: OneTimeKeys,
    /// Ed25519 by the new device over the bytes of the grant followed by the bytes of T.
    pub signature: Base64Bytes,
}
