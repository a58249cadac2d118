//! One-time keys under many claimers at once.

use std::collections::{BTreeMap, BTreeSet};

use sotto_protocol::{
    DeviceId, TxnId,
    events::InboxBody,
    keys::{ClaimedKey, OneTimeKeys, SignedOneTimeKey},
};
use sotto_store::{
    Database,
    claims::{self, Claim},
    inbox_reads, keys, transaction,
};
use sqlx::PgPool;
use time::Duration;

use crate::fixture::{Fixture, NOW, uuid};

fn device(n: u128) -> DeviceId {
    DeviceId(uuid(n + 1000))
}

fn key(text: String, fallback: bool) -> SignedOneTimeKey {
    SignedOneTimeKey { key: text, fallback: fallback.then_some(true), signatures: BTreeMap::new() }
}

/// Gives a device `count` one-time keys, in two batches, and a fallback key.
async fn stock(fixture: &Fixture, device: DeviceId, count: usize) {
    let mut conn = fixture.database.acquire().await.unwrap();
    let batch = |ids: std::ops::Range<usize>| -> OneTimeKeys {
        // Later batches have lower ids: the age counts, not the name.
        ids.map(|id| (format!("signed_curve25519:{:04}", count - id), key(format!("{device}-{id}"), false))).collect()
    };
    let (old, new) = (batch(0..count / 2), batch(count / 2..count));
    keys::insert_one_time(&mut conn, device, &old, NOW - Duration::hours(2)).await.unwrap();
    keys::insert_one_time(&mut conn, device, &new, NOW - Duration::hours(1)).await.unwrap();
    let fallback = key(format!("{device}-fallback"), true);
    keys::put_fallback(&mut conn, device, "signed_curve25519:f", &fallback, NOW).await.unwrap();
}

/// Both passes, as the service makes them.
async fn claim(database: &Database, claim: Claim, devices: &[DeviceId]) -> Vec<ClaimedKey> {
    let first = transaction!(database, "test.take", |conn| { claims::take(conn, claim, devices).await });
    let mut got = first.unwrap().keys;
    let missing = |device: &&DeviceId| got.iter().all(|key| key.device_id != **device);
    let waiting: Vec<DeviceId> = devices.iter().filter(missing).copied().collect();
    if !waiting.is_empty() {
        let second =
            transaction!(database, "test.rest", |conn| { claims::take_or_fall_back(conn, claim, &waiting, &[]).await });
        got.extend(second.unwrap().keys);
    }
    got
}

