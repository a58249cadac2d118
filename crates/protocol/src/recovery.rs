//! Recovery: the encrypted bundle, and making an unverified device a full one with what it holds.

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    keys::{DeviceKeys, DeviceList, OneTimeKeys, UserIdentity},
};

/// `GET /api/recovery` (step-up): for a device of the account, verified or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RecoveryResponse {
    /// Secrets encrypted under the recovery key.
    pub recovery_bundle: Base64Bytes,
    /// The account's keys and the whole device list.
    pub identity: UserIdentity,
}

/// `PUT /api/recovery` (step-up): a new recovery key's bundle voids the old one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRecoveryRequest {
    /// Secrets encrypted under the recovery key, at most 16 KiB.
    pub recovery_bundle: Base64Bytes,
}

/// `POST /api/recovery/complete` (step-up): an unverified device becomes a full one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CompleteRecoveryRequest {
    /// Signed by the device and the self-signing key.
    pub device_keys: DeviceKeys,
    /// The next entry of the device list, authored by the master key.
    pub device_list: DeviceList,
    /// At most 50.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub one_time_keys: OneTimeKeys,
    /// Exactly one.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub fallback_key: OneTimeKeys,
}
