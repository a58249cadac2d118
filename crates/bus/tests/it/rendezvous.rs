//! The slot of two devices, from two connections as from two nodes.

use std::time::Duration;

use sotto_bus::{
    Bus, BusConfig, BusError,
    rendezvous::{NewSlot, Side, Write, Written},
};
use sotto_protocol::{RendezvousId, UserId};

use crate::{bus_in, unique};

/// More than any test has open.
const MANY: u64 = 1_000_000;

async fn nodes() -> [Bus; 2] {
    [bus_in("0").await, bus_in("0").await]
}

fn slot(ttl_ms: u64) -> NewSlot<'static> {
    let id = RendezvousId(unique());
    NewSlot { id, token: "t0", data: b"zero", owner: None, side: Side::Existing, network: "here", ttl_ms }
}

fn write<'a>(id: RendezvousId, token: &'a str, next: &'a str, data: &'a [u8]) -> Write<'a> {
    Write { id, token, next, data, side: Side::New, network: "there", most: 32 }
}

fn done(written: Written) -> String {
    match written {
        Written::Done(token, left_ms) => {
            assert!(left_ms <= 60_000, "{left_ms}");
            token
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_slot_goes_from_token_to_token_whichever_node_writes() {
    let [one, two] = nodes().await;
    let new = NewSlot { owner: Some(UserId(unique())), ..slot(60_000) };
    assert!(one.open_rendezvous(&new, MANY).await.unwrap());
    assert_eq!(done(two.write_rendezvous(&write(new.id, "t0", "t1", b"\x00one\xff")).await.unwrap()), "t1");
    let found = one.rendezvous(new.id).await.unwrap().unwrap();
    assert_eq!((found.token.as_str(), &*found.data, found.owner), ("t1", &b"\x00one\xff"[..], new.owner));
    assert_eq!(found.existing_network.as_deref(), Some("here"));
    assert_eq!(found.new_network.as_deref(), Some("there"));

    let same = one.write_rendezvous(&write(new.id, "t0", "t9", b"\x00one\xff")).await.unwrap();
    assert_eq!(done(same), "t1", "the same write again");
    for (token, data) in [("t0", b"other"), ("t9", b"other"), ("t9", b"\x00one\xff")] {
        assert_eq!(one.write_rendezvous(&write(new.id, token, "t2", data)).await.unwrap(), Written::Conflict);
    }
    assert_eq!(done(one.write_rendezvous(&write(new.id, "t1", "t2", b"two")).await.unwrap()), "t2");
    let old = two.write_rendezvous(&write(new.id, "t0", "t3", b"\x00one\xff")).await.unwrap();
    assert_eq!(old, Written::Conflict, "what was replaced comes back by no retry");

    assert_eq!(one.rendezvous_tokens(&[new.id, RendezvousId(unique())]).await.unwrap(), [Some("t2".into()), None]);
    assert!(two.end_rendezvous(new.id).await.unwrap());
    assert!(!one.end_rendezvous(new.id).await.unwrap());
    assert_eq!(one.rendezvous(new.id).await.unwrap(), None);
    assert_eq!(one.write_rendezvous(&write(new.id, "t2", "t3", b"")).await.unwrap(), Written::Gone);
}

#[tokio::test]
async fn of_racing_writers_one_wins() {
    let [one, two] = nodes().await;
    let new = slot(60_000);
    one.open_rendezvous(&new, MANY).await.unwrap();
    for round in 0..50 {
        let token = one.rendezvous(new.id).await.unwrap().unwrap().token;
        let (a, b) = (format!("a{round}"), format!("b{round}"));
        let [left, right] = [write(new.id, &token, &a, a.as_bytes()), write(new.id, &token, &b, b.as_bytes())]
            .map(|write| Write { most: 1_000, ..write });
        let (left, right) = tokio::join!(one.write_rendezvous(&left), two.write_rendezvous(&right));
        let wins = [left.unwrap(), right.unwrap()];
        assert_eq!(wins.iter().filter(|written| **written == Written::Conflict).count(), 1, "{wins:?}");
    }
}

#[tokio::test]
async fn no_write_makes_a_life_longer() {
    let [one, two] = nodes().await;
    let new = slot(400);
    one.open_rendezvous(&new, MANY).await.unwrap();
    one.put_code("NOWRITES", new.id, 400).await.unwrap();
    let mut token = "t0".to_owned();
    let mut last = u64::MAX;
    for round in 0.. {
        let next = format!("n{round}");
        match two
            .write_rendezvous(&Write { most: 1_000, ..write(new.id, &token, &next, next.as_bytes()) })
            .await
            .unwrap()
        {
            Written::Done(now, left_ms) => {
                assert!(left_ms <= last, "{left_ms} after {last}");
                (token, last) = (now, left_ms);
            }
            Written::Gone => break,
            other => panic!("{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(round < 60, "it lives on");
    }
    assert_eq!(one.claim_code("NOWRITES").await.unwrap(), None);
}

#[tokio::test]
async fn a_slot_takes_so_many_writes() {
    let [one, _] = nodes().await;
    let new = slot(60_000);
    one.open_rendezvous(&new, MANY).await.unwrap();
    let few = |token, next| Write { most: 2, ..write(new.id, token, next, b"x") };
    done(one.write_rendezvous(&few("t0", "t1")).await.unwrap());
    done(one.write_rendezvous(&few("t1", "t2")).await.unwrap());
    assert_eq!(one.write_rendezvous(&few("t2", "t3")).await.unwrap(), Written::Full);
    assert_eq!(one.rendezvous(new.id).await.unwrap().unwrap().token, "t2");
}

#[tokio::test]
async fn at_capacity_new_ones_are_refused_and_open_ones_live() {
    // A database of its own: all tests of the house share the other one.
    let bus = bus_in("9").await;
    bus.query::<()>(&redis::cmd("FLUSHDB")).await.unwrap();
    let short = slot(300);
    let long: Vec<_> = (0..4).map(|_| slot(60_000)).collect();
    assert!(bus.open_rendezvous(&short, 5).await.unwrap());
    for new in &long {
        assert!(bus.open_rendezvous(new, 5).await.unwrap());
    }
    for _ in 0..100 {
        assert!(!bus.open_rendezvous(&slot(60_000), 5).await.unwrap());
    }
    for new in &long {
        assert!(bus.rendezvous(new.id).await.unwrap().is_some(), "an open one lives");
    }
    bus.end_rendezvous(long[0].id).await.unwrap();
    assert!(bus.open_rendezvous(&slot(60_000), 5).await.unwrap(), "the place of one that ended");
    assert!(!bus.open_rendezvous(&slot(60_000), 5).await.unwrap());
    while bus.rendezvous(short.id).await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(bus.open_rendezvous(&slot(60_000), 5).await.unwrap(), "the place of one whose time is over");
}

#[tokio::test]
async fn a_code_leads_to_its_rendezvous_once() {
    let [one, two] = nodes().await;
    let (id, code) = (RendezvousId(unique()), unique().simple().to_string());
    assert!(one.put_code(&code, id, 60_000).await.unwrap());
    assert!(!two.put_code(&code, RendezvousId(unique()), 60_000).await.unwrap());
    let (a, b) = tokio::join!(one.claim_code(&code), two.claim_code(&code));
    let mut claimed = [a.unwrap(), b.unwrap()];
    claimed.sort();
    assert_eq!(claimed, [None, Some(id)]);
    assert_eq!(one.claim_code(&code).await.unwrap(), None);
}

#[tokio::test]
async fn without_redis_everything_fails_at_once() {
    let bus = Bus::connect_lazy(BusConfig::new("redis://127.0.0.1:1/")).unwrap();
    let new = slot(60_000);
    assert!(matches!(bus.open_rendezvous(&new, MANY).await, Err(BusError::Unavailable)));
    assert!(matches!(bus.rendezvous(new.id).await, Err(BusError::Unavailable)));
    assert!(matches!(bus.write_rendezvous(&write(new.id, "t0", "t1", b"")).await, Err(BusError::Unavailable)));
    assert!(matches!(bus.claim_code("12345678").await, Err(BusError::Unavailable)));
}
