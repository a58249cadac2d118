//! After the database went back in time: no position that a device was told of may stand for something else.

use sqlx::PgConnection;

use crate::StoreResult;

/// More positions than one log or inbox loses with a restore; what JavaScript counts exactly has room for millions of
/// them.
const LEAP: i64 = 1_000_000_000;

/// Gives every log and inbox positions above all that were told before, and makes every sync token void. What waits in
/// inboxes moves with them: devices get it again if they had it, and drop it. Returns how many conversations there are.
pub async fn leap(conn: &mut PgConnection) -> StoreResult<i64> {
    sqlx::query("UPDATE server_state SET database_epoch = gen_random_uuid()").execute(&mut *conn).await?;
    sqlx::query("UPDATE inbox_items SET seq = seq + $1").bind(LEAP).execute(&mut *conn).await?;
    sqlx::query("UPDATE inboxes SET last_seq = last_seq + $1, acked_seq = acked_seq + $1")
        .bind(LEAP)
        .execute(&mut *conn)
        .await?;
    let moved = sqlx::query("UPDATE conversations SET last_seq = last_seq + $1, changed_xid = pg_current_xact_id()");
    Ok(moved.bind(LEAP).execute(conn).await?.rows_affected().cast_signed())
}
