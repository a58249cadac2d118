//! The people and their devices.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use futures_util::future::try_join_all;
use parking_lot::Mutex;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_loadgen::record::What;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, ClientEvent, MessageBody, Settings, Store, SystemEnvironment};
use tokio::{sync::mpsc, task::JoinHandle};

use super::stage::Stage;
use crate::error::{Context, Failure, Outcome};

const NAMES: [&str; 6] = ["Ana", "Ben", "Chen", "Dalia", "Emre", "Farah"];

/// Somebody with two devices.
pub struct Person {
    pub name: &'static str,
    pub username: String,
    pub password: String,
    pub user_id: UserId,
    pub devices: Vec<Arc<Device>>,
}

/// A device on the stage. Its app can be closed and opened again.
pub struct Device {
    pub name: String,
    pub id: DeviceId,
    settings: Settings,
    /// For the one whose app is closed in the middle; the others live in memory.
    file: Option<PathBuf>,
    key: [u8; 32],
    running: Mutex<Option<(Client, JoinHandle<()>)>>,
    counters: tokio::sync::Mutex<HashMap<ConversationId, u64>>,
}

impl Device {
    /// The running client.
    pub fn client(&self) -> Outcome<Client> {
        let running = self.running.lock();
        running.as_ref().map(|(client, _)| client.clone()).ok_or_else(|| Failure::new(format!("{} is off", self.name)))
    }

    /// Queues a message and notes it.
    pub async fn send(&self, stage: &Stage, conversation_id: ConversationId, body: &MessageBody) -> Outcome<()> {
        // Held over both, so that the counter is the place in the client's queue.
        let mut counters = self.counters.lock().await;
        let message = self.client()?.send(conversation_id, body).await.context(format!("{} sends", self.name))?;
        let counter = counters.entry(conversation_id).or_default();
        *counter += 1;
        let (conversation, device, counter) = (conversation_id, self.id, *counter);
        stage.actor.note(What::Intent { conversation, message, device, counter });
        Ok(())
    }

    /// Closes the app; what is stored stays.
    pub async fn close(&self) -> Outcome<()> {
        let (client, listener) = self.running.lock().take().ok_or_else(|| Failure::new("it is off already"))?;
        client.shut_down();
        drop(client);
        listener.await.context("the app's end")
    }

