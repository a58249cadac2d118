//! When devices were last connected, to the minute.

use std::collections::HashMap;

use sotto_protocol::DeviceId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, ids, revocations};

/// Notes that each of these devices, named once, was there at its time. An earlier minute changes nothing, nor does a
/// device that is revoked or unknown.
pub async fn note(conn: &mut PgConnection, seen: &[(DeviceId, OffsetDateTime)]) -> StoreResult<()> {
    let (devices, times): (Vec<Uuid>, Vec<OffsetDateTime>) = seen.iter().map(|(id, at)| (id.0, *at)).unzip();
    // A scalar sub-query and not a join, which the planner may answer by reading all devices: docs/adr/0013.
    sqlx::query(
        "INSERT INTO last_seen AS l (device_id, at)
         SELECT s.id, date_trunc('minute', s.at) FROM unnest($1::uuid[], $2::timestamptz[]) AS s (id, at)
         WHERE (SELECT d.revoked_at IS NULL FROM devices d WHERE d.id = s.id)
         ORDER BY s.id
         ON CONFLICT (device_id) DO UPDATE SET at = excluded.at WHERE l.at < excluded.at",
    )
    .bind(devices)
    .bind(times)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes what was noted while its device was being revoked.
pub async fn prune(conn: &mut PgConnection) -> StoreResult<()> {
    sqlx::query(
        "DELETE FROM last_seen WHERE device_id = ANY (ARRAY (
             SELECT device_id FROM revocations WHERE before_generation = $1 ORDER BY seq DESC LIMIT 1000))",
    )
    .bind(revocations::REVOKED)
    .execute(conn)
    .await?;
    Ok(())
}

/// When each of these devices was last there; those that never were are left out.
pub async fn get(conn: &mut PgConnection, devices: &[DeviceId]) -> StoreResult<HashMap<DeviceId, OffsetDateTime>> {
    let rows: Vec<(Uuid, OffsetDateTime)> =
        sqlx::query_as("SELECT device_id, at FROM last_seen WHERE device_id = ANY ($1)")
            .bind(ids::devices(devices))
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|(device_id, at)| (DeviceId(device_id), at)).collect())
}
