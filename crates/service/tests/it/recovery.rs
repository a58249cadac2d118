//! Recovering with what the recovery key opens.

use sotto_protocol::{
    ProblemCode,
    recovery::{CompleteRecoveryRequest, PutRecoveryRequest},
};
use sotto_service::tokens::AccessClaims;

use crate::{
    home::{Home, Phone, direct},
    linking::link,
    world::{World, refused},
};

fn request(home: &Home, new: &Phone, lost: Option<&Phone>) -> CompleteRecoveryRequest {
    CompleteRecoveryRequest {
        device_keys: home.certify(new),
        device_list: home.next_by_master(Some(new), lost.map(|lost| lost.device_id)),
        one_time_keys: new.one_time_keys(0, 3),
        fallback_key: new.fallback_key("fallback"),
    }
}

#[tokio::test]
async fn an_unverified_device_becomes_a_full_one_and_the_lost_one_is_out() {
    let world = World::new().await;
    let (ada, phone, session) = Home::register(&world, 2).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let id = direct(&world, (&ada, &phone), &world.claims(&session), &bob).await;
    let before = world.service.roster(&world.claims(&bobs), id, 0, 0).await.unwrap().roster_version;
    let login = world.service.login(ada.login()).await.unwrap();
    let waiting = world.claims(&login);
    let recovery = world.service.recovery(&waiting).await.unwrap();
    assert_eq!(recovery.recovery_bundle.0, vec![7; 64]);
    assert_eq!(recovery.identity.lists, std::slice::from_ref(&ada.list));

    let new = Phone::with_id(ada.user_id, login.device_id);
    let recovered = world.service.complete_recovery(&waiting, &request(&ada, &new, Some(&phone))).await.unwrap();
    assert!(recovered.verified);
    let claims = world.claims(&recovered);
    assert!(claims.verified && world.row(new.device_id).await.verified);
    assert!(world.row(phone.device_id).await.revoked_at.is_some());
    assert!(world.service.revocations.contains(phone.device_id, 0));
    let roster = world.service.roster(&world.claims(&bobs), id, before, 1).await.unwrap();
    assert_eq!(roster.roster_version, before + 1);
    assert_eq!(roster.identities[0].device_keys.len(), 1);
    let again = world.service.complete_recovery(&claims, &request(&ada, &new, None)).await;
    assert_eq!(refused(again), ProblemCode::AlreadyExists);
}

#[tokio::test]
async fn recovery_needs_a_fresh_password_and_the_master_key() {
    let world = World::new().await;
    let (home, phone, _) = Home::register(&world, 0).await;
    let login = world.service.login(home.login()).await.unwrap();
    let waiting = world.claims(&login);
    let stale = AccessClaims { fresh_at_ms: None, ..waiting };
    assert_eq!(refused(world.service.recovery(&stale).await), ProblemCode::StepUpRequired);
    let new = Phone::with_id(home.user_id, login.device_id);
    let asked = world.service.complete_recovery(&stale, &request(&home, &new, None)).await;
    assert_eq!(refused(asked), ProblemCode::StepUpRequired);

    let by_device =
        CompleteRecoveryRequest { device_list: home.next(Some(&new), None, &phone), ..request(&home, &new, None) };
    let asked = world.service.complete_recovery(&waiting, &by_device).await;
    assert_eq!(refused(asked), ProblemCode::Forbidden);

    let foreign = request(&home, &Phone::new(home.user_id), None);
    let asked = world.service.complete_recovery(&waiting, &foreign).await;
    assert_eq!(refused(asked), ProblemCode::InvalidRequest, "keys of another device");
}

#[tokio::test]
async fn a_new_bundle_voids_the_old_one_but_not_by_a_device_on_probation() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (_, linked) = link(&world, &mut home, &phone, &claims).await;
    let put = PutRecoveryRequest { recovery_bundle: vec![8; 10].into() };
    let tablets = world.fresh(world.claims(&linked));
    assert_eq!(refused(world.service.put_recovery(&tablets, &put).await), ProblemCode::DeviceOnProbation);
    world.service.put_recovery(&claims, &put).await.unwrap();
    assert_eq!(world.service.recovery(&claims).await.unwrap().recovery_bundle.0, vec![8; 10]);
    let too_big = PutRecoveryRequest { recovery_bundle: vec![8; 16 * 1024 + 1].into() };
    assert_eq!(refused(world.service.put_recovery(&claims, &too_big).await), ProblemCode::InvalidRequest);
}
