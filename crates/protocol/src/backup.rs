//! The key backup: message keys, encrypted under a backup key that is sealed to the account's recovery key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Base64Bytes,
    ids::{ConversationId, UserId},
    keys::{ListAuthor, Signatures},
};

/// What a `BackupDescriptor` says in `algorithm`.
pub const ALGORITHM_BACKUP: &str = "sotto.backup.v1";

/// The public half of what the recovery key opens: backup keys are sealed to it by devices that do not know the recovery
/// key. Signed by the master key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecoveryPublicKey {
    /// The account.
    pub user_id: UserId,
    /// 1, 2, 3, ...: one more with every recovery key. Clients refuse a lower one than they have seen.
    pub version: i64,
    /// X25519 public key, unpadded base64.
    pub curve25519: String,
    /// By the master key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::Signatures))]
    pub signatures: Signatures,
}

/// `PUT /api/recovery/key`: publishes the recovery key's public half. A further one (step-up) comes with the bundle under
/// the new recovery key, in one step: the old key opens nothing any more, and the backup that was sealed to it is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutRecoveryKeyRequest {
    /// The public half; its version follows the one before.
    pub recovery_key: RecoveryPublicKey,
    /// Secrets encrypted under the recovery key, at most 16 KiB. Absent when the bundle stays, which only the first one
    /// may say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_bundle: Option<Base64Bytes>,
}

/// What a backup is encrypted with. A further version voids the one before.
///
/// Signed like an entry of the device list, by the self-signing key and a device that is active at the list's head; or by
/// the master key alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BackupDescriptor {
    /// The account.
    pub user_id: UserId,
    /// 1, 2, 3, ...
    pub version: i64,
    /// `sotto.backup.v1`.
    pub algorithm: String,
    /// SHA-256 over `sotto-backup-key-id-v1` and the backup key, 32 bytes: a device that holds a key knows whether it is
    /// this one.
    pub key_hash: Base64Bytes,
    /// Version of the recovery public key that the backup key is sealed to.
    pub recovery_version: i64,
    /// The backup key, sealed; at most 1 KiB.
    pub sealed_key: Base64Bytes,
    /// Who made it.
    pub author: ListAuthor,
    /// By the self-signing key and the author, or by the master key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::Signatures))]
    pub signatures: Signatures,
}

/// `PUT /api/backup`: begins a backup; the sessions of the one before are deleted, which needs a fresh authentication
/// (step-up) unless a device left the account since it was begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutBackupRequest {
    /// The new descriptor.
    pub descriptor: BackupDescriptor,
}

/// `GET /api/backup`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Backup {
    /// The recovery key's public half, if one is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_key: Option<RecoveryPublicKey>,
    /// Version of the newest recovery public key, published still or not; 0: there never was one.
    pub recovery_version: i64,
    /// The backup's descriptor, if there is a backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descriptor: Option<BackupDescriptor>,
    /// Version of the newest descriptor, void or not; 0: there never was one.
    pub version: i64,
    /// Sessions stored.
    pub sessions: i64,
}

/// A message key's session in the backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BackupSession {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The Megolm session, 32 bytes.
    pub session_id: Base64Bytes,
    /// The index from which on it decrypts: a lower one replaces what is stored.
    pub first_index: u32,
    /// Ciphertext, 1 byte to 2 KiB.
    pub data: Base64Bytes,
}

/// `POST /api/backup/{version}/sessions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutBackupSessionsRequest {
    /// At most 200, each session once.
    pub sessions: Vec<BackupSession>,
}

/// How many sessions are stored now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BackupCount {
    /// Sessions.
    pub sessions: i64,
}

/// `GET /api/backup/{version}/sessions?after=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BackupPage {
    /// At most 200.
    pub sessions: Vec<BackupSession>,
    /// `after` of the next page; absent in the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
