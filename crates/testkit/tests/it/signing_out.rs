//! Signing out: oneself, everybody else, and what a device that is out says and forgets.

use sotto_protocol::{CloseCode, accounts::LogoutRequest};
use sotto_sdk::{Client, ClientEvent, Settings, SignOutReason, Store, SystemEnvironment};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice, eventually, unique};

async fn reason(device: &TestDevice) -> SignOutReason {
    let said = |event: &ClientEvent| match event {
        ClientEvent::SignedOut { reason } => Some(*reason),
        _ => None,
    };
    let reason = device.sees("why it is signed out", said).await;
    device.sees("its end", |event| matches!(event, ClientEvent::Closed { .. }).then_some(())).await;
    assert_eq!(device.count(|event| matches!(event, ClientEvent::SignedOut { .. })), 1, "said once");
    reason
}

/// A device of this person in a store that the test keeps.
async fn linked(cluster: &TestCluster, person: &Person, node: usize, store: &std::sync::Arc<Store>) -> TestDevice {
    let device = sotto_protocol::devices::NewDevice {
        name: "kept".into(),
        device_type: sotto_protocol::devices::DeviceType::Desktop,
    };
    let settings = Settings::new(cluster.url(node));
    let running = person.client().link_new_device(&settings, store.clone(), PASSWORD, device).await.unwrap();
    let device = TestDevice::new(running);
    device.client.caught_up().await.unwrap();
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_signs_itself_out_is_out_of_the_list_and_forgets_everything() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = bob.talk_to(&alice).await;
    let store = Store::in_memory([5; 32], &SystemEnvironment).unwrap();
    let second = linked(&cluster, &alice, 1, &store).await;
    bob.devices[0].say(id, "to both").await;
    second.shows(id, 1).await;
    assert_eq!(second.client.sign_out().await.unwrap(), SignOutReason::SignedOut);
    assert_eq!(reason(&second).await, SignOutReason::SignedOut);
    assert!(second.client.messages(id, 0, 10).await.unwrap().is_empty());
    assert!(second.client.http().tokens().is_none());
    drop(second);
    assert!(Client::open(&Settings::new(cluster.url(1)), store).await.unwrap().is_none(), "there is no device here");
    eventually("it is out of the list", async || {
        (alice.client().devices().await.ok()?.devices.len() == 1).then_some(())
    })
    .await;
    bob.devices[0].say(id, "to one").await;
    assert_eq!(alice.devices[0].shows(id, 2).await, ["to both", "to one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_device_signs_out_without_leaving_and_keeps_its_keys() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    assert_eq!(alice.client().sign_out().await.unwrap(), SignOutReason::TokensEnded);
    assert_eq!(reason(&alice.devices[0]).await, SignOutReason::TokensEnded);
    assert!(alice.client().safety_number(alice.client().user_id()).await.is_some(), "its keys are here still");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_again_after_a_lost_answer_is_the_same_and_costs_no_keys() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    let (client, http) = (alice.client(), alice.client().http());
    let held = http.tokens();
    http.logout(&LogoutRequest::default()).await.unwrap();
    // As if the answer had not come.
    http.set_tokens(held);
    assert_eq!(client.sign_out().await.unwrap(), SignOutReason::TokensEnded);
    assert_eq!(reason(&alice.devices[0]).await, SignOutReason::TokensEnded);
    assert!(client.safety_number(client.user_id()).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_says_so_forgets_its_keys_and_keeps_its_messages_for_the_app() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = bob.talk_to(&alice).await;
    let store = Store::in_memory([5; 32], &SystemEnvironment).unwrap();
    let lost = linked(&cluster, &alice, 1, &store).await;
    bob.devices[0].say(id, "before").await;
    lost.shows(id, 1).await;
    alice.client().revoke_device(lost.client.device_id(), PASSWORD).await.unwrap();
    assert_eq!(reason(&lost).await, SignOutReason::Revoked);
    let closed = |event: &ClientEvent| match event {
        ClientEvent::Closed { code } => Some(*code),
        _ => None,
    };
    assert_eq!(lost.sees("the code", closed).await, Some(CloseCode::Revoked.code()));
    bob.devices[0].say(id, "after").await;
    alice.devices[0].shows(id, 2).await;
    assert_eq!(lost.texts(id), ["before"]);
    assert!(lost.client.send(id, &sotto_sdk::MessageBody::text("lost")).await.is_err(), "it has no keys");
    assert_eq!(lost.client.messages(id, 0, 10).await.unwrap().len(), 1);
    drop(lost);
    assert!(Client::open(&Settings::new(cluster.url(1)), store).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_away_when_it_was_revoked_learns_it_when_it_signs_in() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    let store = Store::in_memory([5; 32], &SystemEnvironment).unwrap();
    let away = linked(&cluster, &alice, 1, &store).await;
    away.client.shut_down();
    away.sees("its end", |event| matches!(event, ClientEvent::Closed { .. }).then_some(())).await;
    alice.client().revoke_device(away.client.device_id(), PASSWORD).await.unwrap();
    drop(away);
    let settings = Settings::new(cluster.url(1));
    assert!(Client::sign_in(&settings, store.clone(), PASSWORD).await.is_err());
    assert!(Client::open(&settings, store).await.unwrap().is_none(), "its keys are gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_else_leaves_this_device_alone() {
    let cluster = TestCluster::start(2).await;
    let mut alice = Person::register(&cluster, 0, &unique("alice")).await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.link(&cluster, 1).await;
    alice.link(&cluster, 0).await;
    let id = bob.talk_to(&alice).await;
    alice.knows(id).await;
    let settings = Settings::new(cluster.url(1));
    let waiting = Client::sign_in_new(
        &settings,
        Store::in_memory([6; 32], &SystemEnvironment).unwrap(),
        &alice.name,
        PASSWORD,
        sotto_protocol::devices::NewDevice {
            name: "waiting".into(),
            device_type: sotto_protocol::devices::DeviceType::Web,
        },
    );
    let waiting = TestDevice::new(waiting.await.unwrap());
    assert!(alice.client().sign_out_others("wrong").await.is_err());
    let receipts = alice.client().sign_out_others(PASSWORD).await.unwrap();
    assert_eq!(receipts.len(), 3, "an unverified one too");
    for device in [&alice.devices[1], &alice.devices[2], &waiting] {
        assert_eq!(reason(device).await, SignOutReason::Revoked);
    }
    bob.devices[0].say(id, "to one").await;
    assert_eq!(alice.devices[0].shows(id, 1).await, ["to one"]);
    assert!(alice.devices[1..].iter().all(|device| device.texts(id).is_empty()));
    assert!(alice.client().sign_out_others(PASSWORD).await.unwrap().is_empty(), "again: nobody is left");
    assert_eq!(alice.client().devices().await.unwrap().devices.len(), 1);
}
