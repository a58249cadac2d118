//! One call of `append_messages`.

use std::{collections::HashMap, time::Duration};

use sqlx::Row as _;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{AppendOutcome, NewMessage, Now, WriterConfig};
use crate::{Database, Kept, StoreError, StoreResult};

/// Longer than `lock_timeout`: only a dead connection takes so long.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// The call is idempotent by transaction id, so a lost connection is simply tried again.
const ATTEMPTS: u32 = 3;

/// Whether to wait for locked conversations, and on which connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    /// On the lane's.
    Report,
    /// On one of the pool: it may take long, beside the lane.
    Wait,
    /// On the one that is kept for heavy messages.
    WaitHeavy,
}

/// The function's answer for one message.
#[derive(Clone, Debug)]
pub(super) enum Appended {
    /// Committed by this call.
    New { seq: i64, at: OffsetDateTime, expires_at: Option<OffsetDateTime>, inbox_seqs: Vec<Option<i64>> },
    /// Another node holds the conversation.
    Busy,
    /// Anything else.
    Done(AppendOutcome),
}

pub(super) struct Appender {
    pub database: Database,
    /// The lane's own; given up with any error.
    pub kept: Kept,
    /// The same, for what is heavy.
    pub kept_heavy: Kept,
    pub config: WriterConfig,
    pub now: Now,
}

impl Appender {
    /// Stores a batch; answers one element a message.
    pub async fn append(&self, messages: &[&NewMessage], busy: Busy) -> StoreResult<Vec<Appended>> {
        let mut attempt = 1;
        loop {
            match self.call(messages, busy).await {
                Err(error) if attempt < ATTEMPTS && (error.is_retryable() || error.is_lost_connection()) => {
                    tracing::warn!(%error, attempt, "append is tried again");
                    tokio::time::sleep(Duration::from_millis(20 * u64::from(attempt))).await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn call(&self, messages: &[&NewMessage], busy: Busy) -> StoreResult<Vec<Appended>> {
        let kept = match busy {
            Busy::Report => Some(&self.kept),
            Busy::Wait => None,
            Busy::WaitHeavy => Some(&self.kept_heavy),
        };
        let mut connection = match kept {
            Some(kept) => kept.take().await?,
            None => self.database.acquire().await?,
        };
        let call = self.query(messages, busy, &mut connection);
        let Ok(answer) = tokio::time::timeout(CALL_TIMEOUT, call).await else {
            connection.close_on_drop();
            return Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut));
        };
        if let (Ok(_), Some(kept)) = (&answer, kept) {
            kept.put(connection);
        }
        answer
    }

    pub(super) async fn query(
        &self,
        messages: &[&NewMessage],
        busy: Busy,
        connection: &mut sqlx::PgConnection,
    ) -> StoreResult<Vec<Appended>> {
        fn column<T>(messages: &[&NewMessage], value: impl Fn(&NewMessage) -> T) -> Vec<T> {
            messages.iter().map(|message| value(message)).collect()
        }
        let places = Places::of(messages);
        let envelopes: Vec<(i32, &super::NewEnvelope)> =
            (1..).zip(messages).flat_map(|(i, message)| message.envelopes.iter().map(move |e| (i, e))).collect();
        let row = sqlx::query(
            "SELECT outcome, seq, current_roster, stored_at, expires, inbox_seq \
             FROM append_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
                 $20, $21)",
        )
        .bind(places.conversations)
        .bind(places.of_message)
        .bind(places.predecessor)
        .bind(column(messages, |m| m.user_id.0))
        .bind(column(messages, |m| m.device_id.0))
        .bind(column(messages, |m| m.txn_id.0))
        .bind(column(messages, |m| m.prev_txn_id.map(|id| id.0)))
        .bind(column(messages, |m| m.roster_version))
        .bind(messages.iter().map(|m| m.body_hash.as_slice()).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.session_id.as_slice()).collect::<Vec<_>>())
        .bind(messages.iter().map(|m| m.ciphertext.as_slice()).collect::<Vec<_>>())
        .bind(column(messages, |m| m.expires_in_ms))
        .bind(envelopes.iter().map(|(i, _)| *i).collect::<Vec<i32>>())
        .bind(envelopes.iter().map(|(_, e)| e.device_id.0).collect::<Vec<Uuid>>())
        .bind(envelopes.iter().map(|(_, e)| e.message_type).collect::<Vec<i16>>())
        .bind(envelopes.iter().map(|(_, e)| e.sender_key.as_slice()).collect::<Vec<_>>())
        .bind(envelopes.iter().map(|(_, e)| e.body.as_slice()).collect::<Vec<_>>())
        .bind((self.now)())
        .bind(self.config.sender_quota)
        .bind(self.config.inbox_quota)
        .bind(busy != Busy::Report)
        .fetch_one(connection)
        .await?;
        decode(&row, messages)
    }
}

