//! Attempts at linking that failed, or did not succeed yet: five within an hour lock an account's linking.

use sotto_protocol::{RendezvousId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::StoreResult;

/// Notes an attempt, once a rendezvous; `reported`: the account's device saw it fail. The caller holds the account.
pub async fn note(
    conn: &mut PgConnection,
    user_id: UserId,
    rendezvous_id: RendezvousId,
    reported: bool,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO link_failures (user_id, rendezvous_id, reported, failed_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, rendezvous_id) DO UPDATE SET reported = link_failures.reported OR $3",
    )
    .bind(user_id.0)
    .bind(rendezvous_id.0)
    .bind(reported)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// When the newest ones were, newest first, at most `limit`.
pub async fn newest(conn: &mut PgConnection, user_id: UserId, limit: i64) -> StoreResult<Vec<OffsetDateTime>> {
    Ok(sqlx::query_scalar("SELECT failed_at FROM link_failures WHERE user_id = $1 ORDER BY failed_at DESC LIMIT $2")
        .bind(user_id.0)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// The account lets somebody in: the newest attempt since `since`, if nobody reported it, was none that failed.
pub async fn forgive_newest(conn: &mut PgConnection, user_id: UserId, since: OffsetDateTime) -> StoreResult<()> {
    sqlx::query(
        "DELETE FROM link_failures WHERE user_id = $1 AND rendezvous_id = (
             SELECT rendezvous_id FROM link_failures WHERE user_id = $1 AND failed_at > $2 AND NOT reported
             ORDER BY failed_at DESC LIMIT 1)",
    )
    .bind(user_id.0)
    .bind(since)
    .execute(conn)
    .await?;
    Ok(())
}
