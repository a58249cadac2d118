//! The outbox of wake-ups: what nodes that missed a publish read instead.

use sotto_protocol::{ConversationId, DeviceId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// Leaves one row that tells which conversations changed and which inboxes grew. Nothing to tell leaves no row.
pub async fn wake(conn: &mut PgConnection, conversations: &[ConversationId], devices: &[DeviceId]) -> StoreResult<()> {
    if conversations.is_empty() && devices.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO wake_outbox (conversation_ids, device_ids) VALUES ($1, $2)")
        .bind(ids::conversations(conversations))
        .bind(ids::devices(devices))
        .execute(conn)
        .await?;
    Ok(())
}

/// What the outbox tells since a position.
#[derive(Debug, Default)]
pub struct Tail {
    /// Conversations that changed, with the newest position of their logs.
    pub conversations: Vec<(ConversationId, i64)>,
    /// Inboxes that grew, with their newest position.
    pub inboxes: Vec<(DeviceId, i64)>,
    /// Rows read.
    pub rows: i64,
    /// Where the next read starts: the oldest transaction that was still open at this read.
    pub position: String,
}

/// The position of a read that starts now.
pub async fn position(conn: &mut PgConnection) -> StoreResult<String> {
    Ok(sqlx::query_scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text").fetch_one(conn).await?)
}

/// Reads every row of transactions from `since` on. Rows come again while an older transaction is open; none is skipped.
pub async fn tail(conn: &mut PgConnection, since: &str) -> StoreResult<Tail> {
    // One statement, so that rows and position are of one snapshot.
    let (position, rows, conversations, devices): (String, i64, Vec<Uuid>, Vec<Uuid>) = sqlx::query_as(
        "WITH row AS (SELECT conversation_ids, device_ids FROM wake_outbox WHERE xid >= $1::xid8)
         SELECT pg_snapshot_xmin(pg_current_snapshot())::text, (SELECT count(*) FROM row),
             array(SELECT DISTINCT unnest(conversation_ids) FROM row),
             array(SELECT DISTINCT unnest(device_ids) FROM row)",
    )
    .bind(since)
    .fetch_one(&mut *conn)
    .await?;
    let heads: Vec<(Uuid, i64)> = sqlx::query_as("SELECT id, last_seq FROM conversations WHERE id = ANY ($1)")
        .bind(&conversations)
        .fetch_all(&mut *conn)
        .await?;
    let devices: Vec<DeviceId> = devices.into_iter().map(DeviceId).collect();
    Ok(Tail {
        conversations: heads.into_iter().map(|(id, seq)| (ConversationId(id), seq)).collect(),
        inboxes: crate::inbox::heads(conn, &devices).await?,
        rows,
        position,
    })
}
