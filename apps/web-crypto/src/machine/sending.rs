//! Sending: the durable queue, and what to do next.

use sotto_protocol::{ConversationId, TxnId};
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, ms, read, write},
    error::engine,
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Puts a body (JSON) at the end of the conversation's queue. Errors: `BodyTooLarge`, `DuplicateTxn`.
    pub fn queue(&mut self, conversation_id: &str, txn_id: &str, body: &str, expires_in_ms: Option<f64>) -> Js<()> {
        let (conversation_id, txn_id) = (id(conversation_id)?, id(txn_id)?);
        self.inner.queue_json(conversation_id, txn_id, body, expires_in_ms.map(ms)).map_err(engine)
    }

    /// Transaction ids that are queued and not acknowledged, in order: a JSON array.
    pub fn queued(&self, conversation_id: &str) -> Js<String> {
        write(&self.inner.queued(id(conversation_id)?).collect::<Vec<TxnId>>())
    }

    /// Conversations in which `pollSend` may have something to say: a JSON array.
    #[wasm_bindgen(js_name = conversationsWithWork)]
    pub fn conversations_with_work(&self) -> Js<String> {
        write::<Vec<ConversationId>>(&self.inner.conversations_with_work())
    }

    /// What to do next in the conversation: a `SendStep`. Store the dirty records before acting on it.
    #[wasm_bindgen(js_name = pollSend)]
    pub fn poll_send(&mut self, conversation_id: &str, now_ms: f64) -> Js<String> {
        let conversation_id = id(conversation_id)?;
        write(&self.inner.poll_send(conversation_id, &mut self.rng, ms(now_ms)).map_err(engine)?)
    }

    /// After a lost connection: everything unacknowledged is handed out once more, in the same bytes.
    pub fn resend(&mut self, conversation_id: &str) -> Js<()> {
        self.inner.resend(id(conversation_id)?);
        Ok(())
    }

    /// The server stored a message (a `SendResponse`).
    #[wasm_bindgen(js_name = messageStored)]
    pub fn message_stored(&mut self, conversation_id: &str, response: &str) -> Js<()> {
        self.inner.message_stored(id(conversation_id)?, &read(response)?);
        Ok(())
    }

    /// The server refused a message with a `Problem`: `"stored"`, `"again"` or `"failed"`.
    #[wasm_bindgen(js_name = messageRefused)]
    pub fn message_refused(&mut self, conversation_id: &str, txn_id: &str, problem: &str) -> Js<String> {
        let problem = read(problem)?;
        write(&self.inner.message_refused(id(conversation_id)?, id(txn_id)?, &problem).map_err(engine)?)
    }

    /// The server stored a page of envelopes.
    #[wasm_bindgen(js_name = envelopesStored)]
    pub fn envelopes_stored(&mut self, conversation_id: &str, txn_id: &str) -> Js<()> {
        self.inner.envelopes_stored(id(conversation_id)?, id(txn_id)?);
        Ok(())
    }

    /// The server refused a page of envelopes with a `Problem`.
    #[wasm_bindgen(js_name = envelopesRefused)]
    pub fn envelopes_refused(&mut self, conversation_id: &str, txn_id: &str, problem: &str) -> Js<()> {
        self.inner.envelopes_refused(id(conversation_id)?, id(txn_id)?, &read(problem)?);
        Ok(())
    }

    /// Makes sessions with claimed keys: a `ClaimKeysRequest` and its `ClaimKeysResponse`.
    #[wasm_bindgen(js_name = receiveClaims)]
    pub fn receive_claims(&mut self, request: &str, response: &str, now_ms: f64) -> Js<()> {
        self.inner.receive_claims(&read(request)?, &read(response)?, ms(now_ms));
        Ok(())
    }
}
