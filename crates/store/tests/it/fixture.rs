//! Rows to begin with: people, devices, a conversation.

use std::sync::Arc;

use parking_lot::Mutex;
use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};
use sotto_store::{
    Database,
    writer::{Committed, NewEnvelope, NewMessage, Now, OnCommit, Stored, Writer, WriterConfig},
};
use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

pub const NOW: OffsetDateTime = time::macros::datetime!(2026-01-02 03:04:05 UTC);

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn txn(n: u128) -> TxnId {
    TxnId(uuid(n))
}

/// A conversation at roster version 1 with `people` members of one device each; user n has device n + 1000.
pub struct Fixture {
    pub pool: PgPool,
    pub database: Database,
    pub conversation_id: ConversationId,
}

impl Fixture {
    pub async fn new(pool: PgPool, people: u128) -> Self {
        let options = pool.connect_options();
        let url = sqlx::ConnectOptions::to_url_lossy(&*options).to_string();
        let database = Database::connect_lazy(&sotto_store::DatabaseConfig::new(url)).unwrap();
        let fixture = Self { pool, database, conversation_id: uuid(7_777).into() };
        fixture.conversation(fixture.conversation_id, people).await;
        fixture
    }

    pub async fn conversation(&self, id: ConversationId, people: u128) {
        self.run(
            "INSERT INTO conversations (id, kind, created_at, membership_index, membership_state)
            VALUES ($1, 'group', now(), 1, '{}')",
            &[id.0],
        )
        .await;
        for n in 1..=people {
            self.run(
                "INSERT INTO users (id, username, password_hash, master_key, self_signing_key, list_version,
                    list_hash, recovery_bundle, created_at)
                VALUES ($1, $1::text, '', '{}', '{}', 1, '', '', now()) ON CONFLICT DO NOTHING",
                &[uuid(n)],
            )
            .await;
            self.run(
                "INSERT INTO devices (id, user_id, name, device_type, device_keys, verified, created_at)
                VALUES ($1, $2, '', 'WEB', '{}', true, now()) ON CONFLICT DO NOTHING",
                &[uuid(n + 1000), uuid(n)],
            )
            .await;
            self.run("INSERT INTO inboxes (device_id) VALUES ($1) ON CONFLICT DO NOTHING", &[uuid(n + 1000)]).await;
            self.run(
                "INSERT INTO members (conversation_id, user_id, role, state, start_seq, roster_changed_version)
                VALUES ($1, $2, 'admin', 'joined', 1, 1)",
                &[id.0, uuid(n)],
            )
            .await;
        }
    }

    pub async fn run(&self, statement: &'static str, values: &[Uuid]) {
        let mut query = sqlx::query(statement);
        for value in values {
            query = query.bind(*value);
        }
        query.execute(&self.pool).await.unwrap();
    }

    pub async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&self.pool).await.unwrap()
    }

    /// A position behind all that this test wrote. `outbox::position` goes further back while any transaction of the
    /// whole server is open, those of other tests too.
    pub async fn position(&self) -> String {
        let position = sqlx::query_scalar("SELECT pg_snapshot_xmax(pg_current_snapshot())::text");
        position.fetch_one(&self.pool).await.unwrap()
    }

    /// A writer that records what it commits.
    pub fn writer(&self) -> (Writer, Arc<Mutex<Vec<Committed>>>) {
        self.writer_with(WriterConfig::default())
    }

    pub fn writer_with(&self, config: WriterConfig) -> (Writer, Arc<Mutex<Vec<Committed>>>) {
        let committed = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&committed);
        let writer = self.writer_telling(config, move |stored| {
            if let Stored::Now(new) = stored {
                record.lock().push(*new);
            }
        });
        (writer, committed)
    }

    pub fn writer_telling(&self, config: WriterConfig, tell: impl Fn(Stored) + Send + Sync + 'static) -> Writer {
        let on_commit: OnCommit = Arc::new(move |batch| batch.into_iter().for_each(&tell));
        let now: Now = Arc::new(|| NOW);
        Writer::start(&self.database, config, &now, &on_commit)
    }

    /// A message of user n; `prev` 0 for none.
    pub fn message(&self, user: u128, id: u128, prev: u128) -> NewMessage {
        NewMessage {
            conversation_id: self.conversation_id,
            user_id: UserId(uuid(user)),
            device_id: DeviceId(uuid(user + 1000)),
            txn_id: txn(id),
            prev_txn_id: (prev != 0).then(|| txn(prev)),
            roster_version: 1,
            body_hash: [u8::try_from(id % 251).unwrap(); 32],
            session_id: vec![1; 32],
            ciphertext: id.to_be_bytes().to_vec(),
            expires_in_ms: None,
            envelopes: Vec::new(),
        }
    }
}

/// An envelope for the device of user n.
pub fn envelope(user: u128) -> NewEnvelope {
    NewEnvelope {
        device_id: DeviceId(uuid(user + 1000)),
        message_type: 1,
        sender_key: vec![2; 32],
        body: b"olm".to_vec(),
    }
}
