//! Inbound Megolm sessions: who owns them, and which index belongs to which event.

use serde::{Deserialize, Serialize};
use sotto_identity::SortedMap;
use sotto_protocol::{
    ConversationId, DeviceId, UserId, events::Event, keys::ALGORITHM_MEGOLM, messages::MegolmContent,
};
use vodozemac::megolm::{
    DecryptionError, ExportedSessionKey, InboundGroupSession, MegolmMessage, SessionConfig, SessionKey, SessionOrdering,
};

use crate::{
    pickled,
    receiving::{RefusalReason, WaitReason},
    records::Key,
    state::Machine,
    trust::Alarm,
};

/// A session of some device, by which its messages in one conversation are read.
#[derive(Serialize, Deserialize)]
pub(crate) struct InSession {
    pub(crate) conversation_id: ConversationId,
    pub(crate) owner_user_id: UserId,
    pub(crate) owner_device_id: DeviceId,
    #[serde(with = "pickled::inbound")]
    pub(crate) session: InboundGroupSession,
    /// Index to the position of the one event that was encrypted with it.
    used: SortedMap<u32, i64>,
    /// Own sessions that are not used any more: who had it from which index.
    pub(crate) shared: SortedMap<DeviceId, u32>,
    #[serde(default)]
    pub(crate) origin: KeyOrigin,
    /// The version of the backup that holds it as it is here; 0 if none does.
    #[serde(default)]
    pub(crate) backed_up: i64,
}

/// Where the key to a message came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyOrigin {
    /// From the device that owns the session.
    #[default]
    Owner,
    /// From the account's key backup: an own device once had it from its owner.
    Backup,
    /// From the history that an own device handed over when this one was linked.
    History,
}

impl InSession {
    pub(crate) fn new(
        conversation_id: ConversationId,
        owner_user_id: UserId,
        owner_device_id: DeviceId,
        session: InboundGroupSession,
    ) -> Self {
        let (used, shared) = (SortedMap::new(), SortedMap::new());
        let (origin, backed_up) = (KeyOrigin::Owner, 0);
        Self { conversation_id, owner_user_id, owner_device_id, session, used, shared, origin, backed_up }
    }

    pub(crate) fn owner(&self) -> (UserId, DeviceId) {
        (self.owner_user_id, self.owner_device_id)
    }

    /// Takes a session in if it is the same ratchet from an earlier index. Never downgrades, never takes another one.
    fn improve(&mut self, mut other: InboundGroupSession) -> SessionOrdering {
        let ordering = self.session.compare(&mut other);
        if ordering == SessionOrdering::Worse
            && let Some(merged) = self.session.merge(&mut other)
        {
            self.session = merged;
        }
        ordering
    }
}

/// Why a ciphertext was not read.
pub(crate) enum Unread {
    Wait(WaitReason),
    Refuse(RefusalReason),
}

/// A session key in either of the two formats.
pub(crate) enum AnyKey<'a> {
    Shared(&'a str),
    Exported(&'a str),
}

impl AnyKey<'_> {
    pub(crate) fn session(&self) -> Option<InboundGroupSession> {
        let config = SessionConfig::version_1();
        match self {
            Self::Shared(text) => Some(InboundGroupSession::new(&SessionKey::from_base64(text).ok()?, config)),
            Self::Exported(text) => {
                Some(InboundGroupSession::import(&ExportedSessionKey::from_base64(text).ok()?, config))
            }
        }
    }
}

