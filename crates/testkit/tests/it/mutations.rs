//! The checker is checked: a build that breaks a promise fails it, for its own reason, and one that keeps it does not.
//!
//! Each fault is the one that brings a mutation to light; `no_mutation_is_clean` plays them all without any.

use std::time::Duration;

use sotto_loadgen::chaos::Mischief;
use sotto_store::faults::{Action, Mutation, Point};
use sotto_testkit::{Mode, Scene, eventually};

/// How long a broken cluster is watched.
const PATIENCE: Duration = Duration::from_secs(8);

async fn mutated(mutation: Mutation) -> Scene {
    let scene = Scene::set(3).await;
    scene.cluster.faults.mutate(&scene.cluster.database, Some(mutation)).await.unwrap();
    scene
}

/// The checker reports these invariants and none of those, which are for other mutations.
async fn reports(scene: &Scene, expected: &[u8], others: &[u8]) {
    scene.crew.settle(PATIENCE).await;
    let verdict = scene.judge(Duration::from_secs(5)).await;
    let text = serde_json::to_string_pretty(&verdict).unwrap();
    println!("{text}");
    let broken = |invariant: &u8| verdict.breaches(*invariant) > 0;
    assert!(expected.iter().all(broken) && !others.iter().any(broken), "{text}");
}

async fn answered(scene: &Scene) {
    eventually("everything is answered", async || (scene.crew.open().0 == 0).then_some(())).await;
}

/// PostgreSQL is gone between a batch's arrival and its commit.
async fn postgres_goes_before_the_commit(scene: &Scene) {
    scene.cluster.faults.arm(Some((Point::BeforeCommit, Action::PauseMs(1_500))));
    scene.phone(0).say(scene.chat(0), "between arrival and commit").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    scene.cluster.postgres.set(Mode::Cut);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    scene.cluster.postgres.set(Mode::Pass);
}

/// Sends leave twice.
async fn sends_leave_twice(scene: &Scene) {
    scene.crew.mischiefs.set(Mischief::Duplicate);
    scene.crew.say_everywhere(3).await.unwrap();
    answered(scene).await;
    scene.crew.mischiefs.set(Mischief::None);
}

/// A transaction that has its positions already is rolled back: it waits for an inbox, and its connection is ended.
async fn a_transaction_is_rolled_back(scene: &Scene) {
    let pool = scene.cluster.database.pool();
    let chat = scene.crew.begin(vec![0, 2]).await.unwrap();
    scene.phone(2).say(chat, "first").await.unwrap();
    assert!(scene.crew.settle(Duration::from_secs(20)).await);
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM inboxes FOR UPDATE").execute(&mut *lock).await.unwrap();
    // The first message of a device in a conversation takes keys along.
    scene.phone(0).say(chat, "with keys").await.unwrap();
    eventually("the writer waits and is ended", async || {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
             AND wait_event_type = 'Lock' AND query LIKE '%append_messages%'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        (!ended.is_empty()).then_some(())
    })
    .await;
    lock.rollback().await.unwrap();
}

/// What a node sends to a device is lost on the way: it arrives nowhere, and then the connection breaks.
async fn what_was_sent_to_a_device_is_lost(scene: &Scene) {
    let chat = scene.crew.begin(vec![0, 1, 2]).await.unwrap();
    assert!(scene.crew.settle(Duration::from_secs(20)).await);
    let door = scene.door_of(1, 0).await;
    door.set(Mode::StallDown);
    scene.speaker_elsewhere(1, 0).say(chat, "with keys").await.unwrap();
    answered(scene).await;
    // Until it is in the door.
    tokio::time::sleep(Duration::from_secs(1)).await;
    door.set(Mode::Cut);
    door.set(Mode::Pass);
}

/// Redis is away while people talk from node to node, and back before they talk again.
async fn wakes_are_lost(scene: &Scene) {
    let nodes = &scene.cluster.nodes;
    let connected = |up: bool| nodes.iter().all(|node| node.service.bus.is_connected() == up).then_some(());
    scene.cluster.redis.set(Mode::Cut);
    eventually("the nodes notice", async || connected(false)).await;
    scene.crew.say_everywhere(1).await.unwrap();
    answered(scene).await;
    // The last word: no later message of the other node shows it that one is missing.
    tokio::time::sleep(Duration::from_millis(500)).await;
    scene.phone(0).say(scene.chat(0), "the last word").await.unwrap();
    answered(scene).await;
    // Until the publishers have given up.
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.cluster.redis.set(Mode::Pass);
    eventually("the nodes are connected again", async || connected(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mutation_is_clean() {
    let scene = Scene::set(3).await;
    postgres_goes_before_the_commit(&scene).await;
    sends_leave_twice(&scene).await;
    a_transaction_is_rolled_back(&scene).await;
    what_was_sent_to_a_device_is_lost(&scene).await;
    wakes_are_lost(&scene).await;
    assert!(scene.crew.settle(Duration::from_secs(30)).await, "{:?}", scene.crew.open());
    let verdict = scene.judge(Duration::from_secs(30)).await;
    assert!(verdict.clean, "{}", serde_json::to_string_pretty(&verdict).unwrap());
    assert!(verdict.invariants.iter().take(10).all(|finding| finding.checked > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_before_the_commit_is_found() {
    let scene = mutated(Mutation::AckBeforeCommit).await;
    postgres_goes_before_the_commit(&scene).await;
    reports(&scene, &[1, 8], &[5, 6, 7]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_is_stored_again_is_found() {
    let scene = mutated(Mutation::SkipDedupe).await;
    sends_leave_twice(&scene).await;
    reports(&scene, &[6], &[1, 5, 8]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_from_a_sequence_are_found() {
    let scene = mutated(Mutation::SeqFromSequence).await;
    a_transaction_is_rolled_back(&scene).await;
    reports(&scene, &[5], &[6, 7, 8]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_that_is_deleted_on_sending_is_found() {
    let scene = mutated(Mutation::DeleteInboxOnSend).await;
    what_was_sent_to_a_device_is_lost(&scene).await;
    reports(&scene, &[7], &[1, 5, 6, 8]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_that_nobody_reads_is_found() {
    let scene = mutated(Mutation::NeverTail).await;
    wakes_are_lost(&scene).await;
    reports(&scene, &[1, 10], &[5, 6, 8]).await;
}
