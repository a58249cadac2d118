//! Linking by grant and completion.

use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};
use sotto_identity::{link_bytes, rendezvous_hash};
use sotto_protocol::{
    Base64Bytes, ProblemCode, RendezvousId,
    accounts::SessionResponse,
    devices::RevokeDeviceRequest,
    events::InboxBody,
    linking::{CompleteLinkRequest, CreateGrantRequest, LinkHeadRequest},
};
use sotto_service::{Entropy as _, SystemEntropy, tokens::AccessClaims};
use sotto_store::link_failures;

use crate::{
    home::{Home, Phone, direct},
    world::{World, refused},
};

const TRANSCRIPT: [u8; 32] = [5; 32];

pub fn ask(home: &Home, by: &Phone, new: &Phone) -> CreateGrantRequest {
    CreateGrantRequest {
        rendezvous_hash: vec![6; 32].into(),
        transcript: TRANSCRIPT.to_vec().into(),
        device_keys: home.certify(new),
        device_list: home.next(Some(new), None, by),
    }
}

pub fn completion(grant: &Base64Bytes, new: &Phone) -> CompleteLinkRequest {
    CompleteLinkRequest {
        grant: grant.clone(),
        user_id: new.user_id,
        device: Phone::named("second"),
        one_time_keys: new.one_time_keys(0, 5),
        fallback_key: new.fallback_key("fallback"),
        signature: new.key.sign(&link_bytes(&grant.0, &TRANSCRIPT)).to_bytes().to_vec().into(),
    }
}

/// Links a further device, which then is the author's equal.
pub async fn link(world: &World, home: &mut Home, by: &Phone, claims: &AccessClaims) -> (Phone, SessionResponse) {
    let new = Phone::new(home.user_id);
    let request = ask(home, by, &new);
    let entry = request.device_list.clone();
    let grant = world.service.create_grant(&world.fresh(*claims), request).await.unwrap().grant;
    let session = world.service.complete_link(&completion(&grant, &new)).await.unwrap();
    home.accept(entry);
    (new, session)
}

#[tokio::test]
async fn a_linked_device_is_in_every_roster_from_now_on() {
    let world = World::new().await;
    let (mut ada, phone, session) = Home::register(&world, 0).await;
    let (bob, _, bobs) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let id = direct(&world, (&ada, &phone), &claims, &bob).await;
    let bobs = world.claims(&bobs);
    let before = world.service.roster(&bobs, id, 0, 0).await.unwrap().roster_version;
    let (tablet, linked) = link(&world, &mut ada, &phone, &claims).await;

    let roster = world.service.roster(&bobs, id, before, 1).await.unwrap();
    assert_eq!(roster.roster_version, before + 1);
    assert_eq!(roster.identities.len(), 1, "only Ada's devices changed");
    assert_eq!(roster.identities[0].lists.last().unwrap(), &ada.list);
    assert_eq!(roster.identities[0].device_keys.len(), 2);

    let tablets = world.claims(&linked);
    assert!(tablets.verified && linked.device_id == tablet.device_id);
    let page = world.service.conversation(&tablets, id).await.unwrap();
    assert_eq!(page.start_seq, page.last_seq + 1, "what was said before is not for it");
    let told = world.notices(phone.device_id).await;
    assert_eq!(told.last().unwrap(), &InboxBody::DeviceListChanged { list_version: 2 });
    assert!(world.has_inbox(tablet.device_id).await);
    assert_eq!(world.service.account(&tablets).await.unwrap().list_version, 2);
}

#[tokio::test]
async fn the_head_shows_the_account_and_the_entry() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let new = Phone::new(home.user_id);
    let request = ask(&home, &phone, &new);
    let grant = world.service.create_grant(&world.claims(&session), request.clone()).await.unwrap().grant;
    let head = world.service.link_head(&LinkHeadRequest { grant }).await.unwrap();
    assert_eq!((head.username, head.device_list), (home.username.clone(), request.device_list));
    assert_eq!(head.device_keys, request.device_keys);
    assert_eq!(head.identity.lists, [home.list]);
    let unknown = LinkHeadRequest { grant: vec![1; 32].into() };
    assert_eq!(refused(world.service.link_head(&unknown).await), ProblemCode::GrantRejected);
}

#[tokio::test]
async fn fifty_racing_completions_make_one_device() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let new = Phone::new(home.user_id);
    let claims = world.claims(&session);
    let grant = world.service.create_grant(&claims, ask(&home, &phone, &new)).await.unwrap().grant;
    let request = completion(&grant, &new);
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (service, request) = (world.service.clone(), request.clone());
        racers.spawn(async move { service.complete_link(&request).await.unwrap() });
    }
    let sessions = racers.join_all().await;
    for got in &sessions {
        assert_eq!(got.device_id, new.device_id);
        assert_eq!(got.tokens.refresh_token, sessions[0].tokens.refresh_token);
    }
    assert_eq!(world.service.devices(&claims).await.unwrap().devices.len(), 2);
    assert_eq!(world.service.account(&claims).await.unwrap().list_version, 2);
    world.service.refresh(&sessions[0].tokens.refresh_token).await.unwrap();
}

