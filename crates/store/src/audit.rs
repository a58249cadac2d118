//! What was done to an account, for its owner and the operator.

use sotto_protocol::{DeviceId, UserId, audit::AuditEntry};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, time_ms};

#[derive(FromRow)]
struct EntryRow {
    id: i64,
    created_at: OffsetDateTime,
    action: String,
    device_id: Option<Uuid>,
    device_name: Option<String>,
    about_id: Option<Uuid>,
    about_name: Option<String>,
}

/// The account's entries before this one (or all), newest first, at most `limit`. Names are shown of its own devices.
pub async fn page(
    conn: &mut PgConnection,
    user_id: UserId,
    before: Option<i64>,
    limit: i64,
) -> StoreResult<Vec<AuditEntry>> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT a.id, a.created_at, a.action, a.device_id, by.name AS device_name,
             (a.detail ->> 'device_id')::uuid AS about_id, about.name AS about_name
         FROM (SELECT * FROM audit_log WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) a
         LEFT JOIN devices by ON by.id = a.device_id AND by.user_id = $1
         LEFT JOIN devices about ON about.id = (a.detail ->> 'device_id')::uuid AND about.user_id = $1
         ORDER BY a.id DESC",
    )
    .bind(user_id.0)
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    let entry = |row: EntryRow| AuditEntry {
        audit_id: row.id,
        created_at_ms: time_ms(row.created_at),
        action: row.action,
        device_id: row.device_id.map(DeviceId),
        device_name: row.device_name,
        about_device_id: row.about_id.map(DeviceId),
        about_device_name: row.about_name,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// Writes an entry: `action` by `device_id` (if known). `detail` is a JSON object and holds no secrets.
pub async fn record(
    conn: &mut PgConnection,
    user_id: UserId,
    device_id: Option<DeviceId>,
    action: &'static str,
    detail: serde_json::Value,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query("INSERT INTO audit_log (user_id, device_id, action, detail, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(user_id.0)
        .bind(device_id.map(|device| device.0))
        .bind(action)
        .bind(detail)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
