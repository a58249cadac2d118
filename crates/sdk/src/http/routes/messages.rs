//! Messages and positions.

use reqwest::Method;
use sotto_protocol::{
    ConversationId,
    events::{EventPage, InboxAckRequest, InboxPage},
    messages::{SendEnvelopesRequest, SendEnvelopesResponse, SendMessage, SendResponse},
};

use super::conversation;
use crate::{
    SdkResult,
    http::{Http, call::Call},
};

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
}
