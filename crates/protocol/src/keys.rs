//! Keys: the Matrix end-to-end formats with our ids (`device_keys`, cross-signing keys, `signed_curve25519`).
//!
//! Every signed object is signed as in the Matrix specification, "Signing JSON": Ed25519 over the canonical JSON of
//! the object without `signatures`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    ids::{DeviceId, TxnId, UserId},
};

/// `user_id -> key id -> signature`; key ids are `ed25519:<device id>` or `ed25519:<public key>`.
///
/// In documents: [`schemas::Signatures`].
pub type Signatures = BTreeMap<String, BTreeMap<String, String>>;

/// The Olm algorithm of `device_keys` and envelopes.
pub const ALGORITHM_OLM: &str = "m.olm.v1.curve25519-aes-sha2";
/// The Megolm algorithm of `device_keys` and messages.
pub const ALGORITHM_MEGOLM: &str = "m.megolm.v1.aes-sha2";

/// The public identity of a device, immutable (Matrix `device_keys`).
///
/// `keys` holds exactly `ed25519:<device_id>` and `curve25519:<device_id>`, each 32 bytes in unpadded base64.
/// `signatures` holds the device's own and, once linked, the self-signing key's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceKeys {
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// Exactly `m.olm.v1.curve25519-aes-sha2` and `m.megolm.v1.aes-sha2`, in this order.
    pub algorithms: Vec<String>,
    /// Key id to public key.
    pub keys: BTreeMap<String, String>,
    /// Who signed it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = schemas::Signatures))]
    pub signatures: Signatures,
}

/// What a cross-signing key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyUsage {
    /// The account's identity: signs the self-signing key.
    Master,
    /// Signs the account's devices and device lists.
    SelfSigning,
}

/// A cross-signing public key (Matrix). `keys` holds exactly `ed25519:<public key>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CrossSigningKey {
    /// The account.
    pub user_id: UserId,
    /// Exactly one.
    pub usage: Vec<KeyUsage>,
    /// Key id to public key.
    pub keys: BTreeMap<String, String>,
    /// The self-signing key is signed by the master key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = schemas::Signatures))]
    pub signatures: Signatures,
}

/// A one-time or fallback key, signed by its device (Matrix `signed_curve25519`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedOneTimeKey {
    /// Curve25519 public key, unpadded base64.
    pub key: String,
    /// `true` on a fallback key, absent on a one-time key; part of what is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<bool>,
    /// The device's signature.
    #[cfg_attr(feature = "schema", schema(value_type = schemas::Signatures))]
    pub signatures: Signatures,
}

/// `signed_curve25519:<key id> -> key`.
///
/// In documents: [`schemas::OneTimeKeys`].
pub type OneTimeKeys = BTreeMap<String, SignedOneTimeKey>;

/// `POST /api/keys/one-time`: all or nothing; the same id with the same bytes again is accepted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadKeysRequest {
    /// At most 50, `signed_curve25519:<id>`.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = schemas::OneTimeKeys))]
    pub one_time_keys: OneTimeKeys,
    /// At most one; replaces the fallback key stored.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(value_type = schemas::OneTimeKeys))]
    pub fallback_key: OneTimeKeys,
}

/// How many one-time keys are stored now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OneTimeKeyCount {
    /// Keys that can still be claimed.
    pub one_time_keys: i64,
}

/// `POST /api/keys/digest`: compares the device's outstanding keys with the server's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeysDigestRequest {
    /// SHA-256 over the outstanding one-time key ids, sorted by bytes, each followed by a line feed.
    pub digest: Base64Bytes,
}

/// Answer to a digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct KeysDigestResponse {
    /// Both sides hold the same set.
    pub matches: bool,
    /// If not: the ids that the server holds. The device drops its other private keys that it never saw used and refills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ids: Option<Vec<String>>,
}

/// `POST /api/keys/query`: identities of people that the caller shares a conversation with (or itself).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QueryKeysRequest {
    /// User to the `list_version` that the caller knows, 0 for none; at most 250.
    pub users: BTreeMap<UserId, i64>,
}

