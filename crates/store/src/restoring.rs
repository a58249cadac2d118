//! After the database went back in time: no position that a device was told of may stand for something else.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{StoreResult, time_ms};

/// Gives every log, inbox and roster numbers above all that were told before, and makes every sync token void. What waits
/// in inboxes moves with them: devices get it again if they had it, and drop it. Returns how many conversations there are.
///
/// The leap is the moment in Unix milliseconds: above what any log grows by from one restore to the next (it takes fewer
/// than a thousand messages a second), also when the same dump is restored twice; what JavaScript counts exactly has room
/// for five thousand of them.
pub async fn leap(conn: &mut PgConnection, now: OffsetDateTime) -> StoreResult<i64> {
    // In the order in which everybody locks them.
    let moved = sqlx::query(
        "UPDATE conversations SET last_seq = last_seq + $1, roster_version = roster_version + $1,
             changed_xid = pg_current_xact_id()",
    );
    let moved = moved.bind(time_ms(now)).execute(&mut *conn).await?.rows_affected();
    for statement in [
        "UPDATE inboxes SET last_seq = last_seq + $1, acked_seq = acked_seq + $1",
        "UPDATE inbox_items SET seq = seq + $1",
    ] {
        sqlx::query(statement).bind(time_ms(now)).execute(&mut *conn).await?;
    }
    sqlx::query("UPDATE server_state SET database_epoch = gen_random_uuid()").execute(conn).await?;
    Ok(moved.cast_signed())
}
