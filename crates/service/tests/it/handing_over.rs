//! Handing history over to a device that was linked.

use sotto_protocol::{
    HistoryId, ProblemCode,
    devices::RevokeDeviceRequest,
    history::{CreateHistoryRequest, PutHistoryChunkRequest},
    limits::{MAX_HISTORY_CHUNK_BYTES, MAX_HISTORY_CHUNKS},
};
use sotto_service::{Entropy as _, ServiceResult, SystemEntropy, tokens::AccessClaims};
use sotto_store::history;

use crate::{
    home::Home,
    linking::link,
    world::{Throwaway, World, refused},
};

async fn begin(world: &World, by: &AccessClaims, chunks: u32) -> ServiceResult<HistoryId> {
    world.service.create_history(by, &CreateHistoryRequest { chunks }).await.map(|history| history.history_id)
}

fn chunk(byte: u8, bytes: usize) -> PutHistoryChunkRequest {
    PutHistoryChunkRequest { data: vec![byte; bytes].into() }
}

#[tokio::test]
async fn a_history_goes_over_in_any_order_and_goes_on_where_it_was() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (_, linked) = link(&world, &mut home, &phone, &claims).await;
    let tablets = world.claims(&linked);
    let id = begin(&world, &claims, 3).await.unwrap();
    let service = &world.service;
    assert_eq!(service.put_history_chunk(&claims, id, 2, &chunk(2, 7)).await.unwrap().stored, 1);
    assert_eq!(service.put_history_chunk(&claims, id, 0, &chunk(0, MAX_HISTORY_CHUNK_BYTES)).await.unwrap().stored, 2);
    let seen = service.history(&tablets, id).await.unwrap();
    assert_eq!((seen.stored, seen.chunks, seen.missing), (2, 3, vec![1]));
    assert_eq!(seen.bytes, 7 + 256 * 1024);
    assert_eq!(service.history_chunk(&tablets, id, 2).await.unwrap().data.0, [2; 7]);
    assert_eq!(refused(service.history_chunk(&tablets, id, 1).await), ProblemCode::NotFound, "not there yet");

    let again = service.put_history_chunk(&claims, id, 2, &chunk(2, 7)).await.unwrap();
    assert_eq!(again.stored, 2, "the same again is counted once");
    let other = service.put_history_chunk(&claims, id, 2, &chunk(3, 7)).await;
    assert_eq!(refused(other), ProblemCode::AlreadyExists);
    service.put_history_chunk(&claims, id, 1, &chunk(1, 1)).await.unwrap();
    assert!(service.history(&tablets, id).await.unwrap().missing.is_empty());
    service.delete_history(&tablets, id).await.unwrap();
    assert_eq!(refused(service.history_chunk(&tablets, id, 2).await), ProblemCode::NotFound);
    assert_eq!(refused(service.delete_history(&claims, id).await), ProblemCode::NotFound);
}

#[tokio::test]
async fn sizes_and_numbers_of_histories_are_bounded() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    for chunks in [0, MAX_HISTORY_CHUNKS + 1, u32::MAX] {
        assert_eq!(refused(begin(&world, &claims, chunks).await), ProblemCode::InvalidRequest);
    }
    let id = begin(&world, &claims, 1).await.unwrap();
    let put = async |index, bytes| world.service.put_history_chunk(&claims, id, index, &chunk(0, bytes)).await;
    assert_eq!(refused(put(0, MAX_HISTORY_CHUNK_BYTES + 1).await), ProblemCode::PayloadTooLarge);
    assert_eq!(refused(put(0, 0).await), ProblemCode::InvalidRequest);
    assert_eq!(refused(put(1, 1).await), ProblemCode::InvalidRequest);
    assert_eq!(refused(put(u32::MAX, 1).await), ProblemCode::NotFound);
    begin(&world, &claims, 1).await.unwrap();
    let third = begin(&world, &claims, 1).await.unwrap();
    assert_eq!(refused(begin(&world, &claims, 1).await), ProblemCode::LimitReached);
    world.service.delete_history(&claims, third).await.unwrap();
    begin(&world, &claims, 1).await.unwrap();
}

