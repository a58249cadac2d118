//! Settings and deletion of accounts.

use sotto_protocol::{ProblemCode, accounts::UpdateAccountRequest};
use sotto_service::tokens::AccessClaims;

use crate::{
    home::{Home, direct},
    world::{World, refused},
};

#[tokio::test]
async fn a_deleted_account_is_in_no_roster_and_its_name_is_free() {
    let world = World::new().await;
    let (ada, phone, session) = Home::register(&world, 3).await;
    let (mut bob, bobs_phone, bobs_session) = Home::register(&world, 0).await;
    let (claims, bobs) = (world.claims(&session), world.claims(&bobs_session));
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let before = world.service.roster(&bobs, id, 0, 0).await.unwrap().roster_version;
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    assert_eq!(refused(world.service.delete_account(&stale).await), ProblemCode::StepUpRequired);

    world.service.delete_account(&claims).await.unwrap();
    assert!(world.row(phone.device_id).await.revoked_at.is_some());
    assert!(world.service.revocations.contains(phone.device_id, claims.token_generation));
    assert_eq!(refused(world.service.login(ada.login()).await), ProblemCode::WrongCredentials);
    assert_eq!(refused(world.service.account(&claims).await), ProblemCode::DeviceRevoked);
    assert_eq!(refused(world.service.user_by_name(&bobs, &ada.username).await), ProblemCode::NotFound);
    let roster = world.service.roster(&bobs, id, 0, 0).await.unwrap();
    assert_eq!(roster.roster_version, before + 1);
    assert!(roster.members.iter().all(|member| member.user_id != ada.user_id));

    let rename = UpdateAccountRequest { username: Some(ada.username.clone()), private_receipts: None };
    let renamed = world.service.update_account(&bobs, &rename).await.unwrap();
    assert_eq!(renamed.username, ada.username);
    bob.username = renamed.username;
    world.service.login(bob.login()).await.unwrap();
    assert!(world.row(bobs_phone.device_id).await.revoked_at.is_none());
}

#[tokio::test]
async fn settings_change_one_by_one() {
    let world = World::new().await;
    let (home, _, session) = Home::register(&world, 0).await;
    let (other, _, _) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let private = UpdateAccountRequest { username: None, private_receipts: Some(true) };
    let account = world.service.update_account(&claims, &private).await.unwrap();
    assert!(account.private_receipts && account.username == home.username);
    let taken = UpdateAccountRequest { username: Some(other.username.to_uppercase()), private_receipts: Some(false) };
    assert_eq!(refused(world.service.update_account(&claims, &taken).await), ProblemCode::UsernameTaken);
    assert!(world.service.account(&claims).await.unwrap().private_receipts, "all or nothing");
}
