//! Envelopes ahead of a message: one call of `append_envelopes`.

use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, writer::NewEnvelope};

/// A page of envelopes.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The conversation whose roster they are for.
    pub conversation_id: ConversationId,
    /// Who sends.
    pub user_id: UserId,
    /// From which device.
    pub device_id: DeviceId,
    /// Makes a retry harmless.
    pub txn_id: TxnId,
    /// The roster they were encrypted for.
    pub roster_version: i64,
    /// The envelopes.
    pub envelopes: Vec<NewEnvelope>,
}

/// What became of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// So many found room.
    Stored {
        /// Envelopes in inboxes; the others became gap notices.
        stored: i64,
        /// By this call, not by an earlier try.
        new: bool,
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
    /// One of the two people blocked the other.
    Blocked,
    /// An envelope is for a device outside the roster.
    UnknownRecipient,
}

/// Stores a page.
///
/// # Errors
/// [`crate::StoreError::Conflict`]: the same page is being stored at this moment.
pub async fn append(
    conn: &mut PgConnection,
    ahead: &Ahead,
    now: OffsetDateTime,
    sender_quota: i64,
    inbox_quota: i64,
) -> StoreResult<Appended> {
    let (outcome, current, stored): (i16, Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT outcome, current_roster, stored
         FROM append_envelopes($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(ahead.conversation_id.0)
    .bind(ahead.user_id.0)
    .bind(ahead.device_id.0)
    .bind(ahead.txn_id.0)
    .bind(ahead.roster_version)
    .bind(ahead.envelopes.iter().map(|e| e.device_id.0).collect::<Vec<Uuid>>())
    .bind(ahead.envelopes.iter().map(|e| e.message_type).collect::<Vec<i16>>())
    .bind(ahead.envelopes.iter().map(|e| e.sender_key.as_slice()).collect::<Vec<_>>())
    .bind(ahead.envelopes.iter().map(|e| e.body.as_slice()).collect::<Vec<_>>())
    .bind(now)
    .bind(sender_quota)
    .bind(inbox_quota)
    .fetch_one(conn)
    .await?;
    Ok(match outcome {
        0 | 1 => Appended::Stored { stored: stored.unwrap_or_default(), new: outcome == 0 },
        5 => Appended::Revoked,
        6 => Appended::StaleRoster { current: current.unwrap_or_default() },
        8 => Appended::Blocked,
        9 => Appended::UnknownRecipient,
        _ => Appended::NotMember,
    })
}
