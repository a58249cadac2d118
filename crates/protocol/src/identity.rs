//! A new identity for an account: another master key, and a device list that begins anew.

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    backup::RecoveryPublicKey,
    devices::RevocationReceipt,
    keys::{CrossSigningKey, DeviceKeys, DeviceList},
};

/// `POST /api/account/identity` (step-up): for who lost the recovery key, or thinks that somebody else has it. All other
/// devices are out, contacts are warned and have to accept the new master key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetIdentityRequest {
    /// The new master key, never used before.
    pub master_key: CrossSigningKey,
    /// The new self-signing key, signed by it.
    pub self_signing_key: CrossSigningKey,
    /// The calling device's keys, the same as before, signed by itself and the new self-signing key.
    pub device_keys: DeviceKeys,
    /// Entry 1 of a new list, authored by the new master key, with the calling device alone.
    pub device_list: DeviceList,
    /// Secrets encrypted under a new recovery key.
    pub recovery_bundle: Base64Bytes,
    /// The new recovery key's public half, signed by the new master key; its version follows the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_key: Option<RecoveryPublicKey>,
}

/// The account has the new identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ResetIdentityResponse {
    /// Head of the new list: 1.
    pub list_version: i64,
    /// Conversations whose roster moved on.
    pub conversations_bumped: i64,
    /// One for each device that is out.
    pub receipts: Vec<RevocationReceipt>,
}
