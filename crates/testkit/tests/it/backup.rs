//! The key backup: begun by itself, continued by every device, read by who comes back.

use sotto_protocol::{backup::BackupSession, keys::ListAuthor};
use sotto_sdk::{Alarm, ClientEvent};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice, eventually};

/// Version of the backup as the server has it, once it holds so many sessions.
async fn backed_up(device: &TestDevice, sessions: i64) -> i64 {
    eventually("the sessions are backed up", async || {
        let backup = device.client.http().get_backup().await.ok()?;
        (backup.descriptor.is_some() && backup.sessions >= sessions).then_some(backup.version)
    })
    .await
}

async fn all(device: &TestDevice, version: i64) -> Vec<BackupSession> {
    device.client.http().list_backup_sessions(version, None).await.unwrap().sessions
}

/// Alice with two devices on two nodes, and Bob; both wrote something that both of Alice's devices read.
async fn talk() -> (TestCluster, Person, Person, sotto_protocol::ConversationId) {
    let cluster = TestCluster::start(2).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.link(&cluster, 1).await;
    let id = bob.talk_to(&alice).await;
    alice.knows(id).await;
    bob.devices[0].say(id, "one").await;
    alice.devices[0].shows(id, 1).await;
    alice.devices[0].say(id, "two").await;
    for device in [&alice.devices[0], &alice.devices[1], &bob.devices[0]] {
        device.shows(id, 2).await;
    }
    (cluster, alice, bob, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_begins_by_itself_and_a_linked_device_writes_into_it() {
    let (_cluster, alice, _bob, id) = Box::pin(talk()).await;
    let version = backed_up(&alice.devices[0], 2).await;
    assert_eq!(version, 1);
    eventually("the second device has the key", async || alice.devices[1].client.backup_version().await).await;
    alice.devices[0].client.disconnect();
    alice.devices[1].say(id, "three").await;
    backed_up(&alice.devices[1], 3).await;
    assert!(all(&alice.devices[1], version).await.iter().all(|session| session.conversation_id == id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_devices_backup_key_opens_nothing_that_is_stored_after_it_left() {
    let (_cluster, alice, bob, id) = Box::pin(talk()).await;
    let first = backed_up(&alice.devices[0], 2).await;
    let before = alice.client().http().get_backup().await.unwrap().descriptor.unwrap();
    let lost = alice.devices[1].client.device_id();
    let receipt = alice.client().revoke_device(lost, PASSWORD).await.unwrap();
    assert_eq!(receipt.device_id, lost);
    bob.devices[0].say(id, "after").await;
    alice.devices[0].shows(id, 3).await;
    let second = backed_up(&alice.devices[0], 3).await;
    assert!(second > first);
    let descriptor = alice.client().http().get_backup().await.unwrap().descriptor.unwrap();
    assert_eq!(descriptor.author, ListAuthor::Device(alice.client().device_id()));
    // What stood under the old key is gone, and stands under another one.
    assert!(alice.client().http().list_backup_sessions(first, None).await.is_err());
    assert_ne!(descriptor.key_hash, before.key_hash);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_device_that_began_the_backup_signs_out_another_one_begins_a_new_one() {
    let (_cluster, alice, _bob, _id) = Box::pin(talk()).await;
    let first = backed_up(&alice.devices[0], 2).await;
    alice.client().sign_out().await.unwrap();
    let second = eventually("the one that is left begins a backup", async || {
        let backup = alice.devices[1].client.http().get_backup().await.ok()?;
        let author = backup.descriptor.filter(|_| backup.sessions >= 2)?.author;
        (author == ListAuthor::Device(alice.devices[1].client.device_id())).then_some(backup.version)
    })
    .await;
    assert!(second > first);
    let refused = |event: &ClientEvent| matches!(event, ClientEvent::Alarm(Alarm::BackupRefused { .. }));
    assert_eq!(alice.devices[1].count(refused), 0, "an honest server raises no alarm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_descriptor_that_is_not_signed_as_it_has_to_be_is_an_alarm_and_is_ignored() {
    let (cluster, alice, bob, id) = Box::pin(talk()).await;
    let version = backed_up(&alice.devices[0], 2).await;
    alice.client().disconnect();
    alice.devices[1].client.disconnect();
    // The database is the adversary's: a higher version that nobody signed.
    sqlx::query(
        "UPDATE backups SET version = 9, sessions = 0,
             descriptor = jsonb_set(descriptor, '{version}', '9') WHERE descriptor IS NOT NULL AND user_id = $1",
    )
    .bind(alice.client().user_id().0)
    .execute(cluster.database.pool())
    .await
    .unwrap();
    bob.devices[0].say(id, "three").await;
    for device in &alice.devices {
        device.client.connect();
        device
            .sees("the alarm", |event| match event {
                ClientEvent::Alarm(Alarm::BackupRefused { version: 9 }) => Some(()),
                _ => None,
            })
            .await;
        device.shows(id, 3).await;
    }
    let forged = alice.client().http().get_backup().await.unwrap();
    assert_eq!((forged.version, forged.sessions), (9, 0), "nothing is written into it");
    assert!(version < 9);
}
