//! Virtual people and devices: the real client, and what it showed.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use sotto_protocol::{
    ConversationId, TxnId, UserId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, ClientEvent, MessageBody, Running, Settings, Store, StoredMessage, SystemEnvironment};
use sotto_service::{Entropy as _, SystemEntropy};
use tokio::sync::mpsc;

use crate::TestCluster;

/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery";
/// The service's public address, whichever node a device talks to.
pub const SERVICE: &str = "https://sotto.test";
const PATIENCE: Duration = Duration::from_secs(30);

/// One device and everything that happened on it.
pub struct TestDevice {
    /// The client.
    pub client: Client,
    seen: Arc<Mutex<Vec<ClientEvent>>>,
}

/// Somebody with devices.
pub struct Person {
    /// Its name.
    pub name: String,
    /// Its devices, the first one registered it.
    pub devices: Vec<TestDevice>,
}

/// Asks again and again until the answer is something; the test fails when it never is.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// A device of the service at this address.
pub fn settings(endpoint: impl Into<String>) -> Settings {
    Settings { service: Some(SERVICE.to_owned()), ..Settings::new(endpoint) }
}

/// A name that no other test has: limits of sign-ins count by name, in one Redis for all.
pub fn unique(name: &str) -> String {
    let random = SystemEntropy.uuid().simple().to_string();
    format!("{name}-{}", &random[..12])
}

fn store() -> Arc<Store> {
    Store::in_memory([7; 32], &SystemEnvironment).unwrap()
}

fn device(name: &str) -> NewDevice {
    NewDevice { name: name.to_owned(), device_type: DeviceType::Desktop }
}

impl Person {
    /// Registers on a node.
    pub async fn register(cluster: &TestCluster, node: usize, name: &str) -> Self {
        Self::register_on(cluster, &[node], name).await
    }

    /// Registers with a device that tries these nodes in turn.
    pub async fn register_on(cluster: &TestCluster, nodes: &[usize], name: &str) -> Self {
        let endpoints = nodes.iter().map(|node| cluster.url(*node).to_owned()).collect();
        let settings = Settings { endpoints, ..settings(String::new()) };
        let made = Client::register(&settings, store(), name, PASSWORD, device("first")).await.unwrap();
        let first = TestDevice::new(Running { client: made.client, events: made.events });
        first.client.caught_up().await.unwrap();
        Self { name: name.to_owned(), devices: vec![first] }
    }

    /// Links a further device, which lives on this node.
    pub async fn link(&mut self, cluster: &TestCluster, node: usize) -> &TestDevice {
        let settings = settings(cluster.url(node));
        let running = self.client().link_new_device(&settings, store(), PASSWORD, device("further")).await.unwrap();
        let further = TestDevice::new(running);
        further.client.caught_up().await.unwrap();
        self.devices.push(further);
        &self.devices[self.devices.len() - 1]
    }

    /// The first device's client.
    pub fn client(&self) -> &Client {
        &self.devices[0].client
    }

    /// Finds the other person by name, so that its identity is known.
    pub async fn find(&self, other: &Person) -> UserId {
        self.client().find_person(&other.name).await.unwrap().user_id
    }

    /// Makes a direct conversation, which is a message request to the other person.
    pub async fn write_to(&self, other: &Person) -> ConversationId {
        let user_id = self.find(other).await;
        self.client().create_direct(user_id).await.unwrap()
    }

    /// Makes a direct conversation, which the other person accepts.
    pub async fn talk_to(&self, other: &Person) -> ConversationId {
        let id = self.write_to(other).await;
        other.knows(id).await;
        other.client().accept(id).await.unwrap();
        id
    }

    /// Waits until every device knows the conversation.
    pub async fn knows(&self, id: ConversationId) {
        for device in &self.devices {
            eventually("the conversation is known", async || {
                (!device.client.members(id).await.is_empty()).then_some(())
            })
            .await;
        }
    }
}

impl TestDevice {
    /// Listens to a client that was just started.
    pub fn new(running: Running) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(record(running.events, Arc::clone(&seen)));
        Self { client: running.client, seen }
    }

    /// Sends a text.
    pub async fn say(&self, id: ConversationId, text: &str) -> TxnId {
        self.client.send(id, &MessageBody::text(text)).await.unwrap()
    }

    /// What was shown in a conversation, in the order of showing.
    pub fn shown(&self, id: ConversationId) -> Vec<StoredMessage> {
        let seen = self.seen.lock();
        let messages = seen.iter().filter_map(|event| match event {
            ClientEvent::Shown { message, .. } if message.conversation_id == id => Some(message.clone()),
            _ => None,
        });
        messages.collect()
    }

    /// The texts shown in a conversation, in the order of showing.
    pub fn texts(&self, id: ConversationId) -> Vec<String> {
        let texts = self.shown(id).into_iter().filter_map(|message| match message.body()? {
            MessageBody::Text { text, .. } => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// Waits until so many messages were shown.
    pub async fn shows(&self, id: ConversationId, count: usize) -> Vec<String> {
        eventually("the messages are shown", async || (self.shown(id).len() >= count).then_some(())).await;
        self.texts(id)
    }

    /// Waits for an event.
    pub async fn sees<T>(&self, what: &str, wanted: impl Fn(&ClientEvent) -> Option<T>) -> T {
        eventually(what, async || self.seen.lock().iter().find_map(&wanted)).await
    }

    /// How many events so far are wanted.
    pub fn count(&self, wanted: impl Fn(&ClientEvent) -> bool) -> usize {
        self.seen.lock().iter().filter(|event| wanted(event)).count()
    }
}

async fn record(mut events: mpsc::Receiver<ClientEvent>, seen: Arc<Mutex<Vec<ClientEvent>>>) {
    while let Some(event) = events.recv().await {
        seen.lock().push(event);
    }
}
