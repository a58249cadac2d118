//! The membership chain of a conversation as a state machine: servers and clients apply the same links.

use serde::{Deserialize, Serialize};
use sotto_protocol::{
    ConversationId, UserId,
    limits::{MAX_GROUP_MEMBERS_CEILING, MAX_RETENTION_MS, MIN_RETENTION_MS},
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};

use crate::{
    canonical::{CanonicalError, hash},
    keys::{Ed25519Public, KeyError},
    signing::{SignatureError, device_key_id, only_signed_by, verify},
    sorted::SortedMap,
};

/// Why a link does not extend a chain.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// Of another conversation.
    #[error("the link is of another conversation")]
    WrongConversation,
    /// Not the index after the head's.
    #[error("the index is {got}, not {expected}")]
    Index {
        /// What follows.
        expected: i64,
        /// What the link says.
        got: i64,
    },
    /// It names another link before it.
    #[error("the link does not follow the one before")]
    BrokenLink,
    /// Link 1 must create, and no other may.
    #[error("only link 1 creates")]
    Create,
    /// The acting user is not in.
    #[error("the acting user is not a member")]
    NotAMember,
    /// The acting user is not an admin.
    #[error("the acting user is not an admin")]
    NotAnAdmin,
    /// The user that it is about is not in.
    #[error("the user is not a member")]
    NoSuchMember,
    /// The user is in already.
    #[error("the user is a member already")]
    AlreadyAMember,
    /// None, too many, not ordered by id, or (direct) not two admins with the creator among them.
    #[error("the members are not acceptable")]
    Members,
    /// In a direct conversation nobody comes, goes or changes role.
    #[error("a direct conversation keeps its members")]
    Direct,
    /// One leaves, one doesn't remove oneself.
    #[error("nobody removes oneself")]
    Oneself,
    /// The last admin can't step down while others are in.
    #[error("the last admin can't step down")]
    LastAdmin,
    /// Outside a second to a year.
    #[error("the retention is outside what is allowed")]
    Retention,
    /// A master key itself.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The link has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
}

/// A member as the chain has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberEntry {
    /// What it may do.
    pub role: Role,
    /// Its Ed25519 master key as the member who brought it in knew it, unpadded base64.
    pub master_key: String,
    /// Index of the link that brought it in: the order of joining (then by user id).
    pub joined_index: i64,
}

/// Who is in, after the links applied so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipState {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Two people, or many.
    pub kind: ConversationKind,
    /// Everybody who is in.
    pub members: SortedMap<UserId, MemberEntry>,
    /// Messages disappear after this time, milliseconds.
    pub retention_ms: Option<i64>,
    /// Index of the newest link.
    pub index: i64,
    /// Hash of the newest link.
    pub head_hash: String,
}

/// Checks that the acting device, with this Ed25519 key (unpadded base64), and nobody else signed the link.
pub fn check_change_signature(change: &MembershipChange, ed25519: &str) -> Result<(), SignatureError> {
    let key_id = device_key_id(change.actor_device_id);
    let key = Ed25519Public::parse(ed25519).map_err(|_| SignatureError::Wrong(key_id.clone()))?;
    only_signed_by(change, change.actor_user_id, &[&key_id])?;
    verify(change, change.actor_user_id, &key_id, &key)
}

impl MembershipState {
    /// Starts a chain with link 1.
    pub fn start(change: &MembershipChange) -> Result<Self, MembershipError> {
        if change.index != 1 {
            return Err(MembershipError::Index { expected: 1, got: change.index });
        }
        if change.prev_hash.is_some() {
            return Err(MembershipError::BrokenLink);
        }
        let MembershipAction::Create { kind, members } = &change.action else {
            return Err(MembershipError::Create);
        };
        let mut state = Self {
            conversation_id: change.conversation_id,
            kind: *kind,
            members: SortedMap::new(),
            retention_ms: None,
            index: 1,
            head_hash: hash(change)?,
        };
        state.admit(members, 1)?;
        state.require_admin(change.actor_user_id)?;
        let direct_pair = state.members.len() == 2 && state.members.values().all(|m| m.role == Role::Admin);
        if *kind == ConversationKind::Direct && !direct_pair {
            return Err(MembershipError::Members);
        }
        Ok(state)
    }

    /// Applies a whole chain; the signatures are for [`check_change_signature`].
    pub fn replay(changes: &[MembershipChange]) -> Result<Self, MembershipError> {
        let (first, rest) = changes.split_first().ok_or(MembershipError::Create)?;
        let mut state = Self::start(first)?;
        rest.iter().try_for_each(|change| state.apply(change))?;
        Ok(state)
    }

