//! Logging out oneself and everybody else.

use sotto_protocol::{
    ProblemCode,
    accounts::LogoutRequest,
    devices::{LogoutOthersRequest, RevokeDeviceRequest},
    events::InboxBody,
};
use sotto_service::tokens::AccessClaims;

use crate::{
    auth::known,
    home::{Home, direct},
    linking::link,
    world::{World, refused},
};

#[tokio::test]
async fn logging_out_with_an_entry_is_revoking_oneself() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let (tablet, linked) = link(&world, &mut home, &phone, &world.claims(&session)).await;
    let entry = home.next(None, Some(tablet.device_id), &tablet);
    let stale = AccessClaims { fresh_at_ms: None, ..world.claims(&linked) };
    let request = LogoutRequest { device_list: Some(entry) };
    world.service.logout(&stale, &request).await.unwrap();
    assert!(world.row(tablet.device_id).await.revoked_at.is_some());
    assert!(!world.has_inbox(tablet.device_id).await);
    assert!(world.notices(phone.device_id).await.contains(&InboxBody::DeviceListChanged { list_version: 3 }));
    assert_eq!(refused(world.service.refresh(&linked.tokens.refresh_token).await), ProblemCode::RefreshRejected);
    let challenge = world.service.create_challenge().unwrap().challenge;
    let back = world.service.login(known(&home, &tablet, &challenge)).await;
    assert_eq!(refused(back), ProblemCode::DeviceRevoked, "it is out for ever");
    assert_eq!(refused(world.service.logout(&stale, &request).await), ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn the_last_device_cannot_leave_the_list_and_logs_out_without_an_entry() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let entry = home.next(None, Some(phone.device_id), &phone);
    let request = LogoutRequest { device_list: Some(entry) };
    assert_eq!(refused(world.service.logout(&claims, &request).await), ProblemCode::LimitReached);
    world.service.logout(&claims, &LogoutRequest::default()).await.unwrap();
    assert!(world.row(phone.device_id).await.revoked_at.is_none());
}

#[tokio::test]
async fn other_nodes_read_of_a_log_out_in_the_feed_and_take_the_next_sign_in() {
    let [world, other] = [World::new().await, World::new().await];
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    other.service.revocations.poll(&other.service.database).await.unwrap();
    world.service.logout(&claims, &LogoutRequest::default()).await.unwrap();
    assert!(world.service.revocations.contains(claims.device_id, claims.token_generation));
    assert!(!other.service.revocations.contains(claims.device_id, claims.token_generation));
    other.service.revocations.poll(&other.service.database).await.unwrap();
    assert!(other.service.revocations.contains(claims.device_id, claims.token_generation));

    let challenge = world.service.create_challenge().unwrap().challenge;
    let back = world.claims(&world.service.login(known(&home, &phone, &challenge)).await.unwrap());
    let late = World::new().await;
    late.service.revocations.poll(&late.service.database).await.unwrap();
    for node in [&world, &other, &late] {
        assert!(!node.service.revocations.contains(back.device_id, back.token_generation));
        assert!(node.service.revocations.contains(claims.device_id, claims.token_generation));
    }
}

#[tokio::test]
async fn one_entry_takes_all_others_out() {
    let world = World::new().await;
    let (mut ada, phone, session) = Home::register(&world, 0).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let (tablet, _) = link(&world, &mut ada, &phone, &claims).await;
    let (watch, _) = link(&world, &mut ada, &phone, &claims).await;
    let unverified = world.service.login(ada.login()).await.unwrap().device_id;
    let before = world.service.roster(&world.claims(&bobs), id, 0, 0).await.unwrap().roster_version;

    let request = LogoutOthersRequest { device_list: Some(ada.alone(&phone)) };
    let answer = world.service.logout_others(&claims, &request).await.unwrap();
    let mut gone = [tablet.device_id, watch.device_id, unverified];
    gone.sort();
    let receipts: Vec<_> = answer.receipts.iter().map(|receipt| receipt.device_id).collect();
    assert_eq!(receipts, gone);
    for receipt in &answer.receipts {
        assert_eq!((receipt.list_version, receipt.refresh_tokens_deleted), (4, 1));
        assert!(world.row(receipt.device_id).await.revoked_at.is_some());
        assert!(world.service.revocations.contains(receipt.device_id, 0));
        assert!(!world.has_inbox(receipt.device_id).await);
    }
    let roster = world.service.roster(&world.claims(&bobs), id, before, 1).await.unwrap();
    assert_eq!(roster.roster_version, before + 1, "one change for all");
    assert_eq!(roster.identities[0].device_keys.len(), 1);
    assert_eq!(world.service.devices(&claims).await.unwrap().devices.len(), 1);
    let again = world.service.logout_others(&claims, &LogoutOthersRequest::default()).await.unwrap();
    assert!(again.receipts.is_empty(), "nobody is left");
}

#[tokio::test]
async fn others_are_logged_out_after_a_step_up_with_the_whole_entry_and_not_on_probation() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    link(&world, &mut home, &phone, &claims).await;
    let all = LogoutOthersRequest { device_list: Some(home.alone(&phone)) };
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    assert_eq!(refused(world.service.logout_others(&stale, &all).await), ProblemCode::StepUpRequired);
    let none = LogoutOthersRequest::default();
    assert_eq!(refused(world.service.logout_others(&claims, &none).await), ProblemCode::InvalidRequest);
    let some = LogoutOthersRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    assert_eq!(refused(world.service.logout_others(&claims, &some).await), ProblemCode::InvalidRequest);
    let new = LogoutOthersRequest { device_list: Some(home.alone(&tablet)) };
    let tablets = world.fresh(world.claims(&linked));
    assert_eq!(refused(world.service.logout_others(&tablets, &new).await), ProblemCode::DeviceOnProbation);
    let unverified = world.claims(&world.service.login(home.login()).await.unwrap());
    assert_eq!(refused(world.service.logout_others(&unverified, &none).await), ProblemCode::DeviceUnverified);
    world.service.logout_others(&claims, &all).await.unwrap();
}

#[tokio::test]
async fn without_redis_a_receipt_says_that_sockets_may_be_open() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    let receipt = world.service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();
    assert!(receipt.sockets_pending);
    assert_eq!((receipt.sockets_closed, receipt.devices_told, receipt.fallback_keys_deleted), (0, 1, 1));
}
