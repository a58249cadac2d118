//! Sending: what to do next in a conversation.

use rand::CryptoRng;
use serde::Serialize;
use serde_json::value::RawValue;
use sotto_protocol::{
    ConversationId, UserId,
    keys::{ClaimKeysRequest, QueryKeysRequest},
    limits::{MAX_ENVELOPES_PER_PAGE, MAX_QUERY_USERS},
    messages::{EnvelopeUpload, SendEnvelopesRequest, SendMessage},
};

use crate::{
    error::E2eeError,
    plaintext::{self, Plaintext},
    queue::{Encrypted, Page},
    records::Key,
    roster::{Missing, Recipient, RosterQuery},
    state::Machine,
};

/// Envelopes of one request, bytes of JSON at most: leaves room for the message in a send.
const PAGE_BYTES: usize = 240 * 1024;

/// What to do next in a conversation. Persist before acting on it.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum SendStep {
    /// Nothing, until an acknowledgement, a refusal or a further message.
    Idle,
    /// Fetch the roster and feed it to [`Machine::receive_roster`].
    FetchRoster(RosterQuery),
    /// Query keys and feed them to [`Machine::receive_identities`].
    QueryKeys(QueryKeysRequest),
    /// Claim keys and feed them to [`Machine::receive_claims`].
    ClaimKeys(ClaimKeysRequest),
    /// Post the envelopes; then [`Machine::envelopes_stored`] or [`Machine::envelopes_refused`].
    PostEnvelopes(SendEnvelopesRequest),
    /// Send the message; then [`Machine::message_stored`] or [`Machine::message_refused`]. Further ones may be sent
    /// before the answer comes, in the order in which they are handed out.
    Send(SendMessage),
    /// Nothing can be sent.
    Blocked(BlockReason),
}

/// Why nothing can be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum BlockReason {
    /// The server offers other master keys for these people than the pinned ones.
    Violated(Vec<UserId>),
    /// This account is not a member as the signed chain has it.
    NotAMember,
}

impl Machine {
    /// Says what to do next in the conversation. Call it until it says [`SendStep::Idle`] or asks for something.
    pub fn poll_send(
        &mut self,
        conversation_id: ConversationId,
        rng: &mut impl CryptoRng,
        now_ms: i64,
    ) -> Result<SendStep, E2eeError> {
        let queued = self.queued(conversation_id).next().is_some();
        let (control, known) = match self.conversations.get(&conversation_id) {
            Some(c) => (c.has_control(), !c.stale && c.members.chain.is_some()),
            None => (false, false),
        };
        if !queued && !control {
            return Ok(SendStep::Idle);
        }
        if !known {
            return Ok(SendStep::FetchRoster(self.roster_query(conversation_id)));
        }
        if control && let Some(step) = self.poll_control(conversation_id, rng, now_ms)? {
            return Ok(step);
        }
        let count = self.queued(conversation_id).count();
        for at in 0..count {
            if !self.is_encrypted(conversation_id, at)
                && let Some(step) = self.encrypt_pending(conversation_id, at, rng, now_ms)?
            {
                return Ok(step);
            }
            match self.hand_out(conversation_id, at) {
                Handed::Step(step) => return Ok(step),
                Handed::Before => {}
                Handed::Wait => break,
            }
        }
        Ok(SendStep::Idle)
    }

    /// After a lost connection: hands out everything unacknowledged once more, in the same bytes.
    pub fn resend(&mut self, conversation_id: ConversationId) {
        for pending in self.pending.get_mut(&conversation_id).into_iter().flatten() {
            pending.handed = false;
            if let Some(encrypted) = &mut pending.encrypted {
                encrypted.pages.iter_mut().for_each(|page| page.handed = false);
            }
        }
        if let Some(page) = self.conversations.get_mut(&conversation_id).and_then(|c| c.control_page.as_mut()) {
            page.handed = false;
        }
    }

    fn is_encrypted(&self, conversation_id: ConversationId, at: usize) -> bool {
        self.pending.get(&conversation_id).and_then(|queue| queue.get(at)).is_some_and(|p| p.encrypted.is_some())
    }

    fn hand_out(&mut self, conversation_id: ConversationId, at: usize) -> Handed {
        let pending = self.pending.get_mut(&conversation_id).and_then(|queue| queue.get_mut(at));
        let Some(pending) = pending else { return Handed::Wait };
        let Some(encrypted) = &mut pending.encrypted else { return Handed::Wait };
        if let Some(page) = encrypted.pages.iter_mut().find(|page| !page.acknowledged && !page.handed) {
            page.handed = true;
            return Handed::Step(SendStep::PostEnvelopes(page.request.clone()));
        }
        // The key shares must be stored before the message that needs them.
        if encrypted.pages.iter().any(|page| !page.acknowledged) {
            return Handed::Wait;
        }
        if pending.handed {
            return Handed::Before;
        }
        pending.handed = true;
        Handed::Step(SendStep::Send(encrypted.message.clone()))
    }