    /// Applies the next link; on an error nothing has changed.
    pub fn apply(&mut self, change: &MembershipChange) -> Result<(), MembershipError> {
        if change.conversation_id != self.conversation_id {
            return Err(MembershipError::WrongConversation);
        }
        if change.index != self.index + 1 {
            return Err(MembershipError::Index { expected: self.index + 1, got: change.index });
        }
        if change.prev_hash.as_deref() != Some(self.head_hash.as_str()) {
            return Err(MembershipError::BrokenLink);
        }
        let head_hash = hash(change)?;
        self.act(change)?;
        self.index = change.index;
        self.head_hash = head_hash;
        Ok(())
    }

    /// The member, if in.
    pub fn member(&self, user_id: UserId) -> Option<&MemberEntry> {
        self.members.get(&user_id)
    }

    fn act(&mut self, change: &MembershipChange) -> Result<(), MembershipError> {
        let actor = change.actor_user_id;
        match &change.action {
            MembershipAction::Create { .. } => Err(MembershipError::Create),
            MembershipAction::SetRetention { retention_ms } => {
                self.require_admin(actor)?;
                if retention_ms.is_some_and(|ms| !(MIN_RETENTION_MS..=MAX_RETENTION_MS).contains(&ms)) {
                    return Err(MembershipError::Retention);
                }
                self.retention_ms = *retention_ms;
                Ok(())
            }
            MembershipAction::Add { members } => {
                self.require_group_admin(actor)?;
                self.admit(members, change.index)
            }
            MembershipAction::Remove { user_id } => {
                self.require_group_admin(actor)?;
                if *user_id == actor {
                    return Err(MembershipError::Oneself);
                }
                self.members.remove(user_id).map(|_| ()).ok_or(MembershipError::NoSuchMember)
            }
            MembershipAction::SetRole { user_id, role } => {
                self.require_group_admin(actor)?;
                self.set_role(*user_id, *role)
            }
            MembershipAction::Leave {} => self.leave(actor),
        }
    }

    fn admit(&mut self, members: &[NewMember], index: i64) -> Result<(), MembershipError> {
        let ascending = members.windows(2).all(|pair| pair[0].user_id < pair[1].user_id);
        if members.is_empty() || !ascending || self.members.len() + members.len() > MAX_GROUP_MEMBERS_CEILING {
            return Err(MembershipError::Members);
        }
        for member in members {
            Ed25519Public::parse(&member.master_key)?;
            if self.members.contains_key(&member.user_id) {
                return Err(MembershipError::AlreadyAMember);
            }
        }
        self.members.extend(members.iter().map(|new| {
            let entry = MemberEntry { role: new.role, master_key: new.master_key.clone(), joined_index: index };
            (new.user_id, entry)
        }));
        Ok(())
    }

    fn set_role(&mut self, user_id: UserId, role: Role) -> Result<(), MembershipError> {
        let others_lead = self.members.iter().any(|(id, m)| *id != user_id && m.role == Role::Admin);
        let alone = self.members.len() == 1;
        let member = self.members.get_mut(&user_id).ok_or(MembershipError::NoSuchMember)?;
        if role == Role::Member && !others_lead && !alone {
            return Err(MembershipError::LastAdmin);
        }
        member.role = role;
        Ok(())
    }

    fn leave(&mut self, actor: UserId) -> Result<(), MembershipError> {
        if !self.members.contains_key(&actor) {
            return Err(MembershipError::NotAMember);
        }
        if self.kind == ConversationKind::Direct {
            return Err(MembershipError::Direct);
        }
        self.members.remove(&actor);
        if self.members.values().all(|member| member.role != Role::Admin) {
            let heir = self.members.iter_mut().min_by_key(|(id, member)| (member.joined_index, **id));
            if let Some((_, heir)) = heir {
                heir.role = Role::Admin;
            }
        }
        Ok(())
    }

    fn require_admin(&self, actor: UserId) -> Result<(), MembershipError> {
        match self.members.get(&actor) {
            None => Err(MembershipError::NotAMember),
            Some(member) if member.role == Role::Admin => Ok(()),
            Some(_) => Err(MembershipError::NotAnAdmin),
        }
    }

    fn require_group_admin(&self, actor: UserId) -> Result<(), MembershipError> {
        self.require_admin(actor)?;
        if self.kind == ConversationKind::Direct { Err(MembershipError::Direct) } else { Ok(()) }
    }
}
