//! The machine: all crypto state of one device, stored as small records so that a send rewrites little.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use sotto_identity::{SortedMap, SortedSet};
use sotto_protocol::{ConversationId, DeviceId, UserId, keys::ClaimKeysRequest};

use crate::{
    account::AccountState, error::E2eeError, identities::UserRecord, key_requests::Asked, megolm_in::InSession,
    megolm_out::OutSession, olm_channel::Peer, order::Seen, queue::Pending, receiving::Waiting, records::Key,
    roster::Conversation, trust::Alarm, verdicts::Verdicts,
};

/// A record's key and its bytes; `None` deletes it. The bytes hold secrets: encrypt them ([`crate::sealed`]).
pub type Record = (String, Option<Vec<u8>>);

/// All crypto state of one device.
pub struct Machine {
    pub(crate) account: AccountState,
    pub(crate) users: SortedMap<UserId, UserRecord>,
    pub(crate) peers: SortedMap<DeviceId, Peer>,
    pub(crate) conversations: SortedMap<ConversationId, Conversation>,
    pub(crate) out: SortedMap<ConversationId, OutSession>,
    pub(crate) inbound: SortedMap<String, InSession>,
    pub(crate) pending: SortedMap<ConversationId, Vec<Pending>>,
    pub(crate) seen: SortedMap<(ConversationId, DeviceId), Seen>,
    pub(crate) waiting: SortedMap<(ConversationId, i64), Waiting>,
    pub(crate) asked: SortedMap<String, Asked>,
    pub(crate) verdicts: Verdicts,
    /// Claims handed out and not answered yet: the same request is handed out again.
    pub(crate) claims: SortedMap<ConversationId, ClaimKeysRequest>,
    /// Devices that had no usable key, and until when they are not asked again.
    pub(crate) unclaimable: SortedMap<DeviceId, i64>,
    pub(crate) alarms: Vec<Alarm>,
    /// Rises with every change of identities or membership: tells an outbound session to look again.
    pub(crate) epoch: u64,
    dirty: SortedSet<Key>,
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("user_id", &self.user_id())
            .field("device_id", &self.device_id())
            .field("users", &self.users.len())
            .field("peers", &self.peers.len())
            .field("conversations", &self.conversations.len())
            .finish_non_exhaustive()
    }
}

impl Machine {
    pub(crate) fn new(account: AccountState) -> Self {
        Self {
            account,
            users: SortedMap::new(),
            peers: SortedMap::new(),
            conversations: SortedMap::new(),
            out: SortedMap::new(),
            inbound: SortedMap::new(),
            pending: SortedMap::new(),
            seen: SortedMap::new(),
            waiting: SortedMap::new(),
            asked: SortedMap::new(),
            verdicts: Verdicts::default(),
            claims: SortedMap::new(),
            unclaimable: SortedMap::new(),
            alarms: Vec::new(),
            epoch: 0,
            dirty: SortedSet::new().with(Key::Account),
        }
    }

    /// The account.
    pub fn user_id(&self) -> UserId {
        self.account.user_id
    }

    /// This device.
    pub fn device_id(&self) -> DeviceId {
        self.account.device_id
    }

    /// Loads a machine from all its records, in any order.
    pub fn load(records: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Self, E2eeError> {
        let mut account = None;
        let mut others = Vec::new();
        for (text, bytes) in records {
            match text.parse::<Key>() {
                Ok(Key::Account) => account = Some(read(&text, &bytes)?),
                Ok(key) => others.push((key, text, bytes)),
                Err(_) => return Err(E2eeError::Record { key: text }),
            }
        }
        let mut machine = Self::new(account.ok_or(E2eeError::NoAccount)?);
        machine.dirty.clear();
        // In order, so that nothing is moved.
        others.sort_unstable_by(|(key, ..), (other, ..)| key.cmp(other));
        // In order, so that nothing is moved.
        others.sort_unstable_by(|(key, ..), (other, ..)| key.cmp(other));
        for (key, text, bytes) in others {
            machine.insert(key, &text, &bytes)?;
        }
        for queue in machine.pending.values_mut() {
            queue.sort_by_key(|pending| pending.n);
        }
        Ok(machine)
    }

    fn insert(&mut self, key: Key, text: &str, bytes: &[u8]) -> Result<(), E2eeError> {
        match key {
            Key::Account => {}
            Key::User(id) => drop(self.users.insert(id, read(text, bytes)?)),
            Key::Peer(id) => drop(self.peers.insert(id, read(text, bytes)?)),
            Key::Conversation(id) => {
                let known = self.conversations.or_default(id);
                let members = std::mem::take(&mut known.members);
                *known = Conversation { members, ..read(text, bytes)? };
            }
            Key::Members(id) => self.conversations.or_default(id).members = read(text, bytes)?,
            Key::Out(id) => drop(self.out.insert(id, read(text, bytes)?)),
            Key::In(id) => drop(self.inbound.insert(id, read(text, bytes)?)),
            Key::Pending(id, _) => self.pending.or_default(id).push(read(text, bytes)?),
            Key::Seen(id, device_id) => drop(self.seen.insert((id, device_id), read(text, bytes)?)),
            Key::Waiting(id, seq) => drop(self.waiting.insert((id, seq), read(text, bytes)?)),
            Key::Asked(id) => drop(self.asked.insert(id, read(text, bytes)?)),
            Key::Verdicts => self.verdicts = read(text, bytes)?,
        }
        Ok(())
    }

    /// The records that changed since the last call. Store them in one transaction before anything is sent, shown or
    /// acknowledged.
    pub fn take_dirty(&mut self) -> Result<Vec<Record>, E2eeError> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().map(|key| Ok((key.to_string(), self.write(&key)?))).collect()
    }

    /// Whether there is anything to store.
    pub fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    fn write(&self, key: &Key) -> Result<Option<Vec<u8>>, E2eeError> {
        match key {
            Key::Account => json(Some(&self.account)),
            Key::User(id) => json(self.users.get(id)),
            Key::Peer(id) => json(self.peers.get(id)),
            Key::Conversation(id) => json(self.conversations.get(id)),
            Key::Members(id) => json(self.conversations.get(id).map(|conversation| &conversation.members)),
            Key::Out(id) => json(self.out.get(id)),
            Key::In(id) => json(self.inbound.get(id)),
            Key::Pending(id, txn_id) => {
                json(self.pending.get(id).and_then(|queue| queue.iter().find(|pending| pending.txn_id == *txn_id)))
            }
            Key::Seen(id, device_id) => json(self.seen.get(&(*id, *device_id))),
            Key::Waiting(id, seq) => json(self.waiting.get(&(*id, *seq))),
            Key::Asked(id) => json(self.asked.get(id)),
            Key::Verdicts => json(Some(&self.verdicts)),
        }
    }

    pub(crate) fn touch(&mut self, key: Key) {
        self.dirty.insert(key);
    }

    pub(crate) fn touch_user(&mut self, user_id: UserId) {
        self.epoch += 1;
        self.touch(Key::User(user_id));
    }
}

fn json<T: Serialize>(value: Option<&T>) -> Result<Option<Vec<u8>>, E2eeError> {
    value.map(sotto_json::to_vec).transpose().map_err(E2eeError::from)
}

fn read<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, E2eeError> {
    sotto_json::from_slice(bytes).map_err(|_| E2eeError::Record { key: key.to_owned() })
}