#[tokio::test]
async fn racing_on_two_nodes_a_grant_makes_one_device_and_a_thief_none() {
    let nodes = World::pair().await;
    let (home, phone, session) = Home::register(&nodes[0], 0).await;
    let new = Phone::new(home.user_id);
    let claims = nodes[0].claims(&session);
    let grant = nodes[0].service.create_grant(&claims, ask(&home, &phone, &new)).await.unwrap().grant;
    let request = completion(&grant, &new);
    let thief = Phone::with_id(home.user_id, new.device_id);
    let stolen = completion(&grant, &thief);
    let mut racers = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (service, is_thief) = (nodes[n % 2].service.clone(), n % 5 == 0);
        let request = if is_thief { stolen.clone() } else { request.clone() };
        racers.spawn(async move { (is_thief, service.complete_link(&request).await) });
    }
    let mut tokens = std::collections::BTreeSet::new();
    for (is_thief, outcome) in racers.join_all().await {
        if is_thief {
            let code = refused(outcome);
            let expected = [ProblemCode::GrantRejected, ProblemCode::InvalidSignature];
            assert!(expected.contains(&code), "{code:?}");
        } else {
            tokens.insert(outcome.unwrap().tokens.refresh_token);
        }
    }
    assert_eq!(tokens.len(), 1, "the same answer from either node");
    assert_eq!(nodes[1].service.devices(&claims).await.unwrap().devices.len(), 2);
    assert_eq!(nodes[1].service.account(&claims).await.unwrap().list_version, 2);
    let other = completion(&grant, &new);
    assert_eq!(refused(nodes[1].service.complete_link(&other).await), ProblemCode::GrantRejected, "used");
}

#[tokio::test]
async fn a_grant_is_for_one_request_one_key_and_five_minutes() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let new = Phone::new(home.user_id);
    let claims = world.claims(&session);
    let grant = world.service.create_grant(&claims, ask(&home, &phone, &new)).await.unwrap().grant;

    let mut stolen = completion(&grant, &new);
    stolen.signature = Phone::new(home.user_id).key.sign(b"anything").to_bytes().to_vec().into();
    assert_eq!(refused(world.service.complete_link(&stolen).await), ProblemCode::GrantRejected);

    let request = completion(&grant, &new);
    world.service.complete_link(&request).await.unwrap();
    let other = completion(&grant, &new);
    assert_eq!(refused(world.service.complete_link(&other).await), ProblemCode::GrantRejected, "other keys");
    world.pass(5 * 60 + 1);
    assert_eq!(refused(world.service.complete_link(&request).await), ProblemCode::GrantRejected, "too late to repeat");
}

#[tokio::test]
async fn a_grant_ends_after_five_minutes_and_with_its_device() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let late = Phone::new(home.user_id);
    let grant = world.service.create_grant(&claims, ask(&home, &phone, &late)).await.unwrap().grant;
    world.pass(5 * 60);
    assert_eq!(refused(world.service.complete_link(&completion(&grant, &late)).await), ProblemCode::GrantRejected);

    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    world.pass(24 * 3600);
    let tablets = world.fresh(world_claims(&linked, &tablet));
    let guest = Phone::new(home.user_id);
    let grant = world.service.create_grant(&tablets, ask(&home, &tablet, &guest)).await.unwrap().grant;
    let entry = home.next(None, Some(tablet.device_id), &phone);
    let revoke = RevokeDeviceRequest { device_list: Some(entry) };
    world.service.revoke_device(&world.fresh(claims), tablet.device_id, &revoke).await.unwrap();
    assert_eq!(refused(world.service.complete_link(&completion(&grant, &guest)).await), ProblemCode::GrantRejected);
}

/// Claims of a device whose token may have expired meanwhile.
fn world_claims(session: &SessionResponse, phone: &Phone) -> AccessClaims {
    AccessClaims {
        user_id: session.user_id,
        device_id: phone.device_id,
        token_generation: 0,
        verified: true,
        fresh_at_ms: None,
    }
}

