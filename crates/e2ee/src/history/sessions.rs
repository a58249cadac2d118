//! What is handed over, and how sessions from elsewhere are taken in.

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};
use zeroize::Zeroize as _;

use crate::{
    megolm_in::{AnyKey, InSession, KeyOrigin},
    receiving::{EventOutcome, Shown},
    state::Machine,
};

/// A Megolm session at the earliest index that a device has of it. No `Debug`: it is a key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionExport {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Whose session it is.
    pub owner_user_id: UserId,
    /// Which device's.
    pub owner_device_id: DeviceId,
    /// Unpadded base64.
    pub session_id: String,
    /// Megolm session export format (version 1), unpadded base64.
    session_key: String,
}

impl Drop for SessionExport {
    fn drop(&mut self) {
        self.session_key.zeroize();
    }
}

impl SessionExport {
    pub(crate) fn of(session_id: &str, known: &InSession) -> Self {
        Self {
            conversation_id: known.conversation_id,
            owner_user_id: known.owner_user_id,
            owner_device_id: known.owner_device_id,
            session_id: session_id.to_owned(),
            session_key: known.session.export_at_first_known_index().to_base64(),
        }
    }

    /// The index from which on it reads; `None` if it is malformed.
    pub(crate) fn first_index(&self) -> Option<u32> {
        AnyKey::Exported(&self.session_key).session().map(|session| session.first_known_index())
    }
}

/// A message as the handing device showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Its position in the log.
    pub seq: i64,
    /// The sender's own id of it.
    pub txn_id: TxnId,
    /// Who sent it.
    pub sender_user_id: UserId,
    /// From which device.
    pub sender_device_id: DeviceId,
    /// When the server stored it.
    pub created_at_ms: i64,
    /// When it disappears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<i64>,
    /// The sender's device's own counter in the conversation.
    pub counter: u64,
    /// The body as the sender wrote it.
    pub body_json: String,
}

impl From<&Shown> for HistoryMessage {
    fn from(shown: &Shown) -> Self {
        Self {
            conversation_id: shown.conversation_id,
            seq: shown.seq,
            txn_id: shown.txn_id,
            sender_user_id: shown.sender_user_id,
            sender_device_id: shown.sender_device_id,
            created_at_ms: shown.created_at_ms,
            expires_at_ms: shown.expires_at_ms,
            counter: shown.counter,
            body_json: shown.body_json.clone(),
        }
    }
}

impl Machine {
    /// A page of the sessions that this device can read with, in the order of their ids: at most `limit` of those after
    /// this id. The last page is shorter or empty.
    pub fn export_sessions(&self, after: Option<&str>, limit: usize) -> Vec<SessionExport> {
        let later = |id: &&String| after.is_none_or(|after| id.as_str() > after);
        let mut ids: Vec<&String> = self.inbound.keys().filter(later).collect();
        if ids.len() > limit {
            ids.select_nth_unstable(limit);
            ids.truncate(limit);
        }
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| Some(SessionExport::of(id, self.inbound.get(id)?))).collect()
    }

    /// Takes in sessions of a history that an own device handed over. Gives how many are new or reach further back, and
    /// the events that waited for one of them.
    pub fn import_history(&mut self, sessions: &[SessionExport], now_ms: i64) -> (usize, Vec<EventOutcome>) {
        let (mut taken, mut events) = (0, Vec::new());
        for export in sessions {
            if self.import_session(export, KeyOrigin::History) == Some(true) {
                taken += 1;
                events.extend(self.retry(export.conversation_id, &export.session_id, now_ms));
            }
        }
        (taken, events)
    }

    /// `Some(true)`: new, or further back than before; `None`: malformed, or another's session under a known id.
    pub(crate) fn import_session(&mut self, export: &SessionExport, origin: KeyOrigin) -> Option<bool> {
        let owner = (export.owner_user_id, export.owner_device_id);
        let known = self.inbound.get(&export.session_id).map(|known| (known.conversation_id, known.owner()));
        let key = AnyKey::Exported(&export.session_key);
        let taken = self.receive_room_key(export.conversation_id, owner, &export.session_id, &key, origin);
        match known {
            _ if taken => Some(true),
            Some(known) if known == (export.conversation_id, owner) => Some(false),
            _ => None,
        }
    }
}
