//! Limits and one-use ids.

use std::time::Duration;

use sotto_bus::{
    Bus, BusConfig, BusError,
    limits::{Rate, Verdict},
};

use crate::{bus, unique};

#[tokio::test]
async fn all_nodes_together_get_the_burst_once() {
    let (one, two) = (bus().await, bus().await);
    let (subject, rate) = (unique().to_string(), Rate { burst: 10, period_ms: 3_600_000 });
    let mut allowed = 0;
    for _ in 0..10 {
        let (a, b) = tokio::join!(one.limit("test", &subject, rate, 1), two.limit("test", &subject, rate, 1));
        allowed += [a.unwrap(), b.unwrap()].iter().filter(|verdict| **verdict == Verdict::Allowed).count();
    }
    assert_eq!(allowed, 10);
    let Verdict::Limited { retry_after_ms } = one.limit("test", &subject, rate, 1).await.unwrap() else {
        panic!("the burst is spent");
    };
    assert!((1..=3_600_000).contains(&retry_after_ms), "{retry_after_ms}");
    assert_eq!(one.limit("test", &unique().to_string(), rate, 10).await.unwrap(), Verdict::Allowed);
}

#[tokio::test]
async fn tokens_come_back_one_a_period() {
    let bus = bus().await;
    let (subject, rate) = (unique().to_string(), Rate { burst: 1, period_ms: 20 });
    assert_eq!(bus.limit("test", &subject, rate, 1).await.unwrap(), Verdict::Allowed);
    // As long as it takes: the answer says when, and then it is so.
    while let Verdict::Limited { retry_after_ms } = bus.limit("test", &subject, rate, 1).await.unwrap() {
        assert!((1..=20).contains(&retry_after_ms), "{retry_after_ms}");
        tokio::time::sleep(Duration::from_millis(retry_after_ms)).await;
    }
}

#[tokio::test]
async fn an_id_is_spent_once_on_whatever_node() {
    let (one, two, id) = (bus().await, bus().await, unique());
    let (a, b) = tokio::join!(one.spend_once(id, Duration::from_mins(1)), two.spend_once(id, Duration::from_mins(1)));
    assert_ne!(a.unwrap(), b.unwrap());
    assert!(!one.spend_once(id, Duration::from_mins(1)).await.unwrap());
}

#[tokio::test]
async fn without_redis_everything_fails_at_once_and_nothing_hangs() {
    let bus = Bus::connect_lazy(BusConfig::new("redis://127.0.0.1:1/")).unwrap();
    let rate = Rate { burst: 1, period_ms: 1 };
    assert!(matches!(bus.limit("test", "nobody", rate, 1).await, Err(BusError::Unavailable)));
    assert!(matches!(bus.spend_once(unique(), Duration::from_secs(1)).await, Err(BusError::Unavailable)));
    assert!(!bus.is_connected() && !bus.ping().await);
}
