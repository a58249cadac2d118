//! Changing who is in.

use sotto_protocol::{
    ProblemCode,
    conversations::MemberState,
    events::InboxBody,
    limits::MAX_CHAIN_LINKS_PER_PAGE,
    membership::{ConversationKind, MembershipAction, Role},
};
use sotto_service::{
    limits::{Limit, Rate},
    messages::Page,
};

use crate::{
    cast::{Person, id},
    world::{World, refused},
};

fn add(person: &Person) -> MembershipAction {
    MembershipAction::Add { members: vec![person.comes_in(Role::Member)] }
}

fn remove(person: &Person) -> MembershipAction {
    MembershipAction::Remove { user_id: person.user_id }
}

#[tokio::test]
async fn a_new_member_has_the_log_from_its_own_link_on() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    world.say(&alice, group).await;
    let added = world.change(&alice, group, add(&carol)).await.unwrap();
    assert_eq!((added.seq, added.roster_version), (3, 2));
    world.say(&bob, group).await;
    let history = world.service.events(&carol.claims(), group, Page::After(0), 10).await.unwrap();
    let seqs: Vec<i64> = history.events.iter().map(|event| event.seq).collect();
    assert_eq!((seqs, history.start_seq), (vec![3, 4], 3));
    let before = world.service.events(&carol.claims(), group, Page::Before(4), 10).await.unwrap();
    assert_eq!(before.events.len(), 1);
    assert_eq!(world.inbox(&carol).await, [InboxBody::ConversationJoined { conversation_id: group }]);
    let roster = world.service.roster(&bob.claims(), group, 1, 1).await.unwrap();
    assert_eq!((roster.roster_version, roster.members.len(), roster.chain.len()), (2, 3, 1));
    let changed: Vec<_> = roster.identities.iter().map(|identity| identity.user_id).collect();
    assert_eq!(changed, [carol.user_id], "only who changed");
}

#[tokio::test]
async fn a_removed_member_finds_nothing_any_more() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    let removed = world.change(&alice, group, remove(&bob)).await.unwrap();
    assert_eq!((removed.seq, removed.roster_version), (2, 2));
    let (service, bobs) = (&world.service, bob.claims());
    assert_eq!(refused(service.conversation(&bobs, group).await), ProblemCode::NotFound);
    assert_eq!(refused(service.events(&bobs, group, Page::After(0), 10).await), ProblemCode::NotFound);
    assert_eq!(refused(service.roster(&bobs, group, 0, 0).await), ProblemCode::NotFound);
    assert_eq!(refused(service.marks(&bobs, group).await), ProblemCode::NotFound);
    assert_eq!(refused(world.send(&bob, group, 2).await), ProblemCode::NotFound);
    assert!(service.conversations(&bobs, None).await.unwrap().conversations.is_empty());
    let left = InboxBody::ConversationLeft { conversation_id: group };
    assert_eq!(world.inbox(&bob).await[1..], [left]);
    assert_eq!(refused(world.send(&alice, group, 1).await), ProblemCode::StaleRoster);

    world.say(&alice, group).await;
    world.change(&alice, group, add(&bob)).await.unwrap();
    let back = service.events(&bobs, group, Page::After(0), 10).await.unwrap();
    let seqs: Vec<i64> = back.events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, [4], "what was said without it stays unseen");
}

#[tokio::test]
async fn of_two_changes_at_the_same_moment_one_wins() {
    let world = World::new().await;
    let [alice, bob, carol, dave] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    let first = world.link(&alice, &alice, group, add(&carol)).await;
    let second = world.link(&alice, &alice, group, add(&dave)).await;
    let claims = alice.claims();
    let (a, b) = tokio::join!(
        world.service.change_membership(&claims, group, &first),
        world.service.change_membership(&claims, group, &second),
    );
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    assert_eq!(won.unwrap().seq, 2);
    assert_eq!(refused(lost), ProblemCode::ChainConflict);
    assert_eq!(world.service.roster(&claims, group, 0, 0).await.unwrap().members.len(), 3);
    let fork = alice.signs(group, 3, Some("another".to_owned()), remove(&bob));
    let fork = world.service.change_membership(&claims, group, &fork).await;
    assert_eq!(refused(fork), ProblemCode::ChainConflict);
}