/// Where the conversations and predecessors of a batch stand in it; 1-based, as PostgreSQL counts.
struct Places {
    /// Each once, ordered by id.
    conversations: Vec<Uuid>,
    /// A message's place in `conversations`.
    of_message: Vec<i32>,
    /// The place of the message in this batch that a message names as the one before it; 0: not in this batch.
    predecessor: Vec<i32>,
}

impl Places {
    fn of(messages: &[&NewMessage]) -> Self {
        let mut conversations: Vec<Uuid> = messages.iter().map(|message| message.conversation_id.0).collect();
        conversations.sort_unstable();
        conversations.dedup();
        let mut sent = HashMap::with_capacity(messages.len());
        let (mut of_message, mut predecessor) = (Vec::new(), Vec::new());
        for (place, message) in (1..).zip(messages) {
            let sender = (message.conversation_id, message.device_id);
            predecessor.push(message.prev_txn_id.and_then(|id| sent.get(&(sender, id)).copied()).unwrap_or(0));
            sent.insert((sender, message.txn_id), place);
            let at = conversations.binary_search(&message.conversation_id.0).unwrap_or_else(|at| at);
            of_message.push(i32::try_from(at + 1).unwrap_or(i32::MAX));
        }
        Self { conversations, of_message, predecessor }
    }
}

fn decode(row: &sqlx::postgres::PgRow, messages: &[&NewMessage]) -> StoreResult<Vec<Appended>> {
    let outcomes: Vec<i16> = row.try_get("outcome")?;
    let seqs: Vec<Option<i64>> = row.try_get("seq")?;
    let rosters: Vec<Option<i64>> = row.try_get("current_roster")?;
    let stored: Vec<Option<OffsetDateTime>> = row.try_get("stored_at")?;
    let expires: Vec<Option<OffsetDateTime>> = row.try_get("expires")?;
    let mut inbox = row.try_get::<Option<Vec<Option<i64>>>, _>("inbox_seq")?.unwrap_or_default().into_iter();
    let mut answers = Vec::with_capacity(messages.len());
    for (i, message) in messages.iter().enumerate() {
        let inbox_seqs = message.envelopes.iter().map(|_| inbox.next().flatten()).collect();
        let seq = seqs[i].unwrap_or_default();
        let at = stored[i].unwrap_or(OffsetDateTime::UNIX_EPOCH);
        answers.push(match outcomes[i] {
            0 => Appended::New { seq, at, expires_at: expires[i], inbox_seqs },
            1 => Appended::Done(AppendOutcome::Stored { seq, at }),
            2 => Appended::Done(AppendOutcome::Duplicate { seq }),
            3 => Appended::Busy,
            5 => Appended::Done(AppendOutcome::Revoked),
            6 => Appended::Done(AppendOutcome::StaleRoster { current: rosters[i].unwrap_or_default() }),
            7 => Appended::Done(AppendOutcome::OutOfOrder),
            8 => Appended::Done(AppendOutcome::Blocked),
            9 => Appended::Done(AppendOutcome::UnknownRecipient),
            _ => Appended::Done(AppendOutcome::NotMember),
        });
    }
    Ok(answers)
}
