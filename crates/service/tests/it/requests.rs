//! Message requests: accepting shows one's marks, declining leaves.

use sotto_protocol::{ProblemCode, conversations::MarkRequest, conversations::MemberState, events::InboxBody};
use sotto_service::messages::Page;

use crate::{
    cast::Person,
    world::{World, refused},
};

async fn marks(world: &World, viewer: &Person, id: sotto_protocol::ConversationId) -> Vec<(bool, i64)> {
    let marks = world.service.marks(&viewer.claims(), id).await.unwrap().marks;
    marks.into_iter().map(|mark| (mark.user_id == viewer.user_id, mark.read_seq)).collect()
}

#[tokio::test]
async fn marks_are_shown_from_acceptance_on() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let direct = world.direct(&alice, &bob).await;
    let read = MarkRequest { read_seq: Some(1), delivered_seq: None };
    world.service.mark(&bob.claims(), direct, &read).await.unwrap();
    world.service.cluster.flush_marks().await;
    assert_eq!(marks(&world, &alice, direct).await, []);
    assert_eq!(marks(&world, &bob, direct).await, [(true, 1)]);
    let accepted = world.service.accept_conversation(&bob.claims(), direct).await.unwrap();
    assert_eq!(accepted.state, MemberState::Joined);
    assert_eq!(marks(&world, &alice, direct).await, [(false, 1)]);
    let again = world.service.accept_conversation(&bob.claims(), direct).await.unwrap();
    assert_eq!(again, accepted, "once more is harmless");
}

#[tokio::test]
async fn ones_other_devices_are_told_of_an_acceptance_once() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let bobs_tablet = world.device_of(&bob).await;
    let direct = world.direct(&alice, &bob).await;
    for _ in 0..2 {
        world.service.accept_conversation(&bob.claims(), direct).await.unwrap();
    }
    let joined = InboxBody::ConversationJoined { conversation_id: direct };
    let accepted = InboxBody::ConversationAccepted { conversation_id: direct };
    assert_eq!(world.inbox(&bobs_tablet).await, [joined.clone(), accepted]);
    assert_eq!(world.inbox(&bob).await, [joined], "who accepted knows");
    assert_eq!(world.inbox(&alice).await.len(), 1, "the others see it by marks and presence only");
}

#[tokio::test]
async fn nonsense_marks_store_nothing() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let direct = world.direct(&alice, &bob).await;
    let nonsense = MarkRequest { read_seq: Some(-7), delivered_seq: Some(i64::MIN) };
    world.service.mark(&alice.claims(), direct, &nonsense).await.unwrap();
    world.service.cluster.flush_marks().await;
    assert_eq!(marks(&world, &alice, direct).await, []);
}

#[tokio::test]
async fn who_declines_is_out_and_may_come_back_by_writing() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let direct = world.direct(&alice, &bob).await;
    world.say(&alice, direct).await;
    world.service.decline_conversation(&bob.claims(), direct).await.unwrap();
    assert_eq!(refused(world.service.conversation(&bob.claims(), direct).await), ProblemCode::NotFound);
    assert_eq!(refused(world.send(&alice, direct, 1).await), ProblemCode::StaleRoster);
    assert_eq!(world.service.roster(&alice.claims(), direct, 0, 0).await.unwrap().members.len(), 1);
    assert_eq!(world.direct(&alice, &bob).await, direct, "asking again does not bring the other one back");
    assert_eq!(refused(world.service.conversation(&bob.claims(), direct).await), ProblemCode::NotFound);

    assert_eq!(world.direct(&bob, &alice).await, direct);
    let back = world.service.conversation(&bob.claims(), direct).await.unwrap();
    assert_eq!((back.state, back.start_seq, back.roster_version), (MemberState::Joined, 3, 3));
    let history = world.service.events(&bob.claims(), direct, Page::After(0), 10).await.unwrap();
    assert!(history.events.is_empty(), "what was said while it was out stays unseen");
    let joined = InboxBody::ConversationJoined { conversation_id: direct };
    let left = InboxBody::ConversationLeft { conversation_id: direct };
    assert_eq!(world.inbox(&bob).await, [joined.clone(), left, joined]);
    assert_eq!(world.say(&bob, direct).await, 3);
}

#[tokio::test]
async fn what_was_accepted_is_left_and_not_declined() {
    let world = World::new().await;
    let [alice, bob, carol] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    world.service.accept_conversation(&bob.claims(), group).await.unwrap();
    assert_eq!(refused(world.service.decline_conversation(&bob.claims(), group).await), ProblemCode::Forbidden);
    for outcome in [
        world.service.decline_conversation(&carol.claims(), group).await,
        world.service.accept_conversation(&carol.claims(), group).await.map(|_| ()),
    ] {
        assert_eq!(refused(outcome), ProblemCode::NotFound);
    }
}
