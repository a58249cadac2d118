//! A device that can't store what comes, and later can again.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use sotto_protocol::devices::{DeviceType, NewDevice};
use sotto_sdk::{Client, ClientEvent, MessageBody, Running, Settings, Store, SystemEnvironment};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice, eventually};

/// A disk that may be full; whoever opens it again finds the same bytes.
#[derive(Clone, Debug, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn room(&self) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn end(offset: u64, length: usize) -> usize {
    usize::try_from(offset).unwrap() + length
}

impl redb::StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.lock().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        out.copy_from_slice(&self.bytes.lock()[end(offset, 0)..end(offset, out.len())]);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.room()?;
        self.bytes.lock().resize(end(length, 0), 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.room()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.room()?;
        self.bytes.lock()[end(offset, 0)..end(offset, data.len())].copy_from_slice(data);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_stored_comes_again_when_there_is_room() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let disk = Disk::default();
    let again = disk.clone();
    let store = Store::on(move || Ok(again.clone()), [5; 32], &SystemEnvironment).unwrap();
    let phone = NewDevice { name: "phone".into(), device_type: DeviceType::Mobile };
    let settings = Settings::new(cluster.url(1));
    let made = Client::register(&settings, store, "bob", PASSWORD, phone).await.unwrap();
    let bob = TestDevice::new(Running { client: made.client, events: made.events });
    let found = alice.client().find_person("bob").await.unwrap();
    let id = alice.client().create_direct(found.user_id).await.unwrap();
    eventually("the conversation is known", async || (!bob.client.members(id).await.is_empty()).then_some(())).await;
    bob.client.accept(id).await.unwrap();
    alice.devices[0].say(id, "before").await;
    bob.shows(id, 1).await;

    let ends = |event: &ClientEvent| matches!(event, ClientEvent::Disconnected { .. });
    let before = bob.count(ends);
    disk.full.store(true, Ordering::SeqCst);
    for text in ["one", "two", "three"] {
        alice.devices[0].say(id, text).await;
    }
    eventually("it can't go on", async || (bob.count(ends) > before).then_some(())).await;
    assert!(bob.client.send(id, &MessageBody::text("unsaid")).await.is_err());
    assert_eq!(bob.texts(id), ["before"], "nothing is shown that is not kept");

    disk.full.store(false, Ordering::SeqCst);
    assert_eq!(bob.shows(id, 4).await, ["before", "one", "two", "three"]);
    bob.say(id, "here again").await;
    alice.devices[0].shows(id, 5).await;
    assert_eq!(alice.devices[0].texts(id).last().unwrap(), "here again");
    let unread = bob.count(|event| matches!(event, ClientEvent::Undecryptable { .. }));
    assert_eq!(unread, 0);
}
