//! Link grants: 256 random bits, stored as SHA-256, each for one completion.

use sotto_protocol::{
    DeviceId, UserId,
    keys::{DeviceKeys, DeviceList},
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreResult;

/// A grant.
#[derive(Clone, FromRow)]
pub struct GrantRow {
    /// SHA-256 of the grant.
    pub grant_hash: Vec<u8>,
    /// The account that it leads into.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// The device that asked for it.
    #[sqlx(try_from = "Uuid")]
    pub created_by: DeviceId,
    /// SHA-256 of the id of the rendezvous that it was given at.
    pub rendezvous_hash: Vec<u8>,
    /// T, 32 bytes.
    pub transcript: Vec<u8>,
    /// The new device's keys with the account's signature.
    pub device_keys: Json<DeviceKeys>,
    /// The entry that completion appends.
    pub device_list: Json<DeviceList>,
    /// Not valid from then on.
    pub expires_at: OffsetDateTime,
    /// When it was used.
    pub completed_at: Option<OffsetDateTime>,
    /// SHA-256 of the request that used it.
    pub request_hash: Option<Vec<u8>>,
}

/// Stores a grant; an earlier one for the same new device that was not used ends.
pub async fn insert(conn: &mut PgConnection, grant: &GrantRow) -> StoreResult<()> {
    let device_id = grant.device_keys.device_id;
    sqlx::query("DELETE FROM link_grants WHERE user_id = $1 AND device_id = $2 AND completed_at IS NULL")
        .bind(grant.user_id.0)
        .bind(device_id.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO link_grants (grant_hash, user_id, created_by, device_id, transcript, device_keys, device_list,
             expires_at, rendezvous_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&grant.grant_hash)
    .bind(grant.user_id.0)
    .bind(grant.created_by.0)
    .bind(device_id.0)
    .bind(&grant.transcript)
    .bind(&grant.device_keys)
    .bind(&grant.device_list)
    .bind(grant.expires_at)
    .bind(&grant.rendezvous_hash)
    .execute(conn)
    .await?;
    Ok(())
}

/// The grant with this hash. The caller holds the account's row when it decides on it.
pub async fn get(conn: &mut PgConnection, grant_hash: &[u8]) -> StoreResult<Option<GrantRow>> {
    Ok(sqlx::query_as("SELECT * FROM link_grants WHERE grant_hash = $1").bind(grant_hash).fetch_optional(conn).await?)
}

/// Uses the grant up.
pub async fn complete(
    conn: &mut PgConnection,
    grant_hash: &[u8],
    request_hash: &[u8],
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query("UPDATE link_grants SET completed_at = $3, request_hash = $2 WHERE grant_hash = $1")
        .bind(grant_hash)
        .bind(request_hash)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
