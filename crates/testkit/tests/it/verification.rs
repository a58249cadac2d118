//! People make sure of each other, and what happens when one of them has a new identity.

use sotto_sdk::{ClientEvent, SdkError, SignOutReason, Trust, VerifyError};
use sotto_testkit::{PASSWORD, Person, TestCluster, eventually, unique};

async fn pair() -> (TestCluster, Person, Person, sotto_protocol::ConversationId) {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, &unique("alice")).await;
    let bob = Person::register(&cluster, 1, "bob").await;
    let id = alice.talk_to(&bob).await;
    bob.find(&alice).await;
    (cluster, alice, bob, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_see_one_number_and_verify_by_the_code_on_the_others_screen() {
    let (_cluster, alice, bob, _) = Box::pin(pair()).await;
    let (a, b) = (alice.client().user_id(), bob.client().user_id());
    let number = alice.client().safety_number(b).await.unwrap();
    assert_eq!(bob.client().safety_number(a).await.unwrap(), number);
    let qr = bob.client().verification_qr(a).await.unwrap();
    assert_eq!(alice.client().trust(b).await, Trust::FirstUse);
    let own = alice.client().verification_qr(b).await.unwrap();
    let wrong = alice.client().verify_by_qr(b, &own).await;
    assert!(matches!(wrong, Err(SdkError::Verification(VerifyError::OtherPerson))), "{wrong:?}");
    alice.client().verify_by_qr(b, &qr).await.unwrap();
    assert_eq!(alice.client().trust(b).await, Trust::Verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_device_decides_about_a_person_holds_on_all_of_them() {
    let (cluster, mut alice, bob, id) = Box::pin(pair()).await;
    let b = bob.client().user_id();
    alice.link(&cluster, 1).await;
    bob.devices[0].say(id, "to both").await;
    alice.devices[1].shows(id, 1).await;
    let qr = bob.client().verification_qr(alice.client().user_id()).await.unwrap();
    alice.client().verify_by_qr(b, &qr).await.unwrap();
    let trusts = async |device: &sotto_testkit::TestDevice, trust: Trust| {
        device
            .sees("the other device's decision", |event| match event {
                ClientEvent::TrustChanged { user_id, trust: now, .. } => (*user_id == b && *now == trust).then_some(()),
                _ => None,
            })
            .await;
        assert_eq!(device.client.trust(b).await, trust);
    };
    trusts(&alice.devices[1], Trust::Verified).await;
    // One that comes afterwards.
    alice.link(&cluster, 0).await;
    bob.devices[0].say(id, "to all").await;
    alice.devices[2].shows(id, 1).await;
    eventually("the new device is told, too", async || {
        (alice.devices[2].client.trust(b).await == Trust::Verified).then_some(())
    })
    .await;
    alice.devices[2].client.take_back_verification(b).await.unwrap();
    for device in &alice.devices[..2] {
        trusts(device, Trust::FirstUse).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_identity_blocks_a_contacts_sends_until_it_accepts_the_new_key() {
    let (cluster, mut alice, bob, id) = Box::pin(pair()).await;
    alice.link(&cluster, 1).await;
    bob.devices[0].say(id, "before").await;
    alice.devices[0].shows(id, 1).await;
    let (a, b) = (alice.client().user_id(), bob.client().user_id());
    let number = bob.client().safety_number(a).await.unwrap();
    assert!(alice.client().reset_identity("wrong").await.is_err());
    let recovery_key = alice.client().reset_identity(PASSWORD).await.unwrap();
    let out = |event: &ClientEvent| match event {
        ClientEvent::SignedOut { reason } => Some(*reason),
        _ => None,
    };
    assert_eq!(alice.devices[1].sees("the other device is out", out).await, SignOutReason::Revoked);

    bob.devices[0].say(id, "waits").await;
    bob.devices[0]
        .sees("the send waits for a person", |event| {
            matches!(event, ClientEvent::SendBlocked { conversation_id, .. } if *conversation_id == id).then_some(())
        })
        .await;
    assert_eq!(bob.client().trust(a).await, Trust::Violated);
    assert_ne!(bob.client().safety_number(a).await.unwrap(), number, "of the key that is to be decided on");
    assert_eq!(bob.client().queued(id).await.len(), 1);
    assert!(!bob.client().accept_master_key(a, "another").await.unwrap());
    let shown = bob.client().offered_master_key(a).await.unwrap();
    assert!(bob.client().accept_master_key(a, &shown).await.unwrap());
    assert_eq!(alice.devices[0].shows(id, 2).await, ["before", "waits"]);
    assert_eq!(bob.client().trust(a).await, Trust::FirstUse);
    assert_eq!(bob.client().safety_number(a).await, alice.client().safety_number(b).await);
    alice.devices[0].say(id, "it is me").await;
    assert_eq!(bob.devices[0].shows(id, 3).await, ["before", "waits", "it is me"]);

    // Its backup goes on under the new recovery key.
    eventually("the new identity has a backup", async || {
        let backup = alice.client().http().get_backup().await.ok()?;
        (backup.descriptor.is_some() && backup.sessions > 0).then_some(())
    })
    .await;
    let device = sotto_protocol::devices::NewDevice {
        name: "fresh".into(),
        device_type: sotto_protocol::devices::DeviceType::Web,
    };
    let store = sotto_sdk::Store::in_memory([4; 32], &sotto_sdk::SystemEnvironment).unwrap();
    let settings = sotto_sdk::Settings::new(cluster.url(1));
    let fresh = sotto_sdk::Client::sign_in_new(&settings, store, &alice.name, PASSWORD, device).await.unwrap();
    let fresh = sotto_testkit::TestDevice::new(fresh);
    fresh.client.recover(&recovery_key, PASSWORD).await.unwrap();
    bob.devices[0].say(id, "welcome").await;
    eventually("the recovered device reads on", async || fresh.texts(id).contains(&"welcome".to_owned()).then_some(()))
        .await;
}
