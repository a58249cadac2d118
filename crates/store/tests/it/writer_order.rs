//! Orders that the writer keeps: of one sender, of a conversation, of positions.

use std::collections::HashMap;

use sotto_protocol::ConversationId;
use sotto_store::writer::{AppendOutcome, NewMessage, WriterConfig};
use sqlx::PgPool;

use crate::fixture::{Fixture, envelope, txn, uuid};

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_missing_predecessor_refuses_the_message_and_those_that_follow(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let (writer, _) = fixture.writer();
    // All in one batch: the first commit holds up the queue.
    let answers = futures_util::future::join_all([
        writer.append(fixture.message(1, 1, 0)),
        writer.append(fixture.message(1, 2, 1)),
        writer.append(fixture.message(1, 4, 3)),
        writer.append(fixture.message(1, 5, 4)),
        writer.append(fixture.message(2, 1, 0)),
    ])
    .await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(matches!(answers[0], AppendOutcome::Stored { seq: 1, .. }));
    assert!(matches!(answers[1], AppendOutcome::Stored { .. }));
    assert_eq!(answers[2..4], [AppendOutcome::OutOfOrder, AppendOutcome::OutOfOrder]);
    assert!(matches!(answers[4], AppendOutcome::Stored { .. }), "another sender is not held up");
    assert_eq!(fixture.count("SELECT max(seq) FROM events").await, 3);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_refused_message_in_a_batch_refuses_its_followers_but_no_other_sender(pool: PgPool) {
    let fixture = Fixture::new(pool, 2).await;
    let mut conn = fixture.database.acquire().await.unwrap();
    // Straight to the function, so that the batch is what it is.
    let outcomes: Vec<i16> = sqlx::query_scalar(
        "SELECT outcome FROM append_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
            '{}', '{}', '{}', '{}', '{}', now(), 10, 10, false)",
    )
    .bind(vec![fixture.conversation_id.0; 5])
    .bind(vec![uuid(1), uuid(1), uuid(1), uuid(2), uuid(1)])
    .bind(vec![uuid(1001), uuid(1001), uuid(1001), uuid(1002), uuid(1001)])
    .bind(vec![uuid(1), uuid(2), uuid(3), uuid(1), uuid(4)])
    .bind(vec![None, Some(uuid(1)), Some(uuid(2)), None, Some(uuid(1))])
    .bind(vec![1_i64, 9, 1, 1, 1])
    .bind(vec![vec![1_u8]; 5])
    .bind(vec![vec![1_u8]; 5])
    .bind(vec![vec![1_u8]; 5])
    .bind(vec![None::<i64>; 5])
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    // 1 stored; 2 stale; 3 follows the refused one; another sender stored; 4 names 1, which is not its neighbour.
    assert_eq!(outcomes, [0, 6, 7, 0, 7]);
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn positions_have_no_holes_and_senders_keep_their_order_under_concurrent_nodes(pool: PgPool) {
    const SENDERS: u128 = 6;
    const EACH: u128 = 60;
    let fixture = Fixture::new(pool, SENDERS).await;
    let second: ConversationId = uuid(8_888).into();
    fixture.conversation(second, SENDERS).await;
    // Two writers are two nodes: they meet at the conversations' locks.
    let nodes = [
        fixture.writer_with(WriterConfig { max_batch: 5, ..WriterConfig::default() }),
        fixture.writer_with(WriterConfig { max_batch: 17, lanes: 3, ..WriterConfig::default() }),
    ];
    let mut sends = Vec::new();
    for user in 1..=SENDERS {
        for conversation_id in [fixture.conversation_id, second] {
            let (writer, _) = &nodes[usize::try_from(user % 2).unwrap()];
            for id in 1..=EACH {
                let message = NewMessage { conversation_id, ..fixture.message(user, id, id - 1) };
                sends.push(writer.append(message));
            }
        }
    }
    for outcome in futures_util::future::join_all(sends).await {
        assert!(matches!(outcome.unwrap(), AppendOutcome::Stored { .. }));
    }
    let rows: Vec<(uuid::Uuid, i64, uuid::Uuid, uuid::Uuid)> =
        sqlx::query_as("SELECT conversation_id, seq, sender_user_id, txn_id FROM events ORDER BY conversation_id, seq")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    let mut last_seq: HashMap<uuid::Uuid, i64> = HashMap::new();
    let mut last_txn: HashMap<(uuid::Uuid, uuid::Uuid), u128> = HashMap::new();
    for (conversation, seq, user, id) in rows {
        let expected = last_seq.entry(conversation).or_default();
        *expected += 1;
        assert_eq!(seq, *expected);
        let before = last_txn.insert((conversation, user), id.as_u128()).unwrap_or(0);
        assert_eq!(id, txn(before + 1).0, "a sender's order");
    }
    assert_eq!(last_seq.values().sum::<i64>(), i64::try_from(2 * SENDERS * EACH).unwrap());
    // Every node tells of its own messages, each conversation in order.
    for (_, committed) in &nodes {
        let mut last: HashMap<ConversationId, i64> = HashMap::new();
        for message in committed.lock().iter() {
            let before = last.insert(message.message.conversation_id, message.seq).unwrap_or(0);
            assert!(before < message.seq);
        }
    }
}

#[sqlx::test(migrator = "sotto_store::MIGRATIONS")]
async fn a_message_with_many_envelopes_holds_up_nobody_else_and_keeps_its_place(pool: PgPool) {
    const PEOPLE: u128 = 40;
    let fixture = Fixture::new(pool, PEOPLE).await;
    let second: ConversationId = uuid(8_888).into();
    fixture.conversation(second, 1).await;
    let (writer, committed) = fixture.writer_with(WriterConfig { lanes: 1, ..WriterConfig::default() });
    // Stands for the time that many envelopes take.
    let mut inbox = fixture.pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM inboxes WHERE device_id = $1 FOR UPDATE")
        .bind(uuid(1040))
        .execute(&mut *inbox)
        .await
        .unwrap();
    let heavy = NewMessage { envelopes: (2..=PEOPLE).map(envelope).collect(), ..fixture.message(1, 2, 1) };
    let sends = [fixture.message(1, 1, 0), heavy, fixture.message(1, 3, 2)];
    let sends = tokio::spawn(futures_util::future::join_all(sends.map({
        let writer = writer.clone();
        move |message| {
            let writer = writer.clone();
            async move { writer.append(message).await }
        }
    })));
    let elsewhere = |id, prev| NewMessage { conversation_id: second, ..fixture.message(1, id, prev) };
    for id in 11..=20 {
        let stored = writer.append(elsewhere(id, if id == 11 { 0 } else { id - 1 })).await.unwrap();
        assert!(matches!(stored, AppendOutcome::Stored { .. }), "{stored:?}");
    }
    assert!(!sends.is_finished() && committed.lock().iter().all(|new| new.message.txn_id != txn(2)));
    inbox.rollback().await.unwrap();
    let seqs: Vec<_> = sends.await.unwrap().into_iter().map(Result::unwrap).collect();
    for (seq, outcome) in (1..).zip(seqs) {
        assert!(matches!(outcome, AppendOutcome::Stored { seq: at, .. } if at == seq), "{outcome:?} is not {seq}");
    }
    assert_eq!(fixture.count("SELECT count(*) FROM inbox_items").await, 39);
}
