//! Reading the logs of conversations.

use sotto_protocol::{
    Base64Bytes, ConversationId,
    events::{Event, EventBody, GoneReason},
    keys::ALGORITHM_MEGOLM,
    membership::MembershipChange,
    messages::MegolmContent,
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, time_ms};

/// `events.kind`.
pub const MESSAGE: i16 = 1;
/// `events.kind`.
pub const MEMBERSHIP: i16 = 2;
/// `events.kind`.
pub const REMOVAL: i16 = 3;
/// `events.gone`.
pub const EXPIRED: i16 = 2;

/// Columns by name: of a type that sqlx does not know, as `xid8`, each new connection would ask PostgreSQL.
macro_rules! select_events {
    ($from:literal) => {
        concat!(
            "SELECT conversation_id, seq, sender_user_id, sender_device_id, created_at, txn_id, session_id, ciphertext,
                 expires_at, gone, change, target_seq FROM ",
            $from
        )
    };
}

#[derive(FromRow)]
struct EventRow {
    conversation_id: Uuid,
    seq: i64,
    sender_user_id: Uuid,
    sender_device_id: Uuid,
    created_at: OffsetDateTime,
    txn_id: Option<Uuid>,
    session_id: Option<Vec<u8>>,
    ciphertext: Option<Vec<u8>>,
    expires_at: Option<OffsetDateTime>,
    gone: Option<i16>,
    change: Option<Json<MembershipChange>>,
    target_seq: Option<i64>,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        let txn_id = row.txn_id.unwrap_or_default().into();
        let body = match (row.change, row.target_seq, row.session_id, row.ciphertext) {
            (Some(Json(change)), ..) => EventBody::Membership { change },
            (None, Some(target_seq), ..) => EventBody::Removal { target_seq },
            (None, None, Some(session_id), Some(ciphertext)) => EventBody::Message {
                txn_id,
                content: MegolmContent {
                    algorithm: ALGORITHM_MEGOLM.to_owned(),
                    session_id: Base64Bytes(session_id),
                    ciphertext: Base64Bytes(ciphertext),
                },
                expires_at_ms: row.expires_at.map(time_ms),
            },
            _ if row.gone == Some(EXPIRED) => EventBody::Gone { txn_id, reason: GoneReason::Expired },
            _ => EventBody::Gone { txn_id, reason: GoneReason::Removed },
        };
        Self {
            conversation_id: row.conversation_id.into(),
            seq: row.seq,
            sender_user_id: row.sender_user_id.into(),
            sender_device_id: row.sender_device_id.into(),
            created_at_ms: time_ms(row.created_at),
            body,
        }
    }
}

/// Events after a position, ascending.
pub async fn after(
    conn: &mut PgConnection,
    conversation_id: ConversationId,
    seq: i64,
    limit: i64,
) -> StoreResult<Vec<Event>> {
    let rows: Vec<EventRow> =
        sqlx::query_as(select_events!("events WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"))
            .bind(conversation_id.0)
            .bind(seq)
            .bind(limit)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}

/// The newest events before a position and not before `start`, ascending.
pub async fn before(
    conn: &mut PgConnection,
    conversation_id: ConversationId,
    seq: i64,
    start: i64,
    limit: i64,
) -> StoreResult<Vec<Event>> {
    let rows: Vec<EventRow> = sqlx::query_as(select_events!(
        "events WHERE conversation_id = $1 AND seq < $2 AND seq >= $3 ORDER BY seq DESC LIMIT $4"
    ))
    .bind(conversation_id.0)
    .bind(seq)
    .bind(start)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().rev().map(Event::from).collect())
}

/// The newest events that were written by transactions from `since` on, not before `start`, ascending.
pub async fn changed_since(
    conn: &mut PgConnection,
    conversation_id: ConversationId,
    since: Option<&str>,
    start: i64,
    limit: i64,
) -> StoreResult<Vec<Event>> {
    let rows: Vec<EventRow> = sqlx::query_as(select_events!(
        "(SELECT * FROM events WHERE conversation_id = $1 AND seq >= $2 ORDER BY seq DESC LIMIT $3) newest
         WHERE xid >= $4::xid8 ORDER BY seq"
    ))
    .bind(conversation_id.0)
    .bind(start)
    .bind(limit)
    .bind(since.unwrap_or("0"))
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Event::from).collect())
}
