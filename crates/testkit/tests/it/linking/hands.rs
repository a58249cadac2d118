//! What a person does with two devices in the hands, and what the screens show.

use std::sync::Arc;

use sotto_protocol::{
    Base64Bytes, ConversationId, RendezvousId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{
    Client, LinkFailure, LinkStep, Linked, Linking, QrPicture, Running, SdkError, SdkResult, Settings, Store,
    StoredMessage, SystemEnvironment,
};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice};

pub fn store() -> Arc<Store> {
    Store::in_memory([7; 32], &SystemEnvironment).unwrap()
}

pub fn tablet() -> NewDevice {
    NewDevice { name: "Tablet".to_owned(), device_type: DeviceType::Desktop }
}

/// The first step that is wanted; the others are passed over.
pub async fn until<T, R>(linking: &mut Linking<T>, mut wanted: impl FnMut(LinkStep) -> Option<R>) -> R {
    loop {
        let step = linking.next().await.expect("the linking goes on until this step");
        if let Some(found) = wanted(step) {
            return found;
        }
    }
}

pub async fn shown<T>(linking: &mut Linking<T>) -> (QrPicture, Option<String>) {
    until(linking, |step| match step {
        LinkStep::Show { qr, typed_code, .. } => Some((qr, typed_code)),
        _ => None,
    })
    .await
}

pub async fn digits<T>(linking: &mut Linking<T>) -> String {
    until(linking, |step| match step {
        LinkStep::ShowDigits(digits) => Some(digits),
        _ => None,
    })
    .await
}

pub async fn asked_digits<T>(linking: &mut Linking<T>, count: u32) {
    let asked = until(linking, |step| match step {
        LinkStep::AskDigits(count) => Some(count),
        _ => None,
    })
    .await;
    assert_eq!(asked, count);
}

pub async fn asked_approval<T>(linking: &mut Linking<T>, with_number: bool) {
    let (device, number) = until(linking, |step| match step {
        LinkStep::AskApproval { device, number, .. } => Some((device, number)),
        _ => None,
    })
    .await;
    assert_eq!((device, number), (tablet(), with_number));
}

pub async fn account<T>(linking: &mut Linking<T>) -> String {
    until(linking, |step| match step {
        LinkStep::ShowAccount { username } => Some(username),
        _ => None,
    })
    .await
}

/// Both ends, before a person did anything but scan.
pub struct Pair {
    pub existing: Linking<Linked>,
    pub new: Linking<Running>,
}

impl Pair {
    pub async fn by_qr(client: &Client, settings: &Settings) -> Self {
        Self::in_store(client, settings, store()).await
    }

    pub async fn by_code(client: &Client, settings: &Settings) -> Self {
        let mut existing = client.link_by_showing(PASSWORD).await.unwrap();
        let code = shown(&mut existing).await.1.unwrap();
        let new = Client::enter_by_code(settings, store(), tablet(), &code.to_lowercase()).unwrap();
        Self { existing, new }
    }

    pub async fn by_scanning_the_new_one(client: &Client, settings: &Settings) -> Self {
        let mut new = Client::enter_by_showing(settings, store(), tablet()).unwrap();
        let (qr, code) = shown(&mut new).await;
        assert_eq!(code, None);
        let existing = client.link_by_scanning(PASSWORD, qr.bytes()).await.unwrap();
        Self { existing, new }
    }

    pub async fn in_store(client: &Client, settings: &Settings, store: Arc<Store>) -> Self {
        let mut existing = client.link_by_showing(PASSWORD).await.unwrap();
        let (qr, _) = shown(&mut existing).await;
        let new = Client::enter_by_scanning(settings, store, tablet(), qr.bytes()).unwrap();
        Self { existing, new }
    }

    /// What the new device shows is typed into the existing one, which then asks.
    pub async fn prove(&mut self, count: u32) {
        let shown = digits(&mut self.new).await;
        asked_digits(&mut self.existing, count).await;
        self.existing.type_digits(&shown);
        asked_approval(&mut self.existing, false).await;
    }

    pub async fn finish(self) -> (SdkResult<Linked>, SdkResult<Running>) {
        tokio::join!(self.existing.finish(), self.new.finish())
    }
}

/// The device is a full one: it reads what is sent from now on, on a conversation that was there before.
pub async fn takes_part(alice: &mut Person, bob: &Person, (linked, running): (SdkResult<Linked>, SdkResult<Running>)) {
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

/// Everything that a device has stored of a conversation.
pub async fn stored(client: &Client, id: ConversationId) -> Vec<StoredMessage> {
    client.messages(id, 0, 10_000).await.unwrap()
}

/// Why it came to nothing.
pub fn failure<T>(end: SdkResult<T>) -> LinkFailure {
    match end {
        Err(SdkError::Linking(failure)) => failure,
        Err(other) => panic!("not a failure of a linking: {other}"),
        Ok(_) => panic!("it came to something"),
    }
}

/// The step that the slot holds now.
pub async fn step(cluster: &TestCluster, qr: &[u8]) -> u8 {
    let id = RendezvousId(uuid::Uuid::from_slice(&qr[39..55]).unwrap());
    let slot = reqwest::get(format!("{}/api/rendezvous/{id}", cluster.url(0))).await.unwrap();
    let slot: serde_json::Value = slot.json().await.unwrap();
    Base64Bytes::from_base64(slot["data"].as_str().unwrap()).unwrap().0[1]
}
