//! Making conversations.

use sotto_protocol::{
    ProblemCode, UserId,
    conversations::MemberState,
    events::{EventBody, InboxBody},
    membership::{ConversationKind, MembershipAction, Role},
};
use sotto_service::{
    Entropy as _, SystemEntropy,
    limits::{Limit, Rate},
    messages::Page,
};
use sotto_store::{people, revocations};
use time::OffsetDateTime;

use crate::{
    cast::id,
    world::{World, refused},
};

const DIRECT: ConversationKind = ConversationKind::Direct;
const GROUP: ConversationKind = ConversationKind::Group;

#[tokio::test]
async fn every_device_of_every_member_is_told_and_finds_the_signed_link() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let phone = world.device_of(&bob).await;
    let laptop = world.device_of(&alice).await;
    let conversation_id = world.group(&alice, &[&bob]).await;
    for device in [&alice, &laptop, &bob, &phone] {
        assert_eq!(world.inbox(device).await, [InboxBody::ConversationJoined { conversation_id }]);
        let page = world.service.events(&device.claims(), conversation_id, Page::After(0), 10).await.unwrap();
        assert_eq!((page.last_seq, page.start_seq, page.events.len()), (1, 1, 1));
        let EventBody::Membership { change } = &page.events[0].body else { panic!("{:?}", page.events) };
        let ed25519 = sotto_protocol::Base64Bytes(alice.key.verifying_key().as_bytes().to_vec()).to_base64();
        sotto_identity::check_change_signature(change, &ed25519).unwrap();
    }
}

#[tokio::test]
async fn strangers_are_asked_and_contacts_are_in() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let direct = world.direct(&alice, &bob).await;
    let state = async |person, id| world.service.conversation(&crate::cast::Person::claims(person), id).await.unwrap();
    assert_eq!(state(&alice, direct).await.state, MemberState::Joined);
    assert_eq!(state(&bob, direct).await.state, MemberState::Requested);
    world.service.accept_conversation(&bob.claims(), direct).await.unwrap();
    let group = world.group(&alice, &[&bob, &carol]).await;
    assert_eq!(state(&bob, group).await.state, MemberState::Joined);
    assert_eq!(state(&carol, group).await.state, MemberState::Requested);
}

#[tokio::test]
async fn a_pair_has_one_direct_conversation_whoever_asks_and_at_the_same_moment() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let (with_bob, with_alice) = ([&bob], [&alice]);
    let (a, b) = tokio::join!(world.create(&alice, DIRECT, &with_bob), world.create(&bob, DIRECT, &with_alice));
    let conversation_id = a.unwrap().conversation_id;
    assert_eq!(b.unwrap().conversation_id, conversation_id);
    assert_eq!(world.direct(&alice, &bob).await, conversation_id);
    assert_eq!(world.inbox(&bob).await, [InboxBody::ConversationJoined { conversation_id }]);
}

#[tokio::test]
async fn an_id_is_used_once() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let link = alice.creates(id(), GROUP, &[&bob]);
    world.service.create_conversation(&alice.claims(), &link).await.unwrap();
    let again = world.service.create_conversation(&alice.claims(), &link).await;
    assert_eq!(refused(again), ProblemCode::AlreadyExists);
    let direct = carol.creates(link.conversation_id, DIRECT, &[&bob]);
    let taken = world.service.create_conversation(&carol.claims(), &direct).await;
    assert_eq!(refused(taken), ProblemCode::AlreadyExists);
}

#[tokio::test]
async fn who_comes_in_exists_and_has_the_key_that_the_link_names() {
    let world = World::new().await;
    let [alice, mut bob, carol] = world.people().await;
    bob.master_key = carol.master_key.clone();
    assert_eq!(refused(world.create(&alice, GROUP, &[&bob]).await), ProblemCode::InvalidRequest);
    bob.user_id = UserId(SystemEntropy.uuid());
    assert_eq!(refused(world.create(&alice, GROUP, &[&bob]).await), ProblemCode::NotFound);
}

#[tokio::test]
async fn only_the_calling_device_signs() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let phone = world.device_of(&alice).await;
    let link = alice.creates(id(), GROUP, &[&bob]);
    let by_phone = world.service.create_conversation(&phone.claims(), &link).await;
    assert_eq!(refused(by_phone), ProblemCode::InvalidRequest);
    let mut forged = link.clone();
    forged.conversation_id = id();
    let outcome = world.service.create_conversation(&alice.claims(), &forged).await;
    assert_eq!(refused(outcome), ProblemCode::InvalidSignature);
    let mut unsigned = link.clone();
    unsigned.signatures.clear();
    let outcome = world.service.create_conversation(&alice.claims(), &unsigned).await;
    assert_eq!(refused(outcome), ProblemCode::InvalidSignature);
}

#[tokio::test]
async fn a_revoked_device_makes_and_changes_nothing() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let phone = world.device_of(&alice).await;
    let group = world.group(&alice, &[&bob]).await;
    let link = world.link(&alice, &phone, group, MembershipAction::Leave {}).await;
    let mut conn = world.service.database.acquire().await.unwrap();
    revocations::end_device(&mut conn, phone.device_id, OffsetDateTime::UNIX_EPOCH).await.unwrap();
    drop(conn);
    assert_eq!(refused(world.create(&phone, GROUP, &[&bob]).await), ProblemCode::DeviceRevoked);
    let change = world.service.change_membership(&phone.claims(), group, &link).await;
    assert_eq!(refused(change), ProblemCode::DeviceRevoked);
    assert_eq!(world.service.conversation(&alice.claims(), group).await.unwrap().last_seq, 1);
}

#[tokio::test]
async fn a_block_keeps_direct_conversations_and_groups_away() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let mut conn = world.service.database.acquire().await.unwrap();
    people::block(&mut conn, bob.user_id, alice.user_id, OffsetDateTime::UNIX_EPOCH).await.unwrap();
    drop(conn);
    assert_eq!(refused(world.create(&alice, DIRECT, &[&bob]).await), ProblemCode::Blocked);
    assert_eq!(refused(world.create(&bob, DIRECT, &[&alice]).await), ProblemCode::Blocked);
    assert_eq!(refused(world.create(&alice, GROUP, &[&bob]).await), ProblemCode::Blocked);
    let group = world.group(&alice, &[]).await;
    let add = MembershipAction::Add { members: vec![bob.comes_in(Role::Member)] };
    assert_eq!(refused(world.change(&alice, group, add).await), ProblemCode::Blocked);
}

#[tokio::test]
async fn requests_to_strangers_are_limited_and_talk_with_contacts_is_not() {
    let world = World::limited([(Limit::StrangerUser, Rate { burst: 2, period_ms: 3_600_000 })]).await;
    let [alice, bob, carol, dave] = world.people().await;
    let direct = world.direct(&alice, &bob).await;
    world.direct(&alice, &carol).await;
    assert_eq!(refused(world.create(&alice, DIRECT, &[&dave]).await), ProblemCode::RateLimited);
    world.service.accept_conversation(&bob.claims(), direct).await.unwrap();
    world.group(&alice, &[&bob]).await;
}
