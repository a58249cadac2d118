//! Reading and removing.

use sotto_protocol::{ProblemCode, events::EventBody};
use sotto_service::messages::Page;

use crate::{
    cast::id,
    world::{World, refused},
};

#[tokio::test]
async fn a_page_has_between_one_and_two_hundred_events() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let group = world.group(&alice, &[&bob]).await;
    for limit in [i64::MIN, 0, 201] {
        let page = world.service.events(&alice.claims(), group, Page::After(0), limit).await;
        assert_eq!(refused(page), ProblemCode::InvalidRequest);
    }
    for page in [Page::After(i64::MAX), Page::After(i64::MIN), Page::Before(i64::MIN), Page::Before(i64::MAX)] {
        let events = world.service.events(&alice.claims(), group, page, 200).await.unwrap().events;
        assert_eq!(events.len(), usize::from(matches!(page, Page::After(i64::MIN) | Page::Before(i64::MAX))));
    }
    let unknown = world.service.events(&alice.claims(), id(), Page::After(0), 10).await;
    assert_eq!(refused(unknown), ProblemCode::NotFound);
}

#[tokio::test]
async fn a_sender_removes_its_message_from_any_of_its_devices() {
    let world = World::new().await;
    let [alice, bob] = world.people().await;
    let phone = world.device_of(&alice).await;
    let group = world.group(&alice, &[&bob]).await;
    let seq = world.say(&alice, group).await;
    let (service, bobs) = (&world.service, bob.claims());
    assert_eq!(refused(service.remove_message(&bobs, group, seq).await), ProblemCode::NotFound);
    let removed = service.remove_message(&phone.claims(), group, seq).await.unwrap();
    assert_eq!(removed.seq, seq + 1);
    let events = service.events(&bobs, group, Page::After(seq - 1), 10).await.unwrap().events;
    assert!(matches!(events[0].body, EventBody::Gone { txn_id, .. } if txn_id == removed.txn_id));
    assert_eq!(events[1].body, EventBody::Removal { target_seq: seq });
    assert_eq!(refused(service.remove_message(&alice.claims(), group, seq).await), ProblemCode::NotFound);
    assert_eq!(refused(service.remove_message(&alice.claims(), group, 1).await), ProblemCode::NotFound);
}