#[tokio::test]
async fn a_new_device_on_probation_lets_nobody_in_or_out() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let (tablet, linked) = link(&world, &mut home, &phone, &world.claims(&session)).await;
    let tablets = world.fresh(world.claims(&linked));
    let guest = Phone::new(home.user_id);
    let asked = world.service.create_grant(&tablets, ask(&home, &tablet, &guest)).await;
    assert_eq!(refused(asked), ProblemCode::DeviceOnProbation);
    let revoke = RevokeDeviceRequest { device_list: Some(home.next(None, Some(phone.device_id), &tablet)) };
    let revoked = world.service.revoke_device(&tablets, phone.device_id, &revoke).await;
    assert_eq!(refused(revoked), ProblemCode::DeviceOnProbation);
    world.pass(24 * 3600);
    let tablets = world.fresh(tablets);
    world.service.create_grant(&tablets, ask(&home, &tablet, &guest)).await.unwrap();
}

#[tokio::test]
async fn a_grant_needs_a_fresh_password_and_an_entry_that_adds_exactly_the_device() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let new = Phone::new(home.user_id);
    let stale = AccessClaims { fresh_at_ms: None, ..claims };
    let asked = world.service.create_grant(&stale, ask(&home, &phone, &new)).await;
    assert_eq!(refused(asked), ProblemCode::StepUpRequired);

    let mut other = ask(&home, &phone, &new);
    other.device_list = home.next(Some(&Phone::new(home.user_id)), None, &phone);
    assert_eq!(refused(world.service.create_grant(&claims, other).await), ProblemCode::InvalidRequest);

    let by_master =
        CreateGrantRequest { device_list: home.next_by_master(Some(&new), None), ..ask(&home, &phone, &new) };
    assert_eq!(refused(world.service.create_grant(&claims, by_master).await), ProblemCode::Forbidden);

    let unverified = world.claims(&world.service.login(home.login()).await.unwrap());
    let asked = world.service.create_grant(&unverified, ask(&home, &phone, &new)).await;
    assert_eq!(refused(asked), ProblemCode::DeviceUnverified);
}

#[tokio::test]
async fn an_unverified_device_can_be_linked_as_itself() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let waiting = world.service.login(home.login()).await.unwrap();
    let new = Phone::with_id(home.user_id, waiting.device_id);
    let grant = world.service.create_grant(&world.claims(&session), ask(&home, &phone, &new)).await.unwrap().grant;
    let linked = world.service.complete_link(&completion(&grant, &new)).await.unwrap();
    assert_eq!(linked.device_id, waiting.device_id);
    let row = world.row(new.device_id).await;
    assert!(row.verified && row.name == "second");
    let old = world.service.refresh(&waiting.tokens.refresh_token).await;
    assert_eq!(refused(old), ProblemCode::RefreshRejected);
}

#[tokio::test]
async fn of_two_grants_on_one_head_only_one_is_completed() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let mut grants = Vec::new();
    for _ in 0..2 {
        let new = Phone::new(home.user_id);
        let grant = world.service.create_grant(&claims, ask(&home, &phone, &new)).await.unwrap().grant;
        grants.push((grant, new));
    }
    world.service.complete_link(&completion(&grants[0].0, &grants[0].1)).await.unwrap();
    let second = world.service.complete_link(&completion(&grants[1].0, &grants[1].1)).await;
    assert_eq!(refused(second), ProblemCode::ChainConflict);
}

#[tokio::test]
async fn a_grant_names_its_rendezvous_and_forgives_the_attempt_there_alone() {
    let world = World::new().await;
    let (home, phone, session) = Home::register(&world, 0).await;
    let claims = world.fresh(world.claims(&session));
    let mut conn = world.service.database.acquire().await.unwrap();
    let [met, other, reported] = [(); 3].map(|()| RendezvousId(SystemEntropy.uuid()));
    for id in [met, other, reported] {
        link_failures::note(&mut conn, home.user_id, id, id == reported, world.service.clock.now()).await.unwrap();
    }
    let ask_at = |hash: Vec<u8>| CreateGrantRequest {
        rendezvous_hash: hash.into(),
        ..ask(&home, &phone, &Phone::new(home.user_id))
    };
    let none = ask_at(vec![6; 31]);
    assert_eq!(refused(world.service.create_grant(&claims, none).await), ProblemCode::InvalidRequest);
    for at in [reported, met] {
        let request = ask_at(rendezvous_hash(at.0.as_bytes()).to_vec());
        let hash = request.rendezvous_hash.clone();
        let grant = world.service.create_grant(&claims, request).await.unwrap().grant;
        let row = sotto_store::linking::get(&mut conn, &Sha256::digest(&grant.0)).await.unwrap().unwrap();
        assert_eq!(row.rendezvous_hash, hash.0);
        let left = link_failures::newest(&mut conn, home.user_id, 9).await.unwrap().len();
        assert_eq!(left, if at == met { 2 } else { 3 }, "what was reported did fail");
    }
}
