//! The roster versions of an account's conversations: they rise with every change of its devices.
//!
//! Whoever changes an account's device list holds its row in `users` FOR NO KEY UPDATE, and whoever puts an account
//! into a conversation holds it FOR SHARE, both before any conversation: so neither misses the other.

use sotto_protocol::{ConversationId, DeviceId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// Raises the roster version of every conversation that the account is in. Locks them, ordered by id.
///
/// Answers each with its new version.
pub async fn bump_rosters(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Vec<(ConversationId, i64)>> {
    let locked: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM conversations
         WHERE id IN (SELECT conversation_id FROM members WHERE user_id = $1 AND left_at IS NULL)
         ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(user_id.0)
    .fetch_all(&mut *conn)
    .await?;
    if locked.is_empty() {
        return Ok(Vec::new());
    }
    // A fresh snapshot: who left while the locks were waited for is not in any more.
    let bumped: Vec<(Uuid, i64)> = sqlx::query_as(
        "WITH bumped AS (
             UPDATE conversations c SET roster_version = roster_version + 1, changed_xid = pg_current_xact_id()
             FROM members m
             WHERE c.id = ANY ($1) AND m.conversation_id = c.id AND m.user_id = $2 AND m.left_at IS NULL
             RETURNING c.id, c.roster_version
         ), noted AS (
             UPDATE members m SET roster_changed_version = b.roster_version, changed_xid = pg_current_xact_id()
             FROM bumped b WHERE m.conversation_id = b.id AND m.user_id = $2
         )
         SELECT id, roster_version FROM bumped ORDER BY id",
    )
    .bind(&locked)
    .bind(user_id.0)
    .fetch_all(conn)
    .await?;
    Ok(bumped.into_iter().map(|(id, version)| (ConversationId(id), version)).collect())
}

/// Notes that a device starts behind the newest event of each conversation. The caller holds their locks.
pub async fn start_device(
    conn: &mut PgConnection,
    device_id: DeviceId,
    conversations: &[ConversationId],
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO device_starts (conversation_id, device_id, start_seq)
         SELECT id, $2, last_seq + 1 FROM conversations WHERE id = ANY ($1)",
    )
    .bind(ids::conversations(conversations))
    .bind(device_id.0)
    .execute(conn)
    .await?;
    Ok(())
}
