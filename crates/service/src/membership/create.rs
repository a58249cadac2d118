//! Making a conversation, or finding the direct one that a pair has.

use sotto_identity::membership::MembershipState;
use sotto_protocol::{
    ConversationId, ProblemCode, UserId,
    conversations::{MemberState, MembershipResponse},
    events::InboxBody,
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};
use sotto_store::{
    PgConnection, StoreError, conversations, inbox,
    membership::{self, Advance, Incoming},
    outbox, people, transaction,
};

use super::{Changed, check_active, hold_people, incoming, refusal};
use crate::{Service, ServiceError, ServiceResult, tokens::AccessClaims};

impl Service {
    /// Makes a conversation from link 1 of its chain. The direct conversation of a pair that has one is answered, and
    /// whoever declined it comes back into it.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_signature`, `not_found` (an account), `blocked`, `already_exists`, `limit_reached`,
    /// `device_revoked`, `rate_limited`.
    pub async fn create_conversation(
        &self,
        caller: &AccessClaims,
        change: &MembershipChange,
    ) -> ServiceResult<MembershipResponse> {
        let state = MembershipState::start(change).map_err(|error| refusal(&error))?;
        self.check_size(&state)?;
        let MembershipAction::Create { members, .. } = &change.action else {
            return Err(ProblemCode::InvalidRequest.into());
        };
        self.check_actor(caller, change).await?;
        self.limit_changes(caller, members).await?;
        let mut outcome = self.try_create(caller, change, members, &state).await;
        if state.kind == ConversationKind::Direct && is_conflict(&outcome) {
            // The other one of the pair made it at the same moment: now it is found.
            outcome = self.try_create(caller, change, members, &state).await;
        }
        if is_conflict(&outcome) {
            return Err(ProblemCode::AlreadyExists.into());
        }
        Ok(self.announce(outcome?))
    }

    async fn try_create(
        &self,
        caller: &AccessClaims,
        change: &MembershipChange,
        members: &[NewMember],
        state: &MembershipState,
    ) -> ServiceResult<Changed> {
        transaction!(self.database, "conversations.create", |conn| {
            hold_people(conn, members).await?;
            check_active(conn, caller).await?;
            let direct_key = direct_key(state);
            if let Some(key) = &direct_key {
                if let Some(id) = membership::direct(conn, key).await? {
                    return self.enter_direct(conn, caller, id).await;
                }
                check_pair(conn, state).await?;
            }
            self.create(conn, caller, change, members, state, direct_key.as_deref()).await
        })
    }

    async fn create(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        change: &MembershipChange,
        members: &[NewMember],
        state: &MembershipState,
        direct_key: Option<&str>,
    ) -> ServiceResult<Changed> {
        let people = incoming(conn, caller, members).await?;
        let (id, now) = (change.conversation_id, self.clock.now());
        membership::insert(conn, id, state.kind, direct_key, state, now).await?;
        membership::admit(conn, id, &people, 1, 1).await?;
        let next = Advance { seq: 1, roster_version: 1, index: 1, state, retention_ms: None };
        membership::advance(conn, change, &next, now).await?;
        let users: Vec<UserId> = people.iter().map(|person| person.user_id).collect();
        let devices = membership::devices_of(conn, &users).await?;
        inbox::push_notice(conn, &devices, &InboxBody::ConversationJoined { conversation_id: id }, now).await?;
        outbox::wake(conn, &[id], &devices).await?;
        Ok(Changed { response: response(id, 1), devices, unsigned: false })
    }

    /// The direct conversation that exists. Who declined it is in again from here on: the chain names it all the time.
    async fn enter_direct(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        id: ConversationId,
    ) -> ServiceResult<Changed> {
        let locked = membership::lock::<MembershipState>(conn, id).await?.ok_or(ProblemCode::NotFound)?;
        if conversations::is_member(conn, id, caller.user_id).await? {
            return Ok(Changed { response: response(id, locked.roster_version), devices: vec![], unsigned: false });
        }
        check_pair(conn, &locked.state).await?;
        let (roster_version, now) = (locked.roster_version + 1, self.clock.now());
        let back = Incoming { user_id: caller.user_id, role: Role::Admin, state: MemberState::Joined };
        membership::admit(conn, id, &[back], locked.last_seq + 1, roster_version).await?;
        membership::set_roster(conn, id, roster_version).await?;
        let devices = membership::devices_of(conn, &[caller.user_id]).await?;
        inbox::push_notice(conn, &devices, &InboxBody::ConversationJoined { conversation_id: id }, now).await?;
        outbox::wake(conn, &[id], &devices).await?;
        Ok(Changed { response: response(id, roster_version), devices, unsigned: true })
    }
}

/// Neither of the two blocked the other.
async fn check_pair(conn: &mut PgConnection, state: &MembershipState) -> ServiceResult<()> {
    let users: Vec<UserId> = state.members.keys().copied().collect();
    match users[..] {
        [a, b] if people::blocked_either_way(conn, a, b).await? => Err(ProblemCode::Blocked.into()),
        _ => Ok(()),
    }
}

fn response(conversation_id: ConversationId, roster_version: i64) -> MembershipResponse {
    MembershipResponse { conversation_id, seq: 1, roster_version }
}

fn direct_key(state: &MembershipState) -> Option<String> {
    let mut users = state.members.keys();
    match (state.kind, users.next(), users.next()) {
        (ConversationKind::Direct, Some(a), Some(b)) => Some(people::direct_key(*a, *b)),
        _ => None,
    }
}

fn is_conflict<T>(outcome: &ServiceResult<T>) -> bool {
    matches!(outcome, Err(ServiceError::Store(StoreError::Conflict { .. })))
}
