//! What sessions that open or catch up ask: one statement for many of them.

use std::collections::HashMap;

use sotto_protocol::{ConversationId, DeviceId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// How a device that may connect stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its account.
    pub user_id: UserId,
    /// Whether the account keeps read marks and presence from others.
    pub private_receipts: bool,
    /// Access tokens of a lower generation are void.
    pub token_generation: i32,
}

/// What a catch-up starts from, all of one snapshot: what it does not see belongs to transactions from `position` on.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Names this database; a restored copy that is bumped gets another one.
    pub epoch: Uuid,
    /// The oldest transaction that was open.
    pub position: String,
    /// Newest position of each log.
    pub heads: HashMap<ConversationId, i64>,
}

/// The standing of each device that is not revoked and whose account is not deleted.
pub async fn standings(conn: &mut PgConnection, devices: &[DeviceId]) -> StoreResult<HashMap<DeviceId, Standing>> {
    let rows: Vec<(Uuid, Uuid, bool, i32)> = sqlx::query_as(
        "SELECT d.id, u.id, u.private_receipts, d.token_generation
         FROM devices d JOIN users u ON u.id = d.user_id AND u.deleted_at IS NULL
         WHERE d.id = ANY ($1) AND d.revoked_at IS NULL",
    )
    .bind(ids::devices(devices))
    .fetch_all(conn)
    .await?;
    let standing = |(device, user, private_receipts, token_generation): (Uuid, Uuid, bool, i32)| {
        (DeviceId(device), Standing { user_id: UserId(user), private_receipts, token_generation })
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Conversations that each user is in.
pub async fn conversation_ids(
    conn: &mut PgConnection,
    users: &[UserId],
) -> StoreResult<HashMap<UserId, Vec<ConversationId>>> {
    let rows: Vec<(Uuid, Uuid)> =
        sqlx::query_as("SELECT user_id, conversation_id FROM members WHERE user_id = ANY ($1) AND left_at IS NULL")
            .bind(ids::users(users))
            .fetch_all(conn)
            .await?;
    let mut found: HashMap<UserId, Vec<ConversationId>> = HashMap::new();
    for (user, conversation) in rows {
        found.entry(UserId(user)).or_default().push(ConversationId(conversation));
    }
    Ok(found)
}

/// This moment, with the heads of these conversations.
pub async fn moment(conn: &mut PgConnection, wanted: &[ConversationId]) -> StoreResult<Moment> {
    let (epoch, position, found, seqs): (Uuid, String, Vec<Uuid>, Vec<i64>) = sqlx::query_as(
        "SELECT s.database_epoch, pg_snapshot_xmin(pg_current_snapshot())::text, h.ids, h.seqs
         FROM server_state s,
             (SELECT coalesce(array_agg(id), '{}') AS ids, coalesce(array_agg(last_seq), '{}') AS seqs
                 FROM conversations WHERE id = ANY ($1)) h",
    )
    .bind(ids::conversations(wanted))
    .fetch_one(conn)
    .await?;
    Ok(Moment { epoch, position, heads: found.into_iter().map(ConversationId).zip(seqs).collect() })
}
