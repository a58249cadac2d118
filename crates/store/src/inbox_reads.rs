//! Reading and acknowledging a device's inbox.

use sotto_protocol::{
    Base64Bytes, DeviceId,
    events::{GapReason, InboxBody, InboxItem},
    keys::ALGORITHM_OLM,
    messages::OlmContent,
};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::{StoreError, StoreResult};

#[derive(FromRow)]
struct ItemRow {
    seq: i64,
    conversation_id: Option<Uuid>,
    sender_user_id: Option<Uuid>,
    sender_device_id: Option<Uuid>,
    message_type: Option<i16>,
    sender_key: Option<Vec<u8>>,
    body: Option<Vec<u8>>,
    dropped: Option<i64>,
    notice: Option<serde_json::Value>,
}

impl TryFrom<ItemRow> for InboxItem {
    type Error = StoreError;

    fn try_from(row: ItemRow) -> Result<Self, StoreError> {
        let sender = row.conversation_id.zip(row.sender_user_id).zip(row.sender_device_id);
        let Some(((conversation_id, user), device)) = sender else {
            let notice = row.notice.unwrap_or_default();
            let body = serde_json::from_value(notice)
                .map_err(|source| StoreError::Corrupt { what: "inbox_items.notice", source })?;
            return Ok(Self { seq: row.seq, body });
        };
        let (conversation_id, sender_user_id, sender_device_id) = (conversation_id.into(), user.into(), device.into());
        let body = match row.dropped {
            Some(dropped) => InboxBody::Gap {
                conversation_id,
                sender_user_id,
                sender_device_id,
                dropped,
                reason: gap_reason(row.notice.as_ref()),
            },
            None => InboxBody::Envelope {
                conversation_id,
                sender_user_id,
                sender_device_id,
                content: OlmContent {
                    algorithm: ALGORITHM_OLM.to_owned(),
                    sender_key: Base64Bytes(row.sender_key.unwrap_or_default()),
                    message_type: row.message_type.and_then(|kind| u8::try_from(kind).ok()).unwrap_or_default(),
                    body: Base64Bytes(row.body.unwrap_or_default()),
                },
            },
        };
        Ok(Self { seq: row.seq, body })
    }
}

fn gap_reason(notice: Option<&serde_json::Value>) -> GapReason {
    let full = notice.and_then(|notice| notice.get("inbox_full")).and_then(serde_json::Value::as_bool);
    if full == Some(true) { GapReason::InboxFull } else { GapReason::SenderQuota }
}

/// Items after a position, ascending.
pub async fn page(conn: &mut PgConnection, device_id: DeviceId, seq: i64, limit: i64) -> StoreResult<Vec<InboxItem>> {
    let rows: Vec<ItemRow> =
        sqlx::query_as("SELECT * FROM inbox_items WHERE device_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
            .bind(device_id.0)
            .bind(seq)
            .bind(limit)
            .fetch_all(conn)
            .await?;
    rows.into_iter().map(InboxItem::try_from).collect()
}

/// Newest position of the inbox; 0 without an inbox.
pub async fn last_seq(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<i64> {
    let last: Option<i64> = sqlx::query_scalar("SELECT last_seq FROM inboxes WHERE device_id = $1")
        .bind(device_id.0)
        .fetch_optional(conn)
        .await?;
    Ok(last.unwrap_or(0))
}

/// Deletes everything up to `seq`, which the device has stored. A position that was never given out deletes nothing
/// beyond what there is. `true`: gaps among it had grown since they were told, and what they grew by is a new item.
pub async fn ack(conn: &mut PgConnection, device_id: DeviceId, seq: i64) -> StoreResult<bool> {
    // The counter is locked before any item, as senders lock it: the join reads `held` before it finds a row to delete.
    Ok(sqlx::query_scalar(
        "WITH held AS MATERIALIZED (
             SELECT device_id, last_seq, acked_seq FROM inboxes WHERE device_id = $1 FOR NO KEY UPDATE
         ), gone AS (
             DELETE FROM inbox_items it USING held h WHERE it.device_id = h.device_id AND it.seq <= $2
             RETURNING it.*, h.last_seq
         ), rest AS (
             SELECT g.*, g.last_seq + row_number() OVER (ORDER BY g.seq) AS new_seq FROM gone g WHERE g.grown > 0
         ), placed AS (
             INSERT INTO inbox_items (device_id, seq, created_at, conversation_id, sender_user_id, sender_device_id,
                 dropped, notice)
             SELECT device_id, new_seq, created_at, conversation_id, sender_user_id, sender_device_id, grown, notice
             FROM rest
         ), woken AS (
             INSERT INTO wake_outbox (conversation_ids, device_ids)
             SELECT '{}', ARRAY[$1] WHERE EXISTS (SELECT 1 FROM rest)
         ), acked AS (
             UPDATE inboxes i SET acked_seq = greatest(h.acked_seq, least($2, h.last_seq)),
                 last_seq = h.last_seq + (SELECT count(*) FROM rest)
             FROM held h
             WHERE i.device_id = h.device_id AND (h.acked_seq < least($2, h.last_seq) OR EXISTS (SELECT 1 FROM rest))
         )
         SELECT EXISTS (SELECT 1 FROM rest)",
    )
    .bind(device_id.0)
    .bind(seq)
    .fetch_one(conn)
    .await?)
}
