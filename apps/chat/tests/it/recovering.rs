//! The last device is gone: password and recovery key. Names of their own: logins of one name are limited, and all tests
//! share a Redis.

use sotto_testkit::TestCluster;

use crate::process::{Folder, of_type, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_words_open_the_account_on_a_new_device() {
    let cluster = TestCluster::start(2).await;
    let (old, new, bob) = (Folder::new(&cluster, 0), Folder::new(&cluster, 1), Folder::new(&cluster, 1));
    let said = old.does("register rita").await;
    let words = text(of_type(&said, "recovery_key").next().unwrap(), "words");
    assert_eq!(words.split(' ').count(), 24);
    bob.does("register bob").await;
    let mut recover = new.start("recover rita --device-name Tablet");
    recover.asks("recovery_key").await;
    recover.types(&words.to_uppercase()).await;
    assert_eq!(recover.ends().await.code, 0);
    let mut at_new = new.start("chat bob");
    at_new.says("ready").await;
    at_new.types("I am back").await;
    at_new.says_that("state", |state| state["state"] == "sent").await;
    let mut at_bob = bob.start("chat rita --accept");
    at_bob.shows("I am back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_and_wrong_passwords_leave_nothing_behind() {
    let cluster = TestCluster::start(1).await;
    let (alice, bob, new) = (Folder::new(&cluster, 0), Folder::new(&cluster, 0), Folder::new(&cluster, 0));
    let said = alice.does("register rosa").await;
    let words = text(of_type(&said, "recovery_key").next().unwrap(), "words");
    let others = bob.does("register bob").await;
    let others = text(of_type(&others, "recovery_key").next().unwrap(), "words");
    let tries = [
        ("correct horse battery", "only three words", "recovery_key_mistyped"),
        ("correct horse battery", others.as_str(), "wrong_recovery_key"),
        ("something else entirely", words.as_str(), "wrong_credentials"),
    ];
    for (password, typed, code) in tries {
        let mut recover = new.start_with("recover rosa", Some(password));
        recover.asks("recovery_key").await;
        recover.types(typed).await;
        recover.ends().await.refused(code);
        new.run("status").await.refused("no_device");
    }
    let listed = alice.does("devices").await;
    assert!(of_type(&listed, "device").filter(|device| device["verified"] == true).count() == 1, "{listed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_recovery_key_opens_nothing_any_more() {
    let cluster = TestCluster::start(1).await;
    let (alice, new) = (Folder::new(&cluster, 0), Folder::new(&cluster, 0));
    let said = alice.does("register ruth").await;
    let old = text(of_type(&said, "recovery_key").next().unwrap(), "words");
    let mut replace = alice.start("recovery-key");
    replace.asks("recovery_key").await;
    replace.types(&old).await;
    let fresh = text(&replace.says("recovery_key").await, "words");
    assert_eq!(replace.ends().await.code, 0);
    for (words, code) in [(old, 1), (fresh, 0)] {
        let mut recover = new.start("recover ruth");
        recover.asks("recovery_key").await;
        recover.types(&words).await;
        assert_eq!(recover.ends().await.code, code);
    }
}
