//! Writing conversations and who is in them. The caller holds the conversation's row.

use serde::{Serialize, de::DeserializeOwned};
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    conversations::MemberState,
    keys::CrossSigningKey,
    membership::{ConversationKind, MembershipChange, Role},
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreError, StoreResult, Text, events::MEMBERSHIP, ids};

/// What a conversation is at this moment, under its lock.
pub struct Locked<S> {
    /// Two people, or many.
    pub kind: ConversationKind,
    /// Newest position of the log.
    pub last_seq: i64,
    /// The current roster.
    pub roster_version: i64,
    /// The folded membership chain.
    pub state: S,
}

/// Locks a conversation and reads it.
pub async fn lock<S: DeserializeOwned>(conn: &mut PgConnection, id: ConversationId) -> StoreResult<Option<Locked<S>>> {
    let row: Option<(Text<ConversationKind>, i64, i64, serde_json::Value)> = sqlx::query_as(
        "SELECT kind, last_seq, roster_version, membership_state FROM conversations WHERE id = $1 FOR NO KEY UPDATE",
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await?;
    let Some((kind, last_seq, roster_version, state)) = row else { return Ok(None) };
    let state = serde_json::from_value(state)
        .map_err(|source| StoreError::Corrupt { what: "conversations.membership_state", source })?;
    Ok(Some(Locked { kind: kind.0, last_seq, roster_version, state }))
}

/// Makes an empty conversation.
///
/// # Errors
/// [`StoreError::Conflict`]: the id exists, or the pair has its direct conversation.
pub async fn insert<S: Serialize + Sync>(
    conn: &mut PgConnection,
    id: ConversationId,
    kind: ConversationKind,
    direct_key: Option<&str>,
    state: &S,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO conversations (id, kind, direct_key, created_at, membership_index, membership_state)
         VALUES ($1, $2, $3, $4, 0, $5)",
    )
    .bind(id.0)
    .bind(Text(kind))
    .bind(direct_key)
    .bind(now)
    .bind(Json(state))
    .execute(conn)
    .await?;
    Ok(())
}

/// What a link of the chain changes in the conversation's row.
pub struct Advance<'a, S> {
    /// Position of the link's event.
    pub seq: i64,
    /// The roster from now on.
    pub roster_version: i64,
    /// Index of the link.
    pub index: i64,
    /// The folded chain.
    pub state: &'a S,
    /// Messages disappear after this time.
    pub retention_ms: Option<i64>,
}

/// Appends a link as an event and moves the conversation on.
pub async fn advance<S: Serialize + Sync>(
    conn: &mut PgConnection,
    change: &MembershipChange,
    advance: &Advance<'_, S>,
    now: OffsetDateTime,
) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO events (conversation_id, seq, kind, sender_user_id, sender_device_id, created_at, change)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(change.conversation_id.0)
    .bind(advance.seq)
    .bind(MEMBERSHIP)
    .bind(change.actor_user_id.0)
    .bind(change.actor_device_id.0)
    .bind(now)
    .bind(Json(change))
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE conversations SET last_seq = $2, roster_version = $3, membership_index = $4, membership_state = $5,
             retention_ms = $6, changed_xid = pg_current_xact_id()
         WHERE id = $1",
    )
    .bind(change.conversation_id.0)
    .bind(advance.seq)
    .bind(advance.roster_version)
    .bind(advance.index)
    .bind(Json(advance.state))
    .bind(advance.retention_ms)
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody who comes in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The account.
    pub user_id: UserId,
    /// What it may do.
    pub role: Role,
    /// Whether it agreed.
    pub state: MemberState,
}

/// Puts people in, ordered by id: from `start_seq` on everything is for them. Who was in before starts anew.
pub async fn admit(
    conn: &mut PgConnection,
    id: ConversationId,
    people: &[Incoming],
    start_seq: i64,
    roster_version: i64,
) -> StoreResult<()> {
    let users: Vec<Uuid> = people.iter().map(|person| person.user_id.0).collect();
    sqlx::query(
        "DELETE FROM device_starts s USING devices d
         WHERE s.conversation_id = $1 AND d.id = s.device_id AND d.user_id = ANY ($2)",
    )
    .bind(id.0)
    .bind(&users)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO members (conversation_id, user_id, role, state, start_seq, roster_changed_version)
         SELECT $1, p.user_id, p.role, p.state, $5, $6
         FROM unnest($2::uuid[], $3::text[], $4::text[]) AS p (user_id, role, state) ORDER BY p.user_id
         ON CONFLICT (conversation_id, user_id) DO UPDATE
         SET role = excluded.role, state = excluded.state, start_seq = excluded.start_seq, left_at = NULL,
             roster_changed_version = excluded.roster_changed_version, changed_xid = pg_current_xact_id()",
    )
    .bind(id.0)
    .bind(&users)
    .bind(people.iter().map(|person| Text(person.role)).map(text).collect::<Vec<_>>())
    .bind(people.iter().map(|person| Text(person.state)).map(text).collect::<Vec<_>>())
    .bind(start_seq)
    .bind(roster_version)
    .execute(conn)
    .await?;
    Ok(())
}

