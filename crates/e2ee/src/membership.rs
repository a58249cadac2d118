//! The membership chain on the client: making links, and verifying those that arrive.

use std::collections::BTreeMap;

use sotto_identity::{MembershipState, check_change_signature, device_key_id, sign};
use sotto_protocol::{
    ConversationId, UserId,
    conversations::{ChangeMembershipRequest, CreateConversationRequest},
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};

use crate::{error::E2eeError, identities::Standing, records::Key, roster::Members, state::Machine, trust::Alarm};

/// How a link's signature stands.
enum Signed {
    Yes,
    ByRevoked,
    Unknown(UserId),
    No,
}

impl Machine {
    /// A new conversation with these people (this account excepted), whose identities must be known. In a direct one
    /// all are admins; in a group only the creator is.
    pub fn create_conversation(
        &self,
        conversation_id: ConversationId,
        kind: ConversationKind,
        others: &[UserId],
    ) -> Result<CreateConversationRequest, E2eeError> {
        let mut members = vec![self.new_member(self.user_id(), Role::Admin)?];
        let role = if kind == ConversationKind::Direct { Role::Admin } else { Role::Member };
        for user_id in others.iter().filter(|user_id| **user_id != self.user_id()) {
            members.push(self.new_member(*user_id, role)?);
        }
        members.sort_by_key(|member| member.user_id);
        let action = MembershipAction::Create { kind, members };
        let change = self.signed_change(conversation_id, 1, None, action)?;
        MembershipState::start(&change)?;
        Ok(CreateConversationRequest { change })
    }

    /// Somebody to bring in, with the pinned master key.
    pub fn new_member(&self, user_id: UserId, role: Role) -> Result<NewMember, E2eeError> {
        let user = self.users.get(&user_id).ok_or(E2eeError::UnknownUser(user_id))?;
        Ok(NewMember { user_id, master_key: user.master.clone(), role })
    }

    /// The next link of the chain. It takes effect here when the roster or the event brings it back.
    pub fn change_membership(
        &self,
        conversation_id: ConversationId,
        action: MembershipAction,
    ) -> Result<ChangeMembershipRequest, E2eeError> {
        let state = self.membership(conversation_id).ok_or(E2eeError::UnknownConversation(conversation_id))?;
        let change = self.signed_change(conversation_id, state.index + 1, Some(state.head_hash.clone()), action)?;
        state.clone().apply(&change)?;
        Ok(ChangeMembershipRequest { change })
    }

    fn signed_change(
        &self,
        conversation_id: ConversationId,
        index: i64,
        prev_hash: Option<String>,
        action: MembershipAction,
    ) -> Result<MembershipChange, E2eeError> {
        let mut change = MembershipChange {
            conversation_id,
            index,
            prev_hash,
            action,
            actor_user_id: self.user_id(),
            actor_device_id: self.device_id(),
            signatures: BTreeMap::new(),
        };
        let key_id = device_key_id(self.device_id());
        sign(&mut change, self.user_id(), &key_id, |bytes| self.account.sign_bytes(bytes))?;
        Ok(change)
    }

