//! Nodes, Redis and devices that die in the middle.

use std::{sync::Arc, time::Duration};

use sotto_protocol::ProblemCode;
use sotto_sdk::{Client, LinkFailure, Running, Settings};
use sotto_testkit::{Mode, PASSWORD, Person, Proxy, TestCluster, TestDevice, eventually, settings};

use super::{
    hands::{Pair, account, asked_approval, asked_digits, digits, failure, shown, step, store, tablet, takes_part},
    refused::Leaping,
};

fn on(cluster: &TestCluster, nodes: &[usize]) -> Settings {
    let endpoints = nodes.iter().map(|node| cluster.url(*node).to_owned()).collect();
    Settings { endpoints, ..settings(String::new()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dies_in_the_middle_is_no_end() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register_on(&cluster, &[0, 2], "alice").await;
    let bob = Person::register(&cluster, 2, "bob").await;
    alice.talk_to(&bob).await;
    let mut pair = Pair::by_qr(alice.client(), &on(&cluster, &[1, 2])).await;
    let code = digits(&mut pair.new).await;
    cluster.nodes[0].abort();
    pair.existing.type_digits(&code);
    asked_approval(&mut pair.existing, false).await;
    cluster.nodes[1].abort();
    pair.existing.approve(None, false);
    assert_eq!(account(&mut pair.new).await, "alice");
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moment_without_redis_is_bridged_and_a_longer_one_is_said_and_over() {
    let cluster = TestCluster::start(2).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    alice.talk_to(&bob).await;
    let new = settings(cluster.url(1));
    let mut pair = Pair::by_qr(alice.client(), &new).await;
    let code = digits(&mut pair.new).await;
    cluster.redis.set(Mode::Cut);
    pair.existing.type_digits(&code);
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.redis.set(Mode::Pass);
    asked_approval(&mut pair.existing, false).await;

    cluster.redis.set(Mode::Cut);
    let (existing, entered) = pair.finish().await;
    for failure in [failure(existing), failure(entered)] {
        assert!(matches!(failure, LinkFailure::Refused(ProblemCode::LinkingUnavailable)));
        assert!(failure.to_string().contains("can't be linked right now"), "{failure}");
    }
    cluster.redis.set(Mode::Pass);
    eventually("linking is there again", async || {
        let mut shows = alice.client().link_by_showing(PASSWORD).await.ok()?;
        shows.next().await.map(drop)
    })
    .await;
    let mut pair = Pair::by_qr(alice.client(), &new).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_written_again_and_is_there_once() {
    let cluster = TestCluster::start(2).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    alice.talk_to(&bob).await;
    let line = Proxy::start(cluster.url(1).trim_start_matches("http://")).await.unwrap();
    let mut new = Client::enter_by_showing(&settings(format!("http://{}", line.address)), store(), tablet()).unwrap();
    let qr = shown(&mut new).await.0;
    let existing = alice.client().link_by_scanning(PASSWORD, qr.bytes()).await.unwrap();
    let mut pair = Pair { existing, new };
    let code = digits(&mut pair.existing).await;
    asked_digits(&mut pair.new, 4).await;
    line.set(Mode::StallDown);
    pair.new.type_digits(&code);
    eventually("the introduction is in the slot", async || (step(&cluster, qr.bytes()).await == 3).then_some(())).await;
    line.set(Mode::Cut);
    line.set(Mode::Pass);
    let number = digits(&mut pair.new).await;
    asked_approval(&mut pair.existing, true).await;
    pair.existing.approve(Some(&number), false);
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_dies_before_the_secrets_sends_them_when_it_is_back() {
    let cluster = TestCluster::start(2).await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let (here, kept) = (settings(cluster.url(0)), store());
    // The existing device lives in a runtime of its own, so that it can die.
    let life = tokio::runtime::Runtime::new().unwrap();
    let (its_settings, its_store) = (here.clone(), kept.clone());
    let begin = async move {
        let made = Client::register(&its_settings, its_store, "alice", PASSWORD, tablet()).await.unwrap();
        let mut linking = made.client.link_by_showing(PASSWORD).await.unwrap();
        let qr = shown(&mut linking).await.0;
        (TestDevice::new(Running { client: made.client, events: made.events }), linking, qr)
    };
    let (alice, existing, qr) = life.spawn(begin).await.unwrap();
    let user_id = alice.client.user_id();
    bob.client().find_person("alice").await.unwrap();
    let id = bob.client().create_direct(user_id).await.unwrap();
    let client = alice.client.clone();
    life.spawn(async move { client.accept(id).await }).await.unwrap().unwrap();

    let line = Proxy::start(cluster.url(1).trim_start_matches("http://")).await.unwrap();
    let clock = Arc::new(Leaping::default());
    let there = Settings { environment: clock.clone(), ..settings(format!("http://{}", line.address)) };
    let new = Client::enter_by_scanning(&there, store(), tablet(), qr.bytes()).unwrap();
    let mut pair = Pair { existing, new };
    pair.prove(4).await;
    line.set(Mode::Stall);
    pair.existing.approve(None, false);
    eventually("the admission is in the slot", async || (step(&cluster, qr.bytes()).await == 4).then_some(())).await;
    life.shutdown_background();
    line.set(Mode::Pass);
    assert_eq!(account(&mut pair.new).await, "alice");
    eventually("the new device has arrived", async || (step(&cluster, qr.bytes()).await == 5).then_some(())).await;
    clock.leap(Duration::from_secs(301));
    let device = TestDevice::new(pair.new.finish().await.unwrap());
    assert!(!device.client.holds_account_secrets().await, "it is in, and waits for them");

    let back = TestDevice::new(Client::open(&here, kept).await.unwrap().unwrap());
    eventually("they came as an envelope", async || device.client.holds_account_secrets().await.then_some(())).await;
    bob.devices[0].say(id, "to both").await;
    assert_eq!(device.shows(id, 1).await, ["to both"]);
    assert_eq!(back.shows(id, 1).await, ["to both"]);
    drop(alice);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_that_dies_while_it_is_taken_in_signs_in_afterwards() {
    let cluster = TestCluster::start(1).await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let clock = Arc::new(Leaping::default());
    let here = Settings { environment: clock.clone(), ..settings(cluster.url(0)) };
    let made = Client::register(&here, store(), "alice", PASSWORD, tablet()).await.unwrap();
    let alice = TestDevice::new(Running { client: made.client, events: made.events });
    bob.client().find_person("alice").await.unwrap();
    let id = bob.client().create_direct(alice.client.user_id()).await.unwrap();
    alice.client.accept(id).await.unwrap();
    let line = Proxy::start(cluster.url(0).trim_start_matches("http://")).await.unwrap();
    let (there, kept) = (settings(format!("http://{}", line.address)), store());
    let life = tokio::runtime::Runtime::new().unwrap();
    let mut existing = alice.client.link_by_showing(PASSWORD).await.unwrap();
    let (qr, _) = shown(&mut existing).await;
    let (its_settings, its_store) = (there.clone(), kept.clone());
    let enter = async move { Client::enter_by_scanning(&its_settings, its_store, tablet(), qr.bytes()) };
    let new = life.spawn(enter).await.unwrap().unwrap();
    let mut pair = Pair { existing, new };
    pair.prove(4).await;
    line.set(Mode::Delay(Duration::from_millis(100)));
    pair.existing.approve(None, false);
    account(&mut pair.new).await;
    line.set(Mode::StallDown);
    eventually("the server took it in", async || {
        let devices = alice.client.http().list_devices().await.ok()?.devices;
        (devices.len() == 2).then_some(())
    })
    .await;
    life.shutdown_background();
    line.set(Mode::Cut);
    clock.leap(Duration::from_secs(301));
    assert!(matches!(failure(pair.existing.finish().await), LinkFailure::Expired));
    line.set(Mode::Pass);
    let device = TestDevice::new(Client::sign_in(&there, kept, PASSWORD).await.unwrap());
    device.client.caught_up().await.unwrap();
    bob.devices[0].say(id, "to both").await;
    assert_eq!(device.shows(id, 1).await, ["to both"]);
    eventually("it has the secrets", async || device.client.holds_account_secrets().await.then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_on_a_device_that_the_server_does_not_take_in() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let line = Proxy::start(cluster.url(0).trim_start_matches("http://")).await.unwrap();
    let (there, kept) = (settings(format!("http://{}", line.address)), store());
    let mut pair = Pair::in_store(alice.client(), &there, kept.clone()).await;
    pair.prove(4).await;
    line.set(Mode::Delay(Duration::from_millis(300)));
    pair.existing.approve(None, false);
    account(&mut pair.new).await;
    sqlx::query("DELETE FROM link_grants").execute(cluster.database.pool()).await.unwrap();
    let (existing, entered) = pair.finish().await;
    assert!(matches!(failure(entered), LinkFailure::Refused(ProblemCode::GrantRejected)));
    assert!(matches!(failure(existing), LinkFailure::Ended));
    assert!(Client::open(&there, kept).await.unwrap().is_none());
}
