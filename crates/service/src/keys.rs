//! Keys: uploading, comparing, asking for and claiming them.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use sotto_identity::one_time_keys_digest;
use sotto_protocol::{
    DeviceId, Problem, ProblemCode,
    keys::{
        ClaimKeysRequest, ClaimKeysResponse, ClaimedKey, KeysDigestRequest, KeysDigestResponse, ListedDevice,
        OneTimeKeyCount, QueryKeysRequest, QueryKeysResponse, SignedOneTimeKey, UploadKeysRequest,
    },
    limits::{MAX_CLAIM_DEVICES, MAX_ONE_TIME_KEYS_STORED, MAX_QUERY_USERS},
};
use sotto_store::{
    PgConnection,
    claims::{self, Claim, Claimed},
    devices,
    keys::{self, StoredKeys, spent_hash},
    lists, transaction,
};
use time::{Duration, OffsetDateTime};

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{invalid, refused, uploaded_keys},
    devices::device_key,
    limits::Limit,
    tokens::AccessClaims,
};

/// For this long after its linking everybody needs a key of a device, so it is not counted against the device.
const JUST_LINKED: Duration = Duration::hours(1);

impl Service {
    /// Stores one-time keys and the fallback key, all or nothing.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_key`, `invalid_signature`; `key_conflict` with the ids that are stored, if an id has
    /// other bytes or a key was handed out before; `limit_reached` beyond 100; `device_revoked`.
    pub async fn upload_keys(
        &self,
        caller: &AccessClaims,
        request: &UploadKeysRequest,
    ) -> ServiceResult<OneTimeKeyCount> {
        let device = self.listed(caller).await?;
        uploaded_keys(caller.user_id, &device, &request.one_time_keys, &request.fallback_key)?;
        let one_time_keys =
            transaction!(self.database, "keys.upload", |conn| { self.store_keys(conn, caller, request).await })?;
        Ok(OneTimeKeyCount { one_time_keys })
    }

    async fn store_keys(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        request: &UploadKeysRequest,
    ) -> ServiceResult<i64> {
        let device_id = caller.device_id;
        let device = devices::lock(conn, device_id).await?.filter(|device| device.revoked_at.is_none());
        device.ok_or(ProblemCode::DeviceRevoked)?;
        let uploaded = request.one_time_keys.values().chain(request.fallback_key.values());
        let hashes: Vec<Vec<u8>> = uploaded.map(spent_hash).collect();
        let stored = keys::stored(conn, device_id, &hashes).await?;
        let fresh = fresh_keys(&stored, request)?;
        if stored.one_time.len() + fresh.len() > MAX_ONE_TIME_KEYS_STORED {
            return Err(refused(ProblemCode::LimitReached, "100 one-time keys at most"));
        }
        let now = self.clock.now();
        keys::insert_one_time(conn, device_id, fresh.iter().map(|(id, key)| (*id, *key)), now).await?;
        for (key_id, key) in &request.fallback_key {
            if stored.fallback.as_ref().is_none_or(|(stored_id, _)| stored_id != key_id) {
                keys::put_fallback(conn, device_id, key_id, key, now).await?;
            }
        }
        Ok(i64::try_from(stored.one_time.len() + fresh.len()).unwrap_or(i64::MAX))
    }

