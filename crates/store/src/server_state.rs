//! The one row of facts about this database.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::StoreResult;

/// Names this database; a restored copy that is bumped gets another one.
pub async fn database_epoch(conn: &mut PgConnection) -> StoreResult<Uuid> {
    Ok(sqlx::query_scalar("SELECT database_epoch FROM server_state").fetch_one(conn).await?)
}
