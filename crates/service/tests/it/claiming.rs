//! Asking for and claiming keys.

use std::collections::{BTreeMap, BTreeSet};

use sotto_protocol::{
    DeviceId, TxnId,
    events::InboxBody,
    keys::{ClaimKeysRequest, ClaimedKey, QueryKeysRequest, UploadKeysRequest},
};
use sotto_service::{Entropy as _, SystemEntropy, tokens::AccessClaims};

use crate::{
    home::{Home, Phone, direct},
    linking::link,
    world::{World, refused},
};

struct Pair {
    world: World,
    ada: Home,
    adas: AccessClaims,
    adas_phone: Phone,
    bob: Home,
    bobs: AccessClaims,
    bobs_phone: Phone,
}

/// Two people with a conversation; the second one's device has `keys` one-time keys.
async fn pair(world: World, keys: usize) -> Pair {
    let (ada, adas_phone, adas) = Home::register(&world, 0).await;
    let (bob, bobs_phone, bobs) = Home::register(&world, keys).await;
    let (adas, bobs) = (world.claims(&adas), world.claims(&bobs));
    direct(&world, (&ada, &adas_phone), &adas, &bob).await;
    Pair { world, ada, adas, adas_phone, bob, bobs, bobs_phone }
}

fn claim(devices: &[DeviceId]) -> ClaimKeysRequest {
    ClaimKeysRequest { claim_id: TxnId(SystemEntropy.uuid()), devices: devices.to_vec() }
}

impl Pair {
    async fn claim(&self) -> ClaimedKey {
        let request = claim(&[self.bobs_phone.device_id]);
        self.world.service.claim_keys(&self.adas, &request).await.unwrap().keys.pop().unwrap()
    }
}

#[tokio::test]
async fn six_one_time_keys_for_a_pair_and_then_the_fallback_key() {
    let pair = pair(World::with_redis().await, 10).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(pair.claim().await.key_id);
    }
    let first: Vec<String> = (0..6).map(|id| format!("signed_curve25519:{id:04}")).collect();
    assert_eq!(ids[..6], first, "the oldest first");
    assert!(ids[6..].iter().all(|id| id == "signed_curve25519:fallback"));
    let used = InboxBody::FallbackKeyUsed { key_id: "signed_curve25519:fallback".into() };
    let told = pair.world.notices(pair.bobs_phone.device_id).await;
    assert_eq!(told.iter().filter(|notice| **notice == used).count(), 1, "told once");
}

#[tokio::test]
async fn without_redis_a_claim_gets_the_fallback_key() {
    let pair = pair(World::new().await, 10).await;
    assert_eq!(pair.claim().await.key_id, "signed_curve25519:fallback");
}

#[tokio::test]
async fn the_same_claim_gives_the_same_keys() {
    let pair = pair(World::with_redis().await, 5).await;
    let request = claim(&[pair.bobs_phone.device_id]);
    let first = pair.world.service.claim_keys(&pair.adas, &request).await.unwrap();
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (service, request, adas) = (pair.world.service.clone(), request.clone(), pair.adas);
        racers.spawn(async move { service.claim_keys(&adas, &request).await.unwrap() });
    }
    assert!(racers.join_all().await.into_iter().all(|again| again == first));
    let other = pair.claim().await;
    assert_ne!(other, first.keys[0]);
}

#[tokio::test]
async fn falling_to_twenty_is_told_once() {
    let pair = pair(World::with_redis().await, 24).await;
    for _ in 0..6 {
        pair.claim().await;
    }
    let low = InboxBody::OneTimeKeysLow { remaining: 20 };
    let told = pair.world.notices(pair.bobs_phone.device_id).await;
    assert_eq!(told.iter().filter(|notice| **notice == low).count(), 1);
}

#[tokio::test]
async fn a_key_handed_out_is_never_stored_again() {
    let pair = pair(World::with_redis().await, 0).await;
    let set = UploadKeysRequest { one_time_keys: pair.bobs_phone.one_time_keys(0, 1), fallback_key: BTreeMap::new() };
    pair.world.service.upload_keys(&pair.bobs, &set).await.unwrap();
    let claimed = pair.claim().await;
    assert_eq!(Some(&claimed.key), set.one_time_keys.get(&claimed.key_id));
    let again = pair.world.service.upload_keys(&pair.bobs, &set).await;
    assert_eq!(refused(again), sotto_protocol::ProblemCode::KeyConflict);
}

#[tokio::test]
async fn strangers_look_like_nobody() {
    let pair = pair(World::with_redis().await, 1).await;
    let (stranger, strangers_phone, strangers) = Home::register(&pair.world, 1).await;
    let nobody = DeviceId(SystemEntropy.uuid());
    let request = claim(&[strangers_phone.device_id, nobody, pair.adas_phone.device_id]);
    assert_eq!(pair.world.service.claim_keys(&pair.adas, &request).await.unwrap().keys, []);

    let users = BTreeMap::from([(stranger.user_id, 0), (pair.bob.user_id, 0), (pair.ada.user_id, 0)]);
    let found = pair.world.service.query_keys(&pair.adas, &QueryKeysRequest { users: users.clone() }).await.unwrap();
    let ids: BTreeSet<_> = found.identities.iter().map(|identity| identity.user_id).collect();
    assert_eq!(ids, BTreeSet::from([pair.ada.user_id, pair.bob.user_id]));
    let theirs = pair.world.claims(&strangers);
    let found = pair.world.service.query_keys(&theirs, &QueryKeysRequest { users }).await.unwrap();
    assert_eq!(found.identities.len(), 1, "only itself");
}

#[tokio::test]
async fn a_query_answers_what_is_new() {
    let mut pair = pair(World::new().await, 1).await;
    let ask = |known| QueryKeysRequest { users: BTreeMap::from([(pair.bob.user_id, known)]) };
    let (old, new) = (ask(1), ask(0));
    let found = pair.world.service.query_keys(&pair.adas, &old).await.unwrap().identities.remove(0);
    assert_eq!((found.lists.len(), found.device_keys.len()), (0, 1));
    link(&pair.world, &mut pair.bob, &pair.bobs_phone, &pair.bobs).await;
    let found = pair.world.service.query_keys(&pair.adas, &old).await.unwrap().identities.remove(0);
    assert_eq!((found.lists, found.device_keys.len()), (vec![pair.bob.list.clone()], 2));
    let found = pair.world.service.query_keys(&pair.adas, &new).await.unwrap().identities.remove(0);
    assert_eq!(found.lists.len(), 2);
}
