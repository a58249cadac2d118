//! Delivered and read marks: they only rise.

use sotto_protocol::{ConversationId, UserId, conversations::MemberMarks};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreResult;

/// Marks to be raised.
#[derive(Clone, Copy, Debug)]
pub struct Raise {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The member.
    pub user_id: UserId,
    /// 0: not raised.
    pub read_seq: i64,
    /// 0: not raised.
    pub delivered_seq: i64,
}

/// Marks that rose.
#[derive(Clone, Copy, Debug)]
pub struct Raised {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The member.
    pub user_id: UserId,
    /// As stored now.
    pub read_seq: i64,
    /// As stored now.
    pub delivered_seq: i64,
    /// The member shows its marks: it accepted the conversation and does not hide receipts.
    pub visible: bool,
}

/// Raises marks in one statement; answers those that rose. Never above the end of the log, never of somebody who is
/// not in.
///
/// The caller orders `raises` by (conversation, user) and names none twice.
pub async fn raise(conn: &mut PgConnection, raises: &[Raise]) -> StoreResult<Vec<Raised>> {
    let rows: Vec<(Uuid, Uuid, i64, i64, bool)> = sqlx::query_as(
        "INSERT INTO marks AS k (conversation_id, user_id, read_seq, delivered_seq)
         SELECT w.conversation_id, w.user_id, greatest(least(w.read_seq, c.last_seq), 0),
             greatest(least(w.delivered_seq, c.last_seq), 0)
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
             AS w (conversation_id, user_id, read_seq, delivered_seq)
         -- What another device of the member brought already is neither written again nor looked into further.
         LEFT JOIN LATERAL (
             SELECT delivered_seq, read_seq FROM marks WHERE conversation_id = w.conversation_id AND user_id = w.user_id
             LIMIT 1) known ON true
         CROSS JOIN LATERAL (SELECT last_seq FROM conversations WHERE id = w.conversation_id LIMIT 1) c
         CROSS JOIN LATERAL (
             SELECT FROM members WHERE conversation_id = w.conversation_id AND user_id = w.user_id AND left_at IS NULL
             LIMIT 1) m
         WHERE c.last_seq > 0
             AND (w.read_seq > coalesce(known.read_seq, 0) OR w.delivered_seq > coalesce(known.delivered_seq, 0))
         ON CONFLICT (conversation_id, user_id) DO UPDATE
         SET read_seq = greatest(k.read_seq, excluded.read_seq),
             delivered_seq = greatest(k.delivered_seq, excluded.delivered_seq),
             changed_xid = pg_current_xact_id()
         WHERE k.read_seq < excluded.read_seq OR k.delivered_seq < excluded.delivered_seq
         RETURNING k.conversation_id, k.user_id, k.read_seq, k.delivered_seq, coalesce((
             SELECT m.state = 'joined' AND NOT (SELECT u.private_receipts FROM users u WHERE u.id = m.user_id)
             FROM members m WHERE m.conversation_id = k.conversation_id AND m.user_id = k.user_id), false)",
    )
    .bind(raises.iter().map(|raise| raise.conversation_id.0).collect::<Vec<_>>())
    .bind(raises.iter().map(|raise| raise.user_id.0).collect::<Vec<_>>())
    .bind(raises.iter().map(|raise| raise.read_seq).collect::<Vec<_>>())
    .bind(raises.iter().map(|raise| raise.delivered_seq).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(conversation_id, user_id, read_seq, delivered_seq, visible)| Raised {
            conversation_id: conversation_id.into(),
            user_id: user_id.into(),
            read_seq,
            delivered_seq,
            visible,
        })
        .collect())
}

/// Lets marks that nobody saw before be found as changed; answers them, with whether others may see them now.
pub async fn reveal(
    conn: &mut PgConnection,
    conversation_id: ConversationId,
    user_id: UserId,
) -> StoreResult<Option<Raised>> {
    let row: Option<(i64, i64, bool)> = sqlx::query_as(
        "UPDATE marks k SET changed_xid = pg_current_xact_id()
         FROM members m JOIN users u ON u.id = m.user_id
         WHERE k.conversation_id = $1 AND k.user_id = $2 AND m.conversation_id = $1 AND m.user_id = $2
         RETURNING k.read_seq, k.delivered_seq, m.left_at IS NULL AND m.state = 'joined' AND NOT u.private_receipts",
    )
    .bind(conversation_id.0)
    .bind(user_id.0)
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|(read_seq, delivered_seq, visible)| Raised {
        conversation_id,
        user_id,
        read_seq,
        delivered_seq,
        visible,
    }))
}

/// Marks of a conversation that rose in transactions from `since` on, as far as the viewer may see them: always its
/// own; those of others when they show them and the viewer does not hide its own.
pub async fn changed_since(
    conn: &mut PgConnection,
    conversation_id: ConversationId,
    viewer: UserId,
    since: Option<&str>,
) -> StoreResult<Vec<MemberMarks>> {
    let rows: Vec<(Uuid, i64, i64)> = sqlx::query_as(
        "SELECT k.user_id, k.delivered_seq, k.read_seq
         FROM marks k
         JOIN members m ON m.conversation_id = k.conversation_id AND m.user_id = k.user_id AND m.left_at IS NULL
         JOIN users u ON u.id = k.user_id
         WHERE k.conversation_id = $1 AND k.changed_xid >= $3::xid8
             AND (k.user_id = $2 OR (m.state = 'joined' AND NOT u.private_receipts
                 AND NOT (SELECT v.private_receipts FROM users v WHERE v.id = $2)))
         ORDER BY k.user_id",
    )
    .bind(conversation_id.0)
    .bind(viewer.0)
    .bind(since.unwrap_or("0"))
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(user_id, delivered_seq, read_seq)| MemberMarks { user_id: user_id.into(), delivered_seq, read_seq })
        .collect())
}