    /// Verifies and applies links; gives actors whose keys are not known.
    ///
    /// A link by an unknown actor (somebody who left before this device came) is vouched for by the next verified
    /// link, which names it by hash. At the end of the chain nobody vouches: such a link counts only if it takes
    /// somebody out.
    pub(crate) fn extend_chain(
        &mut self,
        conversation_id: ConversationId,
        members: &mut Members,
        links: &[MembershipChange],
    ) -> Vec<UserId> {
        let known = members.chain.as_ref().map_or(0, |state| state.index);
        let fresh: Vec<&MembershipChange> = links.iter().filter(|link| link.index > known).collect();
        let (mut vouched, mut shrinking, mut unknown) = (0, true, Vec::new());
        let mut ahead = members.chain.clone();
        for (at, link) in fresh.iter().enumerate() {
            let refuse = |reason: String| Alarm::MembershipRefused { conversation_id, index: link.index, reason };
            if link.conversation_id != conversation_id {
                self.alarms.push(refuse("the link is of another conversation".to_owned()));
                break;
            }
            if let Err(reason) = apply(&mut ahead, link) {
                self.alarms.push(refuse(reason.to_string()));
                break;
            }
            match self.who_signed(link) {
                Signed::No => {
                    self.alarms.push(refuse("the link is not validly signed".to_owned()));
                    break;
                }
                Signed::Yes => (vouched, shrinking) = (at + 1, true),
                Signed::ByRevoked => {
                    if known > 0 {
                        self.alarms.push(Alarm::MembershipByRevokedDevice { conversation_id, index: link.index });
                    }
                    (vouched, shrinking) = (at + 1, true);
                }
                Signed::Unknown(actor) => {
                    unknown.push(actor);
                    shrinking &= matches!(link.action, MembershipAction::Leave {} | MembershipAction::Remove { .. });
                    if shrinking {
                        vouched = at + 1;
                    }
                }
            }
        }
        for link in fresh.iter().take(vouched) {
            let before = members.chain.as_ref().map(|state| state.members.clone()).unwrap_or_default();
            if apply(&mut members.chain, link).is_err() {
                break;
            }
            let now = members.chain.as_ref().map(|state| &state.members);
            let gone = before.into_keys().filter(|id| now.is_none_or(|now| !now.contains_key(id)));
            members.former.extend(gone);
        }
        if vouched == fresh.len() {
            unknown.clear();
        }
        unknown
    }

    fn who_signed(&self, link: &MembershipChange) -> Signed {
        let actor = link.actor_user_id;
        if actor == self.user_id() && link.actor_device_id == self.device_id() {
            let ours = check_change_signature(link, &self.account.listed().ed25519).is_ok();
            return if ours { Signed::Yes } else { Signed::No };
        }
        let Some((device, standing)) = self.device(actor, link.actor_device_id) else {
            return Signed::Unknown(actor);
        };
        match (check_change_signature(link, &device.ed25519), standing) {
            (Err(_), _) => Signed::No,
            (Ok(()), Standing::Active) => Signed::Yes,
            (Ok(()), Standing::Revoked) => Signed::ByRevoked,
        }
    }

    /// Whether the link is its actor's word; `None` if the actor's devices are not known.
    pub(crate) fn is_actors_word(&self, link: &MembershipChange) -> Option<bool> {
        match self.who_signed(link) {
            Signed::Yes | Signed::ByRevoked => Some(true),
            Signed::Unknown(_) => None,
            Signed::No => Some(false),
        }
    }

    /// Applies a link that came as an event. `None`: the roster must be fetched first; otherwise whether it was new.
    pub(crate) fn receive_link(&mut self, conversation_id: ConversationId, link: &MembershipChange) -> Option<bool> {
        let mut conversation = self.conversations.remove(&conversation_id)?;
        let index = conversation.members.chain.as_ref().map_or(0, |state| state.index);
        let outcome = if link.index <= index {
            Some(false)
        } else if link.index > index + 1 {
            None
        } else {
            self.extend_chain(conversation_id, &mut conversation.members, std::slice::from_ref(link));
            let applied = conversation.members.chain.as_ref().is_some_and(|state| state.index == link.index);
            conversation.stale |= applied;
            applied.then_some(true)
        };
        if outcome.is_none() {
            conversation.stale = true;
        }
        self.conversations.insert(conversation_id, conversation);
        self.epoch += 1;
        self.touch(Key::Conversation(conversation_id));
        self.touch(Key::Members(conversation_id));
        outcome
    }
}

fn apply(state: &mut Option<MembershipState>, link: &MembershipChange) -> Result<(), sotto_identity::MembershipError> {
    match state {
        Some(state) => state.apply(link),
        None => MembershipState::start(link).map(|started| *state = Some(started)),
    }
}
