//! The signed device list of each account, and the identity that it is part of.

use std::collections::BTreeMap;

use sotto_protocol::{
    UserId,
    keys::{CrossSigningKey, DeviceKeys, DeviceList, UserIdentity},
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// The newest entry. The caller holds the account's row when it decides on it.
pub async fn head(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Option<DeviceList>> {
    let entry: Option<Json<DeviceList>> = sqlx::query_scalar(
        "SELECT l.entry FROM device_lists l JOIN users u ON u.id = l.user_id AND u.list_version = l.version
         WHERE u.id = $1",
    )
    .bind(user_id.0)
    .fetch_optional(conn)
    .await?;
    Ok(entry.map(|Json(entry)| entry))
}

/// Makes a verified entry the head.
pub async fn append(conn: &mut PgConnection, entry: &DeviceList, hash: &str, now: OffsetDateTime) -> StoreResult<()> {
    sqlx::query("INSERT INTO device_lists (user_id, version, entry, hash, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(entry.user_id.0)
        .bind(entry.version)
        .bind(Json(entry))
        .bind(hash)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("UPDATE users SET list_version = $2, list_hash = $3 WHERE id = $1")
        .bind(entry.user_id.0)
        .bind(entry.version)
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Identities of these accounts, ordered by id, with the list entries after the version named for each.
///
/// Accounts that don't exist are absent. Reads the three tables in one snapshot only inside a transaction that holds
/// the accounts; otherwise keys may be newer than the list, which a client repairs by asking again.
pub async fn identities(conn: &mut PgConnection, known: &[(UserId, i64)]) -> StoreResult<Vec<UserIdentity>> {
    let users: Vec<Uuid> = known.iter().map(|(user, _)| user.0).collect();
    let versions: Vec<i64> = known.iter().map(|(_, version)| *version).collect();
    let rows: Vec<(Uuid, Json<CrossSigningKey>, Json<CrossSigningKey>)> =
        sqlx::query_as("SELECT id, master_key, self_signing_key FROM users WHERE id = ANY ($1) AND deleted_at IS NULL")
            .bind(&users)
            .fetch_all(&mut *conn)
            .await?;
    let mut found: BTreeMap<Uuid, UserIdentity> = rows
        .into_iter()
        .map(|(id, Json(master_key), Json(self_signing_key))| {
            let user_id = UserId(id);
            (id, UserIdentity { user_id, master_key, self_signing_key, lists: Vec::new(), device_keys: Vec::new() })
        })
        .collect();
    let keys: Vec<(Uuid, Json<DeviceKeys>)> = sqlx::query_as(
        "SELECT user_id, device_keys FROM devices
         WHERE user_id = ANY ($1) AND verified AND revoked_at IS NULL ORDER BY id",
    )
    .bind(&users)
    .fetch_all(&mut *conn)
    .await?;
    let entries: Vec<(Uuid, Json<DeviceList>)> = sqlx::query_as(
        "SELECT l.user_id, l.entry FROM unnest($1::uuid[], $2::bigint[]) AS k (user_id, version)
         JOIN device_lists l ON l.user_id = k.user_id AND l.version > k.version ORDER BY l.version",
    )
    .bind(&users)
    .bind(&versions)
    .fetch_all(conn)
    .await?;
    for (user, Json(device_keys)) in keys {
        if let Some(identity) = found.get_mut(&user) {
            identity.device_keys.push(device_keys);
        }
    }
    for (user, Json(entry)) in entries {
        if let Some(identity) = found.get_mut(&user) {
            identity.lists.push(entry);
        }
    }
    Ok(found.into_values().collect())
}

/// One whole identity; see [`identities`].
pub async fn identity(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Option<UserIdentity>> {
    Ok(identities(conn, &[(user_id, 0)]).await?.pop())
}

/// Which of these accounts the account may see keys of: those in a conversation with it, and itself.
pub async fn visible(conn: &mut PgConnection, user_id: UserId, others: &[UserId]) -> StoreResult<Vec<UserId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT o.id FROM unnest($2::uuid[]) AS o (id)
         WHERE o.id = $1 OR EXISTS (
             SELECT 1 FROM members mine JOIN members theirs USING (conversation_id)
             WHERE mine.user_id = $1 AND mine.left_at IS NULL AND theirs.user_id = o.id AND theirs.left_at IS NULL)",
    )
    .bind(user_id.0)
    .bind(ids::users(others))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(UserId).collect())
}
