//! Making conversations and changing who is in them: signed links, checked with the same code as clients use.

use std::collections::HashMap;

use sotto_identity::membership::{MembershipError, MembershipState, check_change_signature};
use sotto_protocol::{
    ConversationId, DeviceId, Problem, ProblemCode, UserId,
    conversations::{MemberState, MembershipResponse},
    events::InboxBody,
    limits,
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember},
};
use sotto_store::{
    PgConnection, StoreError, accounts, conversations, devices, inbox,
    membership::{self, Advance, Incoming},
    outbox, people, transaction,
};

use crate::{Service, ServiceError, ServiceResult, tokens::AccessClaims};

/// What a change did, and whom to wake.
struct Changed {
    response: MembershipResponse,
    devices: Vec<DeviceId>,
}

impl Service {
    /// Makes a conversation from link 1 of its chain. The direct conversation of a pair that has one is answered.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_signature`, `not_found` (an account), `blocked`, `already_exists`, `limit_reached`,
    /// `device_revoked`.
    pub async fn create_conversation(
        &self,
        caller: &AccessClaims,
        change: &MembershipChange,
    ) -> ServiceResult<MembershipResponse> {
        self.check_actor(caller, change).await?;
        let state = MembershipState::start(change).map_err(refusal)?;
        check_size(&state)?;
        let outcome = transaction!(self.database, "conversations.create", |conn| {
            self.create(conn, caller, change, &state).await
        });
        match outcome {
            Ok(changed) => Ok(self.announce(changed)),
            Err(ServiceError::Store(StoreError::Conflict { .. })) => match direct_key(&state) {
                Some(key) => self.existing(caller, &key).await?.ok_or_else(|| ProblemCode::AlreadyExists.into()),
                None => Err(ProblemCode::AlreadyExists.into()),
            },
            Err(error) => Err(error),
        }
    }

    async fn create(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        change: &MembershipChange,
        state: &MembershipState,
    ) -> ServiceResult<Changed> {
        let MembershipAction::Create { members, .. } = &change.action else {
            return Err(ProblemCode::InvalidRequest.into());
        };
        let people = self.check_incoming(conn, caller, members).await?;
        let direct_key = direct_key(state);
        if let Some(key) = &direct_key {
            if let Some(id) = membership::direct(conn, key).await? {
                let response = self.response(conn, caller, id).await?;
                return Ok(Changed { response, devices: Vec::new() });
            }
            let users: Vec<UserId> = state.members.keys().copied().collect();
            if people::blocked_either_way(conn, users[0], users[1]).await? {
                return Err(ProblemCode::Blocked.into());
            }
        }
        let (id, now) = (change.conversation_id, self.clock.now());
        membership::insert(conn, id, state.kind, direct_key.as_deref(), state, now).await?;
        membership::admit(conn, id, &people, 1, 1).await?;
        let next = Advance { seq: 1, roster_version: 1, index: 1, state, retention_ms: None };
        membership::advance(conn, change, &next, now).await?;
        let joined = InboxBody::ConversationJoined { conversation_id: id };
        let users: Vec<UserId> = people.iter().map(|person| person.user_id).collect();
        let devices = membership::devices_of(conn, &users).await?;
        inbox::push_notice(conn, &devices, &joined, now).await?;
        outbox::wake(conn, &[id], &devices).await?;
        Ok(Changed { response: MembershipResponse { conversation_id: id, seq: 1, roster_version: 1 }, devices })
    }

    /// Appends the next link of a conversation's chain.
    ///
    /// # Errors
    /// `not_found`, `chain_conflict`, `forbidden`, `invalid_request`, `invalid_signature`, `limit_reached`,
    /// `device_revoked`.
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
        let id = change.conversation_id;
        let coming = match &change.action {
            MembershipAction::Add { members } => self.check_incoming(conn, caller, members).await?,
            _ => Vec::new(),
        };
        let locked = membership::lock::<MembershipState>(conn, id).await?.ok_or(ProblemCode::NotFound)?;
        if !conversations::is_member(conn, id, caller.user_id).await? {
            return Err(ProblemCode::NotFound.into());
        }
        let mut state = locked.state;
        state.apply(change).map_err(refusal)?;
        check_size(&state)?;
        let (seq, now) = (locked.last_seq + 1, self.clock.now());
        let gone = match &change.action {
            MembershipAction::Remove { user_id } => Some(*user_id),
            MembershipAction::Leave {} => Some(change.actor_user_id),
            _ => None,
        };
        let moves = gone.is_some() || !coming.is_empty();
        let roster_version = locked.roster_version + i64::from(moves);
        membership::admit(conn, id, &coming, seq, roster_version).await?;
        if let Some(user_id) = gone {
            membership::dismiss(conn, id, user_id, roster_version, now).await?;
        }
        let roles: Vec<_> = state.members.iter().map(|(user_id, member)| (*user_id, member.role)).collect();
        membership::set_roles(conn, id, &roles).await?;
        let next = Advance { seq, roster_version, index: state.index, state: &state, retention_ms: state.retention_ms };
        membership::advance(conn, change, &next, now).await?;

