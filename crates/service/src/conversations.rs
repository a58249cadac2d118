//! Conversations as a member sees them: list, roster, marks, message requests.

use sotto_protocol::{
    ConversationId, ProblemCode, UserId,
    conversations::{Conversation, Conversations, MarkRequest, Marks, MemberState, Roster},
    events::InboxBody,
    keys::UserIdentity,
    limits,
};
use sotto_store::{conversations, inbox, lists, marks, membership, outbox, transaction};

use crate::{Service, ServiceResult, cluster::Reach, tokens::AccessClaims};

impl Service {
    /// One conversation.
    ///
    /// # Errors
    /// `not_found`, also when the caller is not in it.
    pub async fn conversation(&self, caller: &AccessClaims, id: ConversationId) -> ServiceResult<Conversation> {
        let mut connection = self.database.acquire().await?;
        let found = conversations::get(&mut connection, id, caller.user_id, caller.device_id).await?;
        found.ok_or_else(|| ProblemCode::NotFound.into())
    }

    /// A page of the caller's conversations, ordered by id.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn conversations(
        &self,
        caller: &AccessClaims,
        after: Option<ConversationId>,
    ) -> ServiceResult<Conversations> {
        let limit = limits::MAX_SYNC_CONVERSATIONS_PER_PAGE;
        let mut connection = self.database.acquire().await?;
        let page =
            conversations::sync_page(&mut connection, caller.user_id, caller.device_id, None, after, limit).await?;
        let is_full = i64::try_from(page.len()).is_ok_and(|len| len == limit);
        let next = page.last().filter(|_| is_full).map(|last| last.conversation_id);
        Ok(Conversations { conversations: page, next })
    }

    /// Who and which devices to encrypt for: identities that changed after the roster version `since`, links of the
    /// chain after the index `chain_since`. When these don't fit a page, it is a page of links only.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn roster(
        &self,
        caller: &AccessClaims,
        id: ConversationId,
        since: i64,
        chain_since: i64,
    ) -> ServiceResult<Roster> {
        transaction!(self.database, "conversations.roster", |conn| {
            // Version, members, lists and chain are of one moment.
            conversations::freeze(conn).await?;
            let Some(roster_version) = conversations::roster_version(conn, id, caller.user_id).await? else {
                return Err(ProblemCode::NotFound.into());
            };
            let (links, bytes) = (limits::MAX_CHAIN_LINKS_PER_PAGE, limits::MAX_CHAIN_PAGE_BYTES);
            let chain = conversations::chain(conn, id, chain_since, links, bytes).await?;
            let head = conversations::membership_index(conn, id).await?;
            let chain_next = chain.last().map(|link| link.index).filter(|last| *last < head);
            if chain_next.is_some() {
                let (members, identities) = (Vec::new(), Vec::new());
                return Ok(Roster { conversation_id: id, roster_version, members, identities, chain, chain_next });
            }
            let (members, changed): (Vec<_>, Vec<_>) = conversations::members(conn, id).await?.into_iter().unzip();
            let wanted: Vec<(UserId, i64)> = members
                .iter()
                .zip(changed)
                .filter(|(_, changed)| *changed > since)
                .map(|(member, _)| (member.user_id, 0))
                .collect();
            let identities = lists::identities(conn, &wanted).await?;
            Ok(Roster { conversation_id: id, roster_version, members, identities, chain, chain_next })
        })
    }

    /// Identities of members that changed after a roster version; none for somebody who is not in.
    pub(crate) async fn roster_identities(
        &self,
        id: ConversationId,
        user_id: UserId,
        since: i64,
    ) -> ServiceResult<Vec<UserIdentity>> {
        let mut connection = self.database.acquire().await?;
        if !conversations::is_member(&mut connection, id, user_id).await? {
            return Ok(Vec::new());
        }
        let members = conversations::members(&mut connection, id).await?;
        let wanted: Vec<(UserId, i64)> =
            members.iter().filter(|(_, changed)| *changed > since).map(|(member, _)| (member.user_id, 0)).collect();
        Ok(lists::identities(&mut connection, &wanted).await?)
    }

    /// Agrees to be in: from now on receipts, presence and typing are shown to the others.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn accept_conversation(&self, caller: &AccessClaims, id: ConversationId) -> ServiceResult<Conversation> {
        let now = self.clock.now();
        let (revealed, devices) = transaction!(self.database, "conversations.accept", |conn| {
            if !membership::accept(conn, id, caller.user_id).await? {
                return Ok::<_, crate::ServiceError>((None, Vec::new()));
            }
            let mut devices = membership::devices_of(conn, &[caller.user_id]).await?;
            devices.retain(|device_id| *device_id != caller.device_id);
            let accepted = InboxBody::ConversationAccepted { conversation_id: id };
            inbox::push_notice(conn, &devices, &accepted, now).await?;
            outbox::wake(conn, &[id], &devices).await?;
            Ok((marks::reveal(conn, id, caller.user_id).await?, devices))
        })?;
        self.cluster.wake(&[], &devices);
        self.cluster.show_marks(revealed.as_slice(), Reach::Everybody);
        self.conversation(caller, id).await
    }

    /// Goes out of a conversation that the caller did not accept. The chain still names it: it signed nothing.
    ///
    /// # Errors
    /// `not_found`; `forbidden` once it was accepted (leave instead).
    pub async fn decline_conversation(&self, caller: &AccessClaims, id: ConversationId) -> ServiceResult<()> {
        let now = self.clock.now();
        let (roster_version, devices) = transaction!(self.database, "conversations.decline", |conn| {
            let locked = membership::lock::<serde_json::Value>(conn, id).await?.ok_or(ProblemCode::NotFound)?;
            let found = conversations::get(conn, id, caller.user_id, caller.device_id).await?;
            if found.ok_or(ProblemCode::NotFound)?.state != MemberState::Requested {
                return Err(ProblemCode::Forbidden.into());
            }
            let roster_version = locked.roster_version + 1;
            membership::dismiss(conn, id, caller.user_id, roster_version, now).await?;
            membership::set_roster(conn, id, roster_version).await?;
            let devices = membership::devices_of(conn, &[caller.user_id]).await?;
            let left = InboxBody::ConversationLeft { conversation_id: id };
            inbox::push_notice(conn, &devices, &left, now).await?;
            outbox::wake(conn, &[id], &devices).await?;
            Ok::<_, crate::ServiceError>((roster_version, devices))
        })?;
        self.cluster.hub.expel(id, caller.user_id);
        self.cluster.wake(&[], &devices);
        self.cluster.rosters_changed(&[(id, roster_version)]);
        Ok(())
    }

    /// Marks of members that show them to the caller.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn marks(&self, caller: &AccessClaims, id: ConversationId) -> ServiceResult<Marks> {
        self.conversation(caller, id).await?;
        let mut connection = self.database.acquire().await?;
        Ok(Marks { marks: marks::changed_since(&mut connection, id, caller.user_id, None).await? })
    }

    /// Raises the caller's marks; stored within a quarter of a second, shown then or, where many are
    /// connected, up to 1.5 s later.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn mark(&self, caller: &AccessClaims, id: ConversationId, request: &MarkRequest) -> ServiceResult<()> {
        self.conversation(caller, id).await?;
        self.mark_soon(caller, id, request);
        Ok(())
    }
}