/// Identities; users that don't exist and strangers are absent alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct QueryKeysResponse {
    /// One for each user found.
    pub identities: Vec<UserIdentity>,
}

/// Everything a client needs to check a user's devices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UserIdentity {
    /// The account.
    pub user_id: UserId,
    /// Its master key.
    pub master_key: CrossSigningKey,
    /// Its self-signing key, signed by the master key.
    pub self_signing_key: CrossSigningKey,
    /// Entries of the device list after the version that the caller knows, oldest first.
    pub lists: Vec<DeviceList>,
    /// Keys of the devices active at the list's head.
    pub device_keys: Vec<DeviceKeys>,
}

/// `POST /api/keys/claim`: takes one one-time key of each device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ClaimKeysRequest {
    /// Idempotency key: the same claim again within ten minutes gives the same keys.
    pub claim_id: TxnId,
    /// At most 500.
    pub devices: Vec<DeviceId>,
}

/// A claimed key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClaimedKey {
    /// Whose it is.
    pub device_id: DeviceId,
    /// `signed_curve25519:<id>`.
    pub key_id: String,
    /// The key; a fallback key says so inside what is signed.
    pub key: SignedOneTimeKey,
}

/// Keys claimed. A device that is revoked, unknown or foreign, or has neither kind of key, is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ClaimKeysResponse {
    /// One for each device found.
    pub keys: Vec<ClaimedKey>,
}

/// A device as the signed list names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListedDevice {
    /// The device.
    pub device_id: DeviceId,
    /// Its Ed25519 public key, unpadded base64.
    pub ed25519: String,
    /// Its Curve25519 public key, unpadded base64.
    pub curve25519: String,
}

/// Who extended a device list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ListAuthor {
    /// The master key: at registration and recovery.
    Master,
    /// A device that was active in the entry before.
    Device(DeviceId),
}

/// One entry of a user's signed device list: a full snapshot, chained by hash.
///
/// Signed by the self-signing key and by the author. The hash of an entry is SHA-256 over its canonical JSON
/// without `signatures`, in unpadded base64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceList {
    /// The account.
    pub user_id: UserId,
    /// 1, 2, 3, ...
    pub version: i64,
    /// Hash of the entry before; absent in entry 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_hash: Option<String>,
    /// Active devices, ordered by id.
    pub devices: Vec<ListedDevice>,
    /// Devices revoked at any time, ordered by id. They never return.
    pub revoked: Vec<ListedDevice>,
    /// Who extended the list.
    pub author: ListAuthor,
    /// By the self-signing key and the author.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = schemas::Signatures))]
    pub signatures: Signatures,
}

/// Names for maps, whose type aliases have none of their own in generated documents.
#[cfg(feature = "schema")]
pub mod schemas {
    use std::collections::BTreeMap;

    /// Signatures: user id to key id to signature.
    ///
    /// Key ids are `ed25519:<device id>` for a key of a device and `ed25519:<public key>` for a cross-signing key; a
    /// signature is 64 bytes, Ed25519 over the canonical JSON of the object without `signatures`, in unpadded base64.
    #[derive(utoipa::ToSchema)]
    #[schema(example = json!({
        "6fd7d4c8-3a1f-4a5e-9d0c-0a8a1d0f4b11": {
            "ed25519:0c6f2c0e-8f0a-4c7c-8c53-5f1f3f0e7a22": "<64 bytes, unpadded base64>"
        }
    }))]
    pub struct Signatures(pub BTreeMap<String, BTreeMap<String, String>>);

    /// One-time or fallback keys: key id to key.
    ///
    /// A key id is `signed_curve25519:` and 1 to 32 of `A-Z a-z 0-9 + / _ -`, chosen by the device and never used
    /// again.
    #[derive(utoipa::ToSchema)]
    pub struct OneTimeKeys(pub BTreeMap<String, super::SignedOneTimeKey>);
}
