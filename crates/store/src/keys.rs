//! One-time and fallback keys as their owner stores and compares them. Handing them out is [`crate::claims`].

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use sotto_protocol::{
    DeviceId,
    keys::{OneTimeKeys, SignedOneTimeKey},
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;

use crate::StoreResult;

/// What a device has stored, and which of the keys that it uploads were handed out before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredKeys {
    /// Keys that can still be claimed.
    pub one_time: OneTimeKeys,
    /// The fallback key.
    pub fallback: Option<(String, SignedOneTimeKey)>,
    /// Of the hashes asked for, those that are spent.
    pub spent: Vec<Vec<u8>>,
}

/// How a spent key is remembered: the first 16 bytes of SHA-256 over the public key's base64 text.
pub fn spent_hash(key: &SignedOneTimeKey) -> Vec<u8> {
    Sha256::digest(key.key.as_bytes())[..16].to_vec()
}

/// What the device has stored. The caller holds its row.
pub async fn stored(conn: &mut PgConnection, device_id: DeviceId, asked: &[Vec<u8>]) -> StoreResult<StoredKeys> {
    let one_time: Vec<(String, Json<SignedOneTimeKey>)> =
        sqlx::query_as("SELECT key_id, key FROM one_time_keys WHERE device_id = $1")
            .bind(device_id.0)
            .fetch_all(&mut *conn)
            .await?;
    let fallback: Option<(String, Json<SignedOneTimeKey>)> =
        sqlx::query_as("SELECT key_id, key FROM fallback_keys WHERE device_id = $1")
            .bind(device_id.0)
            .fetch_optional(&mut *conn)
            .await?;
    let spent = sqlx::query_scalar("SELECT key_hash FROM spent_keys WHERE device_id = $1 AND key_hash = ANY ($2)")
        .bind(device_id.0)
        .bind(asked)
        .fetch_all(conn)
        .await?;
    Ok(StoredKeys {
        one_time: one_time.into_iter().map(|(id, Json(key))| (id, key)).collect::<BTreeMap<_, _>>(),
        fallback: fallback.map(|(id, Json(key))| (id, key)),
        spent,
    })
}

/// Stores one-time keys; an id that is stored already stays as it is.
pub async fn insert_one_time<'a>(
    conn: &mut PgConnection,
    device_id: DeviceId,
    keys: impl IntoIterator<Item = (&'a String, &'a SignedOneTimeKey)>,
    now: OffsetDateTime,
) -> StoreResult<()> {
    let (ids, keys): (Vec<&str>, Vec<Json<&SignedOneTimeKey>>) =
        keys.into_iter().map(|(id, key)| (id.as_str(), Json(key))).unzip();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO one_time_keys (device_id, key_id, key, uploaded_at)
         SELECT $1, k.id, k.key, $4 FROM unnest($2::text[], $3::jsonb[]) AS k (id, key)
         ON CONFLICT DO NOTHING",
    )
    .bind(device_id.0)
    .bind(&ids)
    .bind(&keys)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces the fallback key. The old one counts as spent: it never comes back.
pub async fn put_fallback(
    conn: &mut PgConnection,
    device_id: DeviceId,
    key_id: &str,
    key: &SignedOneTimeKey,
    now: OffsetDateTime,
) -> StoreResult<()> {
    let before: Option<Json<SignedOneTimeKey>> =
        sqlx::query_scalar("SELECT key FROM fallback_keys WHERE device_id = $1 FOR UPDATE")
            .bind(device_id.0)
            .fetch_optional(&mut *conn)
            .await?;
    if let Some(Json(before)) = before {
        spend(conn, &[(device_id, &before)], now).await?;
    }
    sqlx::query(
        "INSERT INTO fallback_keys (device_id, key_id, key) VALUES ($1, $2, $3)
         ON CONFLICT (device_id) DO UPDATE SET key_id = $2, key = $3, used = false",
    )
    .bind(device_id.0)
    .bind(key_id)
    .bind(Json(key))
    .execute(conn)
    .await?;
    Ok(())
}

/// Remembers keys as spent.
pub async fn spend(
    conn: &mut PgConnection,
    keys: &[(DeviceId, &SignedOneTimeKey)],
    now: OffsetDateTime,
) -> StoreResult<()> {
    let devices: Vec<_> = keys.iter().map(|(device, _)| device.0).collect();
    let hashes: Vec<_> = keys.iter().map(|(_, key)| spent_hash(key)).collect();
    sqlx::query(
        "INSERT INTO spent_keys (device_id, key_hash, spent_at)
         SELECT k.device_id, k.hash, $3 FROM unnest($1::uuid[], $2::bytea[]) AS k (device_id, hash)
         ON CONFLICT DO NOTHING",
    )
    .bind(&devices)
    .bind(&hashes)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ids of the device's one-time keys.
pub async fn one_time_ids(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<Vec<String>> {
    Ok(sqlx::query_scalar("SELECT key_id FROM one_time_keys WHERE device_id = $1 ORDER BY key_id")
        .bind(device_id.0)
        .fetch_all(conn)
        .await?)
}

/// How many one-time keys the device has stored.
pub async fn count(conn: &mut PgConnection, device_id: DeviceId) -> StoreResult<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM one_time_keys WHERE device_id = $1")
        .bind(device_id.0)
        .fetch_one(conn)
        .await?)
}

/// What a new key epoch voided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct KeyEpoch {
    /// The new epoch; the first is 1.
    pub epoch: i64,
    /// One-time keys that are void.
    pub keys: i64,
    /// Devices whose keys they were.
    pub devices: i64,
}

/// Voids all one-time keys of all devices, after a restore: the digest then tells every device to refill. One statement,
/// so all of it or nothing.
pub async fn bump_epoch(conn: &mut PgConnection, now: OffsetDateTime) -> StoreResult<KeyEpoch> {
    Ok(sqlx::query_as(
        "WITH gone AS (DELETE FROM one_time_keys RETURNING device_id, key),
         spent AS (
             INSERT INTO spent_keys (device_id, key_hash, spent_at)
             SELECT device_id, substring(sha256(convert_to(key ->> 'key', 'UTF8')) for 16), $1 FROM gone
             ON CONFLICT DO NOTHING
         ),
         bumped AS (UPDATE server_state SET key_epoch = key_epoch + 1 RETURNING key_epoch)
         SELECT key_epoch AS epoch, (SELECT count(*) FROM gone) AS keys,
             (SELECT count(DISTINCT device_id) FROM gone) AS devices
         FROM bumped",
    )
    .bind(now)
    .fetch_one(conn)
    .await?)
}
