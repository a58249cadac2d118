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

/// The account lets somebody in at the rendezvous whose id has this SHA-256: if nobody reported it, it did not fail.
pub async fn forgive(conn: &mut PgConnection, user_id: UserId, rendezvous_hash: &[u8]) -> StoreResult<()> {
    sqlx::query(
        "DELETE FROM link_failures
         WHERE user_id = $1 AND sha256(uuid_send(rendezvous_id)) = $2 AND NOT reported",
    )
    .bind(user_id.0)
    .bind(rendezvous_hash)
    .execute(conn)
    .await?;
    Ok(())
}
