//! Conversations: beginning them, and who is in.

use sotto_protocol::{
    ConversationId, ProblemCode, UserId,
    conversations::Conversation,
    membership::{ConversationKind, MembershipAction, Role},
};

use super::Client;
use crate::{SdkError, SdkResult, environment::uuid};

/// Times that a membership change is signed again because somebody else was first.
const ATTEMPTS: usize = 4;

impl Client {
    /// Begins the conversation of two people, or gives the one that exists. The other one is known from
    /// [`Client::find_person`] or a shared conversation.
    ///
    /// # Errors
    /// [`SdkError::UnknownPerson`]; `blocked`, `limit_reached`.
    pub async fn create_direct(&self, other: UserId) -> SdkResult<ConversationId> {
        self.create(ConversationKind::Direct, &[other]).await
    }

    /// Begins a group with this account as its admin.
    ///
    /// # Errors
    /// As [`Client::create_direct`].
    pub async fn create_group(&self, others: &[UserId]) -> SdkResult<ConversationId> {
        self.create(ConversationKind::Group, others).await
    }

    async fn create(&self, kind: ConversationKind, others: &[UserId]) -> SdkResult<ConversationId> {
        let shared = self.shared();
        for user_id in others {
            shared.know(*user_id).await?;
        }
        let (conversation_id, request) = {
            let mut core = shared.core.lock().await;
            let conversation_id = ConversationId(uuid(&mut core.rng));
            (conversation_id, core.machine.create_conversation(conversation_id, kind, others)?)
        };
        let made = match shared.http.create_conversation(&request).await {
            Ok(response) => response.conversation_id,
            // An earlier attempt came through, only its answer did not.
            Err(error) if error.code() == Some(ProblemCode::AlreadyExists) => conversation_id,
            Err(error) => return Err(error),
        };
        shared.refresh_roster(made).await?;
        // There may be a device that waits for a first conversation to come through.
        shared.hand_over_later();
        Ok(made)
    }

    /// Conversations that this account is in, as the server has them.
    pub async fn conversations(&self) -> SdkResult<Vec<Conversation>> {
        self.shared().conversations().await
    }

    /// People who are in, by the verified chain.
    pub async fn members(&self, conversation_id: ConversationId) -> Vec<UserId> {
        let core = self.shared().core.lock().await;
        let membership = core.machine.membership(conversation_id);
        membership.map(|state| state.members.keys().copied().collect()).unwrap_or_default()
    }

    /// Agrees to a message request.
    pub async fn accept(&self, conversation_id: ConversationId) -> SdkResult<()> {
        self.shared().http.accept_conversation(conversation_id).await.map(drop)
    }

    /// Goes out of a message request that was not accepted.
    pub async fn decline(&self, conversation_id: ConversationId) -> SdkResult<()> {
        self.shared().http.decline_conversation(conversation_id).await
    }

    /// Brings people into a group, and tells them its name and timer, which they could not read.
    ///
    /// # Errors
    /// [`SdkError::UnknownPerson`]; `forbidden`, `limit_reached`.
    pub async fn add_members(&self, conversation_id: ConversationId, people: &[UserId]) -> SdkResult<()> {
        for user_id in people {
            self.shared().know(*user_id).await?;
        }
        let mut members = Vec::new();
        {
            let core = self.shared().core.lock().await;
            for user_id in people {
                members.push(core.machine.new_member(*user_id, Role::Member)?);
            }
        }
        members.sort_by_key(|member| member.user_id);
        self.change_membership(conversation_id, MembershipAction::Add { members }).await?;
        self.shared().say_again(conversation_id).await
    }

    /// What a group was last called.
    pub async fn room_name(&self, conversation_id: ConversationId) -> SdkResult<Option<String>> {
        Ok(self.shared().store.room(conversation_id).await?.name())
    }

    /// How long texts stay that are sent now, milliseconds ([`Client::send_expiring`]), by the conversation's newest timer.
    pub async fn timer(&self, conversation_id: ConversationId) -> SdkResult<Option<i64>> {
        Ok(self.shared().store.room(conversation_id).await?.after_ms())
    }

    /// Takes somebody out of a group.
    pub async fn remove_member(&self, conversation_id: ConversationId, user_id: UserId) -> SdkResult<()> {
        self.change_membership(conversation_id, MembershipAction::Remove { user_id }).await
    }

    /// Leaves a group.
    pub async fn leave(&self, conversation_id: ConversationId) -> SdkResult<()> {
        self.change_membership(conversation_id, MembershipAction::Leave {}).await
    }

    /// Gives somebody another role.
    pub async fn set_role(&self, conversation_id: ConversationId, user_id: UserId, role: Role) -> SdkResult<()> {
        self.change_membership(conversation_id, MembershipAction::SetRole { user_id, role }).await
    }

    /// Signs the next link of the chain and appends it; if somebody else was first, signs again on top of that.
    pub async fn change_membership(&self, conversation_id: ConversationId, action: MembershipAction) -> SdkResult<()> {
        let shared = self.shared();
        let leaving = matches!(action, MembershipAction::Leave {});
        let mut attempt = 0;
        loop {
            shared.refresh_roster(conversation_id).await?;
            let request = shared.core.lock().await.machine.change_membership(conversation_id, action.clone())?;
            match shared.http.change_membership(conversation_id, &request).await {
                Err(error) if error.code() == Some(ProblemCode::ChainConflict) && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                // Who left may not ask for the roster any more.
                Ok(_) if leaving => return Ok(()),
                Ok(_) => return shared.refresh_roster(conversation_id).await,
            }
        }
    }

    /// Fetches the current roster; sends do so by themselves when they have to.
    ///
    /// # Errors
    /// `not_found` for somebody who is not in.
    pub async fn refresh_roster(&self, conversation_id: ConversationId) -> Result<(), SdkError> {
        self.shared().refresh_roster(conversation_id).await
    }
}
