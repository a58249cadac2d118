//! An in-memory server: honest by itself, and every table of it open to be tampered with.

use std::collections::{BTreeMap, HashMap};

use sotto_e2ee::RegistrationKeys;
use sotto_identity::MembershipState;
use sotto_protocol::{
    ConversationId, DeviceId, Problem, ProblemCode, TxnId, UserId,
    conversations::{Member, MemberState, Roster},
    events::{Event, EventBody, InboxBody, InboxItem},
    keys::{
        ClaimKeysRequest, ClaimKeysResponse, ClaimedKey, CrossSigningKey, DeviceKeys, DeviceList, OneTimeKeys,
        QueryKeysRequest, UserIdentity,
    },
    membership::MembershipChange,
    messages::{EnvelopeUpload, SendEnvelopesRequest, SendMessage, SendResponse},
};

pub struct Account {
    pub master_key: CrossSigningKey,
    pub self_signing_key: CrossSigningKey,
    pub lists: Vec<DeviceList>,
    pub device_keys: BTreeMap<DeviceId, DeviceKeys>,
}

#[derive(Default)]
pub struct Conversation {
    pub chain: Vec<MembershipChange>,
    pub events: Vec<Event>,
    pub roster_version: i64,
    /// Members that exist only in the server's mind.
    pub ghosts: Vec<UserId>,
    /// What is stored, by its sender's transaction id.
    pub stored: HashMap<(DeviceId, TxnId), (SendMessage, i64)>,
}

#[derive(Default)]
pub struct Server {
    pub accounts: BTreeMap<UserId, Account>,
    pub one_time_keys: HashMap<DeviceId, OneTimeKeys>,
    pub fallback_keys: HashMap<DeviceId, OneTimeKeys>,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub inboxes: HashMap<DeviceId, Vec<InboxItem>>,
    /// Envelopes posted by now, with their sender.
    pub envelopes: Vec<(DeviceId, EnvelopeUpload)>,
    /// Refuses this many envelopes silently, as a full inbox does.
    pub lose_envelopes: usize,
}

impl Server {
    pub fn register(&mut self, keys: &RegistrationKeys) {
        let device_id = keys.device_keys.device_id;
        self.accounts.insert(
            keys.device_keys.user_id,
            Account {
                master_key: keys.master_key.clone(),
                self_signing_key: keys.self_signing_key.clone(),
                lists: vec![keys.device_list.clone()],
                device_keys: BTreeMap::from([(device_id, keys.device_keys.clone())]),
            },
        );
        self.one_time_keys.insert(device_id, keys.one_time_keys.clone());
        self.fallback_keys.insert(device_id, keys.fallback_key.clone());
    }

    /// A new entry of a list, with the keys of the device that came in.
    pub fn extend_list(&mut self, list: DeviceList, keys: Option<DeviceKeys>) {
        let user_id = list.user_id;
        let account = self.accounts.get_mut(&user_id).unwrap();
        account.device_keys.extend(keys.map(|keys| (keys.device_id, keys)));
        account.device_keys.retain(|id, _| list.devices.iter().any(|device| device.device_id == *id));
        account.lists.push(list);
        let concerned: Vec<_> =
            self.conversations.iter().filter(|(_, c)| c.members().contains(&user_id)).map(|(id, _)| *id).collect();
        for id in concerned {
            self.conversations.get_mut(&id).unwrap().roster_version += 1;
        }
    }

    pub fn identity(&self, user_id: UserId) -> Option<UserIdentity> {
        let account = self.accounts.get(&user_id)?;
        Some(UserIdentity {
            user_id,
            master_key: account.master_key.clone(),
            self_signing_key: account.self_signing_key.clone(),
            lists: account.lists.clone(),
            device_keys: account.device_keys.values().cloned().collect(),
        })
    }

    pub fn query(&self, request: &QueryKeysRequest) -> Vec<UserIdentity> {
        request
            .users
            .iter()
            .filter_map(|(user_id, known)| {
                let mut identity = self.identity(*user_id)?;
                identity.lists.retain(|list| list.version > *known);
                Some(identity)
            })
            .collect()
    }

    pub fn claim(&mut self, request: &ClaimKeysRequest) -> ClaimKeysResponse {
        let keys = request.devices.iter().filter_map(|device_id| {
            let one_time = self.one_time_keys.get_mut(device_id).and_then(BTreeMap::pop_first);
            let fallback = || {
                let keys = self.fallback_keys.get(device_id)?;
                keys.iter().next().map(|(id, key)| (id.clone(), key.clone()))
            };
            let (key_id, key) = one_time.or_else(fallback)?;
            Some(ClaimedKey { device_id: *device_id, key_id, key })
        });
        ClaimKeysResponse { keys: keys.collect() }
    }

    pub fn change(&mut self, change: MembershipChange, created_at_ms: i64) {
        let conversation = self.conversations.entry(change.conversation_id).or_default();
        conversation.chain.push(change.clone());
        conversation.roster_version += 1;
        let sender = (change.actor_user_id, change.actor_device_id);
        conversation.append(change.conversation_id, sender, created_at_ms, EventBody::Membership { change });
    }