#[tokio::test]
async fn bytes_of_all_histories_together_are_bounded() {
    let world = World::new().await;
    let (_, _, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let [full, further] = [begin(&world, &claims, 2).await.unwrap(), begin(&world, &claims, 2).await.unwrap()];
    let fill = "UPDATE histories SET bytes = $2 WHERE id = $1";
    let almost = sotto_protocol::limits::MAX_HISTORY_BYTES_PER_USER - 10;
    sqlx::query(fill).bind(full.0).bind(almost).execute(world.service.database.pool()).await.unwrap();
    let put = async |index, bytes| world.service.put_history_chunk(&claims, further, index, &chunk(0, bytes)).await;
    put(0, 10).await.unwrap();
    assert_eq!(refused(put(1, 1).await), ProblemCode::LimitReached);
}

#[tokio::test]
async fn a_history_is_for_signed_devices_of_its_account_and_for_three_days() {
    // What it sweeps away three days later is not what other tests have now.
    let world = Throwaway::new().await.node([]).await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (_, _, foreign) = Home::register(&world, 0).await;
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    let id = begin(&world, &claims, 1).await.unwrap();
    let service = &world.service;
    service.put_history_chunk(&claims, id, 0, &chunk(1, 9)).await.unwrap();

    let unknown = HistoryId(SystemEntropy.uuid());
    for (caller, id, code) in [
        (world.claims(&foreign), id, ProblemCode::NotFound),
        (claims, unknown, ProblemCode::NotFound),
        (world.claims(&service.login(home.login()).await.unwrap()), id, ProblemCode::DeviceUnverified),
    ] {
        assert_eq!(refused(service.history(&caller, id).await), code);
        assert_eq!(refused(service.history_chunk(&caller, id, 0).await), code);
        assert_eq!(refused(service.put_history_chunk(&caller, id, 0, &chunk(1, 9)).await), code);
        assert_eq!(refused(service.delete_history(&caller, id).await), code);
    }
    let tablets = world.claims(&linked);
    assert_eq!(refused(begin(&world, &tablets, 1).await), ProblemCode::DeviceOnProbation);

    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    service.revoke_device(&claims, tablet.device_id, &request).await.unwrap();
    assert_eq!(refused(service.history_chunk(&tablets, id, 0).await), ProblemCode::DeviceRevoked);

    world.pass(3 * 24 * 3600 - 5);
    service.history_chunk(&claims, id, 0).await.unwrap();
    world.pass(5);
    assert_eq!(refused(service.history(&claims, id).await), ProblemCode::NotFound);
    let mut conn = service.database.acquire().await.unwrap();
    history::sweep(&mut conn, service.clock.now(), 1_000).await.unwrap();
    assert_eq!(history::chunk(&mut conn, id, 0).await.unwrap(), None, "chunks go with it");
}

#[tokio::test]
async fn what_a_revoked_device_began_to_hand_over_goes_with_it() {
    let world = World::new().await;
    let (mut home, phone, session) = Home::register(&world, 0).await;
    let claims = world.claims(&session);
    let (tablet, linked) = link(&world, &mut home, &phone, &claims).await;
    world.pass(24 * 3600);
    let id = begin(&world, &world_claims(&linked), 1).await.unwrap();
    let request = RevokeDeviceRequest { device_list: Some(home.next(None, Some(tablet.device_id), &phone)) };
    world.service.revoke_device(&world.fresh(claims), tablet.device_id, &request).await.unwrap();
    assert_eq!(refused(world.service.history(&claims, id).await), ProblemCode::NotFound);
}

/// Claims of a device whose token has expired meanwhile.
fn world_claims(session: &sotto_protocol::accounts::SessionResponse) -> AccessClaims {
    AccessClaims {
        user_id: session.user_id,
        device_id: session.device_id,
        token_generation: 0,
        verified: true,
        fresh_at_ms: None,
    }
}
