//! The three ways in.

use sotto_sdk::ClientEvent;
use sotto_testkit::{Person, TestCluster, settings};

use super::hands::{Pair, account, asked_approval, asked_digits, digits, takes_part};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_by_qr_code_over_two_nodes() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    alice.link(&cluster, 1).await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(2))).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    assert_eq!(account(&mut pair.new).await, "alice");
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
    assert_eq!(bob.devices[0].shows(id, 2).await, ["to all of you", "from the tablet"]);
    let other = &alice.devices[1];
    other
        .sees("a device that had no part in it is told", |event| match event {
            ClientEvent::DeviceListChanged { list_version: 3 } => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_by_a_typed_code() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.talk_to(&bob).await;
    let mut pair = Pair::by_code(alice.client(), &settings(cluster.url(2))).await;
    pair.prove(6).await;
    pair.existing.approve(None, false);
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_without_a_camera_is_linked_by_its_own_code() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.talk_to(&bob).await;
    let mut pair = Pair::by_scanning_the_new_one(alice.client(), &settings(cluster.url(2))).await;
    let code = digits(&mut pair.existing).await;
    asked_digits(&mut pair.new, 4).await;
    pair.new.type_digits(&code);
    let number = digits(&mut pair.new).await;
    asked_approval(&mut pair.existing, true).await;
    pair.existing.approve(Some(&number), false);
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
}
