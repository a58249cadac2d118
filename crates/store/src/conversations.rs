//! Reading conversations as one of their members sees them.

use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    conversations::{Conversation, Member, MemberState},
    membership::{ConversationKind, MembershipChange, Role},
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, Text, ids, time_ms};

#[derive(FromRow)]
struct ConversationRow {
    id: Uuid,
    kind: Text<ConversationKind>,
    state: Text<MemberState>,
    role: Text<Role>,
    last_seq: i64,
    start_seq: i64,
    read_seq: i64,
    roster_version: i64,
    membership_index: i64,
    retention_ms: Option<i64>,
    created_at: OffsetDateTime,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            conversation_id: row.id.into(),
            kind: row.kind.0,
            state: row.state.0,
            role: row.role.0,
            last_seq: row.last_seq,
            start_seq: row.start_seq,
            read_seq: row.read_seq,
            roster_version: row.roster_version,
            membership_index: row.membership_index,
            retention_ms: row.retention_ms,
            created_at_ms: time_ms(row.created_at),
        }
    }
}

/// `$1` the user, `$2` the device.
macro_rules! seen_by {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.kind, m.state, m.role, c.last_seq,
                 greatest(m.start_seq, coalesce(s.start_seq, 0)) AS start_seq, coalesce(k.read_seq, 0) AS read_seq,
                 c.roster_version, c.membership_index, c.retention_ms, c.created_at
             FROM members m
             JOIN conversations c ON c.id = m.conversation_id
             LEFT JOIN device_starts s ON s.conversation_id = c.id AND s.device_id = $2
             LEFT JOIN marks k ON k.conversation_id = c.id AND k.user_id = $1
             WHERE m.user_id = $1 AND m.left_at IS NULL ",
            $rest
        )
    };
}

/// One conversation; `None` when the user is not in it.
pub async fn get(
    conn: &mut PgConnection,
    id: ConversationId,
    user_id: UserId,
    device_id: DeviceId,
) -> StoreResult<Option<Conversation>> {
    let row: Option<ConversationRow> = sqlx::query_as(seen_by!("AND c.id = $3"))
        .bind(user_id.0)
        .bind(device_id.0)
        .bind(id.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(Conversation::from))
}

/// A page of the user's conversations after an id, ordered by id; with `since`, only those in which something changed
/// in transactions from there on: events, roster, state, or marks that the user may see (others' marks in conversations
/// of at most 64).
pub async fn sync_page(
    conn: &mut PgConnection,
    user_id: UserId,
    device_id: DeviceId,
    since: Option<&str>,
    after: Option<ConversationId>,
    limit: i64,
) -> StoreResult<Vec<Conversation>> {
    let rows: Vec<ConversationRow> = sqlx::query_as(seen_by!(
        "AND c.id > $3
         AND ($4::xid8 IS NULL OR c.changed_xid >= $4::xid8 OR m.changed_xid >= $4::xid8 OR k.changed_xid >= $4::xid8
             OR ((SELECT count(*) FROM (SELECT 1 FROM marks o WHERE o.conversation_id = c.id LIMIT 65) few) <= 64
                 AND NOT (SELECT v.private_receipts FROM users v WHERE v.id = $1)
                 AND EXISTS (SELECT 1 FROM marks o
                     JOIN members om ON om.conversation_id = c.id AND om.user_id = o.user_id AND om.left_at IS NULL
                         AND om.state = 'joined'
                     JOIN users ou ON ou.id = o.user_id AND NOT ou.private_receipts
                     WHERE o.conversation_id = c.id AND o.changed_xid >= $4::xid8)))
         ORDER BY c.id LIMIT $5"
    ))
    .bind(user_id.0)
    .bind(device_id.0)
    .bind(after.map_or(Uuid::nil(), |id| id.0))
    .bind(since)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Conversation::from).collect())
}

/// Newest position of each log.
pub async fn heads(conn: &mut PgConnection, wanted: &[ConversationId]) -> StoreResult<Vec<(ConversationId, i64)>> {
    let found: Vec<(Uuid, i64)> = sqlx::query_as("SELECT id, last_seq FROM conversations WHERE id = ANY ($1)")
        .bind(ids::conversations(wanted))
        .fetch_all(conn)
        .await?;
    Ok(found.into_iter().map(|(id, seq)| (ConversationId(id), seq)).collect())
}

