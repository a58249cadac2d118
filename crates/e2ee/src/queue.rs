//! The queue of sends in each conversation: what is not acknowledged yet, in the sender's order.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sotto_protocol::{
    ConversationId, DeviceId, TxnId,
    limits::MAX_EVENT_BYTES,
    messages::{SendEnvelopesRequest, SendMessage},
};

use crate::{
    content::MessageBody,
    error::E2eeError,
    plaintext::{Core, core_hash},
    records::Key,
    roster::Conversation,
    state::Machine,
};

/// What a Megolm message and its plaintext add to a body, at most.
const OVERHEAD_BYTES: usize = 1_024;

/// The end of a device's chain of messages in a conversation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tail {
    pub(crate) n: u64,
    pub(crate) hash: Option<String>,
    pub(crate) txn_id: Option<TxnId>,
}

/// A send that is not acknowledged.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) txn_id: TxnId,
    pub(crate) n: u64,
    /// The plaintext's lasting part, as JSON text.
    pub(crate) core: String,
    pub(crate) hash: String,
    body: String,
    pub(crate) expires_in_ms: Option<i64>,
    /// As it goes over the wire; the same bytes until it is refused.
    pub(crate) encrypted: Option<Encrypted>,
    #[serde(skip)]
    pub(crate) handed: bool,
    /// Refusals for want of a predecessor that the server has acknowledged.
    #[serde(skip)]
    pub(crate) uprooted: u8,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Encrypted {
    /// Key shares that go ahead.
    pub(crate) pages: Vec<Page>,
    pub(crate) message: SendMessage,
    /// Which session, and who got it with this send.
    pub(crate) session_id: String,
    pub(crate) shared_with: Vec<DeviceId>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) request: SendEnvelopesRequest,
    pub(crate) acknowledged: bool,
    #[serde(skip)]
    pub(crate) handed: bool,
}

impl Pending {
    pub(crate) fn tail(&self) -> Tail {
        Tail { n: self.n, hash: Some(self.hash.clone()), txn_id: Some(self.txn_id) }
    }
}

impl Machine {
    /// Puts a message at the end of the conversation's queue. [`Machine::poll_send`] encrypts it. The transaction id
    /// is fresh and names the message from now on. The message disappears `expires_in_ms` after it was stored.
    pub fn queue_message(
        &mut self,
        conversation_id: ConversationId,
        txn_id: TxnId,
        body: &MessageBody,
        expires_in_ms: Option<i64>,
    ) -> Result<(), E2eeError> {
        self.queue_json(conversation_id, txn_id, &sotto_json::to_string(body)?, expires_in_ms)
    }

    /// As [`Machine::queue_message`], with a body of any JSON.
    pub fn queue_json(
        &mut self,
        conversation_id: ConversationId,
        txn_id: TxnId,
        body_json: &str,
        expires_in_ms: Option<i64>,
    ) -> Result<(), E2eeError> {
        if body_json.len() > MAX_EVENT_BYTES - OVERHEAD_BYTES {
            return Err(E2eeError::BodyTooLarge { bytes: body_json.len() });
        }
        let before = self.tail(conversation_id);
        if self.queued(conversation_id).any(|queued| queued == txn_id) || before.txn_id == Some(txn_id) {
            return Err(E2eeError::DuplicateTxn(txn_id));
        }
        let (core, hash) = self.core(conversation_id, txn_id, &before, body_json)?;
        self.pending.or_default(conversation_id).push(Pending {
            txn_id,
            n: before.n + 1,
            core,
            hash,
            body: body_json.to_owned(),
            expires_in_ms,
            encrypted: None,
            handed: false,
            uprooted: 0,
        });
        self.touch(Key::Pending(conversation_id, txn_id));
        Ok(())
    }

    /// Transaction ids that are queued and not acknowledged, in order.
    pub fn queued(&self, conversation_id: ConversationId) -> impl Iterator<Item = TxnId> {
        self.pending.get(&conversation_id).into_iter().flatten().map(|pending| pending.txn_id)
    }