    pub fn roster(&self, id: ConversationId, since: i64, chain_since: i64) -> Roster {
        let conversation = &self.conversations[&id];
        let members = conversation.members();
        let identities = members.iter().filter(|_| since < conversation.roster_version);
        Roster {
            conversation_id: id,
            roster_version: conversation.roster_version,
            members: members.iter().map(|user_id| member(*user_id)).collect(),
            identities: identities.filter_map(|user_id| self.identity(*user_id)).collect(),
            chain: conversation.chain.iter().filter(|link| link.index > chain_since).cloned().collect(),
            chain_next: None,
        }
    }

    fn is_stale(&self, id: ConversationId, roster_version: i64) -> Result<(), Problem> {
        let current = self.conversations[&id].roster_version;
        if roster_version == current {
            return Ok(());
        }
        let mut problem = Problem::new(ProblemCode::StaleRoster);
        problem.roster_version = Some(current);
        Err(problem)
    }

    pub fn send(
        &mut self,
        id: ConversationId,
        sender: (UserId, DeviceId),
        message: &SendMessage,
        created_at_ms: i64,
    ) -> Result<SendResponse, Problem> {
        let conversation = &self.conversations[&id];
        let txn_id = message.txn_id;
        if let Some((stored, seq)) = conversation.stored.get(&(sender.1, txn_id)) {
            if stored == message {
                return Ok(SendResponse { txn_id, seq: *seq, created_at_ms });
            }
            let mut problem = Problem::new(ProblemCode::DuplicateTxn);
            problem.seq = Some(*seq);
            return Err(problem);
        }
        if !conversation.members().contains(&sender.0) {
            return Err(Problem::new(ProblemCode::NotFound));
        }
        self.is_stale(id, message.roster_version)?;
        if message.prev_txn_id.is_some_and(|prev| !conversation.stored.contains_key(&(sender.1, prev))) {
            return Err(Problem::new(ProblemCode::OutOfOrder));
        }
        self.deliver(id, sender, &message.envelopes)?;
        let conversation = self.conversations.get_mut(&id).unwrap();
        let body = EventBody::Message { txn_id, content: message.content.clone(), expires_at_ms: None };
        let seq = conversation.append(id, sender, created_at_ms, body);
        conversation.stored.insert((sender.1, txn_id), (message.clone(), seq));
        Ok(SendResponse { txn_id, seq, created_at_ms })
    }

    pub fn post_envelopes(
        &mut self,
        id: ConversationId,
        sender: (UserId, DeviceId),
        request: &SendEnvelopesRequest,
    ) -> Result<(), Problem> {
        self.is_stale(id, request.roster_version)?;
        self.deliver(id, sender, &request.envelopes)
    }

    fn deliver(
        &mut self,
        id: ConversationId,
        sender: (UserId, DeviceId),
        envelopes: &[EnvelopeUpload],
    ) -> Result<(), Problem> {
        let members = self.conversations[&id].members();
        let listed = |user_id: &UserId| self.accounts.get(user_id).into_iter().flat_map(|a| a.device_keys.keys());
        let devices: Vec<DeviceId> = members.iter().flat_map(listed).copied().collect();
        if envelopes.iter().any(|envelope| !devices.contains(&envelope.device_id)) {
            return Err(Problem::new(ProblemCode::UnknownRecipient));
        }
        for envelope in envelopes {
            self.envelopes.push((sender.1, envelope.clone()));
            if self.lose_envelopes > 0 {
                self.lose_envelopes -= 1;
                continue;
            }
            self.put(
                envelope.device_id,
                InboxBody::Envelope {
                    conversation_id: id,
                    sender_user_id: sender.0,
                    sender_device_id: sender.1,
                    content: envelope.content.clone(),
                },
            );
        }
        Ok(())
    }

    pub fn put(&mut self, device_id: DeviceId, body: InboxBody) {
        let inbox = self.inboxes.entry(device_id).or_default();
        let seq = inbox.last().map_or(0, |item| item.seq) + 1;
        inbox.push(InboxItem { seq, body });
    }
}

impl Conversation {
    pub fn members(&self) -> Vec<UserId> {
        let state = MembershipState::replay(&self.chain);
        let honest = state.map(|state| state.members.into_keys().collect()).unwrap_or_default();
        [honest, self.ghosts.clone()].concat()
    }

    fn append(
        &mut self,
        conversation_id: ConversationId,
        sender: (UserId, DeviceId),
        created_at_ms: i64,
        body: EventBody,
    ) -> i64 {
        let seq = self.events.last().map_or(0, |event| event.seq) + 1;
        let (sender_user_id, sender_device_id) = sender;
        self.events.push(Event { conversation_id, seq, sender_user_id, sender_device_id, created_at_ms, body });
        seq
    }
}

fn member(user_id: UserId) -> Member {
    Member {
        user_id,
        username: user_id.to_string(),
        role: sotto_protocol::membership::Role::Member,
        state: MemberState::Joined,
        list_version: 0,
    }
}
