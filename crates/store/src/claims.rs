//! Handing out keys: a one-time key exactly once, the fallback key when there is none.
//!
//! Two passes, each a transaction of its own. The first skips keys that another claim is just taking, so it never
//! waits for one; the second waits, in device order and holding nothing else, so claims can't lock each other out.

use sotto_protocol::{
    DeviceId, TxnId, UserId,
    events::InboxBody,
    keys::{ClaimedKey, SignedOneTimeKey},
    limits::ONE_TIME_KEYS_LOW_WATER,
};
use sqlx::{PgConnection, types::Json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{StoreResult, ids, inbox, keys, outbox};

/// How long the same claim gives the same keys.
const CLAIM_REMEMBERED: Duration = Duration::minutes(10);

/// Who claims.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The device that asks.
    pub claimer: DeviceId,
    /// Its idempotency key.
    pub claim_id: TxnId,
    /// When.
    pub now: OffsetDateTime,
}

/// What a pass did.
#[derive(Clone, Debug, Default)]
pub struct Claimed {
    /// The keys, one for each device found.
    pub keys: Vec<ClaimedKey>,
    /// Devices whose inbox got a notice.
    pub notified: Vec<DeviceId>,
}

type KeyRow = (Uuid, String, Json<SignedOneTimeKey>);

/// Which of these devices the account may claim keys of, ordered by id, with the time of their linking: signed, not
/// revoked, and their account in a conversation with it or its own. The claimer itself is not among them.
pub async fn targets(
    conn: &mut PgConnection,
    user_id: UserId,
    claimer: DeviceId,
    devices: &[DeviceId],
) -> StoreResult<Vec<(DeviceId, OffsetDateTime)>> {
    let found: Vec<(Uuid, OffsetDateTime)> = sqlx::query_as(
        "SELECT d.id, d.created_at FROM devices d
         WHERE d.id = ANY ($3) AND d.id <> $2 AND d.verified AND d.revoked_at IS NULL AND (
             d.user_id = $1 OR EXISTS (
                 SELECT 1 FROM members mine JOIN members theirs USING (conversation_id)
                 WHERE mine.user_id = $1 AND mine.left_at IS NULL
                     AND theirs.user_id = d.user_id AND theirs.left_at IS NULL))
         ORDER BY d.id",
    )
    .bind(user_id.0)
    .bind(claimer.0)
    .bind(ids::devices(devices))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(|(id, linked_at)| (DeviceId(id), linked_at)).collect())
}

/// The keys that this very claim was given before.
pub async fn remembered(conn: &mut PgConnection, claim: Claim) -> StoreResult<Vec<ClaimedKey>> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "SELECT device_id, key_id, key FROM key_claims
         WHERE claimer_device_id = $1 AND claim_id = $2 AND created_at > $3",
    )
    .bind(claim.claimer.0)
    .bind(claim.claim_id.0)
    .bind(claim.now - CLAIM_REMEMBERED)
    .fetch_all(conn)
    .await?;
    Ok(claimed(rows))
}

/// First pass: the oldest one-time key of each device that no other claim is taking. `devices` is ordered by id.
pub async fn take(conn: &mut PgConnection, claim: Claim, devices: &[DeviceId]) -> StoreResult<Claimed> {
    let (mut done, left) = begin(conn, claim, devices).await?;
    let rows: Vec<KeyRow> = sqlx::query_as(
        "WITH picked AS MATERIALIZED (
             SELECT t.device_id, k.key_id FROM unnest($1::uuid[]) AS t (device_id) CROSS JOIN LATERAL (
                 SELECT o.key_id FROM one_time_keys o WHERE o.device_id = t.device_id
                 ORDER BY o.uploaded_at, o.key_id LIMIT 1 FOR UPDATE SKIP LOCKED) k
         )
         DELETE FROM one_time_keys o USING picked p WHERE o.device_id = p.device_id AND o.key_id = p.key_id
         RETURNING o.device_id, o.key_id, o.key",
    )
    .bind(&left)
    .fetch_all(&mut *conn)
    .await?;
    finish(conn, claim, &mut done, claimed(rows), Vec::new()).await?;
    Ok(done)
}

/// Second pass: for `waiting` a one-time key that another claim left after all, and the fallback key for those that
/// then have none, and for `limited`. Both are ordered by id.
pub async fn take_or_fall_back(
    conn: &mut PgConnection,
    claim: Claim,
    waiting: &[DeviceId],
    limited: &[DeviceId],
) -> StoreResult<Claimed> {
    let (mut done, waiting) = begin(conn, claim, waiting).await?;
    let (done_limited, limited) = begin(conn, claim, limited).await?;
    done.keys.extend(done_limited.keys);
    let rows: Vec<KeyRow> = sqlx::query_as(
        "WITH picked AS MATERIALIZED (
             SELECT t.device_id, k.key_id FROM unnest($1::uuid[]) AS t (device_id) CROSS JOIN LATERAL (
                 SELECT o.key_id FROM one_time_keys o WHERE o.device_id = t.device_id
                 ORDER BY o.uploaded_at, o.key_id LIMIT 1 FOR UPDATE) k
         )
         DELETE FROM one_time_keys o USING picked p WHERE o.device_id = p.device_id AND o.key_id = p.key_id
         RETURNING o.device_id, o.key_id, o.key",
    )
    .bind(&waiting)
    .fetch_all(&mut *conn)
    .await?;
    let taken = claimed(rows);
    let has_one = |device: &Uuid| taken.iter().any(|key| key.device_id.0 == *device);
    let without: Vec<Uuid> = waiting.iter().chain(&limited).copied().filter(|device| !has_one(device)).collect();
    let fallback: Vec<KeyRow> =
        sqlx::query_as("SELECT device_id, key_id, key FROM fallback_keys WHERE device_id = ANY ($1)")
            .bind(&without)
            .fetch_all(&mut *conn)
            .await?;
    finish(conn, claim, &mut done, taken, claimed(fallback)).await?;
    Ok(done)
}