async fn race(fixture: &Fixture, claimers: u128, devices: &[DeviceId]) -> Vec<ClaimedKey> {
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..claimers {
        let (database, devices) = (fixture.database.clone(), devices.to_vec());
        let one = Claim { claimer: DeviceId(uuid(50_000 + n)), claim_id: TxnId(uuid(n)), now: NOW };
        racers.spawn(async move { claim(&database, one, &devices).await });
    }
    racers.join_all().await.into_iter().flatten().collect()
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn two_hundred_claimers_on_fifty_keys_get_each_once(pool: PgPool) {
    let fixture = Fixture::new(pool, 1).await;
    stock(&fixture, device(1), 50).await;
    let got = race(&fixture, 200, &[device(1)]).await;
    assert_eq!(got.len(), 200);
    let (fallback, one_time): (Vec<_>, Vec<_>) = got.iter().partition(|key| key.key.fallback == Some(true));
    assert_eq!((one_time.len(), fallback.len()), (50, 150));
    assert_eq!(one_time.iter().map(|key| &key.key_id).collect::<BTreeSet<_>>().len(), 50);
    assert_eq!(fixture.count("SELECT count(*) FROM one_time_keys").await, 0);
    assert_eq!(fixture.count("SELECT count(*) FROM spent_keys").await, 50);

    let mut conn = fixture.database.acquire().await.unwrap();
    let told = inbox_reads::page(&mut conn, device(1), 0, 200).await.unwrap();
    let told: Vec<InboxBody> = told.into_iter().map(|item| item.body).collect();
    let used = InboxBody::FallbackKeyUsed { key_id: "signed_curve25519:f".into() };
    assert_eq!(told, [InboxBody::OneTimeKeysLow { remaining: 20 }, used]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn claims_of_many_devices_at_once_lock_nobody_out(pool: PgPool) {
    let fixture = Fixture::new(pool, 5).await;
    let devices: Vec<DeviceId> = (1..=5).map(device).collect();
    for device in &devices {
        stock(&fixture, *device, 10).await;
    }
    let got = race(&fixture, 40, &devices).await;
    assert_eq!(got.len(), 200);
    let one_time: BTreeSet<_> =
        got.iter().filter(|key| key.key.fallback.is_none()).map(|key| (key.device_id, &key.key_id)).collect();
    assert_eq!(one_time.len(), 50, "every key, each once");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn the_oldest_batch_goes_first(pool: PgPool) {
    let fixture = Fixture::new(pool, 1).await;
    stock(&fixture, device(1), 4).await;
    let mut order = Vec::new();
    for n in 0..4 {
        let one = Claim { claimer: device(9), claim_id: TxnId(uuid(n)), now: NOW };
        order.extend(claim(&fixture.database, one, &[device(1)]).await.into_iter().map(|key| key.key_id));
    }
    let expected = [3, 4, 1, 2].map(|id| format!("signed_curve25519:{id:04}"));
    assert_eq!(order, expected);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_claim_is_remembered_for_ten_minutes(pool: PgPool) {
    let fixture = Fixture::new(pool, 1).await;
    stock(&fixture, device(1), 4).await;
    let mut one = Claim { claimer: device(9), claim_id: TxnId(uuid(1)), now: NOW };
    let first = claim(&fixture.database, one, &[device(1)]).await;
    one.now = NOW + Duration::seconds(599);
    assert_eq!(claim(&fixture.database, one, &[device(1)]).await, first);
    one.now = NOW + Duration::seconds(600);
    assert_ne!(claim(&fixture.database, one, &[device(1)]).await, first);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_bumped_epoch_voids_every_key_for_ever(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    stock(&fixture, device(1), 3).await;
    let mut conn = fixture.database.acquire().await.unwrap();
    let asked: Vec<Vec<u8>> = (0..3).map(|id| keys::spent_hash(&key(format!("{}-{id}", device(1)), false))).collect();
    assert_eq!(keys::stored(&mut conn, device(1), &asked).await.unwrap().spent.len(), 0);
    let voided = keys::bump_epoch(&mut conn, NOW).await.unwrap();
    assert_eq!((voided.epoch, voided.keys, voided.devices), (2, 3, 1));
    let left = keys::stored(&mut conn, device(1), &asked).await.unwrap();
    assert_eq!((left.one_time.len(), left.spent.len()), (0, 3));
    assert!(left.fallback.is_some());
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_key_that_another_claim_leaves_after_all_is_waited_for(pool: PgPool) {
    let fixture = Fixture::new(pool, 1).await;
    stock(&fixture, device(1), 1).await;
    let mut leaving = fixture.database.begin().await.unwrap();
    let other = Claim { claimer: device(8), claim_id: TxnId(uuid(1)), now: NOW };
    assert_eq!(claims::take(leaving.connection(), other, &[device(1)]).await.unwrap().keys.len(), 1);
    let waiting = tokio::spawn({
        let database = fixture.database.clone();
        async move { claim(&database, Claim { claimer: device(9), ..other }, &[device(1)]).await }
    });
    let blocked =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while fixture.count(blocked).await == 0 {
        assert!(!waiting.is_finished(), "it took the fallback key instead of waiting");
        tokio::task::yield_now().await;
    }
    drop(leaving);
    let got = waiting.await.unwrap();
    assert_eq!(got[0].key.fallback, None);
}
