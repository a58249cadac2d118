//! A new identity for an account.

use sotto_protocol::{
    ProblemCode, accounts::LogoutRequest, identity::ResetIdentityRequest, recovery::CompleteRecoveryRequest,
};
use sotto_service::tokens::AccessClaims;

use crate::{
    home::{Home, Phone, direct},
    linking::link,
    world::{World, refused},
};

#[tokio::test]
async fn contacts_see_the_new_master_key_and_everything_of_before_is_void() {
    let world = World::new().await;
    let (mut ada, phone, session) = Home::register(&world, 3).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let bobs = world.claims(&bobs);
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let (tablet, _) = link(&world, &mut ada, &phone, &claims).await;
    let before = world.service.roster(&bobs, id, 0, 0).await.unwrap().roster_version;

    let reborn = ada.reborn(&phone);
    let request = ResetIdentityRequest { recovery_key: Some(reborn.recovery_key(1)), ..reborn.reset(&phone) };
    let answer = world.service.reset_identity(&claims, &request).await.unwrap();
    assert_eq!((answer.list_version, answer.conversations_bumped), (1, 1));
    assert_eq!(answer.receipts.iter().map(|receipt| receipt.device_id).collect::<Vec<_>>(), [tablet.device_id]);
    assert!(world.row(tablet.device_id).await.revoked_at.is_some());

    let roster = world.service.roster(&bobs, id, before, 1).await.unwrap();
    assert_eq!(roster.roster_version, before + 1);
    let seen = &roster.identities[0];
    assert_eq!(seen.master_key, request.master_key);
    assert_eq!(seen.lists, [request.device_list]);
    assert_eq!(seen.device_keys, [request.device_keys]);
    assert_eq!(world.service.recovery(&claims).await.unwrap().recovery_bundle.0, [9; 64]);
    assert_eq!(world.service.backup(&claims).await.unwrap().recovery_key, request.recovery_key);

    // What the old keys sign counts for nothing, what the new ones sign goes on.
    let guest = Phone::new(ada.user_id);
    let old = world.service.create_grant(&claims, crate::linking::ask(&ada, &phone, &guest)).await;
    assert_eq!(refused(old), ProblemCode::InvalidSignature);
    let mut reborn = reborn;
    link(&world, &mut reborn, &phone, &claims).await;
}

#[tokio::test]
async fn a_reset_needs_a_fresh_password_a_trusted_device_and_new_keys() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    let reborn = home.reborn(&phone);
    let request = reborn.reset(&phone);
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    assert_eq!(refused(world.service.reset_identity(&stale, &request).await), ProblemCode::StepUpRequired);
    let tablets = world.fresh(world.claims(&linked));
    let theirs = home.reborn(&tablet).reset(&tablet);
    assert_eq!(refused(world.service.reset_identity(&tablets, &theirs).await), ProblemCode::DeviceOnProbation);
    let waiting = world.claims(&world.service.login(home.login()).await.unwrap());
    assert_eq!(refused(world.service.reset_identity(&waiting, &request).await), ProblemCode::DeviceUnverified);

    let mut same_master = Home { list: home.list.clone(), ..home.reborn(&phone) };
    same_master.master = home.master.clone();
    same_master.list = same_master.sign_by_master(home.reborn(&phone).list);
    same_master.list.signatures.clear();
    same_master.list = same_master.sign_by_master(same_master.list.clone());
    let used = world.service.reset_identity(&claims, &same_master.reset(&phone)).await;
    assert_eq!(refused(used), ProblemCode::InvalidKey, "the master key was used before");

    let other_keys = Phone::with_id(home.user_id, phone.device_id);
    let changed = home.reborn(&other_keys).reset(&other_keys);
    assert_eq!(refused(world.service.reset_identity(&claims, &changed).await), ProblemCode::InvalidRequest);
    let foreign_list = ResetIdentityRequest { device_list: home.list.clone(), ..request.clone() };
    assert_eq!(refused(world.service.reset_identity(&claims, &foreign_list).await), ProblemCode::ChainConflict);
    let old_recovery = ResetIdentityRequest { recovery_key: Some(home.recovery_key(1)), ..request.clone() };
    assert_eq!(refused(world.service.reset_identity(&claims, &old_recovery).await), ProblemCode::InvalidSignature);
    assert_eq!(world.service.account(&claims).await.unwrap().list_version, 2, "nothing half done");
    world.service.reset_identity(&claims, &request).await.unwrap();
    let again = world.service.reset_identity(&claims, &request).await;
    assert_eq!(refused(again), ProblemCode::InvalidKey);
}

#[tokio::test]
async fn a_person_with_no_device_left_comes_back_with_password_and_recovery_key() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    world.service.logout(&world.claims(&session), &LogoutRequest::default()).await.unwrap();
    let login = world.service.login(home.login()).await.unwrap();
    let waiting = world.claims(&login);
    let recovery = world.service.recovery(&waiting).await.unwrap();
    assert_eq!(recovery.identity.lists, std::slice::from_ref(&home.list));
    let fresh = Phone::with_id(home.user_id, login.device_id);
    let request = CompleteRecoveryRequest {
        device_keys: home.certify(&fresh),
        device_list: home.next_by_master(Some(&fresh), Some(phone.device_id)),
        one_time_keys: fresh.one_time_keys(0, 3),
        fallback_key: fresh.fallback_key("fallback"),
    };
    let back = world.claims(&world.service.complete_recovery(&waiting, &request).await.unwrap());
    let devices = world.service.devices(&back).await.unwrap().devices;
    assert_eq!(devices.iter().map(|device| device.device_id).collect::<Vec<_>>(), [fresh.device_id]);
    // Alone, and not on probation: it may let others in at once.
    let guest = Phone::new(home.user_id);
    let mut home = home;
    home.accept(request.device_list);
    world.service.create_grant(&world.fresh(back), crate::linking::ask(&home, &fresh, &guest)).await.unwrap();
}
