//! What is told to single devices outside of messages: requests for keys, answers, and fresh sessions.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_identity::SortedSet;
use sotto_protocol::{
    ConversationId, DeviceId, Problem, TxnId, UserId,
    events::Event,
    keys::ListedDevice,
    limits::MAX_ENVELOPES_PER_PAGE,
    messages::{EnvelopeUpload, SendEnvelopesRequest},
};

use crate::{
    error::E2eeError,
    identities::Standing,
    olm_channel::Sender,
    olm_payload::OlmBody,
    records::Key,
    roster::ControlPage,
    sending::{SendStep, paged},
    state::Machine,
};

/// A session is asked for again after this time.
const ASK_AGAIN_MS: i64 = 3_600_000;

/// Something to tell a device.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Control {
    user_id: UserId,
    device_id: DeviceId,
    body: OlmBody,
}

/// An open request for a session.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    conversation_id: ConversationId,
    user_id: UserId,
    device_id: DeviceId,
    at_ms: i64,
}

impl Machine {
    /// Asks the sender of an undecryptable event for its session.
    pub(crate) fn ask_for_key(&mut self, event: &Event, session_id: &str, now_ms: i64) {
        let (user_id, device_id) = (event.sender_user_id, event.sender_device_id);
        let open = self.asked.get(session_id).is_some_and(|asked| now_ms < asked.at_ms + ASK_AGAIN_MS);
        if open || device_id == self.device_id() {
            return;
        }
        let asked = Asked { conversation_id: event.conversation_id, user_id, device_id, at_ms: now_ms };
        self.asked.insert(session_id.to_owned(), asked);
        self.touch(Key::Asked(session_id.to_owned()));
        let body = OlmBody::KeyRequest { session_id: session_id.to_owned() };
        self.tell(event.conversation_id, Control { user_id, device_id, body });
    }

    pub(crate) fn is_asked(&self, session_id: &str, conversation_id: ConversationId, from: (UserId, DeviceId)) -> bool {
        self.asked
            .get(session_id)
            .is_some_and(|asked| asked.conversation_id == conversation_id && (asked.user_id, asked.device_id) == from)
    }

    pub(crate) fn close_request(&mut self, session_id: &str) {
        if self.asked.remove(session_id).is_some() {
            self.touch(Key::Asked(session_id.to_owned()));
        }
    }

    /// Answers a request for an own session: only to a device of the current roster that had it, from the index at
    /// which it got it. `false`: not answered.
    pub(crate) fn answer_request(
        &mut self,
        conversation_id: ConversationId,
        from: (UserId, DeviceId),
        session_id: &str,
    ) -> bool {
        let (user_id, device_id) = from;
        if !self.is_recipient(conversation_id, user_id, device_id) {
            return false;
        }
        let own = self.device_id();
        let Some(known) = self.inbound.get_mut(session_id) else { return false };
        if known.owner_device_id != own || known.conversation_id != conversation_id {
            return false;
        }
        let current = self.out.get(&conversation_id).filter(|out| out.session.session_id() == session_id);
        let index = match current {
            Some(out) => out.shared.get(&device_id).map(|share| share.index),
            None => known.shared.get(&device_id).copied(),
        };
        let Some(key) = index.and_then(|index| known.session.export_at(index)) else { return false };
        let body = OlmBody::ForwardedRoomKey {
            session_id: session_id.to_owned(),
            session_key: key.to_base64(),
            owner_device_id: own,
        };
        self.tell(conversation_id, Control { user_id, device_id, body });
        true
    }

    /// After an envelope that no session decrypts: makes a new one and lets the other side know it.
    pub(crate) fn unwedge(&mut self, conversation_id: ConversationId, sender: &Sender) {
        let device_id = sender.device.device_id;
        if self.peers.get(&device_id).is_some_and(|peer| peer.wedged) {
            self.tell(conversation_id, Control { user_id: sender.user_id, device_id, body: OlmBody::Dummy {} });
        }
    }

    /// Tells another device of this account a secret.
    pub(crate) fn tell_secret(&mut self, conversation_id: ConversationId, device_id: DeviceId, body: OlmBody) {
        self.tell(conversation_id, Control { user_id: self.user_id(), device_id, body });
    }

    /// A conversation in whose envelopes another device of this account can be told something.
    pub(crate) fn reaching(&self, device_id: DeviceId) -> Option<ConversationId> {
        let own = self.user_id();
        self.conversations.keys().find(|id| self.is_recipient(**id, own, device_id)).copied()
    }

    /// This account is out of the conversation: what its own devices are to be told goes by another one.
    pub(crate) fn leave_roster(&mut self, conversation_id: ConversationId) {
        let own = self.user_id();
        let Some(conversation) = self.conversations.get_mut(&conversation_id) else { return };
        conversation.members.leave(&own);
        let page = conversation.control_page.take().map(|page| page.controls).unwrap_or_default();
        let waiting = page.into_iter().chain(std::mem::take(&mut conversation.control));
        self.touch(Key::Conversation(conversation_id));
        self.touch(Key::Members(conversation_id));
        for control in waiting.filter(|control| control.user_id == own).collect::<Vec<_>>() {
            match self.reaching(control.device_id) {
                Some(other) => self.tell(other, control),
                None => self.untold(&[control]),
            }
        }
    }

