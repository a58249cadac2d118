//! What the database holds of a run.

use std::collections::BTreeMap;

use sotto_protocol::{ConversationId, DeviceId, TxnId};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::History;
use crate::error::{Context, Outcome};

/// A stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where.
    pub conversation: ConversationId,
    /// At which position.
    pub seq: i64,
    /// Whose.
    pub device: DeviceId,
    /// Which message; `None` for changes of members.
    pub message: Option<TxnId>,
}

/// The inbox of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxState {
    /// Whose.
    pub device: DeviceId,
    /// Acknowledged up to here.
    pub acked_seq: i64,
    /// Items that wait.
    pub items: i64,
    /// Of those, items that are acknowledged already.
    pub leftover: i64,
}

/// The tables, as far as the run's conversations and devices are concerned.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// By conversation and position.
    pub rows: Vec<Row>,
    /// The newest position of each conversation, as its counter says.
    pub heads: BTreeMap<ConversationId, i64>,
    /// Inboxes.
    pub inboxes: Vec<InboxState>,
}

/// Conversations and devices of a run.
#[derive(Clone, Debug)]
pub struct Wanted {
    conversations: Vec<Uuid>,
    devices: Vec<Uuid>,
}

impl Tables {
    /// What of the database belongs to the history.
    pub fn wanted(history: &History) -> Wanted {
        Wanted {
            conversations: history.conversations().map(|id| id.0).collect(),
            devices: history.shows().keys().chain(history.inbox_acks.keys()).map(|id| id.0).collect(),
        }
    }

    /// Reads that.
    pub async fn read(url: &str, wanted: &Wanted) -> Outcome<Self> {
        let pool = PgPoolOptions::new().max_connections(1).connect(url).await.context("the database")?;
        let tables = Self::read_from(&pool, wanted).await;
        pool.close().await;
        tables
    }

    /// As [`Self::read`].
    pub async fn read_from(pool: &PgPool, wanted: &Wanted) -> Outcome<Self> {
        let heads: Vec<(Uuid, i64)> = sqlx::query_as("SELECT id, last_seq FROM conversations WHERE id = ANY ($1)")
            .bind(&wanted.conversations)
            .fetch_all(pool)
            .await
            .context("conversations")?;
        let rows: Vec<(Uuid, i64, Uuid, Option<Uuid>)> = sqlx::query_as(
            "SELECT conversation_id, seq, sender_device_id, txn_id FROM events
             WHERE conversation_id = ANY ($1) ORDER BY conversation_id, seq",
        )
        .bind(&wanted.conversations)
        .fetch_all(pool)
        .await
        .context("events")?;
        let inboxes: Vec<(Uuid, i64, i64, i64)> = sqlx::query_as(
            "SELECT i.device_id, i.acked_seq, count(it.seq), count(it.seq) FILTER (WHERE it.seq <= i.acked_seq)
             FROM inboxes i LEFT JOIN inbox_items it ON it.device_id = i.device_id
             WHERE i.device_id = ANY ($1) GROUP BY i.device_id, i.acked_seq",
        )
        .bind(&wanted.devices)
        .fetch_all(pool)
        .await
        .context("inboxes")?;
        Ok(Self {
            rows: rows.into_iter().map(row).collect(),
            heads: heads.into_iter().map(|(id, seq)| (id.into(), seq)).collect(),
            inboxes: inboxes.into_iter().map(inbox).collect(),
        })
    }
}

fn row((conversation, seq, device, message): (Uuid, i64, Uuid, Option<Uuid>)) -> Row {
    Row { conversation: conversation.into(), seq, device: device.into(), message: message.map(TxnId) }
}

fn inbox((device, acked_seq, items, leftover): (Uuid, i64, i64, i64)) -> InboxState {
    InboxState { device: device.into(), acked_seq, items, leftover }
}
