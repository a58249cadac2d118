//! Accounts and tokens.

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    devices::NewDevice,
    ids::{DeviceId, UserId},
    keys::{CrossSigningKey, DeviceKeys, DeviceList, OneTimeKeys},
};

/// `POST /auth/register`: an account with its first device.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    /// 3 to 32 of `a-z 0-9 _ . -`, starting with a letter. Can change later.
    pub username: String,
    /// 8 to 256 characters.
    pub password: String,
    /// Name and type of the first device.
    pub device: NewDevice,
    /// The account's identity; its `user_id` is a fresh UUID (version 4 or 7) chosen by the client.
    pub master_key: CrossSigningKey,
    /// Signed by the master key.
    pub self_signing_key: CrossSigningKey,
    /// Signed by the device and the self-signing key; its `device_id` is a fresh UUID chosen by the client.
    pub device_keys: DeviceKeys,
    /// Entry 1 of the device list, authored by the master key.
    pub device_list: DeviceList,
    /// At most 50.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub one_time_keys: OneTimeKeys,
    /// Exactly one.
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::OneTimeKeys))]
    pub fallback_key: OneTimeKeys,
    /// Secrets encrypted under the recovery key, opaque to the server.
    pub recovery_bundle: Base64Bytes,
    /// `person`; an assistant can't register here (`forbidden`).
    #[serde(default)]
    pub account_type: AccountType,
}

/// Who is behind an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// A human being.
    #[default]
    Person,
    /// An AI member.
    Assistant,
}

/// `POST /auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The current username.
    pub username: String,
    /// The password.
    pub password: String,
    /// A device that the account knows; without it the login makes a new, unverified device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_device: Option<KnownDevice>,
    /// Name and type of the new device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_device: Option<NewDevice>,
}

/// Proof that a login comes from a device that the account knows.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KnownDevice {
    /// The device.
    pub device_id: DeviceId,
    /// From `POST /auth/challenges`, at most 60 s old, one use.
    pub challenge: String,
    /// Ed25519 by the device over the UTF-8 bytes of `sotto-login:` and the challenge.
    pub signature: Base64Bytes,
}

/// Answer to `POST /auth/challenges`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ChallengeResponse {
    /// To be signed by the device.
    pub challenge: String,
    /// How long it may be used, milliseconds.
    pub expires_in_ms: u64,
}

/// Tokens of one device.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TokenPair {
    /// EdDSA JWT, 10 minutes.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// How long the access token lives, milliseconds.
    pub expires_in_ms: u64,
    /// Opaque; each refresh gives the next one.
    pub refresh_token: String,
}

/// Answer to registering, login and linking.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionResponse {
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// Whether the device is signed by the account.
    pub verified: bool,
    /// The tokens.
    #[serde(flatten)]
    pub tokens: TokenPair,
}

/// `POST /auth/refresh`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The newest refresh token. A replay within 60 s of its first use gives the same successor.
    pub refresh_token: String,
}

/// `POST /auth/logout`; the body may be absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogoutRequest {
    /// The next entry of the device list, without the calling device, which is revoked by it. Absent: only its tokens
    /// end, and it may sign in again as a known device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_list: Option<DeviceList>,
}

/// `POST /auth/step-up`: a fresh authentication of the same device, good for 5 minutes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StepUpRequest {
    /// The password.
    pub password: String,
}

/// An access token that carries the time of the fresh authentication.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StepUpResponse {
    /// EdDSA JWT, 10 minutes.
    pub access_token: String,
    /// How long the access token lives, milliseconds.
    pub expires_in_ms: u64,
    /// How long it counts as fresh, milliseconds.
    pub fresh_for_ms: u64,
}

/// `POST /api/account/password` (step-up).
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    /// 8 to 256 characters.
    pub new_password: String,
}

/// `GET /api/account`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Account {
    /// The account.
    pub user_id: UserId,
    /// The current username.
    pub username: String,
    /// Who is behind it.
    pub account_type: AccountType,
    /// The device that asks.
    pub device_id: DeviceId,
    /// Whether that device is signed by the account.
    pub verified: bool,
    /// Head of the device list.
    pub list_version: i64,
    /// Whether read marks and presence are kept from others.
    pub private_receipts: bool,
    /// When it was made.
    pub created_at_ms: i64,
}

/// `PATCH /api/account`: only what is present changes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAccountRequest {
    /// A new username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Keep read marks and presence from others (and theirs from this account).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_receipts: Option<bool>,
}
