//! Devices of accounts.

use sotto_protocol::{
    DeviceId, UserId,
    devices::{DeviceType, NewDevice},
    keys::DeviceKeys,
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, Text};

/// A device, revoked or not.
#[derive(Clone, FromRow)]
pub struct DeviceRow {
    /// The device.
    #[sqlx(try_from = "Uuid")]
    pub id: DeviceId,
    /// Its account.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Its name.
    pub name: String,
    /// What kind of installation it is.
    pub device_type: Text<DeviceType>,
    /// Absent while it is unverified.
    pub device_keys: Option<Json<DeviceKeys>>,
    /// Whether the account signed it.
    pub verified: bool,
    /// Access tokens of a lower generation are void.
    pub token_generation: i32,
    /// When it was linked or signed in.
    pub created_at: OffsetDateTime,
    /// Until then it can't link, revoke others or change recovery.
    pub probation_until: Option<OffsetDateTime>,
    /// When it was revoked, for ever.
    pub revoked_at: Option<OffsetDateTime>,
}

/// The device with this id.
pub async fn get(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<Option<DeviceRow>> {
    Ok(sqlx::query_as("SELECT * FROM devices WHERE id = $1").bind(device_id.0).fetch_optional(conn).await?)
}

/// The device with this id, locked: against revocation, and against another upload of its keys.
pub async fn lock(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<Option<DeviceRow>> {
    Ok(sqlx::query_as("SELECT * FROM devices WHERE id = $1 FOR NO KEY UPDATE")
        .bind(device_id.0)
        .fetch_optional(conn)
        .await?)
}

/// Devices of the account that are not revoked, oldest first.
pub async fn of_user(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Vec<DeviceRow>> {
    Ok(sqlx::query_as("SELECT * FROM devices WHERE user_id = $1 AND revoked_at IS NULL ORDER BY created_at, id")
        .bind(user_id.0)
        .fetch_all(conn)
        .await?)
}

/// Stores a device that its account has not signed yet.
pub async fn insert_unverified(
    conn: &mut PgConnection,
    user_id: UserId,
    device_id: DeviceId,
    device: &NewDevice,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query("INSERT INTO devices (id, user_id, name, device_type, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(device_id.0)
        .bind(user_id.0)
        .bind(&device.name)
        .bind(Text(device.device_type))
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Stores a signed device, or turns the account's unverified device of this id into it.
///
/// Answers false if the id belongs to another device, verified or revoked.
pub async fn put_verified(
    conn: &mut PgConnection,
    keys: &DeviceKeys,
    device: &NewDevice,
    now: OffsetDateTime,
    probation_until: Option<OffsetDateTime>,
) -> StoreResult<bool> {
    let done = sqlx::query(
        "INSERT INTO devices (id, user_id, name, device_type, device_keys, verified, created_at, probation_until)
         VALUES ($1, $2, $3, $4, $5, true, $6, $7)
         ON CONFLICT (id) DO UPDATE
         SET name = $3, device_type = $4, device_keys = $5, verified = true, created_at = $6,
             probation_until = $7
         WHERE devices.user_id = $2 AND NOT devices.verified AND devices.revoked_at IS NULL",
    )
    .bind(keys.device_id.0)
    .bind(keys.user_id.0)
    .bind(&device.name)
    .bind(Text(device.device_type))
    .bind(Json(keys))
    .bind(now)
    .bind(probation_until)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes identity keys (32 bytes each) as those of this device or account, for ever.
///
/// # Errors
/// `Conflict` of `identity_keys_seen_pkey`.
pub async fn note_identity_keys(conn: &mut PgConnection, owner: Uuid, keys: &[Vec<u8>]) -> StoreResult<()> {
    sqlx::query("INSERT INTO identity_keys_seen (key, device_id) SELECT key, $2 FROM unnest($1::bytea[]) AS k (key)")
        .bind(keys)
        .bind(owner)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether one of these identity keys was ever seen.
pub async fn identity_key_seen(conn: &mut PgConnection, keys: &[Vec<u8>]) -> StoreResult<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM identity_keys_seen WHERE key = ANY ($1))")
        .bind(keys)
        .fetch_one(conn)
        .await?)
}

/// Gives a device another name.
pub async fn rename(conn: &mut PgConnection, device_id: DeviceId, name: &str) -> StoreResult<()> {
    sqlx::query("UPDATE devices SET name = $2 WHERE id = $1").bind(device_id.0).bind(name).execute(conn).await?;
    Ok(())
}
