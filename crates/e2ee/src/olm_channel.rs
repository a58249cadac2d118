//! Olm sessions with single devices.

use serde::{Deserialize, Serialize};
use sotto_protocol::{
    Base64Bytes, ConversationId, DeviceId, UserId,
    keys::{ALGORITHM_OLM, ListedDevice},
    messages::OlmContent,
};
use vodozemac::{
    Curve25519PublicKey,
    olm::{OlmMessage, PreKeyMessage, Session, SessionConfig},
};

use crate::{
    error::E2eeError,
    inbox::DropReason,
    olm_payload::{self, OlmBody, OlmPayload},
    pickled,
    records::Key,
    state::Machine,
};

/// Sessions kept with one device; the least recently used one goes.
const SESSIONS_KEPT: usize = 5;
/// A session is replaced because it does not decrypt at most this often.
pub(crate) const UNWEDGE_EVERY_MS: i64 = 3_600_000;

/// Everything about the channel to one device.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Peer {
    sessions: Vec<PeerSession>,
    /// A message of it could not be decrypted: a new session is due.
    pub(crate) wedged: bool,
    pub(crate) unwedged_at_ms: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct PeerSession {
    #[serde(with = "pickled::session")]
    session: Session,
    used_at_ms: i64,
}

impl Peer {
    pub(crate) fn can_encrypt(&self) -> bool {
        !self.wedged && !self.sessions.is_empty()
    }

    fn keep(&mut self, session: Session, now_ms: i64) {
        self.sessions.push(PeerSession { session, used_at_ms: now_ms });
        while self.sessions.len() > SESSIONS_KEPT {
            let oldest = self.sessions.iter().enumerate().min_by_key(|(_, session)| session.used_at_ms);
            if let Some((at, _)) = oldest {
                self.sessions.remove(at);
            }
        }
    }

    /// The session that was heard from last, or made last.
    fn best(&mut self) -> Option<&mut Session> {
        self.sessions.iter_mut().max_by_key(|session| session.used_at_ms).map(|session| &mut session.session)
    }
}

/// Who sent an Olm message, as the highest list names it.
pub(crate) struct Sender {
    pub(crate) user_id: UserId,
    pub(crate) device: ListedDevice,
}

impl Machine {
    pub(crate) fn can_encrypt_to(&self, device_id: DeviceId) -> bool {
        self.peers.get(&device_id).is_some_and(Peer::can_encrypt)
    }

    /// Keeps a session that was made with a claimed key.
    pub(crate) fn keep_session(&mut self, device_id: DeviceId, session: Session, now_ms: i64) {
        let peer = self.peers.or_default(device_id);
        if peer.wedged {
            peer.wedged = false;
            peer.unwedged_at_ms = Some(now_ms);
        }
        peer.keep(session, now_ms);
        self.touch(Key::Peer(device_id));
    }

    /// Encrypts for one device.
    pub(crate) fn encrypt_to(
        &mut self,
        user_id: UserId,
        device: &ListedDevice,
        conversation_id: Option<ConversationId>,
        content: OlmBody,
    ) -> Result<OlmContent, E2eeError> {
        let no_session = E2eeError::NoSession(device.device_id);
        let peer = self.peers.get_mut(&device.device_id).ok_or(E2eeError::NoSession(device.device_id))?;
        let session = peer.best().ok_or(no_session)?;
        let established = session.has_received_message();
        let payload = OlmPayload {
            v: olm_payload::VERSION,
            sender_user_id: self.account.user_id,
            sender_device_id: self.account.device_id,
            sender_ed25519: self.account.olm.ed25519_key().to_base64(),
            sender_device_keys: (!established).then(|| self.account.device_keys.clone()),
            recipient_user_id: user_id,
            recipient_device_id: device.device_id,
            recipient_ed25519: device.ed25519.clone(),
            conversation_id,
            content,
        };
        let plaintext = zeroize::Zeroizing::new(sotto_json::to_vec(&payload)?);
        let message = session.encrypt(plaintext.as_slice()).map_err(|_| E2eeError::KeyExchange(device.device_id))?;
        self.touch(Key::Peer(device.device_id));
        let (message_type, body) = message.to_parts();
        Ok(OlmContent {
            algorithm: ALGORITHM_OLM.to_owned(),
            sender_key: Base64Bytes(self.account.olm.curve25519_key().to_vec()),
            message_type: u8::from(message_type == 1),
            body: Base64Bytes(body),
        })
    }

