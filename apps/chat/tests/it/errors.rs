//! What goes wrong is said plainly, with a stable code, and leaves nothing half done.

use sotto_testkit::TestCluster;

use crate::process::{Folder, of_type, text};

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_their_codes_and_say_what_to_do() {
    let cluster = TestCluster::start(1).await;
    let (alice, other) = (Folder::new(&cluster, 0), Folder::new(&cluster, 0));
    alice.run("devices").await.refused("no_device");
    alice.does("register erin").await;
    other.run("register erin").await.refused("username_taken");
    other.run("register A").await.refused("invalid_request");
    // Nothing is left of the attempts.
    other.run("status").await.refused("no_device");
    alice.run("register anna").await.refused("folder_occupied");
    alice.run("link --show").await.refused("folder_occupied");
    alice.run("chat nobody").await.refused("no_such_person");
    alice.run("chat erin").await.refused("oneself");
    alice.run("history --group team").await.refused("no_such_group");
    alice.run("rename phone tablet").await.refused("no_such_device");
    alice.start_with("sign-in", Some("wrong password")).ends().await.refused("wrong_credentials");
    let ended = alice.start_with("revoke Terminal --yes", Some("wrong password")).ends().await;
    ended.refused("wrong_credentials");
    assert!(text(ended.said.last().unwrap(), "next").contains("try again"));
    // No answer came: the terminal was asked, and ended.
    alice.start_with("sign-in", None).ends().await.refused("no_answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_meant_by_its_name_or_by_enough_of_its_id() {
    let cluster = TestCluster::start(1).await;
    let alice = Folder::new(&cluster, 0);
    alice.does("register alice").await;
    let id = text(of_type(&alice.does("devices").await, "device").next().unwrap(), "device_id");
    alice.run(&format!("rename {} Phone", &id[..3])).await.refused("no_such_device");
    alice.does(&format!("rename {} Phone", &id[..4])).await;
    alice.does("rename Phone Tablet").await;
    assert_eq!(of_type(&alice.does("devices").await, "device").next().unwrap()["name"], "Tablet");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_one_devices_and_one_process_has_it() {
    let cluster = TestCluster::start(1).await;
    let (alice, bob) = (Folder::new(&cluster, 0), Folder::new(&cluster, 0));
    alice.does("register alice").await;
    bob.does("register bob").await;
    let mut chat = alice.start("chat bob");
    chat.says("ready").await;
    alice.run("devices").await.refused("folder_busy");
    chat.types("/quit").await;
    assert_eq!(chat.ends().await.code, 0);
    alice.does("devices").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_ends_with_two() {
    let cluster = TestCluster::start(1).await;
    let folder = Folder::new(&cluster, 0);
    for line in ["dance", "link", "chat", "register", "--server ftp://x register alice"] {
        assert_eq!(folder.run(line).await.code, 2, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_with_what_to_do() {
    let cluster = TestCluster::start(1).await;
    let folder = Folder::new(&cluster, 0);
    let ended = folder.run("--server http://127.0.0.1:1 register alice").await;
    ended.refused("no_answer_from_server");
    assert!(text(ended.said.last().unwrap(), "next").contains("make run"));
    folder.run("status").await.refused("no_device");
}
