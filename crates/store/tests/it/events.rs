//! History: pages, removal, expiry, and what changed since.

use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    events::{Event, EventBody, GoneReason},
};
use sotto_store::{
    PgConnection, events, messages,
    writer::{AppendOutcome, NewMessage},
};
use sqlx::PgPool;
use time::Duration;

use crate::fixture::{Fixture, NOW, txn, uuid};

async fn with_messages(pool: PgPool, count: u128) -> Fixture {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    for id in 1..=count {
        writer.append(fixture.message(1, id, id - 1)).await.unwrap();
    }
    fixture
}

async fn remove(conn: &mut PgConnection, id: ConversationId, user: u128, seq: i64) -> Option<i64> {
    let (user_id, device_id) = (UserId(uuid(user)), DeviceId(uuid(user + 1000)));
    messages::remove(conn, id, user_id, device_id, seq, NOW).await.unwrap().map(|(_, seq)| seq)
}

fn seqs(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn pages_ascend_both_ways_and_none_goes_before_the_start(pool: PgPool) {
    let fixture = with_messages(pool, 9).await;
    let id = fixture.conversation_id;
    let mut conn = fixture.database.acquire().await.unwrap();
    assert_eq!(seqs(&events::after(&mut conn, id, 3, 4).await.unwrap()), [4, 5, 6, 7]);
    assert_eq!(seqs(&events::after(&mut conn, id, 9, 4).await.unwrap()), [0; 0]);
    assert_eq!(seqs(&events::before(&mut conn, id, 8, 1, 3).await.unwrap()), [5, 6, 7]);
    assert_eq!(seqs(&events::before(&mut conn, id, 8, 6, 3).await.unwrap()), [6, 7]);
    assert_eq!(seqs(&events::before(&mut conn, id, i64::MAX, 1, 2).await.unwrap()), [8, 9]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_removed_message_keeps_its_position_and_no_byte_of_its_content(pool: PgPool) {
    let fixture = with_messages(pool, 2).await;
    let id = fixture.conversation_id;
    let mut conn = fixture.database.acquire().await.unwrap();
    assert_eq!(remove(&mut conn, id, 1, 1).await, Some(3));
    let page = events::after(&mut conn, id, 0, 10).await.unwrap();
    assert_eq!(page[0].body, EventBody::Gone { txn_id: txn(1), reason: GoneReason::Removed });
    assert!(matches!(page[1].body, EventBody::Message { .. }));
    assert_eq!(page[2].body, EventBody::Removal { target_seq: 1 });
    let left = "SELECT count(*) FROM events WHERE seq = 1 AND (session_id IS NOT NULL OR ciphertext IS NOT NULL)";
    assert_eq!(fixture.count(left).await, 0);
    let (writer, _) = fixture.writer();
    let retry = writer.append(fixture.message(1, 1, 0)).await.unwrap();
    assert_eq!(retry, AppendOutcome::Stored { seq: 1, at: NOW }, "a late retry does not bring it back");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn only_its_sender_removes_a_message_and_only_once(pool: PgPool) {
    let fixture = with_messages(pool, 2).await;
    let id = fixture.conversation_id;
    let mut conn = fixture.database.acquire().await.unwrap();
    assert_eq!(remove(&mut conn, id, 2, 1).await, None, "another member's");
    assert_eq!(remove(&mut conn, id, 1, 7).await, None, "not there");
    assert_eq!(remove(&mut conn, id, 1, 1).await, Some(3));
    assert_eq!(remove(&mut conn, id, 1, 1).await, None, "gone already");
    assert_eq!(remove(&mut conn, id, 1, 3).await, None, "a removal is no message");
    fixture.run("UPDATE devices SET revoked_at = now() WHERE id = $1", &[uuid(1001)]).await;
    assert_eq!(remove(&mut conn, id, 1, 2).await, None, "the device is revoked");
    assert_eq!(fixture.count("SELECT last_seq FROM conversations").await, 3);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn messages_expire_when_their_time_is_over_and_not_before(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    for (id, expires_in_ms) in [(1, Some(1_000)), (2, Some(5_000)), (3, None)] {
        writer.append(NewMessage { expires_in_ms, ..fixture.message(1, id, id - 1) }).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    assert_eq!(messages::expire(&mut conn, NOW + Duration::milliseconds(999), 10).await.unwrap(), 0);
    assert_eq!(messages::expire(&mut conn, NOW + Duration::milliseconds(1_000), 10).await.unwrap(), 1);
    assert_eq!(messages::expire(&mut conn, NOW + Duration::milliseconds(1_000), 10).await.unwrap(), 0);
    let page = events::after(&mut conn, fixture.conversation_id, 0, 10).await.unwrap();
    assert_eq!(page[0].body, EventBody::Gone { txn_id: txn(1), reason: GoneReason::Expired });
    assert!(page[1..].iter().all(|event| matches!(event.body, EventBody::Message { .. })));
    assert_eq!(fixture.count("SELECT count(*) FROM events WHERE ciphertext IS NULL").await, 1);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn what_changed_since_a_position_is_found_though_it_is_old(pool: PgPool) {
    let fixture = with_messages(pool, 5).await;
    let id = fixture.conversation_id;
    let mut conn = fixture.database.acquire().await.unwrap();
    let since = fixture.position().await;
    assert_eq!(seqs(&events::changed_since(&mut conn, id, Some(&since), 1, 50).await.unwrap()), [0; 0]);
    remove(&mut conn, id, 1, 2).await.unwrap();
    assert_eq!(seqs(&events::changed_since(&mut conn, id, Some(&since), 1, 50).await.unwrap()), [2, 6]);
    assert_eq!(seqs(&events::changed_since(&mut conn, id, None, 1, 3).await.unwrap()), [4, 5, 6]);
    assert_eq!(seqs(&events::changed_since(&mut conn, id, None, 6, 3).await.unwrap()), [6]);
}
