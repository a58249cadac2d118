//! What sessions that open or catch up ask: one statement for many of them.

use std::collections::HashMap;

use sotto_protocol::{ConversationId, DeviceId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{StoreResult, ids};

/// How a device that may connect stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its account.
    pub user_id: UserId,
    /// Whether the account keeps read marks and presence from others.
    pub private_receipts: bool,
    /// Access tokens of a lower generation are void.
    pub token_generation: i32,
    /// What the account is in.
    pub conversations: Vec<ConversationId>,
}

/// A session that comes back: what it has.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Its device.
    pub device_id: DeviceId,
    /// Its account; `None`: an unverified device, for which conversations do not exist.
    pub user_id: Option<UserId>,
    /// Newest position of its inbox that it has stored; 0: none.
    pub inbox_seq: i64,
    /// Position of the catch-up that it had last; `None`: never.
    pub since: Option<String>,
}

/// What a catch-up starts from, all of one snapshot: what it does not see belongs to transactions from `position` on.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Names this database; a restored copy that is bumped gets another one.
    pub epoch: Uuid,
    /// The oldest transaction that was open.
    pub position: String,
    /// Newest position of the log of each conversation that the account is in.
    pub heads: HashMap<ConversationId, i64>,
    /// Whether there is anything for the session.
    pub news: News,
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
    let rows: Vec<(Uuid, Uuid, bool, i32, Vec<Uuid>)> = sqlx::query_as(
        "SELECT d.id, u.id, u.private_receipts, d.token_generation,
             ARRAY (SELECT m.conversation_id FROM members m WHERE m.user_id = u.id AND m.left_at IS NULL)
         FROM devices d JOIN users u ON u.id = d.user_id AND u.deleted_at IS NULL
         WHERE d.id = ANY ($1) AND d.revoked_at IS NULL",
    )
    .bind(ids::devices(devices))
    .fetch_all(conn)
    .await?;
    let standing = |(device, user, private_receipts, token_generation, conversations): (_, _, _, _, Vec<Uuid>)| {
        let conversations = conversations.into_iter().map(ConversationId).collect();
        (DeviceId(device), Standing { user_id: UserId(user), private_receipts, token_generation, conversations })
    };
    Ok(rows.into_iter().map(standing).collect())
}

type Row = (Uuid, String, bool, bool, Vec<Uuid>, Vec<i64>, bool);

/// This moment for each of these, in their order.
///
/// Of the marks in a conversation of at most 64 any counts as news, though some may be hidden from the account: the
/// read that follows decides.
pub async fn moments(conn: &mut PgConnection, resumed: &[Resumed]) -> StoreResult<Vec<Moment>> {
    // Scalar sub-queries and not EXISTS, which the planner may answer by hashing a whole table.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.database_epoch, pg_snapshot_xmin(pg_current_snapshot())::text,
             coalesce((SELECT true FROM inbox_items i WHERE i.device_id = a.device_id AND i.seq > a.inbox_seq LIMIT 1),
                 false),
             coalesce((SELECT b.acked_seq < least(a.inbox_seq, b.last_seq) FROM inboxes b
                 WHERE b.device_id = a.device_id), false),
             coalesce(t.ids, '{}'), coalesce(t.heads, '{}'),
             a.since IS NULL OR coalesce(t.changed, false)
         FROM server_state s,
             unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]::xid8[]) WITH ORDINALITY
                 AS a (device_id, user_id, inbox_seq, since, place),
             LATERAL (
                 SELECT array_agg(c.id) AS ids, array_agg(c.last_seq) AS heads,
                     bool_or(c.changed_xid >= a.since OR m.changed_xid >= a.since
                         OR (SELECT CASE WHEN count(*) <= 64 THEN bool_or(few.changed_xid >= a.since)
                                 ELSE (SELECT k.changed_xid >= a.since FROM marks k
                                     WHERE k.conversation_id = c.id AND k.user_id = a.user_id) END
                             FROM (SELECT o.changed_xid FROM marks o WHERE o.conversation_id = c.id LIMIT 65) few)
                         ) AS changed
                 FROM members m,
                     LATERAL (SELECT v.id, v.last_seq, v.changed_xid FROM conversations v
                         WHERE v.id = m.conversation_id LIMIT 1) c
                 WHERE m.user_id = a.user_id AND m.left_at IS NULL
             ) t
         ORDER BY a.place",
    )
    .bind(resumed.iter().map(|one| one.device_id.0).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.user_id.map(|id| id.0)).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.inbox_seq).collect::<Vec<_>>())
    .bind(resumed.iter().map(|one| one.since.clone()).collect::<Vec<_>>())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(moment).collect())
}

fn moment((epoch, position, inbox, unacked, ids, seqs, conversations): Row) -> Moment {
    let heads = ids.into_iter().map(ConversationId).zip(seqs).collect();
    Moment { epoch, position, heads, news: News { inbox, unacked, conversations } }
}
