//! A client around a machine: persists, reloads after every step, and pumps requests through the fake server.

use std::collections::BTreeMap;

use rand::{SeedableRng, rngs::StdRng};
use sotto_e2ee::{Alarm, EventOutcome, InboxOutcome, Machine, MessageBody, SendStep, Shown};
use sotto_protocol::{
    ConversationId, DeviceId, TxnId, UserId,
    backup::BackupDescriptor,
    events::{Event, InboxItem},
    membership::{ConversationKind, MembershipAction},
};
use uuid::Uuid;

use crate::server::Server;

pub struct Client {
    pub machine: Machine,
    pub records: BTreeMap<String, Vec<u8>>,
    pub rng: StdRng,
    pub now_ms: i64,
    pub shown: Vec<Shown>,
    pub events: Vec<EventOutcome>,
    pub inbox: Vec<InboxOutcome>,
    pub alarms: Vec<Alarm>,
    inbox_seq: i64,
    event_seq: BTreeMap<ConversationId, i64>,
}

pub fn uuid(rng: &mut StdRng) -> Uuid {
    use rand::Rng as _;
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

impl Client {
    pub fn register(server: &mut Server, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (user_id, device_id) = (uuid(&mut rng).into(), uuid(&mut rng).into());
        let registration = Machine::register(&mut rng, user_id, device_id, 0).unwrap();
        server.register(&registration.keys);
        Self::new(registration.machine, rng)
    }

    /// Begins a backup that the server takes.
    pub fn start_backup(&mut self) -> BackupDescriptor {
        let descriptor = self.machine.start_backup(0, &mut self.rng).unwrap();
        self.machine.backup_begun();
        descriptor
    }

    pub fn new(machine: Machine, rng: StdRng) -> Self {
        Self::with_records(machine, BTreeMap::new(), rng)
    }

    /// The same device, started again from what it stored.
    pub fn reloaded(&self, seed: u64) -> Self {
        let machine = Machine::load(self.records.clone()).unwrap();
        Self::with_records(machine, self.records.clone(), StdRng::seed_from_u64(seed))
    }

    fn with_records(machine: Machine, records: BTreeMap<String, Vec<u8>>, rng: StdRng) -> Self {
        let mut client = Self {
            machine,
            records,
            rng,
            now_ms: 1_000_000,
            shown: vec![],
            events: vec![],
            inbox: vec![],
            alarms: vec![],
            inbox_seq: 0,
            event_seq: BTreeMap::new(),
        };
        client.persist();
        client
    }

    /// A second device of the same account, linked by this one.
    pub fn link(&mut self, server: &mut Server, seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut new = Machine::new_unlinked(self.user_id(), uuid(&mut rng).into()).unwrap();
        let transcript = [7; 32];
        let request = self.machine.prepare_grant(new.device_keys(), transcript, &[0; 16]).unwrap();
        let head = sotto_protocol::linking::LinkHeadResponse {
            username: "x".to_owned(),
            identity: server.identity(self.user_id()).unwrap(),
            device_list: request.device_list.clone(),
            device_keys: request.device_keys.clone(),
        };
        let master = self.machine.master_key(self.user_id()).unwrap().to_owned();
        let grant = sotto_protocol::Base64Bytes(vec![1; 32]);
        let device = sotto_protocol::devices::NewDevice {
            name: "second".to_owned(),
            device_type: sotto_protocol::devices::DeviceType::Web,
        };
        let complete = new.accept_link_head(&grant, transcript, &master, &head, device, self.now_ms).unwrap();
        let listed = &request.device_keys.keys[&format!("ed25519:{}", new.device_id())];
        assert!(sotto_identity::verify_link(listed, &grant.0, &transcript, &complete.signature.0));
        server.one_time_keys.insert(new.device_id(), complete.one_time_keys);
        server.fallback_keys.insert(new.device_id(), complete.fallback_key);
        server.extend_list(request.device_list, Some(request.device_keys));
        let mut new = Self::new(new, rng);
        new.query(server, &[self.user_id()]);
        self.machine.after_link(server.identity(self.user_id()).unwrap(), new.device_id()).unwrap();
        let claim = self.machine.claim_for_device(new.device_id(), &mut self.rng).unwrap();
        let response = server.claim(&claim);
        self.machine.receive_claims(&claim, &response, self.now_ms);
        let secret = self.machine.export_self_signing_for(new.device_id()).unwrap();
        new.machine.import_self_signing(&secret, new.now_ms).unwrap();
        self.persist();
        new.persist();
        assert!(new.machine.is_linked());
        new
    }

    pub fn user_id(&self) -> UserId {
        self.machine.user_id()
    }

    pub fn device_id(&self) -> DeviceId {
        self.machine.device_id()
    }

    fn sender(&self) -> (UserId, DeviceId) {
        (self.user_id(), self.device_id())
    }

    /// Stores what is dirty and loads the machine again from the records, as after a crash.
    pub fn persist(&mut self) {
        self.store();
        self.machine = Machine::load(self.records.clone()).unwrap();
    }

    fn store(&mut self) {
        self.alarms.extend(self.machine.take_alarms());
        for (key, bytes) in self.machine.take_dirty().unwrap() {
            match bytes {
                Some(bytes) => drop(self.records.insert(key, bytes)),
                None => drop(self.records.remove(&key)),
            }
        }
    }

    pub fn query(&mut self, server: &Server, users: &[UserId]) {
        let request = self.machine.query_for(users.iter().copied());
        self.machine.receive_identities(server.query(&request));
        self.store();
    }

    pub fn create(&mut self, server: &mut Server, kind: ConversationKind, others: &[UserId]) -> ConversationId {
        self.query(server, others);
        let id = uuid(&mut self.rng).into();
        let request = self.machine.create_conversation(id, kind, others).unwrap();
        server.change(request.change, self.now_ms);
        self.fetch_roster(server, id);
        id
    }

    pub fn change(&mut self, server: &mut Server, id: ConversationId, action: MembershipAction) {
        let request = self.machine.change_membership(id, action).unwrap();
        server.change(request.change, self.now_ms);
    }

    pub fn fetch_roster(&mut self, server: &Server, id: ConversationId) {
        let query = self.machine.roster_query(id);
        let roster = server.roster(id, query.since, query.chain_since);
        let unknown = self.machine.receive_roster(roster.clone()).unwrap();
        if !unknown.is_empty() {
            self.query(server, &unknown);
            self.machine.receive_roster(roster).unwrap();
        }
        self.store();
    }

    pub fn queue(&mut self, id: ConversationId, text: &str) -> TxnId {
        let txn_id = TxnId(uuid(&mut self.rng));
        self.machine.queue_message(id, txn_id, &MessageBody::text(text), None).unwrap();
        self.persist();
        txn_id
    }

    /// Queues and sends.
    pub fn send(&mut self, server: &mut Server, id: ConversationId, text: &str) -> TxnId {
        let txn_id = self.queue(id, text);
        self.flush(server, id);
        txn_id
    }

    /// Works until the conversation is idle or blocked; gives the last step.
    pub fn flush(&mut self, server: &mut Server, id: ConversationId) -> SendStep {
        for _ in 0..10_000 {
            let step = self.machine.poll_send(id, &mut self.rng, self.now_ms).unwrap();
            self.store();
            if matches!(step, SendStep::Idle | SendStep::Blocked(_)) {
                self.persist();
                return step;
            }
            self.perform(server, id, step);
        }
        panic!("the conversation never comes to rest");
    }

    pub fn perform(&mut self, server: &mut Server, id: ConversationId, step: SendStep) {
        match step {
            SendStep::FetchRoster(_) => self.fetch_roster(server, id),
            SendStep::QueryKeys(request) => self.machine.receive_identities(server.query(&request)),
            SendStep::ClaimKeys(request) => {
                let response = server.claim(&request);
                self.machine.receive_claims(&request, &response, self.now_ms);
            }
            SendStep::PostEnvelopes(request) => match server.post_envelopes(id, self.sender(), &request) {
                Ok(()) => self.machine.envelopes_stored(id, request.txn_id),
                Err(problem) => self.machine.envelopes_refused(id, request.txn_id, &problem),
            },
            SendStep::Send(message) => match server.send(id, self.sender(), &message, self.now_ms) {
                Ok(response) => self.machine.message_stored(id, &response),
                Err(problem) => drop(self.machine.message_refused(id, message.txn_id, &problem).unwrap()),
            },
            SendStep::Idle | SendStep::Blocked(_) => {}
        }
        self.store();
    }

    /// Takes in the whole inbox and all events of all conversations, and sends what follows from them.
    pub fn sync(&mut self, server: &mut Server) {
        self.sync_inbox(server);
        let ids: Vec<ConversationId> = server.conversations.keys().copied().collect();
        for id in ids {
            if !server.conversations[&id].members().contains(&self.user_id()) {
                continue;
            }
            for event in server.conversations[&id].events.clone() {
                if event.seq > self.event_seq.get(&id).copied().unwrap_or(0) {
                    self.receive(server, &event);
                    self.event_seq.insert(id, event.seq);
                }
            }
        }
        for id in self.machine.conversations_with_work() {
            self.flush(server, id);
        }
    }

    pub fn sync_inbox(&mut self, server: &mut Server) {
        for item in server.inboxes.get(&self.device_id()).cloned().unwrap_or_default() {
            if item.seq > self.inbox_seq {
                self.inbox_seq = item.seq;
                self.receive_item(server, &item);
            }
        }
    }

    pub fn receive_item(&mut self, server: &Server, item: &InboxItem) {
        let mut outcome = self.machine.receive_inbox(item, self.now_ms);
        if let InboxOutcome::NeedsIdentity(user_id) = outcome {
            self.query(server, &[user_id]);
            outcome = self.machine.receive_inbox(item, self.now_ms);
        }
        self.persist();
        if let InboxOutcome::Keys { events, .. } = &outcome {
            events.clone().into_iter().for_each(|event| self.note(event));
        }
        self.inbox.push(outcome);
    }

    pub fn receive(&mut self, server: &Server, event: &Event) -> EventOutcome {
        let mut outcome = self.machine.receive_event(event, self.now_ms);
        for _ in 0..3 {
            match outcome {
                EventOutcome::NeedsRoster(id) => self.fetch_roster(server, id),
                EventOutcome::NeedsIdentity(user_id) => self.query(server, &[user_id]),
                _ => break,
            }
            outcome = self.machine.receive_event(event, self.now_ms);
        }
        self.persist();
        self.note(outcome.clone());
        outcome
    }

    fn note(&mut self, outcome: EventOutcome) {
        if let EventOutcome::Shown(shown) = &outcome {
            self.shown.push(shown.clone());
        }
        self.events.push(outcome);
    }

    /// Texts shown, in order.
    pub fn texts(&self) -> Vec<String> {
        let text = |shown: &Shown| match shown.body() {
            Some(MessageBody::Text { text, .. }) => text,
            other => format!("{other:?}"),
        };
        self.shown.iter().map(text).collect()
    }

    pub fn has_alarm(&self, is: impl Fn(&Alarm) -> bool) -> bool {
        self.alarms.iter().any(is)
    }

    /// Records of inbound sessions: what a server must not be able to change.
    pub fn room_keys(&self) -> BTreeMap<String, Vec<u8>> {
        self.records.iter().filter(|(key, _)| key.starts_with("in/")).map(|(k, v)| (k.clone(), v.clone())).collect()
    }
}
