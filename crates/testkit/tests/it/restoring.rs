//! Keys and positions after a restore of the database, and keys after a device died in the middle of an upload.

use std::collections::BTreeSet;

use sotto_protocol::{ConversationId, DeviceId, TxnId, keys::ClaimKeysRequest};
use sotto_sdk::ClientEvent;
use sotto_server::admin::bump_epoch;
use sotto_service::{Entropy as _, SystemEntropy};
use sotto_store::keys;
use sotto_testkit::{Person, TestCluster, TestDevice, eventually};
use sqlx::AssertSqlSafe;

async fn run(cluster: &TestCluster, statements: &[&'static str]) {
    for statement in statements {
        sqlx::query(*statement).execute(cluster.database.pool()).await.unwrap();
    }
}

async fn stored(cluster: &TestCluster, device_id: DeviceId) -> i64 {
    keys::count(&mut cluster.database.acquire().await.unwrap(), device_id).await.unwrap()
}

/// Claims a key of the device so often; none of them is the fallback key.
async fn claim(by: &Person, device_id: DeviceId, times: usize) -> BTreeSet<String> {
    let mut claimed = BTreeSet::new();
    for _ in 0..times {
        let request = ClaimKeysRequest { claim_id: TxnId(SystemEntropy.uuid()), devices: vec![device_id] };
        let answer = by.client().http().claim_keys(&request).await.unwrap();
        assert_eq!(answer.keys[0].key.fallback, None);
        claimed.insert(answer.keys[0].key.key.clone());
    }
    claimed
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_that_was_claimed_before_a_restore_is_served_after_it() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    alice.talk_to(&bob).await;
    let device_id = bob.client().device_id();
    bob.client().disconnect();
    run(&cluster, &["CREATE TABLE dump_keys AS TABLE one_time_keys", "CREATE TABLE dump_spent AS TABLE spent_keys"])
        .await;
    let before = claim(&alice, device_id, 2).await;
    run(
        &cluster,
        &[
            "TRUNCATE one_time_keys, spent_keys",
            "INSERT INTO one_time_keys SELECT * FROM dump_keys",
            "INSERT INTO spent_keys SELECT * FROM dump_spent",
        ],
    )
    .await;
    let held = stored(&cluster, device_id).await;
    let voided = bump_epoch(&cluster.database, &*cluster.nodes[0].service.clock).await.unwrap();
    let keys = voided.keys;
    assert!(keys.keys > held && keys.devices == 2 && keys.epoch == 2, "of both people: {voided:?}");
    assert_eq!(voided.conversations, 1);
    let told = voided.to_string();
    assert!(told.contains(&format!("Voided {} one-time keys of 2 devices; the key epoch is 2", keys.keys)), "{told}");
    assert_eq!(stored(&cluster, device_id).await, 0);
    bob.client().connect();
    eventually("the device refills by itself", async || (stored(&cluster, device_id).await >= 40).then_some(())).await;
    let after = claim(&alice, device_id, 2).await;
    assert!(before.is_disjoint(&after), "served twice");
}

/// What a dump holds that positions are in.
const DUMPED: [&str; 6] = ["events", "conversations", "marks", "inboxes", "inbox_items", "members"];

async fn run_for_each(cluster: &TestCluster, statements: &[&str]) {
    let mut transaction = cluster.database.pool().begin().await.unwrap();
    sqlx::query("SET LOCAL session_replication_role = replica").execute(&mut *transaction).await.unwrap();
    for table in DUMPED {
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement.replace("{}", table))).execute(&mut *transaction).await.unwrap();
        }
    }
    transaction.commit().await.unwrap();
}

/// All devices go, the dump takes the place of what is there, and they come back.
async fn restore(cluster: &TestCluster, devices: &[&TestDevice]) {
    let ends = |event: &ClientEvent| matches!(event, ClientEvent::Disconnected { .. });
    for device in devices {
        let before = device.count(ends);
        device.client.disconnect();
        eventually("it is gone", async || (device.count(ends) > before).then_some(())).await;
    }
    let node = &cluster.nodes[0].service;
    eventually("the node forgets them", async || node.cluster.hub.directory.is_empty().then_some(())).await;
    run_for_each(cluster, &["DELETE FROM {}", "INSERT INTO {} SELECT * FROM dump_{}"]).await;
    bump_epoch(&cluster.database, &*node.clock).await.unwrap();
    for device in devices {
        device.client.connect();
    }
}

/// Says it and waits until the device knows that it is stored: what it does not know it says again after a restore.
async fn say(device: &TestDevice, id: ConversationId, text: &str) {
    let said = device.say(id, text).await;
    let is_said =
        |event: &ClientEvent| matches!(event, ClientEvent::Sent { txn_id, .. } if *txn_id == said).then_some(());
    device.sees("it is sent", is_said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_a_restore_is_not_taken_for_what_was_lost_with_it() {
    let cluster = TestCluster::start(1).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    say(&alice.devices[0], id, "one").await;
    bob.devices[0].shows(id, 1).await;
    run_for_each(&cluster, &["CREATE TABLE dump_{} AS TABLE {}"]).await;
    for text in ["two", "three"] {
        say(&alice.devices[0], id, text).await;
    }
    bob.devices[0].shows(id, 3).await;
    // Bob hears of a further conversation by his inbox, and both of a roster that the dump does not know.
    let lost = alice.client().create_group(&[bob.client().user_id()]).await.unwrap();
    bob.knows(lost).await;
    alice.link(&cluster, 0).await;
    say(&bob.devices[0], id, "four").await;
    alice.devices[1].shows(id, 1).await;

    let devices = [&alice.devices[0], &alice.devices[1], &bob.devices[0]];
    let mut shown = vec!["one", "two", "three", "four"];
    // Twice the same: what came after the first time is lost, too.
    for text in ["five", "six"] {
        restore(&cluster, &devices).await;
        say(&alice.devices[0], id, text).await;
        shown.push(text);
        assert_eq!(bob.devices[0].shows(id, shown.len()).await, shown);
        // Linked after the first three.
        assert_eq!(alice.devices[1].shows(id, shown.len() - 3).await, shown[3..]);
    }
    let group = alice.client().create_group(&[bob.client().user_id()]).await.unwrap();
    bob.knows(group).await;
    bob.client().accept(group).await.unwrap();
    bob.devices[0].say(group, "seven").await;
    assert_eq!(alice.devices[0].shows(group, 1).await, ["seven"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_upload_never_arrived_heals_at_the_next_connect() {
    let cluster = TestCluster::start(1).await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let device_id = bob.client().device_id();
    bob.client().disconnect();
    // The device holds keys of which the server has none, as if it had died after storing and before uploading them.
    run(&cluster, &["TRUNCATE one_time_keys"]).await;
    bob.client().connect();
    eventually("the device uploads again", async || (stored(&cluster, device_id).await >= 40).then_some(())).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let id = alice.talk_to(&bob).await;
    alice.devices[0].say(id, "healed").await;
    assert_eq!(bob.devices[0].shows(id, 1).await, ["healed"]);
}
