//! The next link of a conversation's chain.

use sotto_identity::membership::MembershipState;
use sotto_protocol::{
    ConversationId, DeviceId, ProblemCode, UserId,
    conversations::MembershipResponse,
    events::InboxBody,
    membership::{MembershipAction, MembershipChange, NewMember},
};
use sotto_store::{
    PgConnection, conversations, inbox,
    membership::{self, Advance},
    outbox, transaction,
};

use super::{Changed, check_active, hold_people, incoming, invalid, refusal};
use crate::{Service, ServiceResult, tokens::AccessClaims};

impl Service {
    /// Appends the next link of a conversation's chain.
    ///
    /// # Errors
    /// `not_found`, `chain_conflict`, `forbidden`, `invalid_request`, `invalid_signature`, `blocked`, `limit_reached`,
    /// `device_revoked`, `rate_limited`.
    pub async fn change_membership(
        &self,
        caller: &AccessClaims,
        id: ConversationId,
        change: &MembershipChange,
    ) -> ServiceResult<MembershipResponse> {
        if change.conversation_id != id {
            return Err(invalid("the link is for another conversation"));
        }
        self.check_actor(caller, change).await?;
        self.limit_changes(caller, newcomers(change)).await?;
        let changed =
            transaction!(self.database, "conversations.membership", |conn| { self.apply(conn, caller, change).await })?;
        Ok(self.announce(changed))
    }

    async fn apply(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        change: &MembershipChange,
    ) -> ServiceResult<Changed> {
        let (id, now, newcomers) = (change.conversation_id, self.clock.now(), newcomers(change));
        hold_people(conn, newcomers).await?;
        let locked = membership::lock::<MembershipState>(conn, id).await?.ok_or(ProblemCode::NotFound)?;
        if !conversations::is_member(conn, id, caller.user_id).await? {
            return Err(ProblemCode::NotFound.into());
        }
        check_active(conn, caller).await?;
        let mut state = locked.state;
        state.apply(change).map_err(|error| refusal(&error))?;
        // A group that is larger already, from before a lower limit, still loses members.
        if !newcomers.is_empty() {
            self.check_size(&state)?;
        }
        let coming = incoming(conn, caller, newcomers).await?;
        let gone = leaver(change);
        let seq = locked.last_seq + 1;
        // Also for a role or a timer: what messages bind themselves to holds the head of the chain.
        let roster_version = locked.roster_version + 1;
        if !coming.is_empty() {
            membership::admit(conn, id, &coming, seq, roster_version).await?;
        }
        let mut left = Vec::new();
        if let Some(user_id) = gone
            && membership::dismiss(conn, id, user_id, roster_version, now).await?
        {
            left = membership::devices_of(conn, &[user_id]).await?;
        }
        let roles: Vec<_> = state.members.iter().map(|(user_id, member)| (*user_id, member.role)).collect();
        membership::set_roles(conn, id, &roles).await?;
        let next = Advance { seq, roster_version, index: state.index, state: &state, retention_ms: state.retention_ms };
        membership::advance(conn, change, &next, now).await?;

        let joined: Vec<UserId> = coming.iter().map(|person| person.user_id).collect();
        let joined = membership::devices_of(conn, &joined).await?;
        inbox::push_notice(conn, &joined, &InboxBody::ConversationJoined { conversation_id: id }, now).await?;
        inbox::push_notice(conn, &left, &InboxBody::ConversationLeft { conversation_id: id }, now).await?;
        let devices: Vec<DeviceId> = joined.into_iter().chain(left).collect();
        outbox::wake(conn, &[id], &devices).await?;
        let response = MembershipResponse { conversation_id: id, seq, roster_version };
        Ok(Changed { response, devices, unsigned: false })
    }
}

fn newcomers(change: &MembershipChange) -> &[NewMember] {
    match &change.action {
        MembershipAction::Add { members } => members,
        _ => &[],
    }
}

fn leaver(change: &MembershipChange) -> Option<UserId> {
    match change.action {
        MembershipAction::Remove { user_id } => Some(user_id),
        MembershipAction::Leave {} => Some(change.actor_user_id),
        _ => None,
    }
}
