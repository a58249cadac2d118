//! Sending: the rules that need no lock, then the writer, then what its outcome means to the sender.

use sha2::{Digest as _, Sha256};
use sotto_protocol::{
    ConversationId, DeviceId, Problem, ProblemCode, TxnId, UserId,
    keys::{ALGORITHM_MEGOLM, ALGORITHM_OLM},
    limits,
    messages::{EnvelopeUpload, SendEnvelopesRequest, SendEnvelopesResponse, SendMessage, SendResponse},
};
use sotto_store::{
    StoreError, StoreResult, envelopes,
    writer::{AppendOutcome, NewEnvelope, NewMessage},
};
use tokio::sync::oneshot;

use crate::{Service, ServiceError, ServiceResult, clock::millis, tokens::AccessClaims};

/// What became of a message that was submitted.
#[derive(Debug)]
pub struct Answer {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The client's own id of it.
    pub txn_id: TxnId,
    /// The roster it was encrypted for.
    roster_version: i64,
    outcome: StoreResult<AppendOutcome>,
}

impl Service {
    /// Stores a message; answers after the commit.
    ///
    /// # Errors
    /// `stale_roster`, `out_of_order`, `duplicate_txn`, `not_found`, `device_revoked`, `blocked`,
    /// `unknown_recipient`, `invalid_request`, `payload_too_large`, `rate_limited`; `unavailable`: the outcome is not
    /// known, retry with the same bytes.
    pub async fn send_message(
        &self,
        caller: &AccessClaims,
        conversation_id: ConversationId,
        message: SendMessage,
    ) -> ServiceResult<SendResponse> {
        let (reply, answer) = oneshot::channel();
        self.submit_message(caller, conversation_id, message, |answer| drop(reply.send(answer)))?;
        let answer = answer.await.map_err(|_| ServiceError::Internal("the writer ended".to_owned()))?;
        self.settle_send(caller.user_id, answer).await
    }

    /// Puts a message into the writer's queue, in the order of calls, without waiting; `reply` gets its answer.
    ///
    /// # Errors
    /// As [`Self::send_message`], those that need no database.
    pub fn submit_message(
        &self,
        caller: &AccessClaims,
        conversation_id: ConversationId,
        message: SendMessage,
        reply: impl FnOnce(Answer) + Send + 'static,
    ) -> ServiceResult<()> {
        check(&message)?;
        let (txn_id, roster_version) = (message.txn_id, message.roster_version);
        let new = NewMessage {
            conversation_id,
            user_id: caller.user_id,
            device_id: caller.device_id,
            txn_id,
            prev_txn_id: message.prev_txn_id,
            roster_version,
            body_hash: body_hash(&message),
            session_id: message.content.session_id.0,
            ciphertext: message.content.ciphertext.0,
            expires_in_ms: message.expires_in_ms,
            envelopes: message.envelopes.into_iter().map(new_envelope).collect(),
        };
        let reply = move |outcome| reply(Answer { conversation_id, txn_id, roster_version, outcome });
        Ok(self.cluster.writer.submit(new, Box::new(reply))?)
    }

    /// What an answer means to its sender.
    ///
    /// # Errors
    /// As [`Self::send_message`].
    pub async fn settle_send(&self, user_id: UserId, answer: Answer) -> ServiceResult<SendResponse> {
        let refusal = match answer.outcome? {
            AppendOutcome::Stored { seq, at } => {
                metrics::counter!("sotto_messages_total", "outcome" => "stored").increment(1);
                return Ok(SendResponse { txn_id: answer.txn_id, seq, created_at_ms: millis(at) });
            }
            AppendOutcome::Duplicate { seq } => Problem { seq: Some(seq), ..Problem::new(ProblemCode::DuplicateTxn) },
            AppendOutcome::StaleRoster { current } => {
                self.stale_roster(answer.conversation_id, user_id, answer.roster_version, current).await?
            }
            AppendOutcome::NotMember => Problem::new(ProblemCode::NotFound),
            AppendOutcome::Revoked => Problem::new(ProblemCode::DeviceRevoked),
            AppendOutcome::OutOfOrder => Problem::new(ProblemCode::OutOfOrder),
            AppendOutcome::Blocked => Problem::new(ProblemCode::Blocked),
            AppendOutcome::UnknownRecipient => Problem::new(ProblemCode::UnknownRecipient),
        };
        metrics::counter!("sotto_messages_total", "outcome" => refusal.code.as_str()).increment(1);
        Err(refusal.into())
    }