fn text<T: Serialize>(value: Text<T>) -> Option<String> {
    serde_json::to_value(value.0).ok()?.as_str().map(str::to_owned)
}

/// Takes somebody out; `false` when it was out already.
pub async fn dismiss(
    conn: &mut PgConnection,
    id: ConversationId,
    user_id: UserId,
    roster_version: i64,
    now: OffsetDateTime,
) -> StoreResult<bool> {
    let dismissed = sqlx::query(
        "UPDATE members SET left_at = $3, roster_changed_version = $4, changed_xid = pg_current_xact_id()
         WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL",
    )
    .bind(id.0)
    .bind(user_id.0)
    .bind(now)
    .bind(roster_version)
    .execute(conn)
    .await?;
    Ok(dismissed.rows_affected() > 0)
}

/// Moves the roster on without a link of the chain.
pub async fn set_roster(conn: &mut PgConnection, id: ConversationId, roster_version: i64) -> StoreResult<()> {
    sqlx::query("UPDATE conversations SET roster_version = $2, changed_xid = pg_current_xact_id() WHERE id = $1")
        .bind(id.0)
        .bind(roster_version)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives everybody who is in the role that the chain gives.
pub async fn set_roles(conn: &mut PgConnection, id: ConversationId, roles: &[(UserId, Role)]) -> StoreResult<()> {
    sqlx::query(
        "UPDATE members m SET role = r.role, changed_xid = pg_current_xact_id()
         FROM unnest($2::uuid[], $3::text[]) AS r (user_id, role)
         WHERE m.conversation_id = $1 AND m.user_id = r.user_id AND m.left_at IS NULL AND m.role <> r.role",
    )
    .bind(id.0)
    .bind(roles.iter().map(|(user_id, _)| user_id.0).collect::<Vec<_>>())
    .bind(roles.iter().map(|(_, role)| text(Text(*role))).collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// The member agrees to be in; `false` when it had, or is not in.
pub async fn accept(conn: &mut PgConnection, id: ConversationId, user_id: UserId) -> StoreResult<bool> {
    let accepted = sqlx::query(
        "UPDATE members SET state = 'joined', changed_xid = pg_current_xact_id()
         WHERE conversation_id = $1 AND user_id = $2 AND left_at IS NULL AND state = 'requested'",
    )
    .bind(id.0)
    .bind(user_id.0)
    .execute(conn)
    .await?;
    Ok(accepted.rows_affected() > 0)
}

/// Master keys of accounts that exist.
pub async fn master_keys(conn: &mut PgConnection, users: &[UserId]) -> StoreResult<Vec<(UserId, CrossSigningKey)>> {
    let rows: Vec<(Uuid, Json<CrossSigningKey>)> =
        sqlx::query_as("SELECT id, master_key FROM users WHERE id = ANY ($1) AND deleted_at IS NULL")
            .bind(ids::users(users))
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|(id, Json(key))| (UserId(id), key)).collect())
}

/// Active, signed devices of these accounts.
pub async fn devices_of(conn: &mut PgConnection, users: &[UserId]) -> StoreResult<Vec<DeviceId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM devices WHERE user_id = ANY ($1) AND verified AND revoked_at IS NULL ORDER BY id",
    )
    .bind(ids::users(users))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(DeviceId).collect())
}

/// Those of these people who have a direct conversation with the user that both accepted.
pub async fn contacts_among(conn: &mut PgConnection, user_id: UserId, others: &[UserId]) -> StoreResult<Vec<UserId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT theirs.user_id FROM members mine
         JOIN conversations c ON c.id = mine.conversation_id AND c.kind = 'direct' AND NOT c.blocked
         JOIN members theirs ON theirs.conversation_id = c.id AND theirs.user_id = ANY ($2)
         WHERE mine.user_id = $1 AND mine.left_at IS NULL AND mine.state = 'joined'
             AND theirs.left_at IS NULL AND theirs.state = 'joined' AND theirs.user_id <> $1",
    )
    .bind(user_id.0)
    .bind(ids::users(others))
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// Those of these people that are in `limit` conversations or more.
pub async fn full(conn: &mut PgConnection, users: &[UserId], limit: i64) -> StoreResult<Vec<UserId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM members WHERE user_id = ANY ($1) AND left_at IS NULL
         GROUP BY user_id HAVING count(*) >= $2",
    )
    .bind(ids::users(users))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// The direct conversation of a pair.
pub async fn direct(conn: &mut PgConnection, direct_key: &str) -> StoreResult<Option<ConversationId>> {
    let found: Option<Uuid> = sqlx::query_scalar("SELECT id FROM conversations WHERE direct_key = $1")
        .bind(direct_key)
        .fetch_optional(conn)
        .await?;
    Ok(found.map(ConversationId))
}