        let joined: Vec<UserId> = coming.iter().map(|person| person.user_id).collect();
        let joined = membership::devices_of(conn, &joined).await?;
        let left = membership::devices_of(conn, &gone.into_iter().collect::<Vec<_>>()).await?;
        let mut notices: Vec<(DeviceId, InboxBody)> = Vec::new();
        notices.extend(joined.iter().map(|id_| (*id_, InboxBody::ConversationJoined { conversation_id: id })));
        notices.extend(left.iter().map(|id_| (*id_, InboxBody::ConversationLeft { conversation_id: id })));
        inbox::push_notices(conn, &notices, now).await?;
        let devices: Vec<DeviceId> = joined.into_iter().chain(left).collect();
        outbox::wake(conn, &[id], &devices).await?;
        Ok(Changed { response: MembershipResponse { conversation_id: id, seq, roster_version }, devices })
    }

    /// The link is by the calling device, which is not revoked, and signed by its key.
    async fn check_actor(&self, caller: &AccessClaims, change: &MembershipChange) -> ServiceResult<()> {
        if (change.actor_user_id, change.actor_device_id) != (caller.user_id, caller.device_id) {
            return Err(invalid("the actor is not the calling device"));
        }
        let mut connection = self.database.acquire().await?;
        let device =
            devices::get(&mut connection, caller.device_id).await?.filter(|device| device.revoked_at.is_none());
        let keys = device.and_then(|device| device.device_keys).ok_or(ProblemCode::DeviceRevoked)?;
        let ed25519 = keys.keys.get(&format!("ed25519:{}", caller.device_id)).map_or("", String::as_str);
        check_change_signature(change, ed25519)
            .map_err(|error| Problem::new(ProblemCode::InvalidSignature).with_detail(error.to_string()).into())
    }

    /// Holds the accounts and checks who comes in: they exist, with these master keys, and have room.
    async fn check_incoming(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        members: &[NewMember],
    ) -> ServiceResult<Vec<Incoming>> {
        let users: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
        if accounts::share(conn, &users).await?.len() != users.len() {
            return Err(Problem::new(ProblemCode::NotFound).with_detail("an account does not exist").into());
        }
        let keys: HashMap<_, _> = membership::master_keys(conn, &users).await?.into_iter().collect();
        if members
            .iter()
            .any(|member| !keys.get(&member.user_id).is_some_and(|key| key.keys.values().eq([&member.master_key])))
        {
            return Err(invalid("a master key is not the account's"));
        }
        let limit = i64::try_from(limits::MAX_MEMBERSHIPS_PER_USER).unwrap_or(i64::MAX);
        if !membership::full(conn, &users, limit).await?.is_empty() {
            return Err(ProblemCode::LimitReached.into());
        }
        let contacts = membership::contacts_among(conn, caller.user_id, &users).await?;
        Ok(members
            .iter()
            .map(|member| {
                let known = member.user_id == caller.user_id || contacts.contains(&member.user_id);
                let state = if known { MemberState::Joined } else { MemberState::Requested };
                Incoming { user_id: member.user_id, role: member.role, state }
            })
            .collect())
    }

    async fn existing(&self, caller: &AccessClaims, key: &str) -> ServiceResult<Option<MembershipResponse>> {
        let mut connection = self.database.acquire().await?;
        match membership::direct(&mut connection, key).await? {
            Some(id) => Ok(Some(self.response(&mut connection, caller, id).await?)),
            None => Ok(None),
        }
    }

    async fn response(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        id: ConversationId,
    ) -> ServiceResult<MembershipResponse> {
        let found = conversations::get(conn, id, caller.user_id, caller.device_id).await?;
        let found = found.ok_or(ProblemCode::NotFound)?;
        Ok(MembershipResponse { conversation_id: id, seq: 1, roster_version: found.roster_version })
    }

    fn announce(&self, changed: Changed) -> MembershipResponse {
        self.cluster.wake(&[changed.response.conversation_id], &changed.devices);
        changed.response
    }
}

fn direct_key(state: &MembershipState) -> Option<String> {
    let mut users = state.members.keys();
    match (state.kind, users.next(), users.next()) {
        (ConversationKind::Direct, Some(a), Some(b)) => Some(people::direct_key(*a, *b)),
        _ => None,
    }
}

fn check_size(state: &MembershipState) -> ServiceResult<()> {
    if state.members.len() > limits::MAX_GROUP_MEMBERS { Err(ProblemCode::LimitReached.into()) } else { Ok(()) }
}

fn refusal(error: MembershipError) -> ServiceError {
    let code = match error {
        MembershipError::Index { .. } | MembershipError::BrokenLink => ProblemCode::ChainConflict,
        MembershipError::NotAnAdmin | MembershipError::NotAMember | MembershipError::LastAdmin => {
            ProblemCode::Forbidden
        }
        _ => ProblemCode::InvalidRequest,
    };
    Problem::new(code).with_detail(error.to_string()).into()
}

fn invalid(detail: &str) -> ServiceError {
    Problem::new(ProblemCode::InvalidRequest).with_detail(detail).into()
}
