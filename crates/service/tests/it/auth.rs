//! Signing in and out.

use ed25519_dalek::Signer as _;
use sotto_identity::login_bytes;
use sotto_protocol::{
    ProblemCode,
    accounts::{ChangePasswordRequest, KnownDevice, LoginRequest, LogoutRequest, StepUpRequest},
    events::InboxBody,
};

use crate::{
    home::{Home, PASSWORD, Phone},
    world::{World, refused},
};

pub fn known(home: &Home, phone: &Phone, challenge: &str) -> LoginRequest {
    let signature = phone.key.sign(&login_bytes(challenge)).to_bytes().to_vec().into();
    let known = KnownDevice { device_id: phone.device_id, challenge: challenge.into(), signature };
    LoginRequest { known_device: Some(known), ..home.login() }
}

#[tokio::test]
async fn a_password_alone_gives_an_unverified_device_and_the_others_are_told() {
    let world = World::new().await;
    let (home, phone, _) = Home::register(&world, 0).await;
    let session = world.service.login(home.login()).await.unwrap();
    assert!(!session.verified && session.device_id != phone.device_id);
    let claims = world.claims(&session);
    assert!(!claims.verified);
    let names: Vec<_> =
        world.service.devices(&claims).await.unwrap().devices.into_iter().map(|device| device.verified).collect();
    assert_eq!(names, [true, false]);
    let seen = InboxBody::LoginSeen { device_id: session.device_id, name: "login".into() };
    assert_eq!(world.notices(phone.device_id).await, [seen]);
    assert!(world.has_inbox(session.device_id).await);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_are_refused_alike() {
    let world = World::new().await;
    let (home, ..) = Home::register(&world, 0).await;
    let wrong = LoginRequest { password: "wrong horse".into(), ..home.login() };
    let unknown = LoginRequest { username: format!("{}x", home.username), ..home.login() };
    let impossible = LoginRequest { username: "No Such Name!".into(), ..home.login() };
    for request in [wrong, unknown, impossible] {
        assert_eq!(refused(world.service.login(request).await), ProblemCode::WrongCredentials);
    }
    let shouted = LoginRequest { username: home.username.to_uppercase(), ..home.login() };
    world.service.login(shouted).await.unwrap();
}

#[tokio::test]
async fn guesses_at_a_password_are_counted_a_name() {
    let world = World::new().await;
    let (home, ..) = Home::register(&world, 0).await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        let wrong = LoginRequest { password: "wrong horse".into(), ..home.login() };
        codes.push(refused(world.service.login(wrong).await));
    }
    assert_eq!(codes[0], ProblemCode::WrongCredentials);
    assert_eq!(codes[11], ProblemCode::RateLimited);
}

#[tokio::test]
async fn the_oldest_unverified_device_gives_way() {
    let world = World::new().await;
    let (home, ..) = Home::register(&world, 0).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(world.service.login(home.login()).await.unwrap());
    }
    assert!(world.row(sessions[0].device_id).await.revoked_at.is_some());
    assert!(!world.has_inbox(sessions[0].device_id).await);
    assert!(world.row(sessions[1].device_id).await.revoked_at.is_none());
    assert_eq!(refused(world.service.refresh(&sessions[0].tokens.refresh_token).await), ProblemCode::RefreshRejected);
    let first = world.claims(&sessions[0]);
    assert!(world.service.revocations.contains(first.device_id, first.token_generation));
}

#[tokio::test]
async fn a_known_device_signs_in_again_with_its_key() {
    let world = World::new().await;
    let (home, phone, first) = Home::register(&world, 0).await;
    let challenge = world.service.create_challenge().unwrap().challenge;
    let session = world.service.login(known(&home, &phone, &challenge)).await.unwrap();
    assert_eq!((session.device_id, session.verified), (phone.device_id, true));
    let again = world.service.login(known(&home, &phone, &challenge)).await;
    assert_eq!(refused(again), ProblemCode::WrongCredentials, "a challenge counts once");
    let old = world.service.refresh(&first.tokens.refresh_token).await;
    assert_eq!(refused(old), ProblemCode::RefreshRejected, "one family a device");
    world.service.refresh(&session.tokens.refresh_token).await.unwrap();

    let stranger = Phone::with_id(home.user_id, phone.device_id);
    let challenge = world.service.create_challenge().unwrap().challenge;
    let forged = world.service.login(known(&home, &stranger, &challenge)).await;
    assert_eq!(refused(forged), ProblemCode::WrongCredentials);

    let (_, foreign, _) = Home::register(&world, 0).await;
    let challenge = world.service.create_challenge().unwrap().challenge;
    let foreign = world.service.login(known(&home, &foreign, &challenge)).await;
    assert_eq!(refused(foreign), ProblemCode::WrongCredentials, "another account's device");
}

#[tokio::test]
async fn logging_out_ends_the_tokens_and_an_unverified_device_with_them() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    world.service.logout(&claims, &LogoutRequest::default()).await.unwrap();
    assert!(world.service.revocations.contains(phone.device_id, claims.token_generation));
    assert_eq!(refused(world.service.refresh(&session.tokens.refresh_token).await), ProblemCode::RefreshRejected);
    assert!(world.row(phone.device_id).await.revoked_at.is_none(), "the device can sign in again");
    let challenge = world.service.create_challenge().unwrap().challenge;
    let back = world.claims(&world.service.login(known(&home, &phone, &challenge)).await.unwrap());
    assert!(!world.service.revocations.contains(back.device_id, back.token_generation));

    let unverified = world.service.login(home.login()).await.unwrap();
    world.service.logout(&world.claims(&unverified), &LogoutRequest::default()).await.unwrap();
    assert!(world.row(unverified.device_id).await.revoked_at.is_some());
    let devices = world.service.devices(&back).await.unwrap().devices;
    assert_eq!(devices.len(), 1);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_what_it_let_in() {
    let world = World::new().await;
    let (home, _, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let unverified = world.service.login(home.login()).await.unwrap();
    let change = ChangePasswordRequest { new_password: "another long one".into() };

    let stale = sotto_service::tokens::AccessClaims { fresh_at_ms: None, ..claims };
    assert_eq!(refused(world.service.change_password(&stale, &change).await), ProblemCode::StepUpRequired);
    let outsider = world.claims(&unverified);
    assert_eq!(refused(world.service.change_password(&outsider, &change).await), ProblemCode::DeviceUnverified);

    world.service.change_password(&claims, &change).await.unwrap();
    assert!(world.row(unverified.device_id).await.revoked_at.is_some());
    assert_eq!(refused(world.service.login(home.login()).await), ProblemCode::WrongCredentials);
    let new = LoginRequest { password: change.new_password, ..home.login() };
    world.service.login(new).await.unwrap();
}

#[tokio::test]
async fn a_step_up_is_fresh_for_five_minutes() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let wrong = StepUpRequest { password: "wrong horse".into() };
    assert_eq!(refused(world.service.step_up(&claims, &wrong).await), ProblemCode::WrongCredentials);
    let right = StepUpRequest { password: PASSWORD.into() };
    let token = world.service.step_up(&claims, &right).await.unwrap().access_token;
    let fresh = world.service.tokens.verify_access(&token).unwrap();
    fresh.require_fresh(world.now_ms()).unwrap();
    world.pass(5 * 60);
    assert_eq!(refused(fresh.require_fresh(world.now_ms())), ProblemCode::StepUpRequired);
}
