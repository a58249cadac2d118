//! Conversations.

use reqwest::Method;
use sotto_e2ee::RosterQuery;
use sotto_protocol::{
    ConversationId,
    conversations::{
        ChangeMembershipRequest, Conversation, Conversations, CreateConversationRequest, MarkRequest, Marks,
        MembershipResponse, Roster,
    },
};

use super::conversation;
use crate::{
    SdkError, SdkResult,
    http::{Http, call::Call},
};

/// Pages of a roster that are fetched at most: links of two hundred thousand changes.
const MAX_ROSTER_PAGES: usize = 1_000;

impl Http {
    /// `POST /api/conversations`. Its id is the client's, so an unknown outcome shows as `already_exists`.
    pub async fn create_conversation(&self, request: &CreateConversationRequest) -> SdkResult<MembershipResponse> {
        self.run(Call::post("/api/conversations", request)?).await
    }

    /// `GET /api/conversations?after=`: a page.
    pub async fn list_conversations(&self, after: Option<ConversationId>) -> SdkResult<Conversations> {
        let query = after.map(|id| format!("?after={id}")).unwrap_or_default();
        self.run(Call::get(format!("/api/conversations{query}"))).await
    }

    /// `GET /api/conversations/{conversation_id}`.
    pub async fn get_conversation(&self, id: ConversationId) -> SdkResult<Conversation> {
        self.run(Call::get(conversation(id, ""))).await
    }

    /// `POST /api/conversations/{conversation_id}/accept`: agrees to a message request.
    pub async fn accept_conversation(&self, id: ConversationId) -> SdkResult<Conversation> {
        self.run(Call::bare(Method::POST, conversation(id, "/accept")).repeatable()).await
    }

    /// `POST /api/conversations/{conversation_id}/decline`: goes out of one that was not accepted.
    pub async fn decline_conversation(&self, id: ConversationId) -> SdkResult<()> {
        self.run(Call::bare(Method::POST, conversation(id, "/decline"))).await
    }

    /// `POST /api/conversations/{conversation_id}/membership`.
    pub async fn change_membership(
        &self,
        id: ConversationId,
        request: &ChangeMembershipRequest,
    ) -> SdkResult<MembershipResponse> {
        self.run(Call::post(conversation(id, "/membership"), request)?).await
    }

    /// `GET /api/conversations/{conversation_id}/roster?since=&chain_since=`, all pages as one.
    pub async fn get_roster(&self, mut query: RosterQuery) -> SdkResult<Roster> {
        let mut chain = Vec::new();
        for _ in 0..MAX_ROSTER_PAGES {
            let mut page = self.roster_page(query).await?;
            chain.append(&mut page.chain);
            match page.chain_next {
                None => return Ok(Roster { chain, ..page }),
                Some(next) if next > query.chain_since => query.chain_since = next,
                Some(_) => break,
            }
        }
        Err(SdkError::Endless("roster"))
    }

    async fn roster_page(&self, query: RosterQuery) -> SdkResult<Roster> {
        let RosterQuery { conversation_id, since, chain_since } = query;
        let rest = format!("/roster?since={since}&chain_since={chain_since}");
        self.run(Call::get(conversation(conversation_id, &rest))).await
    }

    /// `GET /api/conversations/{conversation_id}/marks`.
    pub async fn get_marks(&self, id: ConversationId) -> SdkResult<Marks> {
        self.run(Call::get(conversation(id, "/marks"))).await
    }

    /// `POST /api/conversations/{conversation_id}/marks`.
    pub async fn set_marks(&self, id: ConversationId, request: &MarkRequest) -> SdkResult<()> {
        self.run(Call::post(conversation(id, "/marks"), request)?.repeatable()).await
    }
}