    /// Puts envelopes into inboxes, ahead of a message or to ask for keys.
    ///
    /// # Errors
    /// As [`Self::send_message`].
    pub async fn send_envelopes(
        &self,
        caller: &AccessClaims,
        conversation_id: ConversationId,
        request: SendEnvelopesRequest,
    ) -> ServiceResult<SendEnvelopesResponse> {
        check_envelopes(&request.envelopes)?;
        if request.envelopes.is_empty() {
            return Ok(SendEnvelopesResponse { stored: 0 });
        }
        let devices: Vec<DeviceId> = request.envelopes.iter().map(|envelope| envelope.device_id).collect();
        let ahead = envelopes::Ahead {
            conversation_id,
            user_id: caller.user_id,
            device_id: caller.device_id,
            txn_id: request.txn_id,
            roster_version: request.roster_version,
            envelopes: request.envelopes.into_iter().map(new_envelope).collect(),
        };
        let config = self.cluster.config.writer;
        let mut connection = self.database.acquire().await?;
        let answer =
            envelopes::append(&mut connection, &ahead, self.clock.now(), config.sender_quota, config.inbox_quota).await;
        drop(connection);
        let problem = match answer {
            Ok(envelopes::Appended::Stored { stored, new }) => {
                if new {
                    self.cluster.wake(&[], &devices);
                }
                return Ok(SendEnvelopesResponse { stored });
            }
            // The same page sent twice at once: the first one counts.
            Err(StoreError::Conflict { .. }) => Problem::new(ProblemCode::AlreadyExists),
            Err(error) => return Err(error.into()),
            Ok(envelopes::Appended::NotMember) => Problem::new(ProblemCode::NotFound),
            Ok(envelopes::Appended::Revoked) => Problem::new(ProblemCode::DeviceRevoked),
            Ok(envelopes::Appended::Blocked) => Problem::new(ProblemCode::Blocked),
            Ok(envelopes::Appended::UnknownRecipient) => Problem::new(ProblemCode::UnknownRecipient),
            Ok(envelopes::Appended::StaleRoster { current }) => {
                self.stale_roster(conversation_id, caller.user_id, request.roster_version, current).await?
            }
        };
        Err(problem.into())
    }

    /// Tells the current version and who changed, so that the sender can encrypt again at once.
    async fn stale_roster(
        &self,
        conversation_id: ConversationId,
        user_id: UserId,
        since: i64,
        current: i64,
    ) -> ServiceResult<Problem> {
        let identities = self.roster_identities(conversation_id, user_id, since).await?;
        Ok(Problem {
            roster_version: Some(current),
            identities: Some(identities),
            ..Problem::new(ProblemCode::StaleRoster)
        })
    }
}

fn new_envelope(envelope: EnvelopeUpload) -> NewEnvelope {
    NewEnvelope {
        device_id: envelope.device_id,
        message_type: i16::from(envelope.content.message_type),
        sender_key: envelope.content.sender_key.0,
        body: envelope.content.body.0,
    }
}

fn check(message: &SendMessage) -> ServiceResult<()> {
    let content = &message.content;
    if content.algorithm != ALGORITHM_MEGOLM {
        return Err(invalid("content.algorithm is not m.megolm.v1.aes-sha2"));
    }
    if content.session_id.0.len() != 32 {
        return Err(invalid("content.session_id is not 32 bytes"));
    }
    if content.ciphertext.0.is_empty() {
        return Err(invalid("content.ciphertext is empty"));
    }
    if content.ciphertext.0.len() > limits::MAX_EVENT_BYTES {
        return Err(Problem::new(ProblemCode::PayloadTooLarge).with_detail("content.ciphertext exceeds 64 KiB").into());
    }
    if message.prev_txn_id == Some(message.txn_id) {
        return Err(invalid("prev_txn_id is txn_id itself"));
    }
    let retention = limits::MIN_RETENTION_MS..=limits::MAX_RETENTION_MS;
    if message.expires_in_ms.is_some_and(|ms| !retention.contains(&ms)) {
        return Err(invalid("expires_in_ms is not between 1 s and a year"));
    }
    check_envelopes(&message.envelopes)
}

fn check_envelopes(envelopes: &[EnvelopeUpload]) -> ServiceResult<()> {
    if envelopes.len() > limits::MAX_ENVELOPES_PER_PAGE {
        return Err(invalid("more than 500 envelopes"));
    }
    let mut devices: Vec<DeviceId> = envelopes.iter().map(|envelope| envelope.device_id).collect();
    devices.sort_unstable();
    if devices.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid("two envelopes for one device"));
    }
    for envelope in envelopes {
        let content = &envelope.content;
        if content.algorithm != ALGORITHM_OLM {
            return Err(invalid("an envelope's algorithm is not m.olm.v1.curve25519-aes-sha2"));
        }
        if content.sender_key.0.len() != 32 || content.message_type > 1 || content.body.0.is_empty() {
            return Err(invalid("an envelope does not have the documented shape"));
        }
        if content.body.0.len() > limits::MAX_ENVELOPE_BYTES {
            return Err(Problem::new(ProblemCode::PayloadTooLarge).with_detail("an envelope exceeds 8 KiB").into());
        }
    }
    Ok(())
}

fn invalid(detail: &str) -> ServiceError {
    Problem::new(ProblemCode::InvalidRequest).with_detail(detail).into()
}

/// What a retry must repeat, each part prefixed by its length.
fn body_hash(message: &SendMessage) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(&message.content.session_id.0);
    part(&message.content.ciphertext.0);
    part(&message.expires_in_ms.unwrap_or(-1).to_be_bytes());
    for envelope in &message.envelopes {
        part(envelope.device_id.0.as_bytes());
        part(&[envelope.content.message_type]);
        part(&envelope.content.body.0);
    }
    hash.finalize().into()
}