impl Machine {
    /// Takes a room key from its owner, or one of that owner from elsewhere. `false`: nothing was stored or improved.
    pub(crate) fn receive_room_key(
        &mut self,
        conversation_id: ConversationId,
        owner: (UserId, DeviceId),
        session_id: &str,
        key: &AnyKey<'_>,
        origin: KeyOrigin,
    ) -> bool {
        let Some(session) = key.session().filter(|session| session.session_id() == session_id) else {
            return false;
        };
        let foreign = Alarm::ForeignRoomKey { conversation_id, device_id: owner.1 };
        let stored = match self.inbound.get_mut(session_id) {
            None => {
                let session = InSession { origin, ..InSession::new(conversation_id, owner.0, owner.1, session) };
                self.inbound.insert(session_id.to_owned(), session);
                true
            }
            Some(known) if known.owner() != owner || known.conversation_id != conversation_id => {
                self.alarms.push(foreign);
                false
            }
            Some(known) => match known.improve(session) {
                SessionOrdering::Unconnected => {
                    self.alarms.push(foreign);
                    false
                }
                SessionOrdering::Worse => {
                    // It is the same ratchet: whoever vouches for a later index vouches for the earlier one.
                    (known.origin, known.backed_up) = (known.origin.min(origin), 0);
                    true
                }
                // The owner itself vouches for what came from elsewhere.
                SessionOrdering::Equal | SessionOrdering::Better if origin < known.origin => {
                    known.origin = origin;
                    true
                }
                SessionOrdering::Equal | SessionOrdering::Better => false,
            },
        };
        if stored {
            self.touch(Key::In(session_id.to_owned()));
        }
        stored
    }

    /// Reads an event's ciphertext with the session of its sender.
    pub(crate) fn decrypt_group(
        &mut self,
        event: &Event,
        content: &MegolmContent,
    ) -> Result<(Vec<u8>, KeyOrigin), Unread> {
        if content.algorithm != ALGORITHM_MEGOLM {
            return Err(Unread::Refuse(RefusalReason::Malformed));
        }
        let session_id = content.session_id.to_base64();
        let known = self.inbound.get_mut(&session_id).ok_or(Unread::Wait(WaitReason::NoSession))?;
        if known.conversation_id != event.conversation_id {
            return Err(Unread::Refuse(RefusalReason::WrongConversation));
        }
        if known.owner_user_id != event.sender_user_id || known.owner_device_id != event.sender_device_id {
            return Err(Unread::Refuse(RefusalReason::WrongSender));
        }
        let message =
            MegolmMessage::from_bytes(&content.ciphertext.0).map_err(|_| Unread::Refuse(RefusalReason::Malformed))?;
        let decrypted = known.session.decrypt(&message).map_err(|error| match error {
            DecryptionError::UnknownMessageIndex(..) => Unread::Wait(WaitReason::BeforeFirstIndex),
            _ => Unread::Refuse(RefusalReason::Malformed),
        })?;
        if *known.used.or_insert(decrypted.message_index, event.seq) != event.seq {
            return Err(Unread::Refuse(RefusalReason::Replayed));
        }
        let origin = known.origin;
        self.touch(Key::In(session_id));
        Ok((decrypted.plaintext, origin))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;
    use vodozemac::megolm::{GroupSession, InboundGroupSession, SessionConfig, SessionOrdering};

    use super::InSession;

    fn at(group: &GroupSession, index: u32) -> InboundGroupSession {
        let exported = InboundGroupSession::from(group).export_at(index).unwrap();
        InboundGroupSession::import(&exported, SessionConfig::version_1())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        #[test]
        fn row_08_a_session_is_never_downgraded(start in 0u32..80, offers in prop::collection::vec((0u32..100, any::<bool>()), 1..12)) {
            let ours = GroupSession::new(SessionConfig::version_1());
            let foreign = GroupSession::new(SessionConfig::version_1());
            let id = Uuid::nil();
            let mut known = InSession::new(id.into(), id.into(), id.into(), at(&ours, start));
            for (index, connected) in offers {
                let before = known.session.first_known_index();
                let ordering = known.improve(at(if connected { &ours } else { &foreign }, index));
                let expected = if connected { before.min(index) } else { before };
                prop_assert_eq!(known.session.first_known_index(), expected);
                prop_assert_eq!(ordering == SessionOrdering::Unconnected, !connected);
                prop_assert_eq!(known.session.session_id(), ours.session_id());
            }
        }
    }
}
