//! What the writer stores, refuses and never does twice.

use std::sync::Arc;

use parking_lot::Mutex;
use sotto_store::{
    events,
    writer::{AppendOutcome, NewMessage, Stored, WriterConfig},
};
use sqlx::PgPool;

use crate::fixture::{Fixture, NOW, envelope, uuid};

fn stored(seq: i64) -> AppendOutcome {
    AppendOutcome::Stored { seq, at: NOW }
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_retry_with_the_same_bytes_is_stored_once_and_answers_the_same(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, committed) = fixture.writer();
    let message = fixture.message(1, 1, 0);
    assert_eq!(writer.append(message.clone()).await.unwrap(), stored(1));
    assert_eq!(writer.append(message.clone()).await.unwrap(), stored(1));
    let (one, two) = tokio::join!(writer.append(message.clone()), writer.append(message));
    assert_eq!((one.unwrap(), two.unwrap()), (stored(1), stored(1)));
    assert_eq!(committed.lock().len(), 1, "it is delivered once");
    assert_eq!(fixture.count("SELECT count(*) FROM events").await, 1);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_retry_makes_everybody_look_since_the_first_writer_may_have_died_before_it_told(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (dead, _) = fixture.writer();
    dead.append(fixture.message(1, 1, 0)).await.unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&told);
    let writer = fixture.writer_telling(WriterConfig::default(), move |stored| record.lock().push(stored));
    assert_eq!(writer.append(fixture.message(1, 1, 0)).await.unwrap(), stored(1));
    assert!(matches!(told.lock().as_slice(), [Stored::Before { seq: 1, .. }]));
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_known_id_with_other_bytes_is_told_with_its_position(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    writer.append(fixture.message(1, 1, 0)).await.unwrap();
    let other = NewMessage { body_hash: [9; 32], ..fixture.message(1, 1, 0) };
    assert_eq!(writer.append(other).await.unwrap(), AppendOutcome::Duplicate { seq: 1 });
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn the_same_id_of_another_device_is_another_message(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    assert_eq!(writer.append(fixture.message(1, 1, 0)).await.unwrap(), stored(1));
    assert_eq!(writer.append(fixture.message(2, 1, 0)).await.unwrap(), stored(2));
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_stale_roster_is_refused_with_the_current_one(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    fixture.run("UPDATE conversations SET roster_version = 5", &[]).await;
    let refused = writer.append(fixture.message(1, 1, 0)).await.unwrap();
    assert_eq!(refused, AppendOutcome::StaleRoster { current: 5 });
    let again = NewMessage { roster_version: 5, ..fixture.message(1, 1, 0) };
    assert_eq!(writer.append(again).await.unwrap(), stored(1), "a refused id stays usable");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn who_is_out_revoked_or_blocked_stores_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    let (writer, _) = fixture.writer();
    fixture.run("UPDATE members SET left_at = now() WHERE user_id = $1", &[uuid(1)]).await;
    fixture.run("UPDATE devices SET revoked_at = now() WHERE user_id = $1", &[uuid(2)]).await;
    assert_eq!(writer.append(fixture.message(1, 1, 0)).await.unwrap(), AppendOutcome::NotMember);
    assert_eq!(writer.append(fixture.message(2, 1, 0)).await.unwrap(), AppendOutcome::Revoked);
    let nowhere = NewMessage { conversation_id: uuid(1).into(), ..fixture.message(3, 1, 0) };
    assert_eq!(writer.append(nowhere).await.unwrap(), AppendOutcome::NotMember);
    fixture.run("UPDATE conversations SET blocked = true", &[]).await;
    assert_eq!(writer.append(fixture.message(3, 1, 0)).await.unwrap(), AppendOutcome::Blocked);
    assert_eq!(fixture.count("SELECT count(*) FROM events").await, 0);
    assert_eq!(fixture.count("SELECT count(*) FROM wake_outbox").await, 0);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn an_envelope_for_a_stranger_refuses_the_message_and_leaves_no_envelope(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    fixture.run("UPDATE members SET left_at = now() WHERE user_id = $1", &[uuid(3)]).await;
    let (writer, _) = fixture.writer();
    let message = NewMessage { envelopes: vec![envelope(2), envelope(3)], ..fixture.message(1, 1, 0) };
    assert_eq!(writer.append(message).await.unwrap(), AppendOutcome::UnknownRecipient);
    assert_eq!(fixture.count("SELECT count(*) FROM inbox_items").await, 0);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn message_and_key_shares_commit_together(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    let (writer, committed) = fixture.writer();
    let message = NewMessage { envelopes: vec![envelope(3), envelope(2)], ..fixture.message(1, 1, 0) };
    assert_eq!(writer.append(message.clone()).await.unwrap(), stored(1));
    assert_eq!(committed.lock()[0].inbox_seqs, [Some(1), Some(1)]);
    assert_eq!(writer.append(message).await.unwrap(), stored(1));
    assert_eq!(fixture.count("SELECT count(*) FROM inbox_items").await, 2, "a retry shares no key again");
    assert_eq!(fixture.count("SELECT cardinality(device_ids)::bigint FROM wake_outbox").await, 2);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_message_disappears_with_the_shorter_of_its_time_and_the_conversations(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    fixture.run("UPDATE conversations SET retention_ms = 60000", &[]).await;
    let (writer, committed) = fixture.writer();
    writer.append(fixture.message(1, 1, 0)).await.unwrap();
    writer.append(NewMessage { expires_in_ms: Some(5_000), ..fixture.message(1, 2, 1) }).await.unwrap();
    writer.append(NewMessage { expires_in_ms: Some(900_000), ..fixture.message(1, 3, 2) }).await.unwrap();
    let times: Vec<_> = committed.lock().iter().map(|c| (c.expires_at.unwrap() - NOW).whole_seconds()).collect();
    assert_eq!(times, [60, 5, 60]);

    let mut conn = fixture.database.acquire().await.unwrap();
    let later = NOW + time::Duration::seconds(10);
    assert_eq!(sotto_store::messages::expire(&mut conn, later, 100).await.unwrap(), 1);
    let log = events::after(&mut conn, fixture.conversation_id, 0, 10).await.unwrap();
    let kinds: Vec<bool> =
        log.iter().map(|event| matches!(event.body, sotto_protocol::events::EventBody::Gone { .. })).collect();
    assert_eq!(kinds, [false, true, false]);
    let again = NewMessage { expires_in_ms: Some(5_000), ..fixture.message(1, 2, 1) };
    assert_eq!(writer.append(again).await.unwrap(), stored(2), "a retry after the expiry stores nothing");
}
