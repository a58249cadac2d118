//! What was done to an account, for the person it belongs to.

use sotto_protocol::{audit::AuditPage, limits::MAX_AUDIT_ENTRIES_PER_PAGE};
use sotto_store::audit;

use crate::{Service, ServiceResult, history::require_member, tokens::AccessClaims};

impl Service {
    /// A page of the account's log, newest first, before this entry.
    ///
    /// # Errors
    /// `device_unverified`: a password alone shows nothing.
    pub async fn audit(&self, caller: &AccessClaims, before: Option<i64>) -> ServiceResult<AuditPage> {
        let mut conn = self.database.acquire().await?;
        require_member(&mut conn, caller).await?;
        let entries = audit::page(&mut conn, caller.user_id, before, MAX_AUDIT_ENTRIES_PER_PAGE).await?;
        let is_full = i64::try_from(entries.len()).is_ok_and(|len| len == MAX_AUDIT_ENTRIES_PER_PAGE);
        let next = entries.last().filter(|_| is_full).map(|last| last.audit_id);
        Ok(AuditPage { entries, next })
    }
}
