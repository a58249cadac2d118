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

/// A session that comes back: what it has.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Its device.
    pub device_id: DeviceId,
    /// Its account.
    pub user_id: UserId,
    /// Newest position of its inbox that it has stored; 0: none.
    pub inbox_seq: i64,
    /// Position of the catch-up that it had last; `None`: never.
    pub since: Option<String>,
}

/// Whether there is anything for a session that comes back. For most there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// Its inbox has items after its position.
    pub inbox: bool,
    /// The server does not know yet that it stored what is up to its position.
    pub unacked: bool,
    /// Conversations may have changed since. `false` is certain.
    pub conversations: bool,
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

/// Whether there is anything for each of these, in their order.
///
/// Of the marks in a conversation of at most 64 any counts, though some may be hidden from the account: the read that
/// follows decides.
pub async fn news(conn: &mut PgConnection, resumed: &[Resumed]) -> StoreResult<Vec<News>> {
    // Scalar sub-queries and not EXISTS, which the planner may answer by hashing a whole table.
    let rows: Vec<(bool, bool, bool)> = sqlx::query_as(
        "SELECT
             coalesce((SELECT true FROM inbox_items i WHERE i.device_id = a.device_id AND i.seq > a.inbox_seq LIMIT 1),
                 false),
             coalesce((SELECT b.acked_seq < least(a.inbox_seq, b.last_seq) FROM inboxes b
                 WHERE b.device_id = a.device_id), false),
             a.since IS NULL OR coalesce((SELECT true
                 FROM members m JOIN conversations c ON c.id = m.conversation_id
                 WHERE m.user_id = a.user_id AND m.left_at IS NULL
                     AND (c.changed_xid >= a.since OR m.changed_xid >= a.since
                         OR (SELECT k.changed_xid >= a.since FROM marks k
                             WHERE k.conversation_id = c.id AND k.user_id = m.user_id)
                         OR (SELECT count(*) <= 64 AND bool_or(few.changed_xid >= a.since)
                             FROM (SELECT o.changed_xid FROM marks o WHERE o.conversation_id = c.id LIMIT 65) few))
                 LIMIT 1), false)
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]::xid8[]) WITH ORDINALITY
             AS a (device_id, user_id, inbox_seq, since, place)
         ORDER BY a.place",
    )
    .bind(resumed.iter().map(|one| one.device_id.0).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.user_id.0).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.inbox_seq).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.since.clone()).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(inbox, unacked, conversations)| News { inbox, unacked, conversations }).collect())
}
