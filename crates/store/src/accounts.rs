//! Accounts: who they are, their names and passwords.

use sotto_protocol::{
    UserId,
    accounts::AccountType,
    keys::{CrossSigningKey, UserIdentity},
};
use sqlx::{FromRow, PgConnection, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreResult, Text, ids};

/// An account that is not deleted.
#[derive(Clone, FromRow)]
pub struct AccountRow {
    /// The account.
    #[sqlx(try_from = "Uuid")]
    pub id: UserId,
    /// The current username, lower case.
    pub username: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
    /// Who is behind it.
    pub account_type: Text<AccountType>,
    /// Its identity.
    pub master_key: Json<CrossSigningKey>,
    /// Signs its devices and lists.
    pub self_signing_key: Json<CrossSigningKey>,
    /// Head of the device list.
    pub list_version: i64,
    /// Whether read marks and presence are kept from others.
    pub private_receipts: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// An account to be stored.
pub struct NewAccount<'a> {
    /// The account and its keys.
    pub identity: &'a UserIdentity,
    /// Lower case.
    pub username: &'a str,
    /// Argon2id in PHC form.
    pub password_hash: &'a str,
    /// Who is behind it.
    pub account_type: AccountType,
    /// Secrets under the recovery key.
    pub recovery_bundle: &'a [u8],
    /// When.
    pub now: OffsetDateTime,
}

/// Stores an account; its device list is empty until [`crate::lists::append`].
///
/// # Errors
/// `Conflict` of `users_username` or `users_pkey`.
pub async fn insert(conn: &mut PgConnection, account: &NewAccount<'_>) -> StoreResult<()> {
    sqlx::query(
        "INSERT INTO users (id, username, password_hash, account_type, master_key, self_signing_key, list_version,
             list_hash, recovery_bundle, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, $8)",
    )
    .bind(account.identity.user_id.0)
    .bind(account.username)
    .bind(account.password_hash)
    .bind(Text(account.account_type))
    .bind(Json(&account.identity.master_key))
    .bind(Json(&account.identity.self_signing_key))
    .bind(account.recovery_bundle)
    .bind(account.now)
    .execute(conn)
    .await?;
    Ok(())
}

/// The account with this exact name (lower case).
pub async fn by_name(conn: &mut PgConnection, username: &str) -> StoreResult<Option<AccountRow>> {
    Ok(sqlx::query_as("SELECT * FROM users WHERE username = $1 AND deleted_at IS NULL")
        .bind(username)
        .fetch_optional(conn)
        .await?)
}

/// The account with this id.
pub async fn get(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Option<AccountRow>> {
    Ok(sqlx::query_as("SELECT * FROM users WHERE id = $1 AND deleted_at IS NULL")
        .bind(user_id.0)
        .fetch_optional(conn)
        .await?)
}

/// The account with this id, locked against every other change of it, its devices and its list.
pub async fn lock(conn: &mut PgConnection, user_id: UserId) -> StoreResult<Option<AccountRow>> {
    Ok(sqlx::query_as("SELECT * FROM users WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE")
        .bind(user_id.0)
        .fetch_optional(conn)
        .await?)
}

/// Holds the device lists of these accounts still, in id order: before they are put into a conversation.
///
/// Answers the accounts that exist.
pub async fn share(conn: &mut PgConnection, user_ids: &[UserId]) -> StoreResult<Vec<UserId>> {
    let found: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM users WHERE id = ANY ($1) AND deleted_at IS NULL ORDER BY id FOR SHARE")
            .bind(ids::users(user_ids))
            .fetch_all(conn)
            .await?;
    Ok(found.into_iter().map(UserId).collect())
}

/// Gives the account another name.
///
/// # Errors
/// `Conflict` of `users_username`.
pub async fn set_username(conn: &mut PgConnection, user_id: UserId, username: &str) -> StoreResult<()> {
    sqlx::query("UPDATE users SET username = $2 WHERE id = $1").bind(user_id.0).bind(username).execute(conn).await?;
    Ok(())
}

/// Keeps read marks and presence from others, or not.
pub async fn set_private_receipts(conn: &mut PgConnection, user_id: UserId, private: bool) -> StoreResult<()> {
    sqlx::query("UPDATE users SET private_receipts = $2 WHERE id = $1")
        .bind(user_id.0)
        .bind(private)
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces the password's hash.
pub async fn set_password(conn: &mut PgConnection, user_id: UserId, password_hash: &str) -> StoreResult<()> {
    sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind(user_id.0)
        .bind(password_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Marks the account deleted, wipes what only it used and takes it out of all conversations.
///
/// The caller bumped the rosters before, while the account was still in them. Public keys and the signed list stay:
/// other people's histories refer to them.
pub async fn delete(conn: &mut PgConnection, user_id: UserId, now: OffsetDateTime) -> StoreResult<()> {
    sqlx::query(
        "UPDATE members SET left_at = $2, changed_xid = pg_current_xact_id() WHERE user_id = $1 AND left_at IS NULL",
    )
    .bind(user_id.0)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query("DELETE FROM blocks WHERE user_id = $1 OR blocked_id = $1").bind(user_id.0).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM backup_sessions WHERE user_id = $1").bind(user_id.0).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM backups WHERE user_id = $1").bind(user_id.0).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM histories WHERE user_id = $1").bind(user_id.0).execute(&mut *conn).await?;
    sqlx::query("UPDATE users SET deleted_at = $2, password_hash = '', recovery_bundle = '' WHERE id = $1")
        .bind(user_id.0)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}