    /// Encrypts a queued message; or says what is needed first.
    fn encrypt_pending(
        &mut self,
        conversation_id: ConversationId,
        at: usize,
        rng: &mut impl CryptoRng,
        now_ms: i64,
    ) -> Result<Option<SendStep>, E2eeError> {
        let mut envelopes = Vec::new();
        let mut shared_with = Vec::new();
        if !self.is_shared_with_all(conversation_id, now_ms) {
            let recipients = match self.recipients(conversation_id) {
                Ok(recipients) => recipients,
                Err(missing) => return Ok(Some(self.missing_step(missing))),
            };
            self.ensure_out_session(conversation_id, &recipients, now_ms);
            let lacking: Vec<Recipient> = match self.out.get(&conversation_id) {
                Some(out) => recipients.into_iter().filter(|r| !out.shared.contains_key(&r.device.device_id)).collect(),
                None => recipients,
            };
            let devices = lacking.iter().map(|recipient| recipient.device.device_id);
            if let Some(claim) = self.claim_for(conversation_id, devices, rng, now_ms) {
                return Ok(Some(SendStep::ClaimKeys(claim)));
            }
            let complete = lacking.iter().all(|r| self.can_encrypt_to(r.device.device_id));
            let reached: Vec<Recipient> =
                lacking.into_iter().filter(|r| self.can_encrypt_to(r.device.device_id)).collect();
            envelopes = self.share_room_key(conversation_id, at, &reached)?;
            shared_with = reached.iter().map(|recipient| recipient.device.device_id).collect();
            let epoch = self.epoch;
            if let Some(out) = self.out.get_mut(&conversation_id) {
                out.checked = complete.then_some(epoch);
            }
        }
        self.encrypt_message(conversation_id, at, envelopes, shared_with, rng)?;
        Ok(None)
    }

    pub(crate) fn missing_step(&self, missing: Missing) -> SendStep {
        match missing {
            Missing::Identities(users) => SendStep::QueryKeys(self.query_for(users.into_iter().take(MAX_QUERY_USERS))),
            Missing::Violated(users) => SendStep::Blocked(BlockReason::Violated(users)),
            Missing::NotAMember => SendStep::Blocked(BlockReason::NotAMember),
        }
    }

    fn share_room_key(
        &mut self,
        conversation_id: ConversationId,
        at: usize,
        recipients: &[Recipient],
    ) -> Result<Vec<EnvelopeUpload>, E2eeError> {
        let before = self.tail_before(conversation_id, at);
        let Some(room_key) = self.room_key(conversation_id, &before) else {
            return Ok(vec![]);
        };
        let envelopes = recipients
            .iter()
            .map(|recipient| {
                let device = &recipient.device;
                let content = self.encrypt_to(recipient.user_id, device, Some(conversation_id), room_key.clone())?;
                Ok(EnvelopeUpload { device_id: device.device_id, content })
            })
            .collect::<Result<_, E2eeError>>()?;
        self.note_shared(conversation_id, recipients.iter());
        Ok(envelopes)
    }

    fn encrypt_message(
        &mut self,
        conversation_id: ConversationId,
        at: usize,
        envelopes: Vec<EnvelopeUpload>,
        shared_with: Vec<sotto_protocol::DeviceId>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), E2eeError> {
        let unknown = || E2eeError::UnknownConversation(conversation_id);
        let conversation = self.conversations.get(&conversation_id).ok_or_else(unknown)?;
        let roster_version = conversation.members.roster_version;
        let roster = conversation.members.roster_hash().ok_or_else(unknown)?.clone();
        let pending = self.pending.get(&conversation_id).and_then(|queue| queue.get(at)).ok_or_else(unknown)?;
        let core = RawValue::from_string(pending.core.clone()).map_err(|_| E2eeError::BodyNotJson)?;
        let (txn_id, expires_in_ms) = (pending.txn_id, pending.expires_in_ms);
        let plaintext = sotto_json::to_vec(&Plaintext { v: plaintext::VERSION, roster_version, roster, core })?;
        let content = self.encrypt_group(conversation_id, &plaintext).ok_or_else(unknown)?;
        let session_id = content.session_id.to_base64();
        let mut pages = paged(envelopes);
        let inline = if pages.len() > 1 { vec![] } else { pages.pop().unwrap_or_default() };
        let pages = pages.into_iter().map(|envelopes| Page {
            request: SendEnvelopesRequest { txn_id: Self::txn_id(rng), roster_version, envelopes },
            acknowledged: false,
            handed: false,
        });
        let prev_txn_id = self.tail_before(conversation_id, at).txn_id;
        let message = SendMessage { txn_id, prev_txn_id, roster_version, content, envelopes: inline, expires_in_ms };
        let encrypted = Encrypted { pages: pages.collect(), message, session_id, shared_with };
        if let Some(pending) = self.pending.get_mut(&conversation_id).and_then(|queue| queue.get_mut(at)) {
            pending.encrypted = Some(encrypted);
        }
        self.touch(Key::Pending(conversation_id, txn_id));
        Ok(())
    }
}

/// What came of handing out a message of the queue.
enum Handed {
    Step(SendStep),
    /// It was handed out before.
    Before,
    /// It has to wait, and with it all after it.
    Wait,
}

/// Splits envelopes into pages that fit a request.
pub(crate) fn paged(envelopes: Vec<EnvelopeUpload>) -> Vec<Vec<EnvelopeUpload>> {
    let mut pages: Vec<Vec<EnvelopeUpload>> = Vec::new();
    let mut bytes = PAGE_BYTES;
    for envelope in envelopes {
        // Base64 makes 4 of 3; 250 covers the names, ids and the sender's key.
        let size = envelope.content.body.0.len() * 4 / 3 + 250;
        let full = pages.last().is_none_or(|page| page.len() >= MAX_ENVELOPES_PER_PAGE);
        if full || bytes + size > PAGE_BYTES {
            pages.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(page) = pages.last_mut() {
            page.push(envelope);
        }
    }
    pages
}
