//! Devices of an account.

use serde::{Deserialize, Serialize};

use crate::{ids::DeviceId, keys::DeviceList};

/// What kind of installation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum DeviceType {
    /// A browser.
    Web,
    /// A phone or tablet.
    Mobile,
    /// A computer.
    Desktop,
}

/// Name and type of a device, told by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// 1 to 64 characters.
    pub name: String,
    /// What kind of installation it is.
    pub device_type: DeviceType,
}

/// A device in `GET /api/devices`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Device {
    /// The device.
    pub device_id: DeviceId,
    /// Its name.
    pub name: String,
    /// What kind of installation it is.
    pub device_type: DeviceType,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Whether the account signed it; unverified ones get no ciphertext.
    pub verified: bool,
    /// When it was linked or signed in.
    pub created_at_ms: i64,
    /// When it was last connected or asked something, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at_ms: Option<i64>,
}

/// `GET /api/devices`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Devices {
    /// Devices of the account that are not revoked, oldest first.
    pub devices: Vec<Device>,
}

/// `PATCH /api/devices/{device_id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameDeviceRequest {
    /// 1 to 64 characters.
    pub name: String,
}

/// `POST /api/devices/{device_id}/revoke` (step-up, but for the device itself).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeDeviceRequest {
    /// The next entry of the device list, without the device. Absent for an unverified device, which is in no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_list: Option<DeviceList>,
}

/// What a revocation did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RevocationReceipt {
    /// The device.
    pub device_id: DeviceId,
    /// When.
    pub revoked_at_ms: i64,
    /// Head of the device list now.
    pub list_version: i64,
    /// Refresh tokens destroyed; access tokens are refused from now on.
    pub refresh_tokens_deleted: i64,
    /// One-time keys destroyed.
    pub one_time_keys_deleted: i64,
    /// Fallback keys destroyed: one or none.
    pub fallback_keys_deleted: i64,
    /// Envelopes and notices destroyed.
    pub inbox_items_deleted: i64,
    /// Conversations whose roster moved on: their members are told, and refused until they know.
    pub conversations_bumped: i64,
    /// Further devices of the account that are told.
    pub devices_told: i64,
    /// Sockets of the device that were open, on whatever node, and are closed.
    pub sockets_closed: i64,
    /// Some may be open still, since Redis is away or a node has not answered within two seconds. They are closed within
    /// ten, and get nothing more.
    pub sockets_pending: bool,
}

/// `POST /auth/logout-others` (step-up): all other devices of the account are revoked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogoutOthersRequest {
    /// The next entry of the device list, with the calling device alone. Absent if it is alone in the list already, and
    /// only unverified devices are meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_list: Option<DeviceList>,
}

/// Answer to `POST /auth/logout-others`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LogoutOthersResponse {
    /// One for each device that is out.
    pub receipts: Vec<RevocationReceipt>,
}
