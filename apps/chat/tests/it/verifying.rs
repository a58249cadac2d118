//! Two people compare keys.

use sotto_testkit::TestCluster;

use crate::process::{Folder, of_type, text};

/// Alice and Bob, who have a conversation.
async fn pair(cluster: &TestCluster) -> (Folder, Folder) {
    let (alice, bob) = (Folder::new(cluster, 0), Folder::new(cluster, 1));
    alice.does("register alice").await;
    bob.does("register bob").await;
    alice.does("chat bob").await;
    bob.does("chat alice --accept").await;
    (alice, bob)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_see_one_number_and_who_compared_it_is_verified() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = pair(&cluster).await;
    let mut at_alice = alice.start("verify bob");
    let number = text(&at_alice.says("safety_number").await, "number");
    assert_eq!(number.chars().filter(char::is_ascii_digit).count(), 60);
    at_alice.asks("same").await;
    at_alice.types("yes").await;
    assert_eq!(at_alice.ends().await.code, 0);
    let mut at_bob = bob.start("verify alice");
    assert_eq!(text(&at_bob.says("safety_number").await, "number"), number);
    at_bob.asks("same").await;
    at_bob.types("no").await;
    at_bob.ends().await.refused("numbers_differ");
    let again = alice.does("verify bob").await;
    assert_eq!(of_type(&again, "safety_number").next().unwrap()["trust"], "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_changed_key_until_a_person_accepts_it() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = pair(&cluster).await;
    let said = bob.does("new-identity --yes").await;
    assert_eq!(of_type(&said, "recovery_key").count(), 1);
    let mut blocked = alice.start("chat bob");
    blocked.says("ready").await;
    blocked.types("Is it you?").await;
    blocked.says("blocked").await;
    blocked.ends().await.refused("blocked");
    let mut at_alice = alice.start("verify bob");
    assert_eq!(at_alice.says("safety_number").await["trust"], "KEY CHANGED");
    at_alice.asks("accept_new_key").await;
    at_alice.types("no").await;
    at_alice.ends().await.refused("declined");
    alice.does("verify bob --accept-new-key").await;
    let mut again = alice.start("chat bob");
    again.says("ready").await;
    let mut at_bob = bob.start("chat alice");
    at_bob.shows("Is it you?").await;
    again.types("/members").await;
    let member = again.says_that("member", |member| member["name"] == "bob").await;
    assert_eq!(member["trust"], "not verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_scanned_verifies_its_owner_and_nobody_else() {
    let cluster = TestCluster::start(2).await;
    let (alice, bob) = pair(&cluster).await;
    let mut at_bob = bob.start("verify alice");
    let shown = at_bob.says("safety_number").await;
    let file = alice.path("code.txt");
    std::fs::write(&file, text(&shown, "picture")).unwrap();
    let said = alice.does(&format!("verify bob --scan {file}")).await;
    assert_eq!(of_type(&said, "verified").count(), 1);
    // Alice's own code, and one of another kind.
    let own = text(of_type(&alice.does("verify bob").await, "safety_number").next().unwrap(), "qr");
    std::fs::write(&file, own).unwrap();
    alice.run(&format!("verify bob --scan {file}")).await.refused("not_verified");
    std::fs::write(&file, "534f54544f0101").unwrap();
    alice.run(&format!("verify bob --scan {file}")).await.refused("not_verified");
}
