//! Listing, renaming, revoking.

use sotto_identity::one_time_keys_digest;
use sotto_protocol::{
    ProblemCode,
    devices::{RenameDeviceRequest, RevokeDeviceRequest},
    events::InboxBody,
    keys::KeysDigestRequest,
};
use sotto_service::tokens::AccessClaims;
use sotto_store::{keys, revocations};

use crate::{
    home::{Home, Phone, direct},
    linking::link,
    world::{World, refused},
};

#[tokio::test]
async fn a_revoked_device_leaves_nothing_behind() {
    let world = World::new().await;
    let (mut ada, phone, session) = Home::register(&world, 0).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let (tablet, linked) = link(&world, &mut ada, &phone, &claims).await;
    let before = world.service.roster(&world.claims(&bobs), id, 0, 0).await.unwrap().roster_version;
    // A notice for the tablet, to be destroyed.
    world.service.login(ada.login()).await.unwrap();

    let entry = ada.next(None, Some(tablet.device_id), &phone);
    let request = RevokeDeviceRequest { device_list: Some(entry.clone()) };
    let receipt = world.service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();
    assert_eq!(
        (
            receipt.list_version,
            receipt.one_time_keys_deleted,
            receipt.inbox_items_deleted,
            receipt.conversations_bumped
        ),
        (3, 5, 1, 1)
    );
    let row = world.row(tablet.device_id).await;
    assert!(row.revoked_at.is_some() && row.token_generation == 1);
    assert!(!world.has_inbox(tablet.device_id).await);
    assert_eq!(world.notices(tablet.device_id).await, []);
    let mut conn = world.service.database.acquire().await.unwrap();
    let left = keys::stored(&mut conn, tablet.device_id, &[]).await.unwrap();
    assert!(left.one_time.is_empty() && left.fallback.is_none());
    drop(conn);
    assert_eq!(refused(world.service.refresh(&linked.tokens.refresh_token).await), ProblemCode::RefreshRejected);
    assert!(world.service.revocations.contains(tablet.device_id, 0), "its access tokens are out at once");
    let outcast = world.claims(&linked);
    let rename = RenameDeviceRequest { name: "still here".into() };
    let renamed = world.service.rename_device(&outcast, tablet.device_id, &rename).await;
    assert_eq!(refused(renamed), ProblemCode::DeviceRevoked);

    let roster = world.service.roster(&world.claims(&bobs), id, before, 1).await.unwrap();
    assert_eq!(roster.roster_version, before + 1);
    assert_eq!(roster.identities[0].device_keys.len(), 1);
    assert_eq!(roster.identities[0].lists.last(), Some(&entry));
    assert!(world.notices(phone.device_id).await.contains(&InboxBody::DeviceListChanged { list_version: 3 }));
}

#[tokio::test]
async fn the_feed_tells_of_every_revocation_without_holes() {
    let world = World::new().await;
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (home, _, session) = Home::register(&world, 0).await;
        let unverified = world.service.login(home.login()).await.unwrap().device_id;
        let (service, claims) = (world.service.clone(), world.claims(&session));
        racers.spawn(async move {
            service.revoke_device(&claims, unverified, &RevokeDeviceRequest { device_list: None }).await.unwrap();
            unverified
        });
    }
    let revoked = racers.join_all().await;
    let mut conn = world.service.database.acquire().await.unwrap();
    let since = time::OffsetDateTime::UNIX_EPOCH;
    let (mut feed, mut last) = (Vec::new(), 0);
    loop {
        let page = revocations::read(&mut conn, last, since).await.unwrap();
        let Some(newest) = page.last() else { break };
        last = newest.seq;
        feed.extend(page);
    }
    assert!(feed.iter().zip(1..).all(|(revocation, seq)| revocation.seq == seq));
    assert!(revoked.iter().all(|device| feed.iter().any(|revocation| revocation.device_id == *device)));
}

