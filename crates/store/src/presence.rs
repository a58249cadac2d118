//! Who may see whether somebody is there.

use sotto_protocol::{ConversationId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// Whether the person shows typing in this conversation: it is in and has accepted.
pub async fn shows_in(conn: &mut PgConnection, conversation_id: ConversationId, user_id: UserId) -> StoreResult<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM members m JOIN conversations c ON c.id = m.conversation_id
             WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_at IS NULL AND m.state = 'joined'
                 AND NOT c.blocked)",
    )
    .bind(conversation_id.0)
    .bind(user_id.0)
    .fetch_one(conn)
    .await?)
}

/// Those of these people whose presence the viewer may see, with when each was last there: both accepted a
/// conversation that they share, neither hides receipts, neither blocked the other.
pub async fn visible(
    conn: &mut PgConnection,
    viewer: UserId,
    users: &[UserId],
) -> StoreResult<Vec<(UserId, Option<OffsetDateTime>)>> {
    let found: Vec<(Uuid, Option<OffsetDateTime>)> = sqlx::query_as(
        "SELECT u.id, (SELECT max((SELECT l.at FROM last_seen l WHERE l.device_id = d.id))
             FROM devices d WHERE d.user_id = u.id AND d.revoked_at IS NULL)
         FROM users u
         WHERE u.id = ANY ($2) AND u.deleted_at IS NULL AND NOT u.private_receipts
             AND NOT (SELECT v.private_receipts FROM users v WHERE v.id = $1)
             AND NOT EXISTS (SELECT 1 FROM blocks b
                 WHERE (b.user_id = $1 AND b.blocked_id = u.id) OR (b.user_id = u.id AND b.blocked_id = $1))
             AND EXISTS (SELECT 1 FROM members mine
                 JOIN members theirs ON theirs.conversation_id = mine.conversation_id AND theirs.user_id = u.id
                     AND theirs.left_at IS NULL AND theirs.state = 'joined'
                 WHERE mine.user_id = $1 AND mine.left_at IS NULL AND mine.state = 'joined')",
    )
    .bind(viewer.0)
    .bind(ids::users(users))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(|(id, seen)| (UserId(id), seen)).collect())
}
