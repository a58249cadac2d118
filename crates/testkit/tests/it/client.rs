//! The client itself: what survives a restart, a lost answer, a lost device.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use sotto_protocol::{
    ConversationId,
    devices::{DeviceType, NewDevice},
    events::GoneReason,
};
use sotto_sdk::{Client, ClientEvent, MessageBody, Settings, Store, SystemEnvironment};
use sotto_testkit::{Mode, PASSWORD, Person, Proxy, TestCluster, TestDevice, eventually};

const KEY: [u8; 32] = [3; 32];

/// A file that is gone after the test.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("sotto-it-{name}-{}.redb", std::process::id())))
    }

    /// The app that had it open may take a moment to end.
    async fn open(&self) -> Arc<Store> {
        eventually("the file can be opened", async || Store::open(&self.0, KEY, &SystemEnvironment).ok()).await
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(Path::new(&self.0));
    }
}

fn laptop() -> NewDevice {
    NewDevice { name: "laptop".into(), device_type: DeviceType::Desktop }
}

/// The same device again, from its file.
async fn reopened(settings: &Settings, file: &File) -> TestDevice {
    TestDevice::new(Client::open(settings, file.open().await).await.unwrap().unwrap())
}

fn texts(messages: &[sotto_sdk::StoredMessage]) -> Vec<String> {
    let text = |message: &sotto_sdk::StoredMessage| match message.body() {
        Some(MessageBody::Text { text, .. }) => text,
        other => panic!("{other:?}"),
    };
    messages.iter().map(text).collect()
}

async fn stored(client: &Client, id: ConversationId) -> Vec<String> {
    texts(&client.messages(id, 0, 100).await.unwrap())
}

#[tokio::test]
async fn a_closed_app_opens_from_its_file_sends_what_was_queued_and_shows_what_it_missed() {
    let cluster = TestCluster::start(1).await;
    let ben = Person::register(&cluster, 0, "ben").await;
    let settings = Settings::new(cluster.url(0));
    let file = File::new("closed");
    let mut ana = ben_talks_to_a_new_device(&ben, &settings, &file).await;
    let id = ana.1;
    ben.devices[0].say(id, "before").await;
    ana.0.shows(id, 1).await;
    ana.0.client.disconnect();
    ana.0.say(id, "queued").await;
    ana.0.client.shut_down();
    drop(ana.0);
    ben.devices[0].say(id, "missed").await;
    ana.0 = reopened(&settings, &file).await;
    ana.0.shows(id, 2).await;
    assert_eq!(stored(&ana.0.client, id).await, ["before", "missed", "queued"]);
    assert_eq!(ben.devices[0].shows(id, 3).await, ["before", "missed", "queued"]);
}

async fn ben_talks_to_a_new_device(ben: &Person, settings: &Settings, file: &File) -> (TestDevice, ConversationId) {
    let made = Client::register(settings, file.open().await, "ana", PASSWORD, laptop()).await.unwrap();
    let device = TestDevice::new(sotto_sdk::Running { client: made.client, events: made.events });
    let found = ben.client().find_person("ana").await.unwrap();
    let id = ben.client().create_direct(found.user_id).await.unwrap();
    eventually("the conversation is known", async || (!device.client.members(id).await.is_empty()).then_some(())).await;
    device.client.accept(id).await.unwrap();
    (device, id)
}

#[tokio::test]
async fn a_known_device_signs_in_again_and_keeps_its_messages() {
    let cluster = TestCluster::start(1).await;
    let ben = Person::register(&cluster, 0, "ben").await;
    let settings = Settings::new(cluster.url(0));
    let file = File::new("known");
    let (ana, id) = ben_talks_to_a_new_device(&ben, &settings, &file).await;
    ben.devices[0].say(id, "one").await;
    ana.shows(id, 1).await;
    ana.client.sign_out().await.unwrap();
    drop(ana);
    let closed = reopened(&settings, &file).await;
    closed.sees("it is signed out", |event| matches!(event, ClientEvent::Closed { .. }).then_some(())).await;
    drop(closed);
    ben.devices[0].say(id, "two").await;
    let ana = TestDevice::new(Client::sign_in(&settings, file.open().await, PASSWORD).await.unwrap());
    ana.shows(id, 1).await;
    assert_eq!(stored(&ana.client, id).await, ["one", "two"]);
}

