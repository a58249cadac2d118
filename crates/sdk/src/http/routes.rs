//! The routes. Names are the operation ids of the API.

use reqwest::Method;
use sotto_e2ee::RosterQuery;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    accounts::{
        Account, ChallengeResponse, ChangePasswordRequest, LoginRequest, RefreshRequest, RegisterRequest,
        SessionResponse, StepUpRequest, StepUpResponse, TokenPair, UpdateAccountRequest,
    },
    conversations::{
        ChangeMembershipRequest, Conversation, Conversations, CreateConversationRequest, MarkRequest, Marks,
        MembershipResponse, Roster,
    },
    devices::{Devices, RenameDeviceRequest, RevocationReceipt, RevokeDeviceRequest},
    events::{EventPage, InboxAckRequest, InboxPage},
    health::Health,
    keys::{
        ClaimKeysRequest, ClaimKeysResponse, KeysDigestRequest, KeysDigestResponse, OneTimeKeyCount, QueryKeysRequest,
        QueryKeysResponse, UploadKeysRequest,
    },
    linking::{CompleteLinkRequest, CreateGrantRequest, GrantResponse, LinkHeadRequest, LinkHeadResponse},
    messages::{SendEnvelopesRequest, SendEnvelopesResponse, SendMessage, SendResponse},
    people::{BlockList, UserSummary},
    recovery::{CompleteRecoveryRequest, PutRecoveryRequest, RecoveryResponse},
    sync::TicketResponse,
};

use super::{Http, Tokens, call::Call, tokens::expiry};
use crate::{SdkError, SdkResult};

/// Pages of a roster that are fetched at most: links of two hundred thousand changes.
const MAX_ROSTER_PAGES: usize = 1_000;

fn conversation(id: ConversationId, rest: &str) -> String {
    format!("/api/conversations/{id}{rest}")
}

/// Accounts and tokens.
impl Http {
    /// `POST /auth/register`.
    pub async fn register(&self, request: &RegisterRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/auth/register", request)?.anonymous()).await
    }

    /// `POST /auth/challenges`.
    pub async fn create_challenge(&self) -> SdkResult<ChallengeResponse> {
        self.run(Call::bare(Method::POST, "/auth/challenges").anonymous().repeatable()).await
    }

    /// `POST /auth/login`.
    pub async fn login(&self, request: &LoginRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/auth/login", request)?.anonymous()).await
    }

    /// `POST /auth/refresh`; [`Http::refresh`] is what callers want.
    pub async fn refresh_tokens(&self, request: &RefreshRequest) -> SdkResult<TokenPair> {
        self.run(Call::post("/auth/refresh", request)?.anonymous().repeatable()).await
    }

    /// `POST /auth/logout`: ends this device's tokens.
    pub async fn logout(&self) -> SdkResult<()> {
        self.run::<()>(Call::bare(Method::POST, "/auth/logout")).await?;
        self.set_tokens(None);
        Ok(())
    }

    /// `POST /auth/step-up`: the access token counts as fresh for 5 minutes.
    pub async fn step_up(&self, password: &str) -> SdkResult<()> {
        let request = StepUpRequest { password: password.to_owned() };
        let response: StepUpResponse = self.run(Call::post("/auth/step-up", &request)?).await?;
        let held = self.tokens().ok_or(SdkError::SignedOut)?;
        let expires_at_ms = expiry(self.environment.now_ms(), response.expires_in_ms);
        self.set_tokens(Some(Tokens { access_token: response.access_token, expires_at_ms, ..held }));
        Ok(())
    }

    /// `GET /api/account`.
    pub async fn get_account(&self) -> SdkResult<Account> {
        self.run(Call::get("/api/account")).await
    }

    /// `PATCH /api/account`.
    pub async fn update_account(&self, request: &UpdateAccountRequest) -> SdkResult<Account> {
        self.run(Call::with(Method::PATCH, "/api/account", request)?.repeatable()).await
    }

    /// `POST /api/account/password` (step-up).
    pub async fn change_password(&self, request: &ChangePasswordRequest) -> SdkResult<()> {
        self.run(Call::post("/api/account/password", request)?).await
    }

    /// `DELETE /api/account` (step-up).
    pub async fn delete_account(&self) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, "/api/account")).await
    }
}

/// People.
impl Http {
    /// `GET /api/users/by-name/{username}`.
    pub async fn get_user_by_name(&self, username: &str) -> SdkResult<UserSummary> {
        // Usernames are `a-z 0-9 _ . -`; anything else would need encoding and names nobody.
        let plain = username.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        let username = if plain { username } else { "-" };
        self.run(Call::get(format!("/api/users/by-name/{username}"))).await
    }

    /// `GET /api/blocks`.
    pub async fn list_blocks(&self) -> SdkResult<BlockList> {
        self.run(Call::get("/api/blocks")).await
    }

    /// `PUT /api/blocks/{user_id}`.
    pub async fn block_user(&self, user_id: UserId) -> SdkResult<()> {
        self.run(Call::bare(Method::PUT, format!("/api/blocks/{user_id}")).repeatable()).await
    }

    /// `DELETE /api/blocks/{user_id}`.
    pub async fn unblock_user(&self, user_id: UserId) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, format!("/api/blocks/{user_id}")).repeatable()).await
    }
}

/// Devices, linking, recovery.
impl Http {
    /// `GET /api/devices`.
    pub async fn list_devices(&self) -> SdkResult<Devices> {
        self.run(Call::get("/api/devices")).await
    }

