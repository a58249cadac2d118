//! Messages from before a device was linked.

use std::time::Duration;

use sotto_protocol::ConversationId;
use sotto_sdk::{Client, ClientEvent, LinkStep, MessageBody, Running, StoredMessage};
use sotto_testkit::{Mode, PASSWORD, Person, Proxy, TestCluster, TestDevice, eventually, settings};

use super::hands::{Pair, account, shown, step, store, stored, tablet, until};

/// So many messages of about a kilobyte.
async fn talk(alice: &Person, bob: &Person, id: ConversationId, count: usize) {
    let long = "about as long as people write on a long train journey ".repeat(20);
    for n in 0..count {
        [alice, bob][n % 2].devices[0].say(id, &format!("{n} {long}")).await;
    }
    alice.devices[0].shows(id, count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_comes_along_whole_and_nothing_of_it_twice() {
    let cluster = TestCluster::start(3).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    talk(&alice, &bob, id, 300).await;

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

#[tokio::test(flavor = "multi_thread")]
async fn without_a_history_too_the_new_device_knows_names_and_timers() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let direct = alice.talk_to(&bob).await;
    let group = alice.client().create_group(&[alice.find(&bob).await]).await.unwrap();
    let say = async |id, body| alice.client().send(id, &body).await.unwrap();
    say(group, MessageBody::RoomName { name: "Trp".into() }).await;
    say(group, MessageBody::RoomName { name: "Trip".into() }).await;
    say(group, MessageBody::Timer { after_ms: Some(3_600_000) }).await;
    say(direct, MessageBody::Timer { after_ms: Some(60_000) }).await;
    // Nobody understands this one.
    say(direct, MessageBody::Timer { after_ms: Some(1) }).await;
    alice.devices[0].say(direct, "before").await;
    alice.devices[0].shows(direct, 3).await;
    alice.devices[0].shows(group, 3).await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(0))).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    let (linked, running) = pair.finish().await;
    assert!(!linked.unwrap().history, "the messages stay where they are");
    let device = TestDevice::new(running.unwrap());
    assert_eq!(device.client.room_name(group).await.unwrap().as_deref(), Some("Trip"));
    assert_eq!(device.client.timer(group).await.unwrap(), Some(3_600_000));
    assert_eq!(device.client.timer(direct).await.unwrap(), Some(60_000));
    assert_eq!((stored(&device.client, group).await.len(), stored(&device.client, direct).await.len()), (2, 1));
    // The others saw nothing of it.
    bob.devices[0].shows(group, 3).await;
    assert_eq!(bob.devices[0].shown(group).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_goes_on_at_the_missing_chunk_when_the_line_or_the_new_device_breaks() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    talk(&alice, &bob, id, 1_000).await;
    let line = Proxy::start(cluster.url(0).trim_start_matches("http://")).await.unwrap();
    let slow = settings(format!("http://{}", line.address));

    // The new device lives in a runtime of its own, so that it can die.
    let life = tokio::runtime::Runtime::new().unwrap();
    let kept = store();
    let mut existing = alice.client().link_by_showing(PASSWORD).await.unwrap();
    let (qr, _) = shown(&mut existing).await;
    let (its_settings, its_store) = (slow.clone(), kept.clone());
    let enter = async move { Client::enter_by_scanning(&its_settings, its_store, tablet(), qr.bytes()) };
    let new = life.spawn(enter).await.unwrap().unwrap();
    let mut pair = Pair { existing, new };
    pair.prove(4).await;
    pair.existing.approve(None, true);
    account(&mut pair.new).await;
    line.set(Mode::Delay(Duration::from_millis(20)));
    let of = until(&mut pair.new, |step| match step {
        LinkStep::History { of, .. } => Some(of),
        _ => None,
    })
    .await;
    line.set(Mode::Cut);
    life.shutdown_background();
    let linked = pair.existing.finish().await.unwrap();
    assert!(linked.handed_over && linked.history, "it uploads whether or not somebody fetches");

    line.set(Mode::Delay(Duration::from_millis(20)));
    let device = TestDevice::new(Client::open(&slow, kept).await.unwrap().unwrap());
    let cut = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        line.set(Mode::Cut);
        tokio::time::sleep(Duration::from_millis(500)).await;
        line.set(Mode::Pass);
    };
    let whole = device.sees("the history is whole", |event| match event {
        ClientEvent::History { done, of } if done == of => Some(*of),
        _ => None,
    });
    assert_eq!(tokio::join!(whole, cut).0, of);
    let read = device.count(|event| matches!(event, ClientEvent::History { .. }));
    assert!(read < usize::try_from(of).unwrap(), "what was there is not fetched again");
    assert_eq!(stored(&device.client, id).await, stored(alice.client(), id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_existing_device_did_not_have_yet_is_waited_for() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let id = alice.talk_to(&bob).await;
    talk(&alice, &bob, id, 2).await;
    alice.client().disconnect();
    bob.devices[0].say(id, "while she was away").await;
    bob.devices[0].shows(id, 3).await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(0))).await;
    pair.prove(4).await;
    pair.existing.approve(None, true);
    account(&mut pair.new).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    alice.client().connect();
    let (linked, running) = pair.finish().await;
    assert!(linked.unwrap().history);
    let device = TestDevice::new(running.unwrap());
    assert_eq!(stored(&device.client, id).await.len(), 3, "the server does not give it to the new device");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_by_itself_is_no_part_of_the_history() {
    let cluster = TestCluster::start(2).await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let here = Proxy::start(cluster.url(0).trim_start_matches("http://")).await.unwrap();
    let made =
        Client::register(&settings(format!("http://{}", here.address)), store(), "alice", PASSWORD, tablet()).await;
    let made = made.unwrap();
    let alice = TestDevice::new(Running { client: made.client, events: made.events });
    bob.client().find_person("alice").await.unwrap();
    let id = bob.client().create_direct(alice.client.user_id()).await.unwrap();
    bob.devices[0].say(id, "before").await;
    alice.shows(id, 1).await;
    alice.client.accept(id).await.unwrap();

    let there = Proxy::start(cluster.url(1).trim_start_matches("http://")).await.unwrap();
    let mut existing = alice.client.link_by_showing(PASSWORD).await.unwrap();
    let (qr, _) = shown(&mut existing).await;
    let its_settings = settings(format!("http://{}", there.address));
    let new = Client::enter_by_scanning(&its_settings, store(), tablet(), qr.bytes()).unwrap();
    let mut pair = Pair { existing, new };
    pair.prove(4).await;
    pair.existing.approve(None, true);
    eventually("the admission is in the slot", async || (step(&cluster, qr.bytes()).await >= 4).then_some(())).await;
    here.set(Mode::Stall);
    eventually("the new device is in", async || (step(&cluster, qr.bytes()).await == 5).then_some(())).await;
    bob.devices[0].say(id, "between").await;
    bob.devices[0].shows(id, 2).await;
    here.set(Mode::Pass);
    until(&mut pair.new, |step| matches!(step, LinkStep::History { done, of } if done == of).then_some(())).await;
    there.set(Mode::Cut);
    let (linked, running) = pair.finish().await;
    assert!(linked.unwrap().history);
    let device = TestDevice::new(running.unwrap());
    let places = |messages: Vec<StoredMessage>| messages.into_iter().map(|message| message.seq).collect::<Vec<_>>();
    let before = places(stored(&device.client, id).await);
    there.set(Mode::Pass);
    assert_eq!(device.shows(id, 1).await, ["between"]);
    let after = places(stored(&device.client, id).await);
    assert_eq!((before.len(), after.len()), (1, 2), "it was not there before it was told");
}