#[tokio::test]
async fn a_new_device_recovers_the_account_and_reads_what_comes() {
    let cluster = TestCluster::start(1).await;
    let ben = Person::register(&cluster, 0, "ben").await;
    let settings = Settings::new(cluster.url(0));
    let store = || Store::in_memory(KEY, &SystemEnvironment).unwrap();
    let made = Client::register(&settings, store(), "ana", PASSWORD, laptop()).await.unwrap();
    let found = ben.client().find_person("ana").await.unwrap();
    let id = ben.client().create_direct(found.user_id).await.unwrap();
    // The old device is gone, its messages with it.
    made.client.shut_down();
    let new = TestDevice::new(Client::sign_in_new(&settings, store(), "ana", PASSWORD, laptop()).await.unwrap());
    new.client.recover(&made.recovery_key, PASSWORD).await.unwrap();
    new.client.caught_up().await.unwrap();
    ben.devices[0].say(id, "welcome back").await;
    assert_eq!(new.shows(id, 1).await, ["welcome back"]);
    new.say(id, "thanks").await;
    assert_eq!(ben.devices[0].shows(id, 2).await, ["welcome back", "thanks"]);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_stored_once() {
    let cluster = TestCluster::start(1).await;
    let ben = Person::register(&cluster, 0, "ben").await;
    let target = cluster.url(0).trim_start_matches("http://").to_owned();
    let proxy = Proxy::start(target).await.unwrap();
    let settings = Settings::new(format!("http://{}", proxy.address));
    let file = File::new("answer");
    let (ana, id) = ben_talks_to_a_new_device(&ben, &settings, &file).await;
    ana.say(id, "first").await;
    ben.devices[0].shows(id, 1).await;
    for round in 0..5 {
        // The frame may be in the node or in the proxy when the connection breaks.
        ana.say(id, &format!("again {round}")).await;
        proxy.set(Mode::Cut);
        proxy.set(Mode::Pass);
    }
    let expected = ["first", "again 0", "again 1", "again 2", "again 3", "again 4"];
    assert_eq!(ben.devices[0].shows(id, 6).await, expected);
    ana.shows(id, 6).await;
    assert_eq!(stored(&ana.client, id).await, expected);
}

#[tokio::test]
async fn a_removed_message_is_gone_from_every_store() {
    let cluster = TestCluster::start(2).await;
    let ana = Person::register(&cluster, 0, "ana").await;
    let ben = Person::register(&cluster, 1, "ben").await;
    let id = ana.talk_to(&ben).await;
    ana.devices[0].say(id, "keep").await;
    ana.devices[0].say(id, "regret").await;
    ben.devices[0].shows(id, 2).await;
    let seq = ben.client().messages(id, 0, 10).await.unwrap()[1].seq;
    ana.client().remove_message(id, seq).await.unwrap();
    for person in [&ana, &ben] {
        let gone = |event: &ClientEvent| match event {
            ClientEvent::Gone { seq: at, reason: GoneReason::Removed, .. } if *at == seq => Some(()),
            _ => None,
        };
        person.devices[0].sees("the message goes", gone).await;
        assert_eq!(stored(person.client(), id).await, ["keep"]);
    }
}

#[tokio::test]
async fn a_frozen_connection_is_left_for_another_node() {
    let cluster = TestCluster::start(2).await;
    let ben = Person::register(&cluster, 0, "ben").await;
    let proxy = Proxy::start(cluster.url(0).trim_start_matches("http://")).await.unwrap();
    let mut settings = Settings::new(format!("http://{}", proxy.address));
    settings.endpoints.push(cluster.url(1).to_owned());
    let file = File::new("frozen");
    let (ana, id) = ben_talks_to_a_new_device(&ben, &settings, &file).await;
    ana.say(id, "fluid").await;
    ben.devices[0].shows(id, 1).await;
    proxy.set(Mode::Stall);
    ana.say(id, "frozen").await;
    assert_eq!(ben.devices[0].shows(id, 2).await, ["fluid", "frozen"]);
    assert_eq!(ana.client.http().endpoints().current(), cluster.url(1));
}
