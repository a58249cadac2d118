//! Refresh tokens, by their SHA-256. A family is one login and all that followed from it.

use sotto_protocol::{DeviceId, UserId};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreResult;

/// A refresh token.
#[derive(Clone, FromRow)]
pub struct RefreshRow {
    /// The login that it comes from.
    pub family_id: Uuid,
    /// The account.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// The device.
    #[sqlx(try_from = "Uuid")]
    pub device_id: DeviceId,
    /// Not valid from then on.
    pub expires_at: OffsetDateTime,
    /// When it was exchanged for its successor.
    pub used_at: Option<OffsetDateTime>,
}

/// Stores a token by its hash (32 bytes).
pub async fn insert(
    conn: &mut PgConnection,
    token_hash: &[u8],
    token: &RefreshRow,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO refresh_tokens (token_hash, family_id, user_id, device_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token_hash)
    .bind(token.family_id)
    .bind(token.user_id.0)
    .bind(token.device_id.0)
    .bind(now)
    .bind(token.expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The token with this hash, locked: two exchanges of one token come after each other.
pub async fn lock(conn: &mut PgConnection, token_hash: &[u8]) -> StoreResult<Option<RefreshRow>> {
    Ok(sqlx::query_as("SELECT * FROM refresh_tokens WHERE token_hash = $1 FOR UPDATE")
        .bind(token_hash)
        .fetch_optional(conn)
        .await?)
}

/// Notes the first use.
pub async fn mark_used(conn: &mut PgConnection, token_hash: &[u8], now: OffsetDateTime) -> StoreResult<()> {
    sqlx::query("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a family.
pub async fn delete_family(conn: &mut PgConnection, family_id: Uuid) -> StoreResult<()> {
    sqlx::query("DELETE FROM refresh_tokens WHERE family_id = $1").bind(family_id).execute(conn).await?;
    Ok(())
}

/// Ends all families of a device and voids its access tokens by raising their generation, which it answers.
pub async fn end_session(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<i32> {
    let raise = "UPDATE devices SET token_generation = token_generation + 1 WHERE id = $1 RETURNING token_generation";
    let generation = sqlx::query_scalar(raise).bind(device_id.0).fetch_one(&mut *conn).await?;
    delete_of_device(conn, device_id).await?;
    Ok(generation)
}

/// Ends all families of a device.
pub async fn delete_of_device(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<()> {
    sqlx::query("DELETE FROM refresh_tokens WHERE device_id = $1").bind(device_id.0).execute(conn).await?;
    Ok(())
}
