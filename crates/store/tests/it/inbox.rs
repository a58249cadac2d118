//! Inboxes: order, quotas, gaps, acknowledgement.

use sotto_protocol::{
    DeviceId,
    events::{GapReason, InboxBody, InboxItem},
};
use sotto_store::{
    PgConnection, inbox_reads,
    writer::{NewMessage, WriterConfig},
};
use sqlx::PgPool;

use crate::fixture::{Fixture, envelope, uuid};

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn beyond_the_senders_quota_there_is_one_gap_and_other_senders_are_not_held_up(pool: PgPool) {
    let fixture = Fixture::new(pool, 3).await;
    let (writer, _) = fixture.writer_with(WriterConfig { sender_quota: 3, ..WriterConfig::default() });
    for id in 1..=6 {
        writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, id, id - 1) }).await.unwrap();
    }
    writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(3, 1, 0) }).await.unwrap();
    let mut conn = fixture.database.acquire().await.unwrap();
    let device = DeviceId(uuid(1002));
    let items = inbox_reads::page(&mut conn, device, 0, 100).await.unwrap();
    let seqs: Vec<i64> = items.iter().map(|item| item.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
    assert!(matches!(items[3].body, InboxBody::Gap { dropped: 1, reason: GapReason::SenderQuota, .. }));
    assert!(matches!(items[4].body, InboxBody::Envelope { sender_user_id, .. } if sender_user_id.0 == uuid(3)));

    assert!(inbox_reads::ack(&mut conn, device, 4).await.unwrap());
    writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, 7, 6) }).await.unwrap();
    let items = inbox_reads::page(&mut conn, device, 5, 100).await.unwrap();
    assert!(matches!(items[0].body, InboxBody::Gap { dropped: 2, reason: GapReason::SenderQuota, .. }));
    assert!(matches!(items[1].body, InboxBody::Envelope { .. }), "what is acknowledged makes room");
    assert_eq!(items.len(), 2);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_full_inbox_says_so(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer_with(WriterConfig { inbox_quota: 2, ..WriterConfig::default() });
    for id in 1..=4 {
        writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, id, id - 1) }).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    let items = inbox_reads::page(&mut conn, DeviceId(uuid(1002)), 0, 100).await.unwrap();
    assert_eq!(items.len(), 3);
    assert!(matches!(items[2].body, InboxBody::Gap { dropped: 1, reason: GapReason::InboxFull, .. }));
}

/// Positions of gaps in the inbox, and what each tells.
async fn gaps(conn: &mut PgConnection, device: DeviceId) -> Vec<(i64, i64)> {
    let items = inbox_reads::page(conn, device, 0, 100).await.unwrap();
    let gap = |item: &InboxItem| match item.body {
        InboxBody::Gap { dropped, .. } => Some((item.seq, dropped)),
        _ => None,
    };
    items.iter().filter_map(gap).collect()
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn every_dropped_envelope_is_told_of_exactly_once_whenever_the_gap_was_read(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer_with(WriterConfig { sender_quota: 1, ..WriterConfig::default() });
    let mut conn = fixture.database.acquire().await.unwrap();
    let device = DeviceId(uuid(1002));
    let send = async |ids: std::ops::RangeInclusive<u128>| {
        for id in ids {
            writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, id, id - 1) }).await.unwrap();
        }
    };
    send(1..=2).await;
    assert_eq!(gaps(&mut conn, device).await, [(2, 1)]);
    // The device holds that gap; meanwhile three more are dropped. What it was told does not change under it.
    send(3..=5).await;
    assert_eq!(gaps(&mut conn, device).await, [(2, 1)]);
    let woken = "SELECT count(*) FROM wake_outbox WHERE conversation_ids = '{}'";
    let before = fixture.count(woken).await;
    assert!(inbox_reads::ack(&mut conn, device, 2).await.unwrap());
    assert_eq!(gaps(&mut conn, device).await, [(3, 3)]);
    assert_eq!(fixture.count(woken).await, before + 1, "other nodes hear of it");
    assert_eq!(inbox_reads::last_seq(&mut conn, device).await.unwrap(), 3);
    // Acknowledged again, by a repeated frame: nothing more. Then the rest.
    assert!(!inbox_reads::ack(&mut conn, device, 2).await.unwrap());
    assert!(!inbox_reads::ack(&mut conn, device, 3).await.unwrap());
    assert_eq!(gaps(&mut conn, device).await, []);
    send(6..=6).await;
    let items = inbox_reads::page(&mut conn, device, 0, 10).await.unwrap();
    assert_eq!((items.len(), items[0].seq), (1, 4), "positions go on without a hole");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn acknowledging_deletes_up_to_there_and_never_goes_back(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    for id in 1..=3 {
        writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, id, id - 1) }).await.unwrap();
    }
    let mut conn = fixture.database.acquire().await.unwrap();
    let device = DeviceId(uuid(1002));
    for (seq, left) in [(2, 1), (1, 1), (900, 0)] {
        inbox_reads::ack(&mut conn, device, seq).await.unwrap();
        assert_eq!(inbox_reads::page(&mut conn, device, 0, 10).await.unwrap().len(), left);
    }
    writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, 4, 3) }).await.unwrap();
    assert_eq!(inbox_reads::page(&mut conn, device, 0, 10).await.unwrap()[0].seq, 4, "positions go on");
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn an_acknowledgement_waits_for_a_sender_before_it_touches_an_item(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    writer.append(NewMessage { envelopes: vec![envelope(2)], ..fixture.message(1, 1, 0) }).await.unwrap();
    let mut sender = fixture.pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM inboxes FOR NO KEY UPDATE").execute(&mut *sender).await.unwrap();

    let database = fixture.database.clone();
    let ack = tokio::spawn(async move {
        let mut conn = database.acquire().await?;
        inbox_reads::ack(&mut conn, DeviceId(uuid(1002)), 1).await
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while fixture.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    let touched = sqlx::query("SELECT 1 FROM inbox_items FOR UPDATE NOWAIT").execute(&mut *sender).await;
    assert!(touched.is_ok(), "the sender would wait for the acknowledgement that waits for it: {touched:?}");
    sender.commit().await.unwrap();
    ack.await.unwrap().unwrap();
    assert_eq!(fixture.count("SELECT count(*) FROM inbox_items").await, 0);
}