    /// Opens the app again from its file.
    pub async fn reopen(&self, stage: &Arc<Stage>) -> Outcome<()> {
        let path = self.file.clone().ok_or_else(|| Failure::new("it has no file"))?;
        // The old app's last task may still hold the file.
        for _ in 0..50 {
            if let Ok(store) = Store::open(&path, self.key, &SystemEnvironment) {
                let running = Client::open(&self.settings, store).await.context("opening the app")?;
                let running = running.ok_or_else(|| Failure::new("the file holds no device"))?;
                self.attach(stage, running.client, running.events);
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Failure::new(format!("{} can't be opened", path.display())))
    }

    fn attach(&self, stage: &Arc<Stage>, client: Client, events: mpsc::Receiver<ClientEvent>) {
        let listener = tokio::spawn(listen(stage.clone(), client.clone(), events));
        *self.running.lock() = Some((client, listener));
    }
}

async fn listen(stage: Arc<Stage>, client: Client, mut events: mpsc::Receiver<ClientEvent>) {
    let device_id = client.device_id();
    while let Some(event) = events.recv().await {
        let endpoint = client.http().endpoints().current().to_owned();
        let over = matches!(event, ClientEvent::Closed { .. });
        stage.take(device_id, &endpoint, event);
        if over {
            return;
        }
    }
}

/// Everybody registers, and links a second device.
pub async fn arrive(stage: &Arc<Stage>, folder: &std::path::Path) -> Outcome<Vec<Person>> {
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let run: String = (0..6).map(|_| char::from(b'a' + rng.random_range(0..26_u8))).collect();
    let seeds: Vec<u64> = NAMES.iter().map(|_| rng.next_u64()).collect();
    let people = NAMES.iter().zip(seeds).enumerate().map(|(index, (name, seed))| {
        let (run, rng) = (run.clone(), StdRng::seed_from_u64(seed));
        person(stage, index, name, run, rng, folder)
    });
    try_join_all(people).await
}

async fn person(
    stage: &Arc<Stage>,
    index: usize,
    name: &'static str,
    run: String,
    mut rng: StdRng,
    folder: &std::path::Path,
) -> Outcome<Person> {
    let username = format!("{}_{run}", name.to_lowercase());
    let password = format!("demo {:016x}", rng.next_u64());
    // One household, one address, so that limits by address see six people and not one.
    let address = IpAddr::V4(Ipv4Addr::new(127, rng.random_range(1..255), rng.random(), rng.random_range(1..255)));
    let phone = Seat::new(stage, index, 0, address, None, &mut rng);
    let other_file = (index == 2).then(|| folder.join(format!("{name}.redb")));
    let other = Seat::new(stage, index, 1, address, other_file, &mut rng);

    let phone_name = format!("{name}'s phone");
    let device = NewDevice { name: phone_name.clone(), device_type: DeviceType::Mobile };
    let registered = Client::register(&phone.settings, phone.store()?, &username, &password, device)
        .await
        .context(format!("{name} registers"))?;
    let user_id = registered.client.user_id();
    stage.add_person(user_id, name);
    stage.add_device(registered.client.device_id(), user_id, &phone_name);
    let first = registered.client.clone();
    let phone = phone.into_device(phone_name, first.device_id());
    phone.attach(stage, registered.client, registered.events);

    let kind = if index.is_multiple_of(2) { ("tablet", DeviceType::Mobile) } else { ("laptop", DeviceType::Desktop) };
    let other_name = format!("{name}'s {}", kind.0);
    let device = NewDevice { name: other_name.clone(), device_type: kind.1 };
    let linked = first
        .link_new_device(&other.settings, other.store()?, &password, device)
        .await
        .context(format!("{name} links a second device"))?;
    stage.add_device(linked.client.device_id(), user_id, &other_name);
    let other = other.into_device(other_name, linked.client.device_id());
    other.attach(stage, linked.client, linked.events);
    for device in [&phone, &other] {
        let client = device.client()?;
        let ready = tokio::time::timeout(Duration::from_secs(30), client.caught_up());
        ready.await.context(format!("{} connects", device.name))?.context(format!("{} connects", device.name))?;
    }
    stage.say(&format!("{name} is here with two devices"));
    Ok(Person { name, username, password, user_id, devices: vec![Arc::new(phone), Arc::new(other)] })
}

/// Where a device is going to live.
struct Seat {
    settings: Settings,
    file: Option<PathBuf>,
    key: [u8; 32],
}

impl Seat {
    /// A third of the devices come through nginx, the others straight to a node; all know the other ways.
    fn new(
        stage: &Stage,
        person: usize,
        device: usize,
        address: IpAddr,
        file: Option<PathBuf>,
        rng: &mut StdRng,
    ) -> Self {
        let found = &stage.cluster.state;
        let mut ways: Vec<String> = vec![found.base_url.replace("localhost", "127.0.0.1")];
        ways.extend(found.nodes.iter().map(|node| node.url.clone()));
        let count = ways.len();
        ways.rotate_left((person * 2 + device) % count);
        let mut settings = Settings::new(ways[0].clone());
        settings.endpoints = ways;
        settings.local_address = Some(address);
        let mut key = [0; 32];
        rng.fill_bytes(&mut key);
        Self { settings, file, key }
    }

    fn store(&self) -> Outcome<Arc<Store>> {
        match &self.file {
            Some(path) => Store::open(path, self.key, &SystemEnvironment).context(path.display()),
            None => Store::in_memory(self.key, &SystemEnvironment).context("a store in memory"),
        }
    }

    fn into_device(self, name: String, device_id: DeviceId) -> Device {
        let Self { settings, file, key } = self;
        Device {
            name,
            id: device_id,
            settings,
            file,
            key,
            running: Mutex::new(None),
            counters: tokio::sync::Mutex::default(),
        }
    }
}