    /// `PATCH /api/devices/{device_id}`.
    pub async fn rename_device(&self, device_id: DeviceId, request: &RenameDeviceRequest) -> SdkResult<()> {
        let path = format!("/api/devices/{device_id}");
        self.run::<serde_json::Value>(Call::with(Method::PATCH, path, request)?.repeatable()).await.map(drop)
    }

    /// `POST /api/devices/{device_id}/revoke` (step-up, but for the device itself).
    pub async fn revoke_device(
        &self,
        device_id: DeviceId,
        request: &RevokeDeviceRequest,
    ) -> SdkResult<RevocationReceipt> {
        self.run(Call::post(format!("/api/devices/{device_id}/revoke"), request)?).await
    }

    /// `POST /api/link/grants` (step-up).
    pub async fn create_grant(&self, request: &CreateGrantRequest) -> SdkResult<GrantResponse> {
        self.run(Call::post("/api/link/grants", request)?).await
    }

    /// `POST /api/link/head`.
    pub async fn get_link_head(&self, request: &LinkHeadRequest) -> SdkResult<LinkHeadResponse> {
        self.run(Call::post("/api/link/head", request)?.anonymous().repeatable()).await
    }

    /// `POST /api/link/complete`: the same request again within 5 minutes gives the same answer.
    pub async fn complete_link(&self, request: &CompleteLinkRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/api/link/complete", request)?.anonymous().repeatable()).await
    }

    /// `GET /api/recovery` (step-up).
    pub async fn get_recovery(&self) -> SdkResult<RecoveryResponse> {
        self.run(Call::get("/api/recovery")).await
    }

    /// `PUT /api/recovery` (step-up).
    pub async fn put_recovery(&self, request: &PutRecoveryRequest) -> SdkResult<()> {
        self.run(Call::with(Method::PUT, "/api/recovery", request)?.repeatable()).await
    }

    /// `POST /api/recovery/complete` (step-up).
    pub async fn complete_recovery(&self, request: &CompleteRecoveryRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/api/recovery/complete", request)?).await
    }
}

/// Keys.
impl Http {
    /// `POST /api/keys/one-time`: the same set again is accepted.
    pub async fn upload_keys(&self, request: &UploadKeysRequest) -> SdkResult<OneTimeKeyCount> {
        self.run(Call::post("/api/keys/one-time", request)?.repeatable()).await
    }

    /// `POST /api/keys/digest`.
    pub async fn compare_keys_digest(&self, request: &KeysDigestRequest) -> SdkResult<KeysDigestResponse> {
        self.run(Call::post("/api/keys/digest", request)?.repeatable()).await
    }

    /// `POST /api/keys/query`.
    pub async fn query_keys(&self, request: &QueryKeysRequest) -> SdkResult<QueryKeysResponse> {
        self.run(Call::post("/api/keys/query", request)?.repeatable()).await
    }

    /// `POST /api/keys/claim`: idempotent by its claim id.
    pub async fn claim_keys(&self, request: &ClaimKeysRequest) -> SdkResult<ClaimKeysResponse> {
        self.run(Call::post("/api/keys/claim", request)?.repeatable()).await
    }
}

/// Conversations.
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

/// Messages and positions.
impl Http {
    /// `POST /api/conversations/{conversation_id}/messages`: idempotent by its transaction id.
    pub async fn send_message(&self, id: ConversationId, message: &SendMessage) -> SdkResult<SendResponse> {
        self.run(Call::post(conversation(id, "/messages"), message)?.repeatable()).await
    }

    /// `POST /api/conversations/{conversation_id}/envelopes`: idempotent by its transaction id.
    pub async fn send_envelopes(
        &self,
        id: ConversationId,
        request: &SendEnvelopesRequest,
    ) -> SdkResult<SendEnvelopesResponse> {
        self.run(Call::post(conversation(id, "/envelopes"), request)?.repeatable()).await
    }

    /// `GET /api/conversations/{conversation_id}/events?after=`: at most `limit`, ascending.
    pub async fn list_events(&self, id: ConversationId, after: i64, limit: i64) -> SdkResult<EventPage> {
        self.run(Call::get(conversation(id, &format!("/events?after={after}&limit={limit}")))).await
    }

    /// `GET /api/conversations/{conversation_id}/events?before=`: at most `limit`, ascending.
    pub async fn list_events_before(&self, id: ConversationId, before: i64, limit: i64) -> SdkResult<EventPage> {
        self.run(Call::get(conversation(id, &format!("/events?before={before}&limit={limit}")))).await
    }

    /// `DELETE /api/conversations/{conversation_id}/messages/{seq}`: one's own message. Gives the removal's position.
    pub async fn remove_message(&self, id: ConversationId, seq: i64) -> SdkResult<SendResponse> {
        self.run(Call::bare(Method::DELETE, conversation(id, &format!("/messages/{seq}"))).repeatable()).await
    }

    /// `GET /api/inbox?after=`.
    pub async fn get_inbox(&self, after: i64) -> SdkResult<InboxPage> {
        self.run(Call::get(format!("/api/inbox?after={after}"))).await
    }

    /// `POST /api/inbox/ack`.
    pub async fn ack_inbox(&self, seq: i64) -> SdkResult<()> {
        self.run(Call::post("/api/inbox/ack", &InboxAckRequest { seq })?.repeatable()).await
    }

    /// `POST /api/ws-tickets`.
    pub async fn create_ws_ticket(&self) -> SdkResult<TicketResponse> {
        self.run(Call::bare(Method::POST, "/api/ws-tickets")).await
    }

    /// `GET /health`. An unhealthy node answers 503, which is an error here.
    pub async fn get_health(&self) -> SdkResult<Health> {
        self.run(Call::get("/health").anonymous()).await
    }
}
