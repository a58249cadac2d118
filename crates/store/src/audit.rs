//! What was done to an account, for its owner and the operator.

use sotto_protocol::{DeviceId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::StoreResult;

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
