//! Two devices of one person.

use sotto_testkit::TestCluster;

use crate::process::{Ended, Folder, Process, of_type, text};

/// An account on one device, and a folder for a second one.
async fn alice(cluster: &TestCluster) -> (Folder, Folder) {
    let (laptop, phone) = (Folder::new(cluster, 0), Folder::new(cluster, 0));
    laptop.does("register alice --device-name Laptop").await;
    (laptop, phone)
}

/// The person carries four or six digits from one screen to the other.
async fn carry_digits(from: &mut Process, to: &mut Process) {
    let digits = text(&from.says("digits").await, "digits");
    let asked = to.asks("digits").await;
    assert_eq!(asked["count"].as_u64(), Some(digits.len() as u64));
    to.types(&digits).await;
}

async fn both_are_in(existing: Process, new: Process) {
    let (existing, new) = (existing.ends().await, new.ends().await);
    assert_eq!((existing.code, new.code), (0, 0), "{:#?} {:#?}", existing.said, new.said);
    let linked = |ended: &Ended, kind| text(of_type(&ended.said, kind).next().unwrap(), "device_id");
    assert_eq!(linked(&existing, "device_linked"), linked(&new, "linked"));
    assert_eq!(of_type(&new.said, "account").next().unwrap()["username"], "alice");
}

