//! Replacing an account's identity.

use sotto_protocol::{
    UserId,
    keys::{CrossSigningKey, DeviceKeys},
};
use sqlx::{PgConnection, types::Json};

use crate::StoreResult;

/// Replaces the account's keys and forgets its device list, whose entries the old keys signed; the caller appends entry 1
/// of the new one. It holds the account and has bumped its rosters.
pub async fn replace(
    conn: &mut PgConnection,
    user_id: UserId,
    master_key: &CrossSigningKey,
    self_signing_key: &CrossSigningKey,
) -> StoreResult<()> {
    sqlx::query("UPDATE users SET master_key = $2, self_signing_key = $3 WHERE id = $1")
        .bind(user_id.0)
        .bind(Json(master_key))
        .bind(Json(self_signing_key))
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM device_lists WHERE user_id = $1").bind(user_id.0).execute(conn).await?;
    Ok(())
}

/// Replaces the signatures of a device's keys.
pub async fn certify_again(conn: &mut PgConnection, keys: &DeviceKeys) -> StoreResult<()> {
    sqlx::query("UPDATE devices SET device_keys = $2 WHERE id = $1")
        .bind(keys.device_id.0)
        .bind(Json(keys))
        .execute(conn)
        .await?;
    Ok(())
}
