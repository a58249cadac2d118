//! Two devices, two people's hands (the same person's), one rendezvous: linking as an app does it.

use std::sync::Arc;

use sotto_protocol::{
    ConversationId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{
    Client, LinkStep, Linked, Linking, QrPicture, Running, SdkResult, Settings, Store, StoredMessage, SystemEnvironment,
};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice, settings};

fn store() -> Arc<Store> {
    Store::in_memory([7; 32], &SystemEnvironment).unwrap()
}

fn tablet() -> NewDevice {
    NewDevice { name: "Tablet".to_owned(), device_type: DeviceType::Desktop }
}

/// The first step that is wanted; the others are passed over.
async fn until<T, R>(linking: &mut Linking<T>, mut wanted: impl FnMut(LinkStep) -> Option<R>) -> R {
    loop {
        let step = linking.next().await.expect("the linking goes on until this step");
        if let Some(found) = wanted(step) {
            return found;
        }
    }
}

async fn shown<T>(linking: &mut Linking<T>) -> (QrPicture, Option<String>) {
    until(linking, |step| match step {
        LinkStep::Show { qr, typed_code, .. } => Some((qr, typed_code)),
        _ => None,
    })
    .await
}

async fn digits<T>(linking: &mut Linking<T>) -> String {
    until(linking, |step| match step {
        LinkStep::ShowDigits(digits) => Some(digits),
        _ => None,
    })
    .await
}

async fn asked_digits<T>(linking: &mut Linking<T>, count: u32) {
    let asked = until(linking, |step| match step {
        LinkStep::AskDigits(count) => Some(count),
        _ => None,
    })
    .await;
    assert_eq!(asked, count);
}

async fn asked_approval<T>(linking: &mut Linking<T>, with_number: bool) {
    let (device, number) = until(linking, |step| match step {
        LinkStep::AskApproval { device, number, .. } => Some((device, number)),
        _ => None,
    })
    .await;
    assert_eq!((device, number), (tablet(), with_number));
}

async fn account<T>(linking: &mut Linking<T>) -> String {
    until(linking, |step| match step {
        LinkStep::ShowAccount { username } => Some(username),
        _ => None,
    })
    .await
}

/// Both ends, before a person did anything but scan.
struct Pair {
    existing: Linking<Linked>,
    new: Linking<Running>,
}

impl Pair {
    async fn by_qr(client: &Client, settings: &Settings) -> Self {
        let mut existing = client.link_by_showing(PASSWORD).await.unwrap();
        let (qr, _) = shown(&mut existing).await;
        let new = Client::enter_by_scanning(settings, store(), tablet(), qr.bytes()).unwrap();
        Self { existing, new }
    }

    async fn by_code(client: &Client, settings: &Settings) -> Self {
        let mut existing = client.link_by_showing(PASSWORD).await.unwrap();
        let code = shown(&mut existing).await.1.unwrap();
        let new = Client::enter_by_code(settings, store(), tablet(), &code.to_lowercase()).unwrap();
        Self { existing, new }
    }

    async fn by_scanning_the_new_one(client: &Client, settings: &Settings) -> Self {
        let mut new = Client::enter_by_showing(settings, store(), tablet()).unwrap();
        let (qr, code) = shown(&mut new).await;
        assert_eq!(code, None);
        let existing = client.link_by_scanning(PASSWORD, qr.bytes()).await.unwrap();
        Self { existing, new }
    }

    /// What the new device shows is typed into the existing one, which then asks.
    async fn prove(&mut self, count: u32) {
        let shown = digits(&mut self.new).await;
        asked_digits(&mut self.existing, count).await;
        self.existing.type_digits(&shown);
        asked_approval(&mut self.existing, false).await;
    }

    async fn finish(self) -> (SdkResult<Linked>, SdkResult<Running>) {
        tokio::join!(self.existing.finish(), self.new.finish())
    }
}

/// The device is a full one: it reads what is sent from now on, on a conversation that was there before.
async fn takes_part(alice: &mut Person, bob: &Person, (linked, running): (SdkResult<Linked>, SdkResult<Running>)) {
    let (linked, running) = (linked.unwrap(), running.unwrap());
    assert!(linked.handed_over);
    assert_eq!(running.client.device_id(), linked.device_id);
    let device = TestDevice::new(running);
    device.client.caught_up().await.unwrap();
    alice.devices.push(device);
    let id = alice.write_to(bob).await;
    let device = alice.devices.last().unwrap();
    let before = device.texts(id).len();
    alice.devices[0].say(id, "to all of you").await;
    assert_eq!(device.shows(id, before + 1).await.last().unwrap(), "to all of you");
    device.say(id, "from the tablet").await;
    let texts = alice.devices[0].shows(id, before + 2).await;
    assert_eq!(texts.last().unwrap(), "from the tablet");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_by_qr_code_over_two_nodes() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(2))).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    assert_eq!(account(&mut pair.new).await, "alice");
    let ends = pair.finish().await;
    takes_part(&mut alice, &bob, ends).await;
    assert_eq!(bob.devices[0].shows(id, 2).await, ["to all of you", "from the tablet"]);
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

/// Everything that a device has stored of a conversation.
async fn stored(client: &Client, id: ConversationId) -> Vec<StoredMessage> {
    client.messages(id, 0, 10_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_comes_along_whole_and_nothing_of_it_twice() {
    let cluster = TestCluster::start(3).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    let long = "about as long as people write on a long train journey ".repeat(20);
    for n in 0..300 {
        let speaker = [&alice, &bob][n % 2];
        speaker.devices[0].say(id, &format!("{n} {long}")).await;
    }
    alice.devices[0].shows(id, 300).await;

    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(2))).await;
    pair.prove(4).await;
    bob.devices[0].say(id, "while the digits are typed").await;
    pair.existing.approve(None, true);
    let mut read = 0;
    let done = until(&mut pair.new, |step| match step {
        LinkStep::History { done, of } => {
            read += 1;
            (done == of).then_some(of)
        }
        _ => None,
    });
    let done = done.await;
    assert!(done >= 3 && read == done, "{read} of {done} chunks were told");
    let (linked, running) = pair.finish().await;
    assert!(linked.unwrap().history);
    let device = TestDevice::new(running.unwrap());
    device.client.caught_up().await.unwrap();
    let before = stored(&device.client, id).await;
    assert_eq!(before, stored(alice.client(), id).await, "all that the other one has, as it has it");
    assert_eq!(before.len(), 301);
    assert_eq!(device.texts(id), [""; 0], "none of it is news");

    bob.devices[0].say(id, "after that").await;
    assert_eq!(device.shows(id, 1).await, ["after that"]);
    assert_eq!(stored(&device.client, id).await.len(), 302);
    device.say(id, "from the tablet").await;
    assert_eq!(bob.devices[0].shows(id, 303).await.last().unwrap(), "from the tablet");
    let histories: i64 =
        sqlx::query_scalar("SELECT count(*) FROM histories").fetch_one(cluster.database.pool()).await.unwrap();
    assert_eq!(histories, 0, "who has it all deletes it");
    alice.devices.push(device);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_choice_no_history_leaves_the_device() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    bob.devices[0].say(id, "before").await;
    alice.devices[0].shows(id, 1).await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(0))).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    let (linked, running) = pair.finish().await;
    assert!(!linked.unwrap().history);
    let device = TestDevice::new(running.unwrap());
    device.client.caught_up().await.unwrap();
    bob.devices[0].say(id, "after").await;
    assert_eq!(device.shows(id, 1).await, ["after"]);
    assert_eq!(stored(&device.client, id).await.len(), 1);
}
