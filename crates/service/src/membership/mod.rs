//! Making conversations and changing who is in them: signed links, checked with the same code as clients use.

mod change;
mod create;

use std::collections::HashMap;

use sotto_identity::membership::{MembershipError, MembershipState, check_change_signature};
use sotto_protocol::{
    DeviceId, Problem, ProblemCode, UserId,
    conversations::{MemberState, MembershipResponse},
    limits,
    membership::{MembershipChange, NewMember},
};
use sotto_store::{
    PgConnection, accounts, devices,
    membership::{self, Incoming},
    people,
};

use crate::{Service, ServiceError, ServiceResult, limits::Limit, tokens::AccessClaims};

/// What a change did, and whom to wake.
struct Changed {
    response: MembershipResponse,
    /// Their inboxes grew.
    devices: Vec<DeviceId>,
    /// The roster moved on without a link of the chain that would tell the others.
    unsigned: bool,
}

impl Service {
    fn announce(&self, changed: Changed) -> MembershipResponse {
        let Changed { response, devices, unsigned } = changed;
        self.cluster.wake(&[response.conversation_id], &devices);
        if unsigned {
            self.cluster.rosters_changed(&[(response.conversation_id, response.roster_version)]);
        }
        response
    }

    /// The link is by the calling device and signed by its key.
    async fn check_actor(&self, caller: &AccessClaims, change: &MembershipChange) -> ServiceResult<()> {
        if (change.actor_user_id, change.actor_device_id) != (caller.user_id, caller.device_id) {
            return Err(invalid("the actor is not the calling device"));
        }
        let mut connection = self.database.acquire().await?;
        let device = devices::get(&mut connection, caller.device_id).await?;
        drop(connection);
        let keys = device.and_then(|device| device.device_keys).ok_or(ProblemCode::DeviceRevoked)?;
        let ed25519 = keys.keys.get(&format!("ed25519:{}", caller.device_id)).map_or("", String::as_str);
        check_change_signature(change, ed25519)
            .map_err(|error| Problem::new(ProblemCode::InvalidSignature).with_detail(error.to_string()).into())
    }

    fn check_size(&self, state: &MembershipState) -> ServiceResult<()> {
        if state.members.len() > self.max_group_members { Err(ProblemCode::LimitReached.into()) } else { Ok(()) }
    }

    /// Slows down who makes many conversations, and more so who sends requests to many strangers.
    async fn limit_changes(&self, caller: &AccessClaims, members: &[NewMember]) -> ServiceResult<()> {
        self.limits.by_user(Limit::ConversationUser, caller.user_id).await?;
        let mut strangers: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
        strangers.retain(|user_id| *user_id != caller.user_id);
        if strangers.is_empty() {
            return Ok(());
        }
        let mut connection = self.database.acquire().await?;
        let contacts = membership::contacts_among(&mut connection, caller.user_id, &strangers).await?;
        drop(connection);
        strangers.retain(|user_id| !contacts.contains(user_id));
        match u32::try_from(strangers.len()).unwrap_or(u32::MAX) {
            0 => Ok(()),
            count => self.limits.take(Limit::StrangerUser, caller.user_id.to_string(), count).await,
        }
    }
}

/// The device is not revoked. Holds until the commit when the account or a conversation of it is locked.
async fn check_active(conn: &mut PgConnection, caller: &AccessClaims) -> ServiceResult<()> {
    let device = devices::get(conn, caller.device_id).await?;
    if device.is_some_and(|device| device.verified && device.revoked_at.is_none()) {
        Ok(())
    } else {
        Err(ProblemCode::DeviceRevoked.into())
    }
}

/// Holds the accounts still; they exist and have these master keys.
async fn hold_people(conn: &mut PgConnection, members: &[NewMember]) -> ServiceResult<()> {
    let users: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
    if accounts::share(conn, &users).await?.len() != users.len() {
        return Err(Problem::new(ProblemCode::NotFound).with_detail("an account does not exist").into());
    }
    let keys: HashMap<_, _> = membership::master_keys(conn, &users).await?.into_iter().collect();
    let wrong = members
        .iter()
        .any(|member| !keys.get(&member.user_id).is_some_and(|key| key.keys.values().eq([&member.master_key])));
    if wrong { Err(invalid("a master key is not the account's")) } else { Ok(()) }
}

/// How people come in, whose accounts are held: they have room, and did not block the caller. Strangers are asked.
async fn incoming(
    conn: &mut PgConnection,
    caller: &AccessClaims,
    members: &[NewMember],
) -> ServiceResult<Vec<Incoming>> {
    let users: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
    if people::blocked_by_any(conn, caller.user_id, &users).await? {
        return Err(ProblemCode::Blocked.into());
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

fn refusal(error: &MembershipError) -> ServiceError {
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
