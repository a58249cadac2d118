//! Uploading and comparing keys.

use std::collections::BTreeMap;

use sotto_identity::one_time_keys_digest;
use sotto_protocol::{
    ProblemCode,
    keys::{KeysDigestRequest, OneTimeKeys, UploadKeysRequest},
};
use sotto_service::tokens::AccessClaims;

use crate::{
    home::{Home, Phone},
    world::{World, refused},
};

fn upload(one_time_keys: OneTimeKeys) -> UploadKeysRequest {
    UploadKeysRequest { one_time_keys, fallback_key: BTreeMap::new() }
}

async fn registered(keys: usize) -> (World, Home, Phone, AccessClaims) {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, keys).await;
    let claims = world.claims(&session);
    (world, home, phone, claims)
}

#[tokio::test]
async fn the_same_keys_again_are_accepted_and_other_bytes_are_not() {
    let (world, _, phone, claims) = registered(2).await;
    let set = upload(phone.one_time_keys(10, 3));
    assert_eq!(world.service.upload_keys(&claims, &set).await.unwrap().one_time_keys, 5);
    assert_eq!(world.service.upload_keys(&claims, &set).await.unwrap().one_time_keys, 5);

    let mut changed = phone.one_time_keys(12, 2);
    let error = world.service.upload_keys(&claims, &upload(changed.clone())).await.unwrap_err().into_problem();
    assert_eq!(error.code, ProblemCode::KeyConflict);
    let ids: Vec<String> = [0, 1, 10, 11, 12].map(|id| format!("signed_curve25519:{id:04}")).into();
    assert_eq!(error.key_ids.unwrap(), ids, "the client can repair");
    changed.retain(|id, _| id.ends_with("13"));
    assert_eq!(world.service.upload_keys(&claims, &upload(changed)).await.unwrap().one_time_keys, 6, "nothing of it");
}

#[tokio::test]
async fn a_key_stands_under_one_id_only() {
    let (world, _, phone, claims) = registered(0).await;
    let key = phone.one_time_key(false);
    let ids = ["signed_curve25519:a".to_owned(), "signed_curve25519:b".to_owned()];
    let twice: OneTimeKeys = ids.iter().map(|id| (id.clone(), key.clone())).collect();
    assert_eq!(refused(world.service.upload_keys(&claims, &upload(twice)).await), ProblemCode::InvalidKey);
    let [first, second] = ids.map(|id| upload(BTreeMap::from([(id, key.clone())])));
    world.service.upload_keys(&claims, &first).await.unwrap();
    assert_eq!(refused(world.service.upload_keys(&claims, &second).await), ProblemCode::KeyConflict);
}

#[tokio::test]
async fn fifty_at_once_and_a_hundred_in_all() {
    let (world, _, phone, claims) = registered(50).await;
    let many = upload(phone.one_time_keys(100, 51));
    assert_eq!(refused(world.service.upload_keys(&claims, &many).await), ProblemCode::InvalidRequest);
    let full = upload(phone.one_time_keys(100, 50));
    assert_eq!(world.service.upload_keys(&claims, &full).await.unwrap().one_time_keys, 100);
    let more = upload(phone.one_time_keys(200, 1));
    assert_eq!(refused(world.service.upload_keys(&claims, &more).await), ProblemCode::LimitReached);
    world.service.upload_keys(&claims, &full).await.unwrap();
}

#[tokio::test]
async fn keys_of_others_and_of_the_other_kind_are_refused() {
    let (world, home, phone, claims) = registered(0).await;
    let foreign = upload(Phone::with_id(home.user_id, phone.device_id).one_time_keys(0, 1));
    assert_eq!(refused(world.service.upload_keys(&claims, &foreign).await), ProblemCode::InvalidSignature);
    let fallback = upload(phone.fallback_key("1"));
    assert_eq!(refused(world.service.upload_keys(&claims, &fallback).await), ProblemCode::InvalidRequest);
    let mut small = phone.one_time_keys(0, 1);
    for key in small.values_mut() {
        key.key = "A".repeat(43);
    }
    assert_eq!(refused(world.service.upload_keys(&claims, &upload(small)).await), ProblemCode::InvalidKey);
    let mut id = phone.one_time_keys(0, 1);
    let key = id.pop_first().unwrap().1;
    let id = upload(BTreeMap::from([("curve25519:AAAA".to_owned(), key)]));
    assert_eq!(refused(world.service.upload_keys(&claims, &id).await), ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn a_fallback_key_is_replaced_and_never_comes_back() {
    let (world, _, phone, claims) = registered(0).await;
    let fallback = |id| UploadKeysRequest { one_time_keys: BTreeMap::new(), fallback_key: phone.fallback_key(id) };
    let first = fallback("f1");
    world.service.upload_keys(&claims, &first).await.unwrap();
    world.service.upload_keys(&claims, &first).await.unwrap();
    assert_eq!(refused(world.service.upload_keys(&claims, &fallback("f1")).await), ProblemCode::KeyConflict);
    world.service.upload_keys(&claims, &fallback("f2")).await.unwrap();
    assert_eq!(refused(world.service.upload_keys(&claims, &first).await), ProblemCode::KeyConflict, "spent");
}

#[tokio::test]
async fn racing_uploads_never_store_more_than_a_hundred() {
    let (world, _, phone, claims) = registered(0).await;
    let mut racers = tokio::task::JoinSet::new();
    for racer in 0..8 {
        let (service, set) = (world.service.clone(), upload(phone.one_time_keys(racer * 50, 50)));
        racers.spawn(async move { service.upload_keys(&claims, &set).await.is_ok() });
    }
    let stored = racers.join_all().await.into_iter().filter(|stored| *stored).count();
    assert_eq!(stored, 2);
}

#[tokio::test]
async fn the_digest_tells_whether_both_sides_hold_the_same() {
    let (world, _, phone, claims) = registered(0).await;
    let set = phone.one_time_keys(0, 4);
    world.service.upload_keys(&claims, &upload(set.clone())).await.unwrap();
    let digest = |ids: &[&str]| KeysDigestRequest { digest: one_time_keys_digest(ids.iter().copied()).to_vec().into() };
    let ids: Vec<&str> = set.keys().map(String::as_str).collect();
    let same = world.service.compare_keys(&claims, &digest(&ids)).await.unwrap();
    assert!(same.matches && same.key_ids.is_none());
    let other = world.service.compare_keys(&claims, &digest(&ids[1..])).await.unwrap();
    assert!(!other.matches);
    assert_eq!(other.key_ids.unwrap(), ids);
}
