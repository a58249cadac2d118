//! As many devices as an account may have.

use sotto_protocol::limits::MAX_DEVICES_PER_USER;
use sotto_sdk::{SdkError, Store, SystemEnvironment};
use sotto_service::{
    ServiceConfig,
    limits::{Limit, Rate},
};
use sotto_testkit::{PASSWORD, Person, TestCluster, settings};

use super::hands::tablet;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_twenty_devices_that_all_read_and_a_further_one_is_refused() {
    let mut cluster = TestCluster::start(0).await;
    for _ in 0..3 {
        // So many passwords in a moment are more than a person types.
        let often = Rate { burst: 1_000, period_ms: 1 };
        let allow = |service: &mut ServiceConfig, _: &mut _| {
            service.limits.rates.insert(Limit::StepUpUser, often);
        };
        cluster.add_node_with(allow).await;
    }
    let mut alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = bob.talk_to(&alice).await;
    while alice.devices.len() < MAX_DEVICES_PER_USER {
        alice.link(&cluster, alice.devices.len() % 3).await;
    }
    let store = Store::in_memory([7; 32], &SystemEnvironment).unwrap();
    let one_more = alice.client().link_new_device(&settings(cluster.url(0)), store, PASSWORD, tablet()).await;
    assert!(matches!(one_more.err(), Some(SdkError::E2ee(_))), "its own device does not sign a longer list");
    bob.devices[0].say(id, "to twenty").await;
    for device in &alice.devices {
        assert_eq!(device.shows(id, 1).await, ["to twenty"]);
    }
    alice.devices[MAX_DEVICES_PER_USER - 1].say(id, "from the last").await;
    for device in &alice.devices {
        assert_eq!(device.shows(id, 2).await, ["to twenty", "from the last"]);
    }
    assert_eq!(alice.client().devices().await.unwrap().devices.len(), MAX_DEVICES_PER_USER);
}