    /// Compares the device's outstanding one-time keys with the stored ones.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn compare_keys(
        &self,
        caller: &AccessClaims,
        request: &KeysDigestRequest,
    ) -> ServiceResult<KeysDigestResponse> {
        let key_ids = keys::one_time_ids(&mut *self.database.acquire().await?, caller.device_id).await?;
        let matches = request.digest.0 == one_time_keys_digest(key_ids.iter().map(String::as_str));
        Ok(KeysDigestResponse { matches, key_ids: (!matches).then_some(key_ids) })
    }

    /// Identities of people that the caller shares a conversation with, and its own.
    ///
    /// # Errors
    /// `invalid_request`, `rate_limited`.
    pub async fn query_keys(
        &self,
        caller: &AccessClaims,
        request: &QueryKeysRequest,
    ) -> ServiceResult<QueryKeysResponse> {
        if request.users.len() > MAX_QUERY_USERS {
            return Err(invalid("users: at most 250"));
        }
        let cost = u32::try_from(request.users.len()).unwrap_or(u32::MAX);
        self.limits.take(Limit::KeyQueryUser, caller.user_id.to_string(), cost).await?;
        let asked: Vec<_> = request.users.keys().copied().collect();
        // In one transaction that holds the accounts, so that lists and keys are of one moment.
        transaction!(self.database, "keys.query", |conn| {
            let visible = lists::visible(conn, caller.user_id, &asked).await?;
            let held = sotto_store::accounts::share(conn, &visible).await?;
            let known: Vec<_> = held.iter().map(|user| (*user, request.users[user])).collect();
            Ok(QueryKeysResponse { identities: lists::identities(conn, &known).await? })
        })
    }

    /// Takes a one-time key, or the fallback key, of each device that the caller may write to.
    ///
    /// # Errors
    /// `invalid_request`, `rate_limited`.
    pub async fn claim_keys(
        &self,
        caller: &AccessClaims,
        request: &ClaimKeysRequest,
    ) -> ServiceResult<ClaimKeysResponse> {
        if request.devices.len() > MAX_CLAIM_DEVICES {
            return Err(invalid("devices: at most 500"));
        }
        let cost = u32::try_from(request.devices.len()).unwrap_or(u32::MAX);
        self.limits.take(Limit::ClaimDevice, caller.device_id.to_string(), cost).await?;
        let claim = Claim { claimer: caller.device_id, claim_id: request.claim_id, now: self.clock.now() };
        let mut connection = self.database.acquire().await?;
        let targets = claims::targets(&mut connection, caller.user_id, claim.claimer, &request.devices).await?;
        let mut keys = claims::remembered(&mut connection, claim).await?;
        drop(connection);
        keys.retain(|key| targets.iter().any(|(device, _)| *device == key.device_id));
        let left: Vec<_> =
            targets.into_iter().filter(|(device, _)| keys.iter().all(|key| key.device_id != *device)).collect();
        if !left.is_empty() {
            keys.extend(self.take_keys(claim, &left).await?);
        }
        keys.sort_by_key(|key| key.device_id);
        Ok(ClaimKeysResponse { keys })
    }

    async fn take_keys(&self, claim: Claim, targets: &[(DeviceId, OffsetDateTime)]) -> ServiceResult<Vec<ClaimedKey>> {
        let (allowed, limited) = self.within_limits(claim, targets).await;
        let first = if allowed.is_empty() {
            Claimed::default()
        } else {
            transaction!(self.database, "keys.claim", |conn| {
                Ok::<_, ServiceError>(claims::take(conn, claim, &allowed).await?)
            })?
        };
        self.cluster.wake(&[], &first.notified);
        let mut keys = first.keys;
        let got = |device: &DeviceId| keys.iter().any(|key| key.device_id == *device);
        let waiting: Vec<DeviceId> = allowed.into_iter().filter(|device| !got(device)).collect();
        if !waiting.is_empty() || !limited.is_empty() {
            let second = transaction!(self.database, "keys.claim_rest", |conn| {
                Ok::<_, ServiceError>(claims::take_or_fall_back(conn, claim, &waiting, &limited).await?)
            })?;
            self.cluster.wake(&[], &second.notified);
            keys.extend(second.keys);
        }
        Ok(keys)
    }

    /// Who gets one-time keys, and who the fallback key because too many were taken or nobody counts.
    async fn within_limits(
        &self,
        claim: Claim,
        targets: &[(DeviceId, OffsetDateTime)],
    ) -> (Vec<DeviceId>, Vec<DeviceId>) {
        // All at once, so that they share the connection's round trips.
        let fine = join_all(targets.iter().map(|(device, linked_at)| async move {
            let just_linked = claim.now - *linked_at < JUST_LINKED;
            let pair = format!("{}:{device}", claim.claimer);
            self.limits.counted(Limit::ClaimPair, pair).await
                && (just_linked || self.limits.counted(Limit::ClaimTarget, device.to_string()).await)
        }))
        .await;
        let (allowed, limited): (Vec<_>, Vec<_>) =
            targets.iter().map(|(device, _)| *device).zip(fine).partition(|(_, fine)| *fine);
        let devices = |pairs: Vec<(DeviceId, bool)>| pairs.into_iter().map(|(device, _)| device).collect();
        (devices(allowed), devices(limited))
    }

    /// The calling device as its list names it.
    async fn listed(&self, caller: &AccessClaims) -> ServiceResult<ListedDevice> {
        let row = devices::get(&mut *self.database.acquire().await?, caller.device_id).await?;
        let row = row.filter(|row| row.revoked_at.is_none()).ok_or(ProblemCode::DeviceRevoked)?;
        let ed25519 = device_key(&row).ok_or(ProblemCode::DeviceUnverified)?.to_owned();
        let curve25519 = row.device_keys.as_ref().and_then(|keys| keys.keys.get(&format!("curve25519:{}", row.id)));
        let curve25519 = curve25519.ok_or(ProblemCode::DeviceUnverified)?.clone();
        Ok(ListedDevice { device_id: row.id, ed25519, curve25519 })
    }
}

/// Keys of the request that are not stored yet.
fn fresh_keys<'a>(
    stored: &StoredKeys,
    request: &'a UploadKeysRequest,
) -> ServiceResult<BTreeMap<&'a String, &'a SignedOneTimeKey>> {
    let fallback = stored.fallback.as_ref();
    let mut fresh = BTreeMap::new();
    for (id, key) in &request.one_time_keys {
        match stored.one_time.get(id) {
            Some(known) if known == key => {}
            Some(_) => return Err(conflict(stored, "an id is stored with another key")),
            None if stored.spent.contains(&spent_hash(key)) => return Err(conflict(stored, "a key was spent before")),
            None if holds(stored, key) || fallback.is_some_and(|(_, other)| other.key == key.key) => {
                return Err(conflict(stored, "a key is stored under another id"));
            }
            None => {
                fresh.insert(id, key);
            }
        }
    }
    for (id, key) in &request.fallback_key {
        let known = fallback.filter(|(known_id, _)| known_id == id);
        match known {
            Some((_, known)) if known == key => {}
            Some(_) => return Err(conflict(stored, "the fallback id is stored with another key")),
            None if stored.spent.contains(&spent_hash(key)) || holds(stored, key) => {
                return Err(conflict(stored, "the fallback key was used before"));
            }
            None if fallback.is_some_and(|(_, other)| other.key == key.key) => {
                return Err(conflict(stored, "the fallback key is stored under another id"));
            }
            None => {}
        }
    }
    Ok(fresh)
}

fn holds(stored: &StoredKeys, key: &SignedOneTimeKey) -> bool {
    stored.one_time.values().any(|known| known.key == key.key)
}

fn conflict(stored: &StoredKeys, detail: &str) -> ServiceError {
    let key_ids = Some(stored.one_time.keys().cloned().collect());
    Problem { key_ids, ..Problem::new(ProblemCode::KeyConflict).with_detail(detail) }.into()
}
