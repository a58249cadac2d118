//! Recovery: what is left when every device is lost, and what the recovery key is worth afterwards.

use sotto_protocol::{
    ConversationId, ProblemCode,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, ClientEvent, RecoveryKey, Running, Settings, Store, SystemEnvironment};
use sotto_testkit::{PASSWORD, Person, TestCluster, TestDevice, eventually, unique};

fn phone() -> NewDevice {
    NewDevice { name: "phone".into(), device_type: DeviceType::Mobile }
}

fn store() -> std::sync::Arc<Store> {
    Store::in_memory([3; 32], &SystemEnvironment).unwrap()
}

/// Ana on the first node with her recovery key, Ben on the second; they talk.
struct Talk {
    cluster: TestCluster,
    name: String,
    ana: TestDevice,
    ben: Person,
    recovery_key: RecoveryKey,
    id: ConversationId,
}

impl Talk {
    async fn begin() -> Self {
        let cluster = TestCluster::start(2).await;
        let ben = Person::register(&cluster, 1, "ben").await;
        let settings = Settings::new(cluster.url(0));
        let name = unique("ana");
        let made = Client::register(&settings, store(), &name, PASSWORD, phone()).await.unwrap();
        let ana = TestDevice::new(Running { client: made.client, events: made.events });
        let found = ben.client().find_person(&name).await.unwrap();
        let id = ben.client().create_direct(found.user_id).await.unwrap();
        eventually("the conversation is known", async || (!ana.client.members(id).await.is_empty()).then_some(()))
            .await;
        ana.client.accept(id).await.unwrap();
        ben.devices[0].say(id, "one").await;
        ana.shows(id, 1).await;
        ana.say(id, "two").await;
        ana.shows(id, 2).await;
        Self { cluster, name, ana, ben, recovery_key: made.recovery_key, id }
    }

    async fn backed_up(&self, sessions: i64) {
        eventually("the sessions are backed up", async || {
            let backup = self.ana.client.http().get_backup().await.ok()?;
            (backup.sessions >= sessions).then_some(())
        })
        .await;
    }

    /// A fresh device of Ana on this node: unverified.
    async fn fresh(&self, node: usize) -> TestDevice {
        let settings = Settings::new(self.cluster.url(node));
        TestDevice::new(Client::sign_in_new(&settings, store(), &self.name, PASSWORD, phone()).await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_device_reads_the_old_messages_again_out_of_the_backup_and_later_ones() {
    let mut talk = Box::pin(Talk::begin()).await;
    talk.backed_up(2).await;
    // Every device is lost, and what was written meanwhile was for the lost one alone.
    talk.ana.client.shut_down();
    let fresh = talk.fresh(1).await;
    fresh.client.recover(&talk.recovery_key, PASSWORD).await.unwrap();
    fresh.client.caught_up().await.unwrap();
    assert_eq!(fresh.shows(talk.id, 2).await, ["one", "two"]);
    talk.ben.devices[0].say(talk.id, "three").await;
    assert_eq!(fresh.shows(talk.id, 3).await, ["one", "two", "three"]);
    fresh.say(talk.id, "four").await;
    assert_eq!(talk.ben.devices[0].shows(talk.id, 4).await, ["one", "two", "three", "four"]);
    // The lost device is put out, and the account goes on.
    let lost = talk.ana.client.device_id();
    fresh.client.revoke_device(lost, PASSWORD).await.unwrap();
    talk.ana = talk.fresh(0).await;
    talk.ana.client.recover(&talk.recovery_key, PASSWORD).await.unwrap();
    assert_eq!(talk.ana.shows(talk.id, 4).await, ["one", "two", "three", "four"], "out of the newer backup");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_recovery_key_is_refused_after_it_was_replaced_and_the_new_one_opens_all() {
    let talk = Box::pin(Talk::begin()).await;
    talk.backed_up(2).await;
    let wrong = RecoveryKey::random(&mut sotto_sdk::Environment::rng(&SystemEnvironment));
    assert!(talk.ana.client.replace_recovery_key(&wrong, PASSWORD).await.is_err());
    let fresh_key = talk.ana.client.replace_recovery_key(&talk.recovery_key, PASSWORD).await.unwrap();
    talk.backed_up(2).await;
    let again = talk.ana.client.replace_recovery_key(&talk.recovery_key, PASSWORD).await;
    assert!(again.is_err(), "the old one replaces nothing");
    talk.ana.client.shut_down();
    let fresh = talk.fresh(1).await;
    assert!(fresh.client.recover(&talk.recovery_key, PASSWORD).await.is_err(), "the old one recovers nothing");
    fresh.client.recover(&fresh_key, PASSWORD).await.unwrap();
    assert_eq!(fresh.shows(talk.id, 2).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_key_is_replaced_before_the_first_one_is_published() {
    let cluster = TestCluster::start(1).await;
    for with_the_old_one in [true, false] {
        let settings = Settings::new(cluster.url(0));
        let made = Client::register(&settings, store(), &unique("ana"), PASSWORD, phone()).await.unwrap();
        // What publishes it begins with the first connection.
        made.client.disconnect();
        if with_the_old_one {
            made.client.replace_recovery_key(&made.recovery_key, PASSWORD).await.unwrap();
        } else {
            made.client.reset_identity(PASSWORD).await.unwrap();
        }
        let backup = made.client.http().get_backup().await.unwrap();
        assert_eq!(backup.recovery_key.unwrap().version, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_refuses_an_old_recovery_keys_public_half() {
    let talk = Box::pin(Talk::begin()).await;
    talk.backed_up(2).await;
    let old = talk.ana.client.http().get_backup().await.unwrap().recovery_key.unwrap();
    let bundle = talk.ana.client.http().get_recovery().await.unwrap().recovery_bundle;
    talk.ana.client.replace_recovery_key(&talk.recovery_key, PASSWORD).await.unwrap();
    let request = sotto_protocol::backup::PutRecoveryKeyRequest { recovery_key: old, recovery_bundle: Some(bundle) };
    let refused = talk.ana.client.http().put_recovery_key(&request).await.unwrap_err();
    assert_eq!(refused.code(), Some(ProblemCode::ChainConflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_devices_learn_of_a_new_recovery_key_and_go_on_with_the_new_backup() {
    let talk = Box::pin(Talk::begin()).await;
    talk.backed_up(2).await;
    let second = talk.fresh(1).await;
    second.client.recover(&talk.recovery_key, PASSWORD).await.unwrap();
    second.client.caught_up().await.unwrap();
    second.shows(talk.id, 2).await;
    let before = talk.ana.client.http().get_backup().await.unwrap().version;
    let fresh_key = talk.ana.client.replace_recovery_key(&talk.recovery_key, PASSWORD).await.unwrap();
    second.sees("the new recovery key", |event| matches!(event, ClientEvent::RecoveryKeyChanged).then_some(())).await;
    eventually("the other device has the new backup's key", async || {
        second.client.backup_version().await.filter(|version| *version > before)
    })
    .await;
    talk.ana.client.disconnect();
    second.say(talk.id, "three").await;
    talk.ben.devices[0].shows(talk.id, 3).await;
    eventually("the other device writes into the new backup", async || {
        let backup = second.client.http().get_backup().await.ok()?;
        (backup.version > before && backup.recovery_version == 2 && backup.sessions >= 3).then_some(())
    })
    .await;
    talk.ana.client.shut_down();
    second.client.shut_down();
    let last = talk.fresh(0).await;
    last.client.recover(&fresh_key, PASSWORD).await.unwrap();
    assert_eq!(last.shows(talk.id, 3).await, ["one", "two", "three"]);
}
