//! What a person sees of what was done to its account.

use sotto_protocol::{ProblemCode, devices::RevokeDeviceRequest};

use crate::{
    home::Home,
    linking::link,
    world::{World, refused},
};

#[tokio::test]
async fn a_person_sees_who_came_who_went_and_by_which_device() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, _) = link(&world, &mut home, &phone, &claims).await;
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    world.service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();

    let page = world.service.audit(&claims, None).await.unwrap();
    let actions: Vec<&str> = page.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["device_revoked", "device_linked", "link_granted", "registered"]);
    let revoked = &page.entries[0];
    assert_eq!((revoked.device_id, revoked.about_device_id), (Some(phone.device_id), Some(tablet.device_id)));
    assert_eq!((revoked.device_name.as_deref(), revoked.about_device_name.as_deref()), (Some("first"), Some("second")));
    assert!(page.entries.windows(2).all(|pair| pair[0].audit_id > pair[1].audit_id));
    assert_eq!(page.next, None);
}

#[tokio::test]
async fn the_log_comes_in_pages_and_to_signed_devices_of_the_account_only() {
    let world = World::new().await;
    let (home, _, session) = Home::register(&world, 0).await;
    let (_, _, foreign) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let mut conn = world.service.database.acquire().await.unwrap();
    for _ in 0..150 {
        let detail = serde_json::json!({});
        sotto_store::audit::record(&mut conn, home.user_id, None, "login", detail, world.service.clock.now())
            .await
            .unwrap();
    }
    drop(conn);
    let first = world.service.audit(&claims, None).await.unwrap();
    assert_eq!((first.entries.len(), first.next), (100, Some(first.entries[99].audit_id)));
    let second = world.service.audit(&claims, first.next).await.unwrap();
    assert_eq!((second.entries.len(), second.next), (51, None));
    assert_eq!(second.entries[50].action, "registered");
    let theirs = world.service.audit(&world.claims(&foreign), None).await.unwrap();
    assert_eq!(theirs.entries.len(), 1);
    let waiting = world.claims(&world.service.login(home.login()).await.unwrap());
    assert_eq!(refused(world.service.audit(&waiting, None).await), ProblemCode::DeviceUnverified);
}
