//! The outbound Megolm session of a conversation: when it rotates, and who has it.

use serde::{Deserialize, Serialize};
use sotto_identity::SortedMap;
use sotto_protocol::{Base64Bytes, ConversationId, DeviceId, keys::ALGORITHM_MEGOLM, messages::MegolmContent};
use vodozemac::megolm::{GroupSession, InboundGroupSession, SessionConfig};

use crate::{
    megolm_in::InSession, olm_payload::OlmBody, pickled, queue::Tail, records::Key, roster::Recipient, state::Machine,
};

/// A session encrypts at most this many messages.
pub(crate) const MAX_MESSAGES: u32 = 100;
/// A session is used at most this long.
pub(crate) const MAX_AGE_MS: i64 = 24 * 3_600_000;

/// The session that a conversation's next message is encrypted with.
#[derive(Serialize, Deserialize)]
pub(crate) struct OutSession {
    #[serde(with = "pickled::outbound")]
    pub(crate) session: GroupSession,
    made_at_ms: i64,
    /// Devices that have it.
    pub(crate) shared: SortedMap<DeviceId, Share>,
    /// The epoch in which everybody was found to have it.
    #[serde(skip)]
    pub(crate) checked: Option<u64>,
}

/// What a device got of a session.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) index: u32,
    curve25519: String,
    master: String,
}

impl OutSession {
    fn is_spent(&self, now_ms: i64) -> bool {
        // A clock set back must not keep a session alive for ever.
        self.session.message_index() >= MAX_MESSAGES || !(0..MAX_AGE_MS).contains(&(now_ms - self.made_at_ms))
    }

    /// Whether somebody who has it may not have the next message.
    fn has_outsider(&self, recipients: &[Recipient]) -> bool {
        let keeps = |device_id: &DeviceId, share: &Share| {
            recipients.iter().any(|r| {
                r.device.device_id == *device_id && r.device.curve25519 == share.curve25519 && r.master == share.master
            })
        };
        if recipients.len() < 64 {
            return self.shared.iter().any(|(device_id, share)| !keeps(device_id, share));
        }
        let by_id: SortedMap<DeviceId, &Recipient> = recipients.iter().map(|r| (r.device.device_id, r)).collect();
        self.shared.iter().any(|(device_id, share)| {
            by_id.get(device_id).is_none_or(|r| r.device.curve25519 != share.curve25519 || r.master != share.master)
        })
    }
}

impl Machine {
    /// Whether the next message can go out with the session as it is.
    pub(crate) fn is_shared_with_all(&self, conversation_id: ConversationId, now_ms: i64) -> bool {
        self.out.get(&conversation_id).is_some_and(|out| out.checked == Some(self.epoch) && !out.is_spent(now_ms))
    }

    /// Makes sure that there is a session that only these recipients have.
    pub(crate) fn ensure_out_session(
        &mut self,
        conversation_id: ConversationId,
        recipients: &[Recipient],
        now_ms: i64,
    ) {
        let good = |out: &OutSession| !out.is_spent(now_ms) && !out.has_outsider(recipients);
        if self.out.get(&conversation_id).is_some_and(good) {
            return;
        }
        self.retire_out_session(conversation_id);
        let session = GroupSession::new(SessionConfig::version_1());
        let own =
            InSession::new(conversation_id, self.user_id(), self.device_id(), InboundGroupSession::from(&session));
        self.touch(Key::In(session.session_id()));
        self.inbound.insert(session.session_id(), own);
        self.touch(Key::Out(conversation_id));
        let out = OutSession { session, made_at_ms: now_ms, shared: SortedMap::new(), checked: None };
        self.out.insert(conversation_id, out);
    }

    /// Ends the session; who had it at which index is kept with the inbound copy, to answer requests.
    pub(crate) fn retire_out_session(&mut self, conversation_id: ConversationId) {
        let Some(out) = self.out.remove(&conversation_id) else { return };
        let session_id = out.session.session_id();
        if let Some(own) = self.inbound.get_mut(&session_id) {
            own.shared = out.shared.iter().map(|(device_id, share)| (*device_id, share.index)).collect();
            self.touch(Key::In(session_id));
        }
        self.touch(Key::Out(conversation_id));
    }

    /// The room key as it is now, for the message after `before`.
    pub(crate) fn room_key(&self, conversation_id: ConversationId, before: &Tail) -> Option<OlmBody> {
        let out = self.out.get(&conversation_id)?;
        Some(OlmBody::RoomKey {
            session_id: out.session.session_id(),
            session_key: out.session.session_key().to_base64(),
            n: before.n + 1,
            prev: before.hash.clone(),
        })
    }

    /// Notes that these recipients get the session at its current index.
    pub(crate) fn note_shared<'a>(
        &mut self,
        conversation_id: ConversationId,
        recipients: impl Iterator<Item = &'a Recipient>,
    ) {
        let Some(out) = self.out.get_mut(&conversation_id) else { return };
        let index = out.session.message_index();
        out.shared.extend(recipients.map(|recipient| {
            let share =
                Share { index, curve25519: recipient.device.curve25519.clone(), master: recipient.master.clone() };
            (recipient.device.device_id, share)
        }));
        self.touch(Key::Out(conversation_id));
    }

    /// Takes back what [`Machine::note_shared`] noted, since the server did not store it.
    pub(crate) fn forget_shared(&mut self, conversation_id: ConversationId, session_id: &str, devices: &[DeviceId]) {
        if let Some(out) = self.out.get_mut(&conversation_id)
            && out.session.session_id() == session_id
        {
            out.shared.retain(|device_id, _| !devices.contains(device_id));
            out.checked = None;
            self.touch(Key::Out(conversation_id));
        }
    }

    /// Encrypts a message.
    pub(crate) fn encrypt_group(&mut self, conversation_id: ConversationId, plaintext: &[u8]) -> Option<MegolmContent> {
        let out = self.out.get_mut(&conversation_id)?;
        let message = out.session.encrypt(plaintext);
        let session_id = Base64Bytes::from_base64(&out.session.session_id())?;
        self.touch(Key::Out(conversation_id));
        Some(MegolmContent {
            algorithm: ALGORITHM_MEGOLM.to_owned(),
            session_id,
            ciphertext: Base64Bytes(message.to_bytes()),
        })
    }
}
