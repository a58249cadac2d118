//! The revocation feed: gapless, in the order of commits.

use sotto_protocol::{DeviceId, UserId};
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::StoreResult;

/// A device that lost its access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Position in the feed.
    pub seq: i64,
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// When.
    pub revoked_at: OffsetDateTime,
}

/// Entries after `after`, not older than `since`, in order, at most 1,000.
pub async fn read(conn: &mut PgConnection, after: i64, since: OffsetDateTime) -> StoreResult<Vec<Revocation>> {
    let rows = sqlx::query(
        "SELECT seq, user_id, device_id, revoked_at FROM revocations
         WHERE seq > $1 AND revoked_at >= $2 ORDER BY seq LIMIT 1000",
    )
    .bind(after)
    .bind(since)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Revocation {
                seq: row.try_get("seq")?,
                user_id: row.try_get::<Uuid, _>("user_id")?.into(),
                device_id: row.try_get::<Uuid, _>("device_id")?.into(),
                revoked_at: row.try_get("revoked_at")?,
            })
        })
        .collect()
}
