//! Recovery bundles: secrets of an account encrypted under its recovery key, opaque here.

use sotto_protocol::UserId;
use sqlx::PgConnection;

use crate::StoreResult;

/// The account's bundle.
pub async fn get(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar("SELECT recovery_bundle FROM users WHERE id = $1 AND deleted_at IS NULL")
        .bind(user_id.0)
        .fetch_optional(conn)
        .await?)
}

/// Replaces the bundle.
pub async fn put(conn: &mut PgConnection, user_id: UserId, bundle: &[u8]) -> StoreResult<()> {
    sqlx::query("UPDATE users SET recovery_bundle = $2 WHERE id = $1")
        .bind(user_id.0)
        .bind(bundle)
        .execute(conn)
        .await?;
    Ok(())
}