#[tokio::test]
async fn others_are_revoked_after_a_step_up_and_oneself_without() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    let revoked = world.service.revoke_device(&stale, tablet.device_id, &request).await;
    assert_eq!(refused(revoked), ProblemCode::StepUpRequired);

    let itself = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &tablet)) };
    world.service.revoke_device(&world.claims(&linked), tablet.device_id, &itself).await.unwrap();
    let again = world.service.revoke_device(&claims, tablet.device_id, &request).await;
    assert_eq!(refused(again), ProblemCode::NotFound);
}

#[tokio::test]
async fn an_entry_must_take_out_exactly_the_device_and_extend_the_head() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    let (watch, _) = link(&world, &mut home, &phone, &claims).await;
    let revoke = async |entry| {
        world.service.revoke_device(&claims, tablet.device_id, &RevokeDeviceRequest { device_list: entry }).await
    };
    assert_eq!(refused(revoke(None).await), ProblemCode::InvalidRequest);
    let other = home.next(None, Some(watch.device_id), &phone);
    assert_eq!(refused(revoke(Some(other)).await), ProblemCode::InvalidRequest);
    let foreign = home.next(None, Some(tablet.device_id), &watch);
    assert_eq!(refused(revoke(Some(foreign)).await), ProblemCode::Forbidden);
    let mut unsigned = home.next(None, Some(tablet.device_id), &phone);
    unsigned.signatures.clear();
    assert_eq!(refused(revoke(Some(unsigned)).await), ProblemCode::InvalidSignature);
    let entry = home.next(None, Some(tablet.device_id), &phone);
    revoke(Some(entry.clone())).await.unwrap();

    let behind = RevokeDeviceRequest { device_list: Some(home.next(None, Some(watch.device_id), &phone)) };
    let behind = world.service.revoke_device(&claims, watch.device_id, &behind).await;
    assert_eq!(refused(behind), ProblemCode::ChainConflict);
    home.accept(entry);
    let back = home.next(Some(&tablet), None, &phone);
    let behind = RevokeDeviceRequest { device_list: Some(back) };
    let returned = world.service.revoke_device(&claims, watch.device_id, &behind).await;
    assert_eq!(refused(returned), ProblemCode::InvalidRequest, "a revoked device never returns");
}

#[tokio::test]
async fn devices_of_others_are_not_found() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let (_, foreign, _) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let rename = RenameDeviceRequest { name: "mine".into() };
    assert_eq!(refused(world.service.rename_device(&claims, foreign.device_id, &rename).await), ProblemCode::NotFound);
    let revoke = RevokeDeviceRequest { device_list: None };
    assert_eq!(refused(world.service.revoke_device(&claims, foreign.device_id, &revoke).await), ProblemCode::NotFound);
    let named = world.service.rename_device(&claims, claims.device_id, &rename).await.unwrap();
    assert_eq!((named.name.as_str(), named.current), ("mine", true));
}

#[tokio::test]
async fn an_unverified_device_may_look_but_not_touch() {
    let world = World::new().await;
    let (home, phone, _) = Home::register(&world, 3).await;
    let unverified = world.claims(&world.service.login(home.login()).await.unwrap());
    assert_eq!(world.service.devices(&unverified).await.unwrap().devices.len(), 2);
    let rename = RenameDeviceRequest { name: "mine".into() };
    let renamed = world.service.rename_device(&unverified, phone.device_id, &rename).await;
    assert_eq!(refused(renamed), ProblemCode::DeviceUnverified);
    let revoke = RevokeDeviceRequest { device_list: Some(home.next(None, Some(phone.device_id), &phone)) };
    let revoked = world.service.revoke_device(&unverified, phone.device_id, &revoke).await;
    assert_eq!(refused(revoked), ProblemCode::DeviceUnverified);
    let upload = sotto_protocol::keys::UploadKeysRequest {
        one_time_keys: Phone::new(home.user_id).one_time_keys(0, 1),
        fallback_key: std::collections::BTreeMap::new(),
    };
    assert_eq!(refused(world.service.upload_keys(&unverified, &upload).await), ProblemCode::DeviceUnverified);
    let digest = KeysDigestRequest { digest: one_time_keys_digest([]).to_vec().into() };
    assert!(world.service.compare_keys(&unverified, &digest).await.unwrap().matches);
}
