//! The writer: gathers what is waiting and stores it with one call of `append_messages` a batch.
//!
//! Natural group commit: while a commit is in flight the next batch gathers; there is no timer. Several lanes by hash
//! of the conversation work side by side; nodes are so many already that one lane each is quickest (ADR 14).
//! Conversations that another node holds locked, and messages with many envelopes, are stored beside the lane, so that
//! they hold up nobody else.

mod append;
mod batch;
#[cfg(feature = "mutations")]
mod early;
mod lane;

use std::{hash::BuildHasher as _, sync::Arc};

use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use crate::{Database, StoreError, StoreResult};

/// A message on its way into the log.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Who sends.
    pub user_id: UserId,
    /// From which device.
    pub device_id: DeviceId,
    /// The device's own id of it.
    pub txn_id: TxnId,
    /// The device's message before it.
    pub prev_txn_id: Option<TxnId>,
    /// The roster it was encrypted for.
    pub roster_version: i64,
    /// SHA-256 over everything that a retry must repeat.
    pub body_hash: [u8; 32],
    /// Megolm session id.
    pub session_id: Vec<u8>,
    /// Megolm ciphertext.
    pub ciphertext: Vec<u8>,
    /// The content goes after this time, milliseconds.
    pub expires_in_ms: Option<i64>,
    /// Key shares.
    pub envelopes: Vec<NewEnvelope>,
}

/// An Olm ciphertext on its way into an inbox.
#[derive(Clone, Debug)]
pub struct NewEnvelope {
    /// Whose inbox.
    pub device_id: DeviceId,
    /// 0 or 1.
    pub message_type: i16,
    /// The sender's Curve25519 key.
    pub sender_key: Vec<u8>,
    /// The Olm message.
    pub body: Vec<u8>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// Committed at this position, now or by an earlier try with the same bytes.
    Stored {
        /// Its position.
        seq: i64,
        /// When it was stored.
        at: OffsetDateTime,
    },
    /// The transaction id is stored with other bytes.
    Duplicate {
        /// Where.
        seq: i64,
    },
    /// There is no such conversation, or the sender is not in it.
    NotMember,
    /// The sending device is revoked or unverified.
    Revoked,
    /// Encrypted for another roster.
    StaleRoster {
        /// The current one.
        current: i64,
    },
    /// The message before it is not stored.
    OutOfOrder,
    /// One of the two people blocked the other.
    Blocked,
    /// An envelope is for a device outside the roster.
    UnknownRecipient,
}

/// A message that was committed by this call (not by an earlier try), ready to be delivered.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The message.
    pub message: NewMessage,
    /// Its position.
    pub seq: i64,
    /// When it was stored.
    pub at: OffsetDateTime,
    /// When its content goes.
    pub expires_at: Option<OffsetDateTime>,
    /// Inbox positions, one element an envelope; `None` where a quota dropped it.
    pub inbox_seqs: Vec<Option<i64>>,
}

/// What a call of the writer found or made.
#[derive(Clone, Debug)]
pub enum Stored {
    /// Committed by this call.
    Now(Box<Committed>),
    /// Committed by an earlier call that may have ended before anybody was told.
    Before {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
    },
}

/// Told of every message that is stored, in the order of commits of a conversation, before the senders are answered.
/// Must not block.
pub type OnCommit = Arc<dyn Fn(Vec<Stored>) + Send + Sync>;

/// Told what became of one message. Must not block. Dropped untold only when the process ends.
pub type Reply = Box<dyn FnOnce(StoreResult<AppendOutcome>) + Send>;

/// Time, as the writer needs it.
pub type Now = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// Sizes of the writer.
#[derive(Clone, Copy, Debug)]
pub struct WriterConfig {
    /// Batches in flight at once, but for what is stored beside them.
    pub lanes: usize,
    /// Messages in one batch.
    pub max_batch: usize,
    /// Messages waiting in one lane; beyond it a send is told to come back.
    pub queue: usize,
    /// Undelivered envelopes that one sender device may have waiting in one inbox.
    pub sender_quota: i64,
    /// Undelivered items in one inbox.
    pub inbox_quota: i64,
}

impl Default for WriterConfig {
    fn default() -> Self {
        use sotto_protocol::limits;
        Self {
            lanes: 1,
            max_batch: 200,
            queue: 4_096,
            sender_quota: limits::MAX_INBOX_ITEMS_PER_SENDER,
            inbox_quota: limits::MAX_INBOX_ITEMS,
        }
    }
}

/// A message with the one who waits for its outcome.
pub(crate) struct Pending {
    message: NewMessage,
    reply: Reply,
}

/// Handle of the writer. Dropping all handles ends its lanes after their queues.
#[derive(Clone)]
pub struct Writer {
    lanes: Arc<[mpsc::Sender<Pending>]>,
    hasher: std::hash::RandomState,
}

impl Writer {
    /// Starts the lanes on the current runtime.
    pub fn start(database: &Database, config: WriterConfig, now: &Now, on_commit: &OnCommit) -> Self {
        let lanes = (0..config.lanes)
            .map(|_| {
                let (sender, receiver) = mpsc::channel(config.queue);
                let (kept, kept_heavy) = (database.keep(), database.keep());
                let appender =
                    append::Appender { database: database.clone(), kept, kept_heavy, config, now: now.clone() };
                tokio::spawn(lane::run(appender, on_commit.clone(), receiver));
                sender
            })
            .collect();
        Self { lanes, hasher: std::hash::RandomState::new() }
    }

    /// Queues a message, in the order of calls a conversation; `reply` is told the outcome after the commit.
    ///
    /// The outcome [`StoreError::Unavailable`] means that it is not known: try again with the same bytes.
    /// [`StoreError::Overloaded`], also as an outcome, that too many wait already; nothing was stored.
    ///
    /// # Errors
    /// [`StoreError::Overloaded`]: the queue is full.
    pub fn submit(&self, message: NewMessage, reply: Reply) -> StoreResult<()> {
        self.lane(message.conversation_id).try_send(Pending { message, reply }).map_err(|_| StoreError::Overloaded)
    }

    /// Stores a message and waits for the outcome of [`Self::submit`].
    ///
    /// # Errors
    /// As there.
    pub async fn append(&self, message: NewMessage) -> StoreResult<AppendOutcome> {
        let (reply, outcome) = oneshot::channel();
        self.submit(message, Box::new(|outcome| drop(reply.send(outcome))))?;
        outcome.await.map_err(|_| StoreError::Unavailable(sqlx::Error::WorkerCrashed))?
    }

    fn lane(&self, conversation_id: ConversationId) -> &mpsc::Sender<Pending> {
        let hash = usize::try_from(self.hasher.hash_one(conversation_id) >> 33).unwrap_or(0);
        &self.lanes[hash % self.lanes.len()]
    }
}
