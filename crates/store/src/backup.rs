//! The key backup of an account, and the recovery key that it is sealed to. Ciphertext all of it.

use sotto_protocol::{
    Base64Bytes, UserId,
    backup::{BackupDescriptor, BackupSession, RecoveryPublicKey},
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreResult;

/// The backup and the recovery key, as far as there are any.
#[derive(Clone, Default, FromRow)]
pub struct BackupRow {
    /// The newest recovery key's public half; absent when its bundle was replaced without one.
    pub recovery_key: Option<Json<RecoveryPublicKey>>,
    /// Version of the newest one that was ever published.
    pub recovery_version: i64,
    /// What the backup is encrypted with; absent when it is void.
    pub descriptor: Option<Json<BackupDescriptor>>,
    /// Version of the newest descriptor that there ever was.
    pub version: i64,
    /// Sessions stored.
    pub sessions: i64,
}

/// Where a page begins: behind this conversation and session.
pub type Cursor = (Uuid, Vec<u8>);

/// The account's row; nothing of each for an account that never had any.
pub async fn get(conn: &mut PgConnection, user_id: UserId) -> StoreResult<BackupRow> {
    let row = sqlx::query_as("SELECT * FROM backups WHERE user_id = $1").bind(user_id.0).fetch_optional(conn).await?;
    Ok(row.unwrap_or_default())
}

/// The same, locked against other uploads.
pub async fn lock(conn: &mut PgConnection, user_id: UserId) -> StoreResult<BackupRow> {
    let row = sqlx::query_as("SELECT * FROM backups WHERE user_id = $1 FOR NO KEY UPDATE").bind(user_id.0);
    Ok(row.fetch_optional(conn).await?.unwrap_or_default())
}

/// Publishes a recovery key's public half, or none: what was sealed to the one before is void. The caller holds the
/// account.
pub async fn put_recovery_key(
    conn: &mut PgConnection,
    user_id: UserId,
    key: Option<&RecoveryPublicKey>,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO backups (user_id, recovery_key, recovery_version) VALUES ($1, $2, coalesce($3, 0))
         ON CONFLICT (user_id) DO UPDATE
         SET recovery_key = $2, recovery_version = coalesce($3, backups.recovery_version), descriptor = NULL,
             sessions = 0",
    )
    .bind(user_id.0)
    .bind(key.map(Json))
    .bind(key.map(|key| key.version))
    .execute(&mut *conn)
    .await?;
    delete_sessions(conn, user_id).await
}

/// Begins a backup; the one before is gone. The caller holds the account.
pub async fn put_descriptor(
    conn: &mut PgConnection,
    descriptor: &BackupDescriptor,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query("UPDATE backups SET descriptor = $2, version = $3, sessions = 0, created_at = $4 WHERE user_id = $1")
        .bind(descriptor.user_id.0)
        .bind(Json(descriptor))
        .bind(descriptor.version)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    delete_sessions(conn, descriptor.user_id).await
}

/// Whether a linked device left the account since the backup was begun. The caller holds the account.
pub async fn is_outdated(conn: &mut PgConnection, user_id: UserId) -> StoreResult<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM backups b JOIN devices d USING (user_id)
                        WHERE b.user_id = $1 AND d.device_keys IS NOT NULL AND d.revoked_at >= b.created_at)",
    )
    .bind(user_id.0)
    .fetch_one(conn)
    .await?)
}

async fn delete_sessions(conn: &mut PgConnection, user_id: UserId) -> StoreResult<()> {
    sqlx::query("DELETE FROM backup_sessions WHERE user_id = $1").bind(user_id.0).execute(conn).await?;
    Ok(())
}

/// Stores sessions, each named once; one that is stored stays unless the new one begins earlier. The caller holds the
/// backup. Answers how many are stored now.
pub async fn put_sessions(conn: &mut PgConnection, user_id: UserId, sessions: &[BackupSession]) -> StoreResult<i64> {
    let conversations: Vec<Uuid> = sessions.iter().map(|session| session.conversation_id.0).collect();
    let ids: Vec<&[u8]> = sessions.iter().map(|session| &*session.session_id.0).collect();
    let first: Vec<i64> = sessions.iter().map(|session| session.first_index.into()).collect();
    let bodies: Vec<&[u8]> = sessions.iter().map(|session| &*session.data.0).collect();
    let inserted: i64 = sqlx::query_scalar(
        "WITH put AS (
             INSERT INTO backup_sessions AS old (user_id, conversation_id, session_id, first_index, body)
             SELECT $1, s.* FROM unnest($2::uuid[], $3::bytea[], $4::bigint[], $5::bytea[]) AS s
             ON CONFLICT (user_id, conversation_id, session_id) DO UPDATE
             SET first_index = excluded.first_index, body = excluded.body
             WHERE excluded.first_index < old.first_index
             RETURNING (old.xmax = 0) AS new
         )
         SELECT count(*) FROM put WHERE new",
    )
    .bind(user_id.0)
    .bind(&conversations)
    .bind(&ids)
    .bind(&first)
    .bind(&bodies)
    .fetch_one(&mut *conn)
    .await?;
    Ok(sqlx::query_scalar("UPDATE backups SET sessions = sessions + $2 WHERE user_id = $1 RETURNING sessions")
        .bind(user_id.0)
        .bind(inserted)
        .fetch_one(conn)
        .await?)
}

/// Sessions behind the cursor, ordered by conversation and session.
pub async fn page(
    conn: &mut PgConnection,
    user_id: UserId,
    after: Option<&Cursor>,
    limit: i64,
) -> StoreResult<Vec<BackupSession>> {
    let (conversation, session) = after.cloned().unwrap_or_default();
    let rows: Vec<(Uuid, Vec<u8>, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT conversation_id, session_id, first_index, body FROM backup_sessions
         WHERE user_id = $1 AND (conversation_id, session_id) > ($2, $3)
         ORDER BY conversation_id, session_id LIMIT $4",
    )
    .bind(user_id.0)
    .bind(conversation)
    .bind(session)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(conversation, session_id, first_index, body)| BackupSession {
            conversation_id: conversation.into(),
            session_id: Base64Bytes(session_id),
            first_index: u32::try_from(first_index).unwrap_or(u32::MAX),
            data: Base64Bytes(body),
        })
        .collect())
}
