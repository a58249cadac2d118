//! What a registration must hold.

use sotto_protocol::{ProblemCode, accounts::AccountType, keys::ListAuthor};

use crate::{
    home::{Home, Phone},
    world::{World, refused},
};

#[tokio::test]
async fn a_registered_account_shows_itself_and_its_device() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 3).await;
    assert!(session.verified);
    let claims = world.claims(&session);
    assert!(claims.is_fresh(world.now_ms()), "the password was given just now");
    let account = world.service.account(&claims).await.unwrap();
    assert_eq!((account.user_id, account.username.as_str(), account.list_version), (home.user_id, &*home.username, 1));
    let devices = world.service.devices(&claims).await.unwrap().devices;
    assert_eq!(devices.len(), 1);
    assert!(devices[0].current && devices[0].verified && devices[0].device_id == phone.device_id);
}

#[tokio::test]
async fn names_ids_and_keys_are_taken_once() {
    let world = World::new().await;
    let (home, phone, _) = Home::register(&world, 0).await;
    let again = home.registration(&phone, 0);
    assert_eq!(refused(world.service.register(&again).await), ProblemCode::AlreadyExists);

    let (mut other, other_phone) = Home::new();
    other.username = home.username.to_uppercase();
    let named = other.registration(&other_phone, 0);
    assert_eq!(refused(world.service.register(&named).await), ProblemCode::UsernameTaken);

    let (mut thief, mut stolen) = Home::new();
    stolen.key = phone.key.clone();
    thief.list.devices = vec![stolen.listed()];
    thief.list.signatures.clear();
    thief.list = thief.sign_by_master(thief.list.clone());
    let copied = thief.registration(&stolen, 0);
    assert_eq!(refused(world.service.register(&copied).await), ProblemCode::InvalidKey);
}

#[tokio::test]
async fn what_is_not_signed_or_shaped_as_documented_is_refused() {
    let world = World::new().await;
    let (home, phone) = Home::new();
    let good = home.registration(&phone, 2);
    let stranger = Phone::with_id(home.user_id, phone.device_id);

    let mut wrong = good.clone();
    wrong.device_keys = home.certify(&stranger);
    assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::InvalidSignature, "keys of another device");

    let mut wrong = good.clone();
    wrong.one_time_keys = stranger.one_time_keys(0, 1);
    assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::InvalidSignature, "foreign one-time key");

    let mut wrong = good.clone();
    wrong.self_signing_key.signatures.clear();
    assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::InvalidSignature, "no master signature");

    let mut wrong = good.clone();
    wrong.device_list.author = ListAuthor::Device(phone.device_id);
    assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::Forbidden, "entry 1 is the master key's");

    for change in [
        (|request| request.username = "9lives".into()) as fn(&mut sotto_protocol::accounts::RegisterRequest),
        |request| request.password = "1234567".into(),
        |request| request.device.name = String::new(),
        |request| request.fallback_key.clear(),
        |request| request.recovery_bundle = vec![0; 16 * 1024 + 1].into(),
    ] {
        let mut wrong = good.clone();
        change(&mut wrong);
        assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::InvalidRequest);
    }

    let mut wrong = good.clone();
    wrong.account_type = AccountType::Assistant;
    assert_eq!(refused(world.service.register(&wrong).await), ProblemCode::Forbidden);

    world.service.register(&good).await.unwrap();
}