/// Whether the user is in.
pub async fn is_member(conn: &mut PgConnection, id: ConversationId, user_id: UserId) -> StoreResult<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM members WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL)",
    )
    .bind(id.0)
    .bind(user_id.0)
    .fetch_one(conn)
    .await?)
}

/// The first position that is for this device; `None` when the user is not in.
pub async fn start_seq(
    conn: &mut PgConnection,
    id: ConversationId,
    user_id: UserId,
    device_id: DeviceId,
) -> StoreResult<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT greatest(m.start_seq, coalesce(s.start_seq, 0))
         FROM members m LEFT JOIN device_starts s ON s.conversation_id = m.conversation_id AND s.device_id = $3
         WHERE m.conversation_id = $1 AND m.user_id = $2 AND m.left_at IS NULL",
    )
    .bind(id.0)
    .bind(user_id.0)
    .bind(device_id.0)
    .fetch_optional(conn)
    .await?)
}

type MemberRow = (Uuid, String, Text<Role>, Text<MemberState>, i64, i64);

/// Everybody who is in, ordered by id, each with the roster version at which it last changed.
pub async fn members(conn: &mut PgConnection, id: ConversationId) -> StoreResult<Vec<(Member, i64)>> {
    let rows: Vec<MemberRow> = sqlx::query_as(
        "SELECT u.id, u.username, m.role, m.state, u.list_version, m.roster_changed_version
         FROM members m JOIN users u ON u.id = m.user_id
         WHERE m.conversation_id = $1 AND m.left_at IS NULL ORDER BY u.id",
    )
    .bind(id.0)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(user_id, username, role, state, list_version, changed)| {
            (Member { user_id: user_id.into(), username, role: role.0, state: state.0, list_version }, changed)
        })
        .collect())
}

/// Links of the membership chain after an index, ascending: at most `limit`, and no further one once they have
/// `bytes` of JSON.
pub async fn chain(
    conn: &mut PgConnection,
    id: ConversationId,
    after: i64,
    limit: i64,
    bytes: i64,
) -> StoreResult<Vec<MembershipChange>> {
    let links: Vec<Json<MembershipChange>> = sqlx::query_scalar(
        "SELECT change FROM (
             SELECT change, link, sum(octet_length(change::text)) OVER (ORDER BY link) - octet_length(change::text)
                 AS before
             FROM (SELECT change, (change->>'index')::bigint AS link FROM events
                 WHERE conversation_id = $1 AND kind = 2 AND (change->>'index')::bigint > $2
                 ORDER BY (change->>'index')::bigint LIMIT $3) page
         ) measured
         WHERE before < $4 ORDER BY link",
    )
    .bind(id.0)
    .bind(after)
    .bind(limit)
    .bind(bytes)
    .fetch_all(conn)
    .await?;
    Ok(links.into_iter().map(|Json(link)| link).collect())
}

/// Makes everything that this transaction reads be of one moment, without a lock that senders would wait for. Goes
/// before the transaction's first read; it can't write.
pub async fn freeze(conn: &mut PgConnection) -> StoreResult<()> {
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(conn).await?;
    Ok(())
}

/// The roster version; `None` when the user is not in.
pub async fn roster_version(conn: &mut PgConnection, id: ConversationId, user_id: UserId) -> StoreResult<Option<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT c.roster_version FROM conversations c JOIN members m ON m.conversation_id = c.id
         WHERE c.id = $1 AND m.user_id = $2 AND m.left_at IS NULL",
    )
    .bind(id.0)
    .bind(user_id.0)
    .fetch_optional(conn)
    .await?)
}

/// Index of the newest link of the membership chain.
pub async fn membership_index(conn: &mut PgConnection, id: ConversationId) -> StoreResult<i64> {
    let index = sqlx::query_scalar("SELECT membership_index FROM conversations WHERE id = $1").bind(id.0);
    Ok(index.fetch_one(conn).await?)
}
