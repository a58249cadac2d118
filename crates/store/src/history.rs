//! Histories that are handed over: ciphertext in chunks, for a few days (docs/adr/0009).

use sotto_protocol::{DeviceId, HistoryId, UserId};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use crate::StoreResult;

/// A history.
#[derive(Clone, Copy, FromRow)]
pub struct HistoryRow {
    /// How many chunks it has.
    pub chunks: i32,
    /// How many are stored.
    pub stored: i32,
    /// Their ciphertext, bytes.
    pub bytes: i64,
    /// Gone from then on.
    pub expires_at: OffsetDateTime,
}

/// What an account has stored.
#[derive(Clone, Copy, FromRow)]
pub struct Usage {
    /// Histories.
    pub histories: i64,
    /// Their ciphertext, bytes.
    pub bytes: i64,
}

/// Begins a history.
pub async fn create(
    conn: &mut PgConnection,
    id: HistoryId,
    by: (UserId, DeviceId),
    chunks: i32,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO histories (id, user_id, created_by, chunks, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.0)
    .bind(by.0.0)
    .bind(by.1.0)
    .bind(chunks)
    .bind(now)
    .bind(expires_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// What the account has stored.
pub async fn usage(conn: &mut PgConnection, user_id: UserId, now: OffsetDateTime) -> StoreResult<Usage> {
    Ok(sqlx::query_as(
        "SELECT count(*) AS histories, coalesce(sum(bytes), 0)::bigint AS bytes FROM histories
         WHERE user_id = $1 AND expires_at > $2",
    )
    .bind(user_id.0)
    .bind(now)
    .fetch_one(conn)
    .await?)
}

/// The account's history of this id.
pub async fn get(
    conn: &mut PgConnection,
    user_id: UserId,
    id: HistoryId,
    now: OffsetDateTime,
) -> StoreResult<Option<HistoryRow>> {
    Ok(sqlx::query_as("SELECT * FROM histories WHERE id = $1 AND user_id = $2 AND expires_at > $3")
        .bind(id.0)
        .bind(user_id.0)
        .bind(now)
        .fetch_optional(conn)
        .await?)
}

/// The same, locked against other uploads to it.
pub async fn lock(
    conn: &mut PgConnection,
    user_id: UserId,
    id: HistoryId,
    now: OffsetDateTime,
) -> StoreResult<Option<HistoryRow>> {
    Ok(sqlx::query_as("SELECT * FROM histories WHERE id = $1 AND user_id = $2 AND expires_at > $3 FOR NO KEY UPDATE")
        .bind(id.0)
        .bind(user_id.0)
        .bind(now)
        .fetch_optional(conn)
        .await?)
}

/// A chunk.
pub async fn chunk(conn: &mut PgConnection, id: HistoryId, index: i32) -> StoreResult<Option<Vec<u8>>> {
    Ok(sqlx::query_scalar("SELECT body FROM history_chunks WHERE history_id = $1 AND index = $2")
        .bind(id.0)
        .bind(index)
        .fetch_optional(conn)
        .await?)
}

/// Stores a chunk that is not there yet. The caller holds the history.
pub async fn put_chunk(conn: &mut PgConnection, id: HistoryId, index: i32, body: &[u8]) -> StoreResult<()> {
    sqlx::query("INSERT INTO history_chunks (history_id, index, body) VALUES ($1, $2, $3)")
        .bind(id.0)
        .bind(index)
        .bind(body)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE histories SET stored = stored + 1, bytes = bytes + $2 WHERE id = $1")
        .bind(id.0)
        .bind(i64::try_from(body.len()).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(())
}

/// Chunks that are missing, ascending, at most `limit`.
pub async fn missing(conn: &mut PgConnection, id: HistoryId, chunks: i32, limit: i64) -> StoreResult<Vec<i32>> {
    Ok(sqlx::query_scalar(
        "SELECT i FROM generate_series(0, $2 - 1) AS s (i)
         WHERE NOT EXISTS (SELECT 1 FROM history_chunks WHERE history_id = $1 AND index = i) ORDER BY i LIMIT $3",
    )
    .bind(id.0)
    .bind(chunks)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

/// Deletes a history with its chunks; `false` when the account has none of this id.
pub async fn delete(conn: &mut PgConnection, user_id: UserId, id: HistoryId) -> StoreResult<bool> {
    let done = sqlx::query("DELETE FROM histories WHERE id = $1 AND user_id = $2").bind(id.0).bind(user_id.0);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Deletes what nobody has fetched in time, at most `limit` histories; answers how many.
pub async fn sweep(conn: &mut PgConnection, now: OffsetDateTime, limit: i64) -> StoreResult<u64> {
    let done = sqlx::query(
        "DELETE FROM histories WHERE id IN (
             SELECT id FROM histories WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
    )
    .bind(now)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