/// The new device scans what the old one's terminal shows.
async fn link(laptop: &Folder, phone: &Folder) {
    let mut existing = laptop.start("link-device");
    let picture = text(&existing.says("code").await, "picture");
    let mut new = phone.start("link --scan - --device-name Phone");
    new.asks("code").await;
    // As text in a terminal: the colours are not copied.
    new.types(&picture.replace("\x1b[30;107m", "").replace("\x1b[0m", "")).await;
    carry_digits(&mut new, &mut existing).await;
    let asked = existing.asks("approval").await;
    assert_eq!((asked["name"].as_str(), asked["number"].as_bool()), (Some("Phone"), Some(false)));
    existing.types("yes").await;
    existing.asks("history").await;
    existing.types("no").await;
    both_are_in(existing, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_by_the_code_on_a_terminal_and_both_show_what_comes() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    let bob = Folder::new(&cluster, 1);
    bob.does("register bob").await;
    link(&laptop, &phone).await;
    let mut at_laptop = laptop.start("chat bob");
    at_laptop.says("ready").await;
    let mut at_phone = phone.start("chat bob");
    at_phone.says("ready").await;
    let mut at_bob = bob.start("chat alice --accept");
    at_bob.says("ready").await;
    at_bob.types("Hello Alice").await;
    at_laptop.shows("Hello Alice").await;
    at_phone.shows("Hello Alice").await;
    at_phone.types("From my phone").await;
    at_bob.shows("From my phone").await;
    let own = at_laptop.shows("From my phone").await;
    assert_eq!((own["own"].as_bool(), own["from_here"].as_bool()), (Some(true), Some(false)));
    at_laptop.types("From my laptop").await;
    at_phone.shows("From my laptop").await;
    at_bob.shows("From my laptop").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_linked_by_a_typed_code_and_gets_the_history() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    let bob = Folder::new(&cluster, 1);
    bob.does("register bob").await;
    let mut before = laptop.start("chat bob");
    before.types("Before there was a phone").await;
    assert_eq!(before.ends().await.code, 0);
    let mut existing = laptop.start("link-device");
    let code = text(&existing.says("code").await, "typed_code");
    let mut new = phone.start(&format!("link --code {}", code.to_lowercase()));
    carry_digits(&mut new, &mut existing).await;
    existing.asks("approval").await;
    existing.types("y").await;
    existing.asks("history").await;
    existing.types("y").await;
    both_are_in(existing, new).await;
    let stored = phone.does("history bob").await;
    assert_eq!(of_type(&stored, "message").next().unwrap()["body"]["text"], "Before there was a phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_shows_a_code_that_the_old_one_reads_from_a_file() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    let mut new = phone.start("link --show --device-name Phone");
    let code = new.says("code").await;
    assert!(code["typed_code"].is_null());
    let file = laptop.path("code.txt");
    std::fs::write(&file, text(&code, "picture")).unwrap();
    let mut existing = laptop.start(&format!("link-device --scan {file}"));
    carry_digits(&mut existing, &mut new).await;
    let number = text(&new.says("digits").await, "digits");
    let asked = existing.asks("approval").await;
    assert_eq!(asked["number"].as_bool(), Some(true));
    existing.types(&number).await;
    existing.asks("history").await;
    existing.types("no").await;
    both_are_in(existing, new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_digits_and_wrong_codes_change_nothing() {
    let cluster = TestCluster::start(1).await;
    let (laptop, phone) = alice(&cluster).await;
    let mut existing = laptop.start("link-device");
    let mut new = phone.start(&format!("link --scan - --device-name {}", "Phone"));
    new.asks("code").await;
    new.types(&text(&existing.says("code").await, "qr")).await;
    let digits: u32 = text(&new.says("digits").await, "digits").parse().unwrap();
    existing.asks("digits").await;
    existing.types("12").await;
    // Another number of digits is no try.
    existing.asks("digits").await;
    existing.types(&format!("{:04}", (digits + 1) % 10_000)).await;
    existing.ends().await.refused("linking_failed");
    new.ends().await.refused("linking_failed");
    phone.run("status").await.refused("no_device");
    phone.run("link --code ABC").await.refused("no_such_code");
    phone.run("link --code 0000-0000").await.refused("no_such_code");
    let mut foreign = phone.start("link --scan -");
    foreign.asks("code").await;
    foreign.types(&format!("nonsense{}", "x".repeat(60))).await;
    foreign.ends().await.refused("code_unreadable");
    let listed = laptop.does("devices").await;
    assert_eq!(of_type(&listed, "device").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_device_stays_out() {
    let cluster = TestCluster::start(1).await;
    let (laptop, phone) = alice(&cluster).await;
    let mut existing = laptop.start("link-device");
    let code = text(&existing.says("code").await, "typed_code");
    let mut new = phone.start(&format!("link --code {code}"));
    carry_digits(&mut new, &mut existing).await;
    existing.asks("approval").await;
    existing.types("n").await;
    existing.ends().await.refused("linking_failed");
    new.ends().await.refused("linking_failed");
    assert_eq!(of_type(&laptop.does("devices").await, "device").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_says_so_and_can_do_nothing() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    let bob = Folder::new(&cluster, 1);
    bob.does("register bob").await;
    link(&laptop, &phone).await;
    let mut at_phone = phone.start("chat bob");
    at_phone.says("ready").await;
    let said = laptop.does("revoke Phone --yes").await;
    let receipt = &of_type(&said, "revoked").next().unwrap()["receipt"];
    assert_eq!(receipt["sockets_closed"], 1);
    at_phone.says("error").await;
    at_phone.ends().await.refused("device_revoked");
    for command in ["devices", "chat bob", "history bob", "link-device", "sign-in", "status"] {
        phone.run(command).await.refused("device_revoked");
    }
    phone.run("link --show").await.refused("folder_occupied");
    let listed = laptop.does("devices").await;
    let names: Vec<_> = of_type(&listed, "device").map(|device| text(device, "name")).collect();
    assert_eq!(names, ["Laptop"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_is_gone_and_the_other_device_stays() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    link(&laptop, &phone).await;
    let said = phone.does("sign-out --yes").await;
    assert_eq!(of_type(&said, "signed_out").next().unwrap()["for_good"], true);
    phone.run("status").await.refused("no_device");
    assert_eq!(of_type(&laptop.does("devices").await, "device").count(), 1);
    laptop.does("sign-in").await;
    laptop.does("devices").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_are_thrown_out_at_once() {
    let cluster = TestCluster::start(2).await;
    let (laptop, phone) = alice(&cluster).await;
    link(&laptop, &phone).await;
    let said = laptop.does("sign-out --others --yes").await;
    assert_eq!(of_type(&said, "revoked").count(), 1);
    phone.run("devices").await.refused("device_revoked");
}
