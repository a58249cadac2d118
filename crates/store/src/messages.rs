//! Ending messages: removal by the sender, expiry, and what is kept only for a while.

use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    StoreResult,
    events::{EXPIRED, REMOVAL},
    last_seen,
};

/// Deletes the content of a message of this user and appends the removal; `None` when it is not there to be removed.
/// Answers the message's transaction id and the removal's position.
pub async fn remove(
    conn: &mut PgConnection,
    id: ConversationId,
    user_id: UserId,
    device_id: DeviceId,
    target_seq: i64,
    now: OffsetDateTime,
) -> StoreResult<Option<(TxnId, i64)>> {
    sqlx::query("SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE").bind(id.0).execute(&mut *conn).await?;
    let txn_id: Option<Uuid> = sqlx::query_scalar(
        "UPDATE events e SET session_id = NULL, ciphertext = NULL, gone = 1, xid = pg_current_xact_id()
         FROM members m, devices d
         WHERE e.conversation_id = $1 AND e.seq = $2 AND e.kind = 1 AND e.gone IS NULL AND e.sender_user_id = $3
             AND m.conversation_id = $1 AND m.user_id = $3 AND m.left_at IS NULL
             AND d.id = $4 AND d.revoked_at IS NULL
         RETURNING e.txn_id",
    )
    .bind(id.0)
    .bind(target_seq)
    .bind(user_id.0)
    .bind(device_id.0)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(txn_id) = txn_id else { return Ok(None) };
    let seq: i64 = sqlx::query_scalar(
        "UPDATE conversations SET last_seq = last_seq + 1, changed_xid = pg_current_xact_id()
         WHERE id = $1 RETURNING last_seq",
    )
    .bind(id.0)
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, target_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.0)
    .bind(seq)
    .bind(REMOVAL)
    .bind(user_id.0)
    .bind(device_id.0)
    .bind(now)
    .bind(target_seq)
    .execute(conn)
    .await?;
    Ok(Some((TxnId(txn_id), seq)))
}

/// Deletes the content of expired messages, at most `limit`; answers how many.
pub async fn expire(conn: &mut PgConnection, now: OffsetDateTime, limit: i64) -> StoreResult<u64> {
    let expired = sqlx::query(
        "UPDATE events e SET session_id = NULL, ciphertext = NULL, gone = $3
         FROM (SELECT ctid AS place FROM events WHERE expires_at <= $1 AND gone IS NULL
             ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
         WHERE e.ctid = due.place",
    )
    .bind(now)
    .bind(limit)
    .bind(EXPIRED)
    .execute(conn)
    .await?;
    Ok(expired.rows_affected())
}

/// Deletes what is kept only for a while.
pub async fn prune(conn: &mut PgConnection, now: OffsetDateTime) -> StoreResult<()> {
    let minute_ago = now - Duration::seconds(60);
    let day_ago = now - Duration::days(1);
    sqlx::query("DELETE FROM wake_outbox WHERE created_at < clock_timestamp() - interval '60 seconds'")
        .execute(&mut *conn)
        .await?;
    // Until a notification worker takes them.
    sqlx::query("DELETE FROM push_outbox WHERE created_at < $1").bind(day_ago).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM envelope_sends WHERE created_at < $1").bind(day_ago).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM key_claims WHERE created_at < $1")
        .bind(minute_ago - Duration::minutes(9))
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM spent_keys WHERE spent_at < $1")
        .bind(now - Duration::days(90))
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM refresh_tokens WHERE expires_at < $1").bind(now).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM link_grants WHERE expires_at < $1").bind(day_ago).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM link_failures WHERE failed_at < $1").bind(day_ago).execute(&mut *conn).await?;
    last_seen::prune(conn).await
}
