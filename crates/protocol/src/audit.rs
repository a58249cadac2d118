//! What was done to an account, for the person it belongs to.

use serde::{Deserialize, Serialize};

use crate::ids::DeviceId;

/// `GET /api/account/audit?before=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// Newest first, at most 100.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page; absent in the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Names the entry; later ones are higher.
    pub audit_id: i64,
    /// When.
    pub created_at_ms: i64,
    /// What: `registered`, `login`, `logout`, `link_granted`, `device_linked`, `linking_locked`, `device_revoked`,
    /// `password_changed`, `recovery_replaced`, `recovered`, `backup_replaced`, `identity_reset`, `refresh_reused`; there
    /// may come more.
    pub action: String,
    /// The device that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<DeviceId>,
    /// Its name now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// The device that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_device_id: Option<DeviceId>,
    /// Its name now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about_device_name: Option<String>,
}
