//! Who blocked whom.

use sotto_protocol::{ConversationId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// Key of the direct conversation of two people: `<smaller id>:<larger id>`.
pub fn direct_key(a: UserId, b: UserId) -> String {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    format!("{first}:{second}")
}

/// Accounts that this one blocked, ordered by id.
pub async fn blocks(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Vec<UserId>> {
    let found: Vec<Uuid> = sqlx::query_scalar("SELECT blocked_id FROM blocks WHERE user_id = $1 ORDER BY blocked_id")
        .bind(user_id.0)
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// Blocks an account. Again is harmless.
pub async fn block(conn: &mut PgConnection, user_id: UserId, blocked: UserId, now: OffsetDateTime) -> StoreResult<()> {
    sqlx::query("INSERT INTO blocks (user_id, blocked_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(user_id.0)
        .bind(blocked.0)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// Lifts a block.
pub async fn unblock(conn: &mut PgConnection, user_id: UserId, blocked: UserId) -> StoreResult<()> {
    sqlx::query("DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2")
        .bind(user_id.0)
        .bind(blocked.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether one of the two blocked the other. For a decision, the caller holds both accounts.
pub async fn blocked_either_way(conn: &mut PgConnection, a: UserId, b: UserId) -> StoreResult<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM blocks
             WHERE (user_id = $1 AND blocked_id = $2) OR (user_id = $2 AND blocked_id = $1))",
    )
    .bind(a.0)
    .bind(b.0)
    .fetch_one(conn)
    .await?)
}

/// Whether one of these people blocked the user. For a decision, the caller holds the accounts.
pub async fn blocked_by_any(conn: &mut PgConnection, user_id: UserId, others: &[UserId]) -> StoreResult<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM blocks WHERE blocked_id = $1 AND user_id = ANY ($2))")
        .bind(user_id.0)
        .bind(ids::users(others))
        .fetch_one(conn)
        .await?)
}

/// Makes the direct conversation of the two, if there is one, tell whether one blocked the other. Locks it.
///
/// Answers the conversation.
pub async fn mark_direct(conn: &mut PgConnection, a: UserId, b: UserId) -> StoreResult<Option<ConversationId>> {
    let locked: Option<Uuid> =
        sqlx::query_scalar("SELECT id FROM conversations WHERE direct_key = $1 FOR NO KEY UPDATE")
            .bind(direct_key(a, b))
            .fetch_optional(&mut *conn)
            .await?;
    let Some(conversation) = locked else {
        return Ok(None);
    };
    let blocked = blocked_either_way(&mut *conn, a, b).await?;
    sqlx::query("UPDATE conversations SET blocked = $2, changed_xid = pg_current_xact_id() WHERE id = $1")
        .bind(conversation)
        .bind(blocked)
        .execute(conn)
        .await?;
    Ok(Some(ConversationId(conversation)))
}
