//! Two people talk.

use sotto_testkit::TestCluster;

use crate::process::{Folder, of_type};

async fn two_people(cluster: &TestCluster) -> (Folder, Folder) {
    let (alice, bob) = (Folder::new(cluster, 0), Folder::new(cluster, 1));
    alice.does("register alice").await;
    bob.does("register bob").await;
    (alice, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_sent_and_their_state_is_told_up_to_read() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = two_people(&cluster).await;
    let mut at_alice = alice.start("chat bob");
    at_alice.says("ready").await;
    at_alice.types("Hello Bob").await;
    let sent = at_alice.says_that("state", |state| state["state"] == "sent").await;
    let mut at_bob = bob.start("chat alice");
    at_bob.asks("accept").await;
    at_bob.types("yes").await;
    let message = at_bob.shows("Hello Bob").await;
    assert_eq!((message["sender"].as_str(), message["own"].as_bool()), (Some("alice"), Some(false)));
    let read = at_alice.says_that("state", |state| state["state"] == "read").await;
    assert_eq!((&read["seq"], read["by"].as_str()), (&sent["seq"], Some("bob")));
    at_bob.says("ready").await;
    at_bob.types("//not a command").await;
    at_alice.shows("/not a command").await;
    at_alice.types("/members").await;
    let member = at_alice.says_that("member", |member| member["name"] == "bob").await;
    assert_eq!(member["trust"], "not verified");
    at_alice.types("/quit").await;
    at_bob.types("/quit").await;
    assert_eq!((at_alice.ends().await.code, at_bob.ends().await.code), (0, 0));
    let stored = bob.does("history alice").await;
    let texts: Vec<_> = of_type(&stored, "message").map(|message| message["body"]["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Hello Bob", "/not a command"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_piped_in_is_sent_before_the_end() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = two_people(&cluster).await;
    let mut piped = alice.start("chat bob");
    for line in ["one", "two", "three"] {
        piped.types(line).await;
    }
    let ended = piped.ends().await;
    let sent = of_type(&ended.said, "state").filter(|state| state["state"] == "sent").count();
    assert_eq!((ended.code, sent), (0, 3));
    let mut at_bob = bob.start("chat alice --accept");
    at_bob.shows("one").await;
    at_bob.shows("three").await;
    drop(at_bob);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_made_named_grown_and_left() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = two_people(&cluster).await;
    let carol = Folder::new(&cluster, 0);
    carol.does("register carol").await;
    alice.does("group create picnic bob").await;
    let mut at_bob = bob.start("chat --group picnic --accept");
    at_bob.says("ready").await;
    alice.does("group add picnic carol").await;
    at_bob.says_that("membership", |change| change["text"].as_str().unwrap().starts_with("alice added")).await;
    at_bob.types("who brings bread?").await;
    at_bob.says_that("state", |state| state["state"] == "sent").await;
    // Carol came after the name, and was told it again.
    let listed = carol.does("groups").await;
    let listed = of_type(&listed, "group").next().unwrap();
    assert_eq!(listed["name"], "picnic");
    let id = listed["conversation_id"].as_str().unwrap()[..8].to_owned();
    let mut at_carol = carol.start("chat --group picnic --accept");
    at_carol.shows("who brings bread?").await;
    at_carol.types("/leave").await;
    at_bob.says_that("membership", |change| change["text"] == "carol left").await;
    assert_eq!(at_carol.ends().await.code, 0);
    carol.run(&format!("history --group {id}")).await.refused("no_such_group");
    at_bob.types("/quit").await;
    at_bob.ends().await;
    let said = bob.does("history --group picnic").await;
    let names = of_type(&said, "message").filter(|one| one["body"]["type"] == "room_name");
    assert_eq!(names.count(), 1, "nobody else is told twice");
}
