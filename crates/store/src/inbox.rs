//! Inboxes of devices: their counters, and notices put into them.

use sotto_protocol::{DeviceId, events::InboxBody};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// Gives a new device its inbox; one that it has stays as it is.
pub async fn create(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<()> {
    sqlx::query("INSERT INTO inboxes (device_id) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(device_id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Locks inboxes, ordered by id: all that a transaction will touch, if it touches them in several steps.
pub async fn lock(conn: &mut PgConnection, device_ids: &[DeviceId]) -> StoreResult<()> {
    sqlx::query("SELECT 1 FROM inboxes WHERE device_id = ANY ($1) ORDER BY device_id FOR NO KEY UPDATE")
        .bind(ids::devices(device_ids))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts the same notice into the inboxes of these devices, at each one's next position.
///
/// Devices without an inbox (revoked ones) are passed over.
pub async fn push_notice(
    conn: &mut PgConnection,
    device_ids: &[DeviceId],
    notice: &InboxBody,
    now: OffsetDateTime,
) -> StoreResult<()> {
    let notices: Vec<_> = device_ids.iter().map(|device| (*device, notice.clone())).collect();
    push_notices(conn, &notices, now).await
}

/// Puts each notice into its device's inbox; several for one device keep their order.
pub async fn push_notices(
    conn: &mut PgConnection,
    notices: &[(DeviceId, InboxBody)],
    now: OffsetDateTime,
) -> StoreResult<()> {
    if notices.is_empty() {
        return Ok(());
    }
    let devices: Vec<Uuid> = notices.iter().map(|(device, _)| device.0).collect();
    let bodies: Vec<Json<&InboxBody>> = notices.iter().map(|(_, body)| Json(body)).collect();
    let locked: Vec<DeviceId> = notices.iter().map(|(device, _)| *device).collect();
    lock(conn, &locked).await?;
    sqlx::query(
        "WITH notice AS (
             SELECT n.device_id, n.body, b.last_seq + row_number() OVER (PARTITION BY n.device_id ORDER BY n.i) AS seq
             FROM unnest($1::uuid[], $2::jsonb[]) WITH ORDINALITY AS n (device_id, body, i)
             JOIN inboxes b ON b.device_id = n.device_id
         ), advanced AS (
             UPDATE inboxes b SET last_seq = h.head
             FROM (SELECT device_id, max(seq) AS head FROM notice GROUP BY device_id) h
             WHERE b.device_id = h.device_id
         )
         INSERT INTO inbox_items (device_id, seq, created_at, notice) SELECT device_id, seq, $3, body FROM notice",
    )
    .bind(&devices)
    .bind(&bodies)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Destroys inboxes with everything in them. Answers how many items went.
pub async fn destroy(conn: &mut PgConnection, device_ids: &[DeviceId]) -> StoreResult<i64> {
    let devices = ids::devices(device_ids);
    // The counter first: a sender that waits for it finds no inbox afterwards, so nothing is left behind.
    sqlx::query("SELECT 1 FROM inboxes WHERE device_id = ANY ($1) ORDER BY device_id FOR UPDATE")
        .bind(&devices)
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM inboxes WHERE device_id = ANY ($1)").bind(&devices).execute(&mut *conn).await?;
    let items = sqlx::query("DELETE FROM inbox_items WHERE device_id = ANY ($1)").bind(&devices).execute(conn).await?;
    Ok(items.rows_affected().cast_signed())
}

/// Newest position of each inbox.
pub async fn heads(conn: &mut PgConnection, device_ids: &[DeviceId]) -> StoreResult<Vec<(DeviceId, i64)>> {
    let heads: Vec<(Uuid, i64)> = sqlx::query_as("SELECT device_id, last_seq FROM inboxes WHERE device_id = ANY ($1)")
        .bind(ids::devices(device_ids))
        .fetch_all(conn)
        .await?;
    Ok(heads.into_iter().map(|(id, seq)| (DeviceId(id), seq)).collect())
}