#[tokio::test]
async fn only_admins_change_and_strangers_learn_nothing() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    assert_eq!(refused(world.change(&bob, group, remove(&alice)).await), ProblemCode::Forbidden);
    let link = world.link(&alice, &carol, group, add(&carol)).await;
    let strange = world.service.change_membership(&carol.claims(), group, &link).await;
    assert_eq!(refused(strange), ProblemCode::NotFound);
    let nowhere = id();
    let link = carol.signs(nowhere, 2, link.prev_hash, add(&carol));
    let unknown = world.service.change_membership(&carol.claims(), nowhere, &link).await;
    assert_eq!(refused(unknown), ProblemCode::NotFound);
}

#[tokio::test]
async fn every_link_raises_the_version_that_messages_bind_themselves_to() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    let promote = MembershipAction::SetRole { user_id: bob.user_id, role: Role::Admin };
    let changed = world.change(&alice, group, promote).await.unwrap();
    assert_eq!((changed.seq, changed.roster_version), (2, 2));
    let retention = MembershipAction::SetRetention { retention_ms: Some(60_000) };
    assert_eq!(world.change(&bob, group, retention).await.unwrap().roster_version, 3);
    let seen = world.service.conversation(&bob.claims(), group).await.unwrap();
    assert_eq!((seen.role, seen.retention_ms, seen.membership_index), (Role::Admin, Some(60_000), 3));
}

#[tokio::test]
async fn when_the_last_admin_leaves_another_takes_over() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    world.change(&alice, group, add(&carol)).await.unwrap();
    world.change(&alice, group, MembershipAction::Leave {}).await.unwrap();
    assert_eq!(world.service.conversation(&bob.claims(), group).await.unwrap().role, Role::Admin);
    let carols = world.service.conversation(&carol.claims(), group).await.unwrap();
    assert_eq!((carols.role, carols.state), (Role::Member, MemberState::Requested));
    assert_eq!(refused(world.service.conversation(&alice.claims(), group).await), ProblemCode::NotFound);
}

#[tokio::test]
async fn a_full_group_takes_nobody_more() {
    let world = World::new().await;
    let [alice, bob, carol, dave, erin] = world.people().await;
    let too_many = world.create(&alice, ConversationKind::Group, &[&bob, &carol, &dave, &erin]).await;
    assert_eq!(refused(too_many), ProblemCode::LimitReached);
    let group = world.group(&alice, &[&bob, &carol, &dave]).await;
    assert_eq!(refused(world.change(&alice, group, add(&erin)).await), ProblemCode::LimitReached);
    world.change(&alice, group, remove(&bob)).await.unwrap();
    world.change(&alice, group, add(&erin)).await.unwrap();
}

#[tokio::test]
async fn a_long_chain_is_read_in_pages_and_the_last_one_has_the_members() {
    let plenty = Rate { burst: 10_000, period_ms: 1 };
    let world = World::limited([(Limit::ConversationUser, plenty)]).await;
    let [alice, bob] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    let links = MAX_CHAIN_LINKS_PER_PAGE + 30;
    let mut link = world.link(&alice, &alice, group, MembershipAction::SetRetention { retention_ms: None }).await;
    for n in 2..=links {
        world.service.change_membership(&alice.claims(), group, &link).await.unwrap();
        let act = MembershipAction::SetRetention { retention_ms: Some(60_000 + n) };
        link = alice.signs(group, n + 1, Some(sotto_identity::hash(&link).unwrap()), act);
    }
    let first = world.service.roster(&bob.claims(), group, 0, 0).await.unwrap();
    assert_eq!((first.chain_next, first.members.len(), first.identities.len()), (Some(MAX_CHAIN_LINKS_PER_PAGE), 0, 0));
    let second = world.service.roster(&bob.claims(), group, 0, MAX_CHAIN_LINKS_PER_PAGE).await.unwrap();
    assert_eq!((second.chain_next, second.members.len(), second.identities.len()), (None, 2, 2));
    let indices: Vec<i64> = first.chain.iter().chain(&second.chain).map(|link| link.index).collect();
    assert_eq!(indices, (1..=links).collect::<Vec<_>>());
    let state = sotto_identity::MembershipState::replay(&[first.chain, second.chain].concat()).unwrap();
    assert_eq!(state.index, links);
}
