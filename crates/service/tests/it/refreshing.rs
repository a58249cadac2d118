//! Refresh tokens.

use sotto_protocol::ProblemCode;

use crate::{
    home::Home,
    world::{World, refused},
};

#[tokio::test]
async fn a_replay_within_a_minute_gives_the_same_successor() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let first = &session.tokens.refresh_token;
    let next = world.service.refresh(first).await.unwrap().refresh_token;
    world.pass(59);
    assert_eq!(world.service.refresh(first).await.unwrap().refresh_token, next);
    let after = world.service.refresh(&next).await.unwrap().refresh_token;
    assert_ne!(after, next);
}

#[tokio::test]
async fn a_token_used_after_its_successor_was_ends_the_family() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let first = &session.tokens.refresh_token;
    let next = world.service.refresh(first).await.unwrap().refresh_token;
    let third = world.service.refresh(&next).await.unwrap().refresh_token;
    assert_eq!(refused(world.service.refresh(first).await), ProblemCode::RefreshRejected);
    assert_eq!(
        refused(world.service.refresh(&third).await),
        ProblemCode::RefreshRejected,
        "the thief's and the owner's"
    );
}

#[tokio::test]
async fn a_replay_after_a_minute_ends_the_family() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let first = &session.tokens.refresh_token;
    let next = world.service.refresh(first).await.unwrap().refresh_token;
    world.pass(61);
    assert_eq!(refused(world.service.refresh(first).await), ProblemCode::RefreshRejected);
    assert_eq!(refused(world.service.refresh(&next).await), ProblemCode::RefreshRejected);
}

#[tokio::test]
async fn racing_refreshes_get_one_successor() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (service, token) = (world.service.clone(), session.tokens.refresh_token.clone());
        racers.spawn(async move { service.refresh(&token).await.unwrap().refresh_token });
    }
    let mut got = racers.join_all().await;
    got.dedup();
    assert_eq!(got.len(), 1);
}

#[tokio::test]
async fn tokens_end_after_a_month_and_unknown_ones_never_count() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    for unknown in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(refused(world.service.refresh(unknown).await), ProblemCode::RefreshRejected);
    }
    world.pass(30 * 24 * 3600);
    let late = world.service.refresh(&session.tokens.refresh_token).await;
    assert_eq!(refused(late), ProblemCode::RefreshRejected);
}
