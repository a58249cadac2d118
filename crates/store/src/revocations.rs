//! Ending devices, and the feed by which every node learns of it: gapless, in the order of commits.

use sotto_protocol::{DeviceId, UserId};
use sqlx::{PgConnection, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, inbox};

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
    /// Tokens before this generation are void; [`REVOKED`] for a device that is out for good.
    pub before_generation: i32,
}

/// No token has this generation.
pub const REVOKED: i32 = i32::MAX;

/// Entries after `after`, not older than `since`, in order, at most 1,000.
pub async fn read(conn: &mut PgConnection, after: i64, since: OffsetDateTime) -> StoreResult<Vec<Revocation>> {
    let rows = sqlx::query(
        "SELECT seq, user_id, device_id, revoked_at, before_generation FROM revocations
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
                before_generation: row.try_get("before_generation")?,
            })
        })
        .collect()
}

/// What was destroyed with a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    /// One-time keys.
    pub one_time_keys: i64,
    /// Fallback keys: one or none.
    pub fallback_keys: i64,
    /// Refresh tokens, used ones among them.
    pub refresh_tokens: i64,
    /// Envelopes and notices.
    pub inbox_items: i64,
}

/// Marks a device revoked and destroys its tokens, grants, keys and inbox.
///
/// The caller holds the account's row and, for a verified device, has bumped its rosters: conversations come before
/// inboxes in the lock order.
pub async fn end_device(conn: &mut PgConnection, device_id: DeviceId, now: OffsetDateTime) -> StoreResult<Destroyed> {
    // First: an upload of keys that waits for the row finds it revoked, so nothing is left behind.
    sqlx::query("UPDATE devices SET revoked_at = $2, token_generation = token_generation + 1 WHERE id = $1")
        .bind(device_id.0)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    let mut gone = [0; 7];
    for (gone, statement) in gone.iter_mut().zip([
        "DELETE FROM refresh_tokens WHERE device_id = $1",
        "DELETE FROM fallback_keys WHERE device_id = $1",
        "DELETE FROM one_time_keys WHERE device_id = $1",
        "DELETE FROM link_grants WHERE (created_by = $1 OR device_id = $1) AND completed_at IS NULL",
        "DELETE FROM key_claims WHERE device_id = $1 OR claimer_device_id = $1",
        "DELETE FROM histories WHERE created_by = $1",
        "DELETE FROM last_seen WHERE device_id = $1",
    ]) {
        let deleted = sqlx::query(statement).bind(device_id.0).execute(&mut *conn).await?;
        *gone = deleted.rows_affected().cast_signed();
    }
    let [refresh_tokens, fallback_keys, one_time_keys, ..] = gone;
    let inbox_items = inbox::destroy(conn, &[device_id]).await?;
    Ok(Destroyed { one_time_keys, fallback_keys, refresh_tokens, inbox_items })
}

/// Adds a device to the feed and answers its position. The last lock of a transaction: all revocations wait for it.
pub async fn record(
    conn: &mut PgConnection,
    user_id: UserId,
    device_id: DeviceId,
    now: OffsetDateTime,
) -> StoreResult<i64> {
    record_before(conn, user_id, device_id, REVOKED, now).await
}

/// Adds to the feed that tokens of a device before this generation are void; the device may sign in again.
pub async fn record_before(
    conn: &mut PgConnection,
    user_id: UserId,
    device_id: DeviceId,
    before_generation: i32,
    now: OffsetDateTime,
) -> StoreResult<i64> {
    let seq: i64 =
        sqlx::query_scalar("UPDATE server_state SET revocation_seq = revocation_seq + 1 RETURNING revocation_seq")
            .fetch_one(&mut *conn)
            .await?;
    sqlx::query(
        "INSERT INTO revocations (seq, user_id, device_id, revoked_at, before_generation) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(seq)
    .bind(user_id.0)
    .bind(device_id.0)
    .bind(now)
    .bind(before_generation)
    .execute(conn)
    .await?;
    Ok(seq)
}
