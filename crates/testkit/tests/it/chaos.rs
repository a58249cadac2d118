//! A short fixed schedule of faults; `make chaos` has long random ones, with processes that die.

use std::time::Duration;

use sotto_loadgen::{chaos::Mischief, record::What};
use sotto_testkit::{Mode, Proxy, Scene};

/// Broken for so long, then healed.
async fn span(scene: &Scene, name: &str, lasts: Duration, set: impl Fn(bool)) {
    let (name, target) = (name.to_owned(), "test".to_owned());
    scene.crew.world.note(What::Fault { name: name.clone(), target: target.clone() });
    set(true);
    tokio::time::sleep(lasts).await;
    set(false);
    scene.crew.world.note(What::Healed { name, target });
    // Everybody is back before the next one.
    tokio::time::sleep(Duration::from_millis(500)).await;
}

/// What was held back is lost with its connection.
async fn broken(scene: &Scene, name: &str, proxy: &Proxy, mode: Mode) {
    let set = |begins| {
        if begins {
            proxy.set(mode);
        } else {
            proxy.set(Mode::Cut);
            proxy.set(Mode::Pass);
        }
    };
    span(scene, name, Duration::from_millis(1_500), set).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_of_faults_breaks_no_promise() {
    let mut scene = Scene::set(4).await;
    let talk = scene.crew.talk(Duration::from_millis(400));
    let (redis, postgres) = (scene.cluster.redis.clone(), scene.cluster.postgres.clone());
    for mode in [Mode::Cut, Mode::StallDown] {
        broken(&scene, "redis", &redis, mode).await;
        broken(&scene, "postgres", &postgres, mode).await;
        let door = scene.door_of(1, 0).await;
        broken(&scene, "door", &door, mode).await;
    }
    for mischief in [Mischief::Duplicate, Mischief::Reorder, Mischief::LoseAnswers] {
        let set = |begins| scene.crew.mischiefs.set(if begins { mischief } else { Mischief::None });
        span(&scene, "frames", Duration::from_millis(1_500), set).await;
    }
    let slow = scene.phone(2);
    span(&scene, "reading", Duration::from_secs(2), |begins| slow.read(!begins)).await;
    scene.crew.revoke(3, async || Ok(scene.heads().await)).await.unwrap();
    let group = scene.crew.chats.lock().iter().find(|chat| chat.members.len() > 2).map(|chat| chat.id).unwrap();
    scene.crew.remove_last(group).await.unwrap();
    scene.drain(1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    talk.end().await.unwrap();

    let settled = scene.crew.settle(Duration::from_secs(40)).await;
    let verdict = scene.judge(Duration::from_secs(30)).await;
    let text = serde_json::to_string_pretty(&verdict).unwrap();
    assert!(settled && verdict.clean, "{text}");
    assert!(verdict.unknown > 0 && verdict.faults > 9, "{text}");
}
