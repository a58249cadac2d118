//! Sending, reading, marking.

use std::sync::Arc;

use sotto_e2ee::MessageBody;
use sotto_protocol::{ConversationId, TxnId, UserId, conversations::MarkRequest, frames::ClientFrame};

use super::Client;
use crate::{SdkResult, environment::uuid, messages::StoredMessage};

impl Client {
    /// Puts a message into the durable queue and gives its id. [`crate::ClientEvent::Sent`] follows when the server
    /// has committed it, [`crate::ClientEvent::Refused`] if it never will; restarts in between do not matter.
    ///
    /// # Errors
    /// [`crate::SdkError::E2ee`]: the body is too large. [`crate::SdkError::SignedOut`]: the device is out of its account.
    /// [`crate::SdkError::Store`].
    pub async fn send(&self, conversation_id: ConversationId, body: &MessageBody) -> SdkResult<TxnId> {
        self.send_expiring(conversation_id, body, None).await
    }

    /// As [`Client::send`]; the message disappears this long after it was stored, milliseconds.
    pub async fn send_expiring(
        &self,
        conversation_id: ConversationId,
        body: &MessageBody,
        expires_in_ms: Option<i64>,
    ) -> SdkResult<TxnId> {
        let handle = Arc::clone(&self.handle);
        let body = body.clone();
        // In a task of its own: whoever gives up waiting does not leave half of it behind.
        let task = tokio::spawn(async move {
            let mut core = handle.shared.core.lock().await;
            if core.gone {
                return Err(crate::SdkError::SignedOut);
            }
            let txn_id = TxnId(uuid(&mut core.rng));
            core.machine.queue_message(conversation_id, txn_id, &body, expires_in_ms)?;
            core.unanswered.insert(txn_id);
            core.commit().await?;
            handle.shared.sends.notify_one();
            Ok(txn_id)
        });
        task.await.unwrap_or(Err(crate::SdkError::Closed))
    }

    /// Messages that wait for their acknowledgement.
    pub async fn queued(&self, conversation_id: ConversationId) -> Vec<TxnId> {
        self.shared().core.lock().await.machine.queued(conversation_id).collect()
    }

    /// Stored messages with a position above `after`, ascending.
    pub async fn messages(
        &self,
        conversation_id: ConversationId,
        after: i64,
        limit: usize,
    ) -> SdkResult<Vec<StoredMessage>> {
        self.shared().store.messages(conversation_id, after, limit).await
    }

    /// Positions that wait for a key.
    pub async fn undecryptable(&self, conversation_id: ConversationId) -> Vec<i64> {
        self.shared().core.lock().await.machine.undecryptable(conversation_id)
    }

    /// Everything up to here of the conversation is processed by this device.
    pub async fn position(&self, conversation_id: ConversationId) -> i64 {
        self.shared().core.lock().await.cursor(conversation_id)
    }

    /// The person read everything up to `seq`.
    pub async fn mark_read(&self, conversation_id: ConversationId, seq: i64) -> SdkResult<()> {
        let frame = ClientFrame::Mark { conversation_id, read_seq: Some(seq), delivered_seq: None };
        if self.say(frame).await {
            return Ok(());
        }
        let request = MarkRequest { read_seq: Some(seq), delivered_seq: None };
        self.shared().http.set_marks(conversation_id, &request).await
    }

    /// Removes one's own message for everybody.
    pub async fn remove_message(&self, conversation_id: ConversationId, seq: i64) -> SdkResult<()> {
        self.shared().http.remove_message(conversation_id, seq).await.map(drop)
    }

    /// Tells the others that this person types, or stopped. Without a connection nobody is told.
    pub async fn set_typing(&self, conversation_id: ConversationId, typing: bool) {
        self.say(ClientFrame::Typing { conversation_id, typing }).await;
    }

    /// Whether the person looks at the device.
    pub async fn set_active(&self, active: bool) {
        self.say(ClientFrame::Presence { active }).await;
    }

    /// Whose presence to tell from now on, on this connection.
    pub async fn watch_presence(&self, user_ids: Vec<UserId>) {
        self.say(ClientFrame::WatchPresence { user_ids }).await;
    }

    /// Says something on the live socket; `false` if there is none.
    async fn say(&self, frame: ClientFrame) -> bool {
        let socket = self.shared().core.lock().await.online.clone();
        match socket {
            Some(socket) => socket.send(frame).await.is_ok(),
            None => false,
        }
    }
}
