//! What the server says of sends: acknowledgements and refusals.

use serde::Serialize;
use sotto_protocol::{ConversationId, Problem, ProblemCode, TxnId, messages::SendResponse};

use crate::{error::E2eeError, queue::Encrypted, records::Key, state::Machine, trust::Alarm};

/// So many refusals as out of order, with nothing unacknowledged before, mean that the server lost the predecessor.
const UPROOTED_AT: u8 = 3;

/// What a refusal led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedOutcome {
    /// The message is stored already.
    Stored,
    /// Poll: it is sent again, encrypted again where needed.
    Again,
    /// It will never be stored and is out of the queue.
    Failed,
}

impl Machine {
    /// The server stored the message (frame `sent`, or the answer to the request).
    pub fn message_stored(&mut self, conversation_id: ConversationId, response: &SendResponse) {
        self.acknowledge(conversation_id, response.txn_id);
    }

    /// Everything up to this message is stored, since a message names the one before it.
    pub(crate) fn acknowledge(&mut self, conversation_id: ConversationId, txn_id: TxnId) {
        let Some(at) = self.queued(conversation_id).position(|queued| queued == txn_id) else { return };
        let Some(queue) = self.pending.get_mut(&conversation_id) else { return };
        let stored: Vec<_> = queue.drain(..=at).collect();
        for pending in &stored {
            self.touch(Key::Pending(conversation_id, pending.txn_id));
        }
        if let Some(last) = stored.last() {
            self.conversations.or_default(conversation_id).sent = last.tail();
        }
        self.touch(Key::Conversation(conversation_id));
    }

    /// The server refused the message. After a temporary refusal (`rate_limited`, `unavailable`, `node_full`, an
    /// expired token, ...) poll again when it is time: the same bytes are handed out.
    pub fn message_refused(
        &mut self,
        conversation_id: ConversationId,
        txn_id: TxnId,
        problem: &Problem,
    ) -> Result<RefusedOutcome, E2eeError> {
        let Some(at) = self.queued(conversation_id).position(|queued| queued == txn_id) else {
            return Ok(RefusedOutcome::Stored);
        };
        match problem.code {
            ProblemCode::DuplicateTxn => {
                self.acknowledge(conversation_id, txn_id);
                return Ok(RefusedOutcome::Stored);
            }
            ProblemCode::StaleRoster | ProblemCode::UnknownRecipient => {
                self.receive_identities(problem.identities.clone().unwrap_or_default());
                self.roster_is_stale(conversation_id);
                self.reset_encryption(conversation_id, at);
            }
            ProblemCode::OutOfOrder => {
                if at == 0 && self.is_uprooted(conversation_id) {
                    return self.root_again(conversation_id, txn_id);
                }
                // The one before it is not stored: the whole tail goes again, beginning with that one.
                self.reset_encryption(conversation_id, 0);
            }
            code if is_temporary(code) => {
                for pending in self.pending.get_mut(&conversation_id).into_iter().flatten().skip(at) {
                    pending.handed = false;
                }
            }
            _ => {
                self.give_up(conversation_id, txn_id)?;
                return Ok(RefusedOutcome::Failed);
            }
        }
        Ok(RefusedOutcome::Again)
    }

    /// Counts that the first of the queue was refused though all before it is acknowledged; whether that was once too
    /// often for answers that crossed each other.
    fn is_uprooted(&mut self, conversation_id: ConversationId) -> bool {
        let Some(first) = self.pending.get_mut(&conversation_id).and_then(|queue| queue.first_mut()) else {
            return false;
        };
        first.uprooted = first.uprooted.saturating_add(1);
        first.uprooted >= UPROOTED_AT
    }

    /// The server lost a message that it acknowledged, as after a restore: the chain of sends begins anew, without a
    /// predecessor. The plaintexts still name the lost one, so those who never got it notice.
    fn root_again(&mut self, conversation_id: ConversationId, txn_id: TxnId) -> Result<RefusedOutcome, E2eeError> {
        let Some(lost) = self.conversations.get_mut(&conversation_id).and_then(|c| c.sent.txn_id.take()) else {
            // Refused without naming a predecessor: it will never be taken.
            self.give_up(conversation_id, txn_id)?;
            return Ok(RefusedOutcome::Failed);
        };
        self.touch(Key::Conversation(conversation_id));
        self.alarms.push(Alarm::AcknowledgedLost { conversation_id, txn_id: lost });
        if let Some(first) = self.pending.get_mut(&conversation_id).and_then(|queue| queue.first_mut()) {
            first.uprooted = 0;
        }
        self.reset_encryption(conversation_id, 0);
        Ok(RefusedOutcome::Again)
    }

    pub(crate) fn roster_is_stale(&mut self, conversation_id: ConversationId) {
        self.conversations.or_default(conversation_id).stale = true;
        self.touch(Key::Conversation(conversation_id));
    }

    /// The server stored a page of envelopes.
    pub fn envelopes_stored(&mut self, conversation_id: ConversationId, txn_id: TxnId) {
        let mut touched = None;
        for pending in self.pending.get_mut(&conversation_id).into_iter().flatten() {
            let pages = pending.encrypted.iter_mut().flat_map(|encrypted| &mut encrypted.pages);
            for page in pages.filter(|page| page.request.txn_id == txn_id) {
                page.acknowledged = true;
                touched = Some(pending.txn_id);
            }
        }
        if let Some(pending) = touched {
            self.touch(Key::Pending(conversation_id, pending));
        }
        self.control_stored(conversation_id, txn_id);
    }

    /// The server refused a page of envelopes: what it was for is encrypted again, or the page handed out again.
    pub fn envelopes_refused(&mut self, conversation_id: ConversationId, txn_id: TxnId, problem: &Problem) {
        if is_temporary(problem.code) {
            return self.resend(conversation_id);
        }
        self.receive_identities(problem.identities.clone().unwrap_or_default());
        self.roster_is_stale(conversation_id);
        let holds = |encrypted: &Encrypted| encrypted.pages.iter().any(|page| page.request.txn_id == txn_id);
        let at = self
            .pending
            .get(&conversation_id)
            .and_then(|queue| queue.iter().position(|pending| pending.encrypted.as_ref().is_some_and(holds)));
        match at {
            Some(at) => self.reset_encryption(conversation_id, at),
            None => self.control_refused(conversation_id, txn_id, problem),
        }
    }
}

fn is_temporary(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::RateLimited
            | ProblemCode::Unavailable
            | ProblemCode::NodeFull
            | ProblemCode::Internal
            | ProblemCode::RequestTimeout
            | ProblemCode::Unauthorized
            | ProblemCode::TokenExpired
    )
}
