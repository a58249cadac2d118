//! Finding people by their exact name, and blocking them.

use sotto_protocol::{
    ConversationId, ProblemCode, UserId,
    people::{BlockList, UserSummary},
};
use sotto_store::{PgConnection, accounts, outbox, people, transaction};

use crate::{Service, ServiceResult, checks, checks::invalid, limits::Limit, tokens::AccessClaims};

impl Service {
    /// The account with exactly this name. That a name exists is public; nothing else about a stranger is.
    ///
    /// # Errors
    /// `not_found`, `rate_limited`.
    pub async fn user_by_name(&self, caller: &AccessClaims, username: &str) -> ServiceResult<UserSummary> {
        self.limits.by_user(Limit::LookupUser, caller.user_id).await?;
        let username = checks::username(username).map_err(|_| ProblemCode::NotFound)?;
        let row = accounts::by_name(&mut *self.database.acquire().await?, &username).await?;
        let row = row.ok_or(ProblemCode::NotFound)?;
        Ok(UserSummary {
            user_id: row.id,
            username: row.username,
            account_type: row.account_type.0,
            master_key: row.master_key.0,
        })
    }

    /// Accounts that the caller blocked.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn blocks(&self, caller: &AccessClaims) -> ServiceResult<BlockList> {
        Ok(BlockList { user_ids: people::blocks(&mut *self.database.acquire().await?, caller.user_id).await? })
    }

    /// Blocks an account: their direct conversation takes no messages, and it starts none with the caller.
    ///
    /// # Errors
    /// `not_found`, `invalid_request` (oneself).
    pub async fn block_user(&self, caller: &AccessClaims, user_id: UserId) -> ServiceResult<()> {
        if user_id == caller.user_id {
            return Err(invalid("nobody blocks oneself"));
        }
        let now = self.clock.now();
        let conversation = transaction!(self.database, "people.block", |conn| {
            hold_pair(conn, caller.user_id, user_id).await?;
            if accounts::get(conn, user_id).await?.is_none() {
                return Err(ProblemCode::NotFound.into());
            }
            people::block(conn, caller.user_id, user_id, now).await?;
            mark(conn, caller.user_id, user_id).await
        })?;
        self.wake_pair(conversation);
        Ok(())
    }

    /// Lifts a block. Again is harmless.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn unblock_user(&self, caller: &AccessClaims, user_id: UserId) -> ServiceResult<()> {
        let conversation = transaction!(self.database, "people.unblock", |conn| {
            hold_pair(conn, caller.user_id, user_id).await?;
            people::unblock(conn, caller.user_id, user_id).await?;
            mark(conn, caller.user_id, user_id).await
        })?;
        self.wake_pair(conversation);
        Ok(())
    }

    fn wake_pair(&self, conversation: Option<ConversationId>) {
        if let Some(id) = conversation {
            self.cluster.wake(&[id], &[]);
        }
    }
}

/// Both accounts, in id order: making a conversation holds both of them, too.
async fn hold_pair(conn: &mut PgConnection, a: UserId, b: UserId) -> ServiceResult<()> {
    accounts::lock(conn, a.min(b)).await?;
    accounts::lock(conn, a.max(b)).await?;
    Ok(())
}

async fn mark(conn: &mut PgConnection, a: UserId, b: UserId) -> ServiceResult<Option<ConversationId>> {
    let conversation = people::mark_direct(conn, a, b).await?;
    if let Some(id) = conversation {
        outbox::wake(conn, &[id], &[]).await?;
    }
    Ok(conversation)
}
