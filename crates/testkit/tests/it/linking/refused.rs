//! What ends a linking: wrong digits, a person, time. Nothing is changed by it, and both devices say why.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::rngs::StdRng;
use sotto_protocol::ProblemCode;
use sotto_sdk::{Client, Environment, LinkFailure, SdkError, Settings, SystemEnvironment};
use sotto_testkit::{PASSWORD, Person, TestCluster, settings};

use super::hands::{Pair, account, asked_approval, asked_digits, digits, failure, shown, store, tablet};

/// Other digits than these, as many.
fn others(digits: &str) -> String {
    digits.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

async fn failures(cluster: &TestCluster) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM link_failures WHERE reported");
    count.fetch_one(cluster.database.pool()).await.unwrap()
}

/// One device, and no grant for another.
async fn assert_unchanged(cluster: &TestCluster, alice: &Person) {
    let devices = alice.client().http().list_devices().await.unwrap();
    assert_eq!(devices.devices.len(), 1);
    let grants: i64 =
        sqlx::query_scalar("SELECT count(*) FROM link_grants").fetch_one(cluster.database.pool()).await.unwrap();
    assert_eq!(grants, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_17_a_wrong_check_code_ends_it_at_once_and_the_fifth_locks_linking() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let new = settings(cluster.url(1));
    for n in 1..=5 {
        let kept = store();
        let mut pair = Pair::in_store(alice.client(), &new, kept.clone()).await;
        let shown = digits(&mut pair.new).await;
        asked_digits(&mut pair.existing, 4).await;
        pair.existing.type_digits(&others(&shown));
        let (existing, entered) = pair.finish().await;
        assert!(matches!(failure(existing), LinkFailure::WrongDigits));
        assert!(matches!(failure(entered), LinkFailure::Ended));
        assert_eq!(failures(&cluster).await, n, "counted");
        assert_unchanged(&cluster, &alice).await;
        assert!(Client::open(&new, kept).await.unwrap().is_none(), "nothing is left on the new device");
    }
    let locked = alice.client().link_by_showing(PASSWORD).await.unwrap().finish().await;
    assert!(matches!(failure(locked), LinkFailure::Refused(ProblemCode::LinkingLocked)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_digits_after_wrong_ones_are_too_late() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mut pair = Pair::by_qr(alice.client(), &settings(cluster.url(0))).await;
    let shown = digits(&mut pair.new).await;
    asked_digits(&mut pair.existing, 4).await;
    pair.existing.type_digits(&shown[..3]);
    asked_digits(&mut pair.existing, 4).await;
    pair.existing.type_digits(&others(&shown));
    pair.existing.type_digits(&shown);
    pair.existing.approve(None, false);
    let (existing, entered) = pair.finish().await;
    assert!(matches!(failure(existing), LinkFailure::WrongDigits), "three of four are no try, four wrong ones are");
    assert!(matches!(failure(entered), LinkFailure::Ended));
    assert_unchanged(&cluster, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_digits_end_the_other_ways_too() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let new = settings(cluster.url(1));

    let mut typed = Pair::by_code(alice.client(), &new).await;
    let sas = digits(&mut typed.new).await;
    asked_digits(&mut typed.existing, 6).await;
    typed.existing.type_digits(&others(&sas));
    let (existing, entered) = typed.finish().await;
    assert!(matches!(failure(existing), LinkFailure::WrongDigits));
    assert!(matches!(failure(entered), LinkFailure::Ended));

    let mut scanned = Pair::by_scanning_the_new_one(alice.client(), &new).await;
    let code = digits(&mut scanned.existing).await;
    asked_digits(&mut scanned.new, 4).await;
    scanned.new.type_digits(&others(&code));
    let (existing, entered) = scanned.finish().await;
    assert!(matches!(failure(existing), LinkFailure::Ended));
    assert!(matches!(failure(entered), LinkFailure::WrongDigits));

    let mut scanned = Pair::by_scanning_the_new_one(alice.client(), &new).await;
    let code = digits(&mut scanned.existing).await;
    asked_digits(&mut scanned.new, 4).await;
    scanned.new.type_digits(&code);
    let number = digits(&mut scanned.new).await;
    asked_approval(&mut scanned.existing, true).await;
    scanned.existing.approve(Some(&others(&number)), false);
    let (existing, entered) = scanned.finish().await;
    assert!(matches!(failure(existing), LinkFailure::WrongDigits));
    assert!(matches!(failure(entered), LinkFailure::Ended));
    assert_unchanged(&cluster, &alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_or_lets_it_go_ends_it_for_both() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let new = settings(cluster.url(1));

    let mut declined = Pair::by_qr(alice.client(), &new).await;
    declined.prove(4).await;
    declined.existing.decline();
    let (existing, entered) = declined.finish().await;
    assert!(matches!(failure(existing), LinkFailure::Cancelled));
    assert!(matches!(failure(entered), LinkFailure::Ended));

    let mut dropped = Pair::by_qr(alice.client(), &new).await;
    digits(&mut dropped.new).await;
    drop(dropped.new);
    assert!(matches!(failure(dropped.existing.finish().await), LinkFailure::Ended));

    let mut dropped = Pair::by_qr(alice.client(), &new).await;
    dropped.prove(4).await;
    drop(dropped.new);
    let told = dropped.existing.finish().await;
    assert!(matches!(failure(told), LinkFailure::Ended), "while it asks for approval too");

    let mut dropped = Pair::by_qr(alice.client(), &new).await;
    dropped.prove(4).await;
    drop(dropped.existing);
    assert!(matches!(failure(dropped.new.finish().await), LinkFailure::Ended));
    assert_unchanged(&cluster, &alice).await;
    assert_eq!(failures(&cluster).await, 0, "nobody failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_of_nothing_and_of_other_services_lead_nowhere() {
    let cluster = TestCluster::start(1).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let new = settings(cluster.url(0));
    for mistyped in ["7K3M-9QX", "", "7K3M-9QX!"] {
        let refused = Client::enter_by_code(&new, store(), tablet(), mistyped).err();
        assert!(matches!(refused, Some(SdkError::NoSuchCode)), "{mistyped}");
    }
    let unknown = Client::enter_by_code(&new, store(), tablet(), "0000-0000").unwrap().finish().await;
    assert!(matches!(unknown, Err(SdkError::NoSuchCode)));

    let mut existing = alice.client().link_by_showing(PASSWORD).await.unwrap();
    let (qr, code) = shown(&mut existing).await;
    let other = Settings { service: Some("https://other.test".to_owned()), ..new.clone() };
    let refused = Client::enter_by_scanning(&other, store(), tablet(), qr.bytes()).err();
    assert!(matches!(refused, Some(SdkError::Linking(LinkFailure::OtherService))));
    assert!(Client::enter_by_scanning(&new, store(), tablet(), b"https://sotto.test/link").is_err());
    assert!(alice.client().link_by_scanning(PASSWORD, qr.bytes()).await.is_err(), "a code of the wrong kind of device");
    let wrong = alice.client().link_by_showing("a guess").await.err();
    assert_eq!(wrong.and_then(|error| error.code()), Some(ProblemCode::WrongCredentials));

    // A typed code leads to whoever uses the same name for the service.
    let entered = Client::enter_by_code(&other, store(), tablet(), &code.unwrap()).unwrap();
    let (existing, entered) = tokio::join!(existing.finish(), entered.finish());
    assert!(existing.is_err() && entered.is_err());
    assert_unchanged(&cluster, &alice).await;
}

/// The machine's clocks, but one of them can leap.
#[derive(Debug, Default)]
pub struct Leaping(AtomicU64);

impl Leaping {
    pub fn leap(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }
}

impl Environment for Leaping {
    fn now_ms(&self) -> i64 {
        SystemEnvironment.now_ms()
    }

    fn monotonic(&self) -> Duration {
        SystemEnvironment.monotonic() + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn rng(&self) -> StdRng {
        SystemEnvironment.rng()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_minutes_it_is_over_on_both_and_may_begin_anew() {
    let cluster = TestCluster::start(2).await;
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    alice.talk_to(&bob).await;
    let clock = Arc::new(Leaping::default());
    let new = Settings { environment: clock.clone(), ..settings(cluster.url(1)) };
    let kept = store();
    let mut pair = Pair::in_store(alice.client(), &new, kept.clone()).await;
    pair.prove(4).await;
    clock.leap(Duration::from_secs(301));
    let (existing, entered) = pair.finish().await;
    assert!(matches!(failure(entered), LinkFailure::Expired));
    assert!(matches!(failure(existing), LinkFailure::Ended));
    assert_unchanged(&cluster, &alice).await;

    let mut pair = Pair::in_store(alice.client(), &new, kept).await;
    pair.prove(4).await;
    pair.existing.approve(None, false);
    assert_eq!(account(&mut pair.new).await, "alice");
    let ends = pair.finish().await;
    super::hands::takes_part(&mut alice, &bob, ends).await;
}