    /// Decrypts what a listed device sent and checks that everything in it agrees.
    pub(crate) fn decrypt_from(
        &mut self,
        sender: &Sender,
        conversation_id: Option<ConversationId>,
        content: &OlmContent,
        now_ms: i64,
    ) -> Result<OlmBody, DropReason> {
        if content.algorithm != ALGORITHM_OLM {
            return Err(DropReason::Malformed);
        }
        if content.sender_key.to_base64() != sender.device.curve25519 {
            return Err(DropReason::SenderMismatch);
        }
        let message = OlmMessage::from_parts(usize::from(content.message_type), &content.body.0)
            .map_err(|_| DropReason::Malformed)?;
        let plaintext = zeroize::Zeroizing::new(self.decrypt_bytes(sender, &message, now_ms)?);
        let payload: OlmPayload = sotto_json::from_slice(&plaintext).map_err(|_| DropReason::Malformed)?;
        self.check_payload(&payload, sender, conversation_id, matches!(message, OlmMessage::PreKey(_)))?;
        Ok(payload.content)
    }

    fn decrypt_bytes(&mut self, sender: &Sender, message: &OlmMessage, now_ms: i64) -> Result<Vec<u8>, DropReason> {
        let device_id = sender.device.device_id;
        self.touch(Key::Peer(device_id));
        let peer = self.peers.or_default(device_id);
        if let OlmMessage::PreKey(prekey) = message {
            let id = prekey.session_id();
            if let Some(known) = peer.sessions.iter_mut().find(|known| known.session.session_id() == id) {
                let plaintext = known.session.decrypt(message).map_err(|_| DropReason::Replayed)?;
                known.used_at_ms = now_ms;
                return Ok(plaintext);
            }
            return self.begin_session(sender, prekey, now_ms);
        }
        for known in &mut peer.sessions {
            if let Ok(plaintext) = known.session.decrypt(message) {
                known.used_at_ms = now_ms;
                return Ok(plaintext);
            }
        }
        if peer.unwedged_at_ms.is_none_or(|at| now_ms >= at + UNWEDGE_EVERY_MS) {
            peer.wedged = true;
        }
        Err(DropReason::Undecryptable)
    }

    fn begin_session(&mut self, sender: &Sender, prekey: &PreKeyMessage, now_ms: i64) -> Result<Vec<u8>, DropReason> {
        let one_time_key = prekey.one_time_key().to_base64();
        let session_id = prekey.session_id();
        let device_id = sender.device.device_id;
        if self.account.is_replay(&one_time_key, &session_id) {
            return Err(DropReason::Replayed);
        }
        if self.account.is_flood(&one_time_key, device_id) {
            return Err(DropReason::TooManySessions);
        }
        let identity =
            Curve25519PublicKey::from_base64(&sender.device.curve25519).map_err(|_| DropReason::Malformed)?;
        let begun = self
            .account
            .olm
            .create_inbound_session(SessionConfig::version_1(), identity, prekey)
            .map_err(|_| DropReason::Undecryptable)?;
        self.account.note_used(&one_time_key, device_id, &session_id);
        self.touch(Key::Account);
        let peer = self.peers.or_default(device_id);
        // The other side has made the new session that was due.
        peer.wedged = false;
        peer.keep(begun.session, now_ms);
        Ok(begun.plaintext)
    }

    fn check_payload(
        &self,
        payload: &OlmPayload,
        sender: &Sender,
        conversation_id: Option<ConversationId>,
        prekey: bool,
    ) -> Result<(), DropReason> {
        if payload.v != olm_payload::VERSION {
            return Err(DropReason::Malformed);
        }
        let sender_agrees = payload.sender_user_id == sender.user_id
            && payload.sender_device_id == sender.device.device_id
            && payload.sender_ed25519 == sender.device.ed25519;
        let keys_agree = match &payload.sender_device_keys {
            None => !prekey,
            Some(keys) => {
                self.users.get(&sender.user_id).and_then(|user| user.cross_signing(sender.user_id)).is_some_and(
                    |account| {
                        sotto_identity::check_certified_device(keys, sender.device.device_id, &account)
                            .is_ok_and(|listed| listed == sender.device)
                    },
                )
            }
        };
        let recipient_agrees = payload.recipient_user_id == self.user_id()
            && payload.recipient_device_id == self.device_id()
            && payload.recipient_ed25519 == self.account.olm.ed25519_key().to_base64();
        if !sender_agrees || !keys_agree {
            Err(DropReason::SenderMismatch)
        } else if !recipient_agrees {
            Err(DropReason::RecipientMismatch)
        } else if payload.conversation_id != conversation_id {
            Err(DropReason::ConversationMismatch)
        } else {
            Ok(())
        }
    }
}