    /// Conversations in which [`Machine::poll_send`] may have something to say.
    pub fn conversations_with_work(&self) -> Vec<ConversationId> {
        let queues = self.pending.iter().filter(|(_, queue)| !queue.is_empty()).map(|(id, _)| *id);
        let controls = self.conversations.iter().filter(|(_, c)| c.has_control());
        let mut ids: Vec<_> = queues.chain(controls.map(|(id, _)| *id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Whether single devices are to be told something that is not stored yet.
    pub fn has_envelopes(&self) -> bool {
        self.conversations.values().any(Conversation::has_control)
    }

    fn core(
        &self,
        conversation_id: ConversationId,
        txn_id: TxnId,
        before: &Tail,
        body_json: &str,
    ) -> Result<(String, String), E2eeError> {
        let core = sotto_json::to_string(&Core {
            conversation_id,
            sender_user_id: self.user_id(),
            sender_device_id: self.device_id(),
            txn_id,
            n: before.n + 1,
            prev: before.hash.clone(),
            body: RawValue::from_string(body_json.to_owned()).map_err(|_| E2eeError::BodyNotJson)?,
        })?;
        let hash = core_hash(&core);
        Ok((core, hash))
    }

    fn tail(&self, conversation_id: ConversationId) -> Tail {
        let last = self.pending.get(&conversation_id).and_then(|queue| queue.last()).map(Pending::tail);
        last.or_else(|| self.conversations.get(&conversation_id).map(|c| c.sent.clone())).unwrap_or_default()
    }

    /// What comes before the message at this place of the queue.
    pub(crate) fn tail_before(&self, conversation_id: ConversationId, at: usize) -> Tail {
        let before = at.checked_sub(1).and_then(|at| self.pending.get(&conversation_id)?.get(at)).map(Pending::tail);
        before.or_else(|| self.conversations.get(&conversation_id).map(|c| c.sent.clone())).unwrap_or_default()
    }

    /// Takes a message out that was never stored and never will be; those after it move up.
    pub(crate) fn give_up(&mut self, conversation_id: ConversationId, txn_id: TxnId) -> Result<(), E2eeError> {
        let Some(at) = self.queued(conversation_id).position(|queued| queued == txn_id) else {
            return Ok(());
        };
        self.reset_encryption(conversation_id, at);
        if let Some(queue) = self.pending.get_mut(&conversation_id) {
            queue.remove(at);
        }
        self.touch(Key::Pending(conversation_id, txn_id));
        let count = self.queued(conversation_id).count();
        for at in at..count {
            let before = self.tail_before(conversation_id, at);
            let Some(pending) = self.pending.get(&conversation_id).and_then(|queue| queue.get(at)) else { break };
            let (core, hash) = self.core(conversation_id, pending.txn_id, &before, &pending.body)?;
            if let Some(pending) = self.pending.get_mut(&conversation_id).and_then(|queue| queue.get_mut(at)) {
                (pending.n, pending.core, pending.hash) = (before.n + 1, core, hash);
            }
        }
        Ok(())
    }

    /// Everything from this place of the queue on has to be encrypted again, under the same transaction ids.
    pub(crate) fn reset_encryption(&mut self, conversation_id: ConversationId, from: usize) {
        let Some(queue) = self.pending.get_mut(&conversation_id) else { return };
        let mut unshared = Vec::new();
        let mut touched = Vec::new();
        for pending in queue.iter_mut().skip(from) {
            pending.handed = false;
            if let Some(encrypted) = pending.encrypted.take() {
                unshared.push((encrypted.session_id, encrypted.shared_with));
            }
            touched.push(pending.txn_id);
        }
        for txn_id in touched {
            self.touch(Key::Pending(conversation_id, txn_id));
        }
        for (session_id, devices) in unshared {
            self.forget_shared(conversation_id, &session_id, &devices);
        }
    }
}