    /// It will never be stored: [`Machine::tell_verifications`] begins anew with these devices.
    fn untold(&mut self, controls: &[Control]) {
        for control in controls {
            if matches!(control.body, OlmBody::Verifications { .. }) {
                self.forget_told(control.device_id);
            }
        }
    }

    fn tell(&mut self, conversation_id: ConversationId, control: Control) {
        let conversation = self.conversations.or_default(conversation_id);
        let dummy = matches!(control.body, OlmBody::Dummy {});
        // One is enough to make a session known.
        if !(dummy && conversation.control.iter().any(|other| other.device_id == control.device_id)) {
            conversation.control.push(control);
        }
        self.touch(Key::Conversation(conversation_id));
    }

    /// The next step of what is to be told, if any.
    pub(crate) fn poll_control(
        &mut self,
        conversation_id: ConversationId,
        rng: &mut impl CryptoRng,
        now_ms: i64,
    ) -> Result<Option<SendStep>, E2eeError> {
        let Some(conversation) = self.conversations.get_mut(&conversation_id) else { return Ok(None) };
        if let Some(page) = &mut conversation.control_page {
            let step = (!page.handed).then(|| SendStep::PostEnvelopes(page.request.clone()));
            page.handed = true;
            return Ok(step);
        }
        let roster_version = conversation.members.roster_version;
        let mut controls = std::mem::take(&mut conversation.control);
        controls.retain(|control| {
            // Requests also go to people who left, but only devices of the roster can be reached.
            self.is_recipient(conversation_id, control.user_id, control.device_id)
        });
        let devices: Vec<DeviceId> = controls.iter().map(|control| control.device_id).collect();
        let claim = self.claim_for(conversation_id, devices.into_iter(), rng, now_ms);
        if let Some(claim) = claim {
            self.put_back(conversation_id, controls);
            return Ok(Some(SendStep::ClaimKeys(claim)));
        }
        // A page may hold one envelope a device.
        let mut named = SortedSet::new();
        let (mut now, mut later): (Vec<_>, Vec<_>) = controls
            .into_iter()
            .partition(|control| self.can_encrypt_to(control.device_id) && named.insert(control.device_id));
        later.extend(now.split_off(now.len().min(MAX_ENVELOPES_PER_PAGE)));
        let mut envelopes = Vec::new();
        for control in &now {
            if let Some((device, Standing::Active)) = self.device(control.user_id, control.device_id) {
                envelopes.push(self.envelope_for(conversation_id, control, &device)?);
            }
        }
        let mut pages = paged(envelopes);
        pages.truncate(1);
        let fitting = pages.first().map_or(0, Vec::len);
        later.extend(now.split_off(fitting.min(now.len())));
        self.put_back(conversation_id, later);
        let Some(envelopes) = pages.pop() else { return Ok(None) };
        let request = SendEnvelopesRequest { txn_id: Self::txn_id(rng), roster_version, envelopes };
        if let Some(conversation) = self.conversations.get_mut(&conversation_id) {
            let page = ControlPage { request: request.clone(), controls: now, handed: true };
            conversation.control_page = Some(page);
        }
        Ok(Some(SendStep::PostEnvelopes(request)))
    }

    fn envelope_for(
        &mut self,
        conversation_id: ConversationId,
        control: &Control,
        device: &ListedDevice,
    ) -> Result<EnvelopeUpload, E2eeError> {
        let content = self.encrypt_to(control.user_id, device, Some(conversation_id), control.body.clone())?;
        Ok(EnvelopeUpload { device_id: control.device_id, content })
    }

    fn put_back(&mut self, conversation_id: ConversationId, controls: Vec<Control>) {
        if let Some(conversation) = self.conversations.get_mut(&conversation_id) {
            conversation.control.splice(0..0, controls);
            self.touch(Key::Conversation(conversation_id));
        }
    }

    pub(crate) fn control_stored(&mut self, conversation_id: ConversationId, txn_id: TxnId) {
        if let Some(conversation) = self.conversations.get_mut(&conversation_id)
            && conversation.control_page.as_ref().is_some_and(|page| page.request.txn_id == txn_id)
        {
            conversation.control_page = None;
            self.touch(Key::Conversation(conversation_id));
        }
    }

    pub(crate) fn control_refused(&mut self, conversation_id: ConversationId, txn_id: TxnId, problem: &Problem) {
        let Some(conversation) = self.conversations.get_mut(&conversation_id) else { return };
        let Some(page) = conversation.control_page.take_if(|page| page.request.txn_id == txn_id) else { return };
        // Only a changed roster makes another attempt worth it.
        if problem.code == sotto_protocol::ProblemCode::StaleRoster {
            self.put_back(conversation_id, page.controls);
        } else {
            self.untold(&page.controls);
        }
        self.touch(Key::Conversation(conversation_id));
    }
}
