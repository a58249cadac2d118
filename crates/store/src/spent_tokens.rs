//! One-use tokens spent while Redis was away.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreResult;

/// Spends the id; `false` when it was spent before.
pub async fn spend(conn: &mut PgConnection, jti: Uuid, expires_at: OffsetDateTime) -> StoreResult<bool> {
    let done = sqlx::query("INSERT INTO spent_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(jti)
        .bind(expires_at)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets ids whose tokens are expired anyway.
pub async fn sweep(conn: &mut PgConnection, now: OffsetDateTime) -> StoreResult<u64> {
    let done = sqlx::query("DELETE FROM spent_tokens WHERE expires_at < $1").bind(now).execute(conn).await?;
    Ok(done.rows_affected())
}