/// Serialises repetitions of one claim; answers what it was given before and the devices that are left.
async fn begin(conn: &mut PgConnection, claim: Claim, devices: &[DeviceId]) -> StoreResult<(Claimed, Vec<Uuid>)> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1 || $2, 0))")
        .bind(claim.claimer.to_string())
        .bind(claim.claim_id.to_string())
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM key_claims WHERE claimer_device_id = $1 AND claim_id = $2 AND created_at <= $3")
        .bind(claim.claimer.0)
        .bind(claim.claim_id.0)
        .bind(claim.now - CLAIM_REMEMBERED)
        .execute(&mut *conn)
        .await?;
    let mut keys = remembered(conn, claim).await?;
    keys.retain(|key| devices.contains(&key.device_id));
    let left = |device: &&DeviceId| keys.iter().all(|key| key.device_id != **device);
    let left = devices.iter().filter(left).map(|device| device.0).collect();
    Ok((Claimed { keys, notified: Vec::new() }, left))
}

/// Remembers the claim and what it spent, and tells the owners.
async fn finish(
    conn: &mut PgConnection,
    claim: Claim,
    done: &mut Claimed,
    taken: Vec<ClaimedKey>,
    fallback: Vec<ClaimedKey>,
) -> StoreResult<()> {
    let spent: Vec<_> = taken.iter().map(|key| (key.device_id, &key.key)).collect();
    if !spent.is_empty() {
        keys::spend(conn, &spent, claim.now).await?;
    }
    remember(conn, claim, taken.iter().chain(&fallback)).await?;
    let touched: Vec<DeviceId> = taken.iter().chain(&fallback).map(|key| key.device_id).collect();
    inbox::lock(conn, &touched).await?;
    let mut notices = low_water(conn, &taken).await?;
    notices.extend(fallback_used(conn, &fallback).await?);
    if !notices.is_empty() {
        inbox::push_notices(conn, &notices, claim.now).await?;
        done.notified = notices.iter().map(|(device, _)| *device).collect();
        outbox::wake(conn, &[], &done.notified).await?;
    }
    done.keys.extend(taken);
    done.keys.extend(fallback);
    Ok(())
}

async fn remember(
    conn: &mut PgConnection,
    claim: Claim,
    keys: impl Iterator<Item = &ClaimedKey> + Clone,
) -> StoreResult<()> {
    let devices: Vec<Uuid> = keys.clone().map(|key| key.device_id.0).collect();
    let key_ids: Vec<&str> = keys.clone().map(|key| key.key_id.as_str()).collect();
    let keys: Vec<Json<&SignedOneTimeKey>> = keys.map(|key| Json(&key.key)).collect();
    sqlx::query(
        "INSERT INTO key_claims (claimer_device_id, claim_id, device_id, key_id, key, created_at)
         SELECT $1, $2, k.device_id, k.key_id, k.key, $6
         FROM unnest($3::uuid[], $4::text[], $5::jsonb[]) AS k (device_id, key_id, key)",
    )
    .bind(claim.claimer.0)
    .bind(claim.claim_id.0)
    .bind(&devices)
    .bind(&key_ids)
    .bind(&keys)
    .bind(claim.now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notices for the devices that fell to the low-water mark with this claim.
///
/// The caller locked their inboxes, until the commit: so claims of one device are counted one after the other, and
/// exactly one of them sees the mark.
async fn low_water(conn: &mut PgConnection, taken: &[ClaimedKey]) -> StoreResult<Vec<(DeviceId, InboxBody)>> {
    let devices: Vec<Uuid> = taken.iter().map(|key| key.device_id.0).collect();
    let low: Vec<Uuid> = sqlx::query_scalar(
        "SELECT t.device_id FROM unnest($1::uuid[]) AS t (device_id)
         WHERE (SELECT count(*) FROM one_time_keys o WHERE o.device_id = t.device_id) = $2",
    )
    .bind(&devices)
    .bind(ONE_TIME_KEYS_LOW_WATER)
    .fetch_all(conn)
    .await?;
    let notice = |device| (DeviceId(device), InboxBody::OneTimeKeysLow { remaining: ONE_TIME_KEYS_LOW_WATER });
    Ok(low.into_iter().map(notice).collect())
}

/// Notices for the devices whose fallback key is handed out for the first time.
async fn fallback_used(conn: &mut PgConnection, handed: &[ClaimedKey]) -> StoreResult<Vec<(DeviceId, InboxBody)>> {
    if handed.is_empty() {
        return Ok(Vec::new());
    }
    let devices: Vec<Uuid> = handed.iter().map(|key| key.device_id.0).collect();
    let first: Vec<(Uuid, String)> = sqlx::query_as(
        "UPDATE fallback_keys f SET used = true
         FROM (SELECT device_id FROM fallback_keys WHERE device_id = ANY ($1) AND NOT used
             ORDER BY device_id FOR NO KEY UPDATE) l
         WHERE f.device_id = l.device_id RETURNING f.device_id, f.key_id",
    )
    .bind(&devices)
    .fetch_all(conn)
    .await?;
    let notice = |(device, key_id)| (DeviceId(device), InboxBody::FallbackKeyUsed { key_id });
    Ok(first.into_iter().map(notice).collect())
}

fn claimed(rows: Vec<KeyRow>) -> Vec<ClaimedKey> {
    rows.into_iter()
        .map(|(device, key_id, Json(key))| ClaimedKey { device_id: DeviceId(device), key_id, key })
        .collect()
}
