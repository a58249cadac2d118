//! Against two independent implementations, from Python wheels: `python-olm` (libolm) and `vodozemac` (the version
//! that its bindings bundle). `SOTTO_INTEROP_PYTHON` names an interpreter that has both; `make test` sets it.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use sotto_e2ee::{EventOutcome, InboxOutcome, Machine, MessageBody, SendStep};
use sotto_identity::{MembershipState, cross_key_id, device_key_id, sign};
use sotto_protocol::{
    Base64Bytes, ConversationId, DeviceId, TxnId, UserId,
    conversations::{Member, MemberState, Roster},
    events::{Event, EventBody, InboxBody, InboxItem},
    keys::{
        ALGORITHM_MEGOLM, ALGORITHM_OLM, ClaimKeysResponse, ClaimedKey, CrossSigningKey, DeviceKeys, DeviceList,
        KeyUsage, ListAuthor, ListedDevice, SignedOneTimeKey, UserIdentity,
    },
    membership::{ConversationKind, Role},
    messages::{MegolmContent, OlmContent, SendMessage, SendResponse},
};
use uuid::Uuid;
use vodozemac::Ed25519SecretKey;

/// The other implementation, in a process of its own.
struct Peer {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Peer {
    fn start(implementation: &str) -> Self {
        let python = std::env::var("SOTTO_INTEROP_PYTHON")
            .expect("SOTTO_INTEROP_PYTHON is set by `make test`; to go without: nextest -E 'not binary(interop)'");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/peer.py");
        let mut child = Command::new(python)
            .args([script, implementation])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout }
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.stdin, "{command}").unwrap();
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no answer to {command}"))
    }

    fn sign(&mut self, object: &impl serde::Serialize) -> [u8; 64] {
        let signature = self.ask(&json!({"op": "sign", "object": object}));
        let bytes = Base64Bytes::from_base64(signature["signature"].as_str().unwrap()).unwrap();
        bytes.0.try_into().unwrap()
    }

    /// Whether the peer, with its own canonical JSON, accepts the signature.
    fn verifies(&mut self, object: &Value, user_id: UserId, key_id: &str, key: &str) -> bool {
        let signature = &object["signatures"][user_id.to_string()][key_id];
        self.ask(&json!({"op": "verify", "object": object, "key": key, "signature": signature}))["ok"] == true
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An account whose only device is the peer; its cross-signing keys live here.
struct Account {
    identity: UserIdentity,
    device: ListedDevice,
    one_time_key: ClaimedKey,
}

fn account(peer: &mut Peer, user_id: UserId, device_id: DeviceId) -> Account {
    let keys = peer.ask(&json!({"op": "keys"}));
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    let device = ListedDevice { device_id, ed25519: text("ed25519"), curve25519: text("curve25519") };
    let (master, self_signing) = (Ed25519SecretKey::from_slice(&[1; 32]), Ed25519SecretKey::from_slice(&[2; 32]));
    let cross = |usage, key: &Ed25519SecretKey| {
        let public = key.public_key().to_base64();
        let keys = BTreeMap::from([(cross_key_id(&public), public)]);
        CrossSigningKey { user_id, usage: vec![usage], keys, signatures: BTreeMap::new() }
    };
    let by_master = cross_key_id(&master.public_key().to_base64());
    let by_self_signing = cross_key_id(&self_signing.public_key().to_base64());
    let by_device = device_key_id(device_id);
    let mut self_signing_key = cross(KeyUsage::SelfSigning, &self_signing);
    sign(&mut self_signing_key, user_id, &by_master, |bytes| master.sign(bytes).to_bytes()).unwrap();
    let mut device_keys = DeviceKeys {
        user_id,
        device_id,
        algorithms: vec![ALGORITHM_OLM.to_owned(), ALGORITHM_MEGOLM.to_owned()],
        keys: BTreeMap::from([
            (by_device.clone(), device.ed25519.clone()),
            (format!("curve25519:{device_id}"), device.curve25519.clone()),
        ]),
        signatures: BTreeMap::new(),
    };
    let unsigned = device_keys.clone();
    sign(&mut device_keys, user_id, &by_device, |_| peer.sign(&unsigned)).unwrap();
    sign(&mut device_keys, user_id, &by_self_signing, |bytes| self_signing.sign(bytes).to_bytes()).unwrap();
    let mut list = DeviceList {
        user_id,
        version: 1,
        prev_hash: None,
        devices: vec![device.clone()],
        revoked: vec![],
        author: ListAuthor::Master,
        signatures: BTreeMap::new(),
    };
    sign(&mut list, user_id, &by_self_signing, |bytes| self_signing.sign(bytes).to_bytes()).unwrap();
    sign(&mut list, user_id, &by_master, |bytes| master.sign(bytes).to_bytes()).unwrap();
    let (id, key) = keys["one_time_keys"].as_object().unwrap().iter().next().unwrap();
    let mut key =
        SignedOneTimeKey { key: key.as_str().unwrap().to_owned(), fallback: None, signatures: BTreeMap::new() };
    let unsigned = key.clone();
    sign(&mut key, user_id, &by_device, |_| peer.sign(&unsigned)).unwrap();
    Account {
        identity: UserIdentity {
            user_id,
            master_key: cross(KeyUsage::Master, &master),
            self_signing_key,
            lists: vec![list],
            device_keys: vec![device_keys],
        },
        device,
        one_time_key: ClaimedKey { device_id, key_id: format!("signed_curve25519:{id}"), key },
    }
}

/// Our machine and the peer in a direct conversation.
struct Scene {
    peer: Peer,
    account: Account,
    machine: Machine,
    keys: sotto_e2ee::RegistrationKeys,
    id: ConversationId,
    rng: StdRng,
    shared: Vec<Value>,
}

impl Scene {
    fn new(implementation: &str) -> Self {
        let mut peer = Peer::start(implementation);
        let mut rng = StdRng::seed_from_u64(1);
        let id = |n: u128| Uuid::from_u128(n);
        let account = account(&mut peer, id(20).into(), id(21).into());
        let registration = Machine::register(&mut rng, id(10).into(), id(11).into(), 0).unwrap();
        let (mut machine, keys) = (registration.machine, registration.keys);
        machine.receive_identities(vec![account.identity.clone()]);
        assert!(machine.take_alarms().is_empty());
        let conversation_id = id(30).into();
        let kind = ConversationKind::Direct;
        let change = machine.create_conversation(conversation_id, kind, &[account.identity.user_id]).unwrap().change;
        let members = MembershipState::start(&change).unwrap().members.into_keys();
        let member = |user_id| Member {
            user_id,
            username: String::new(),
            role: Role::Admin,
            state: MemberState::Joined,
            list_version: 1,
        };
        let roster = Roster {
            conversation_id,
            roster_version: 1,
            members: members.map(member).collect(),
            identities: vec![],
            chain: vec![change],
            chain_next: None,
        };
        assert!(machine.receive_roster(roster).unwrap().is_empty());
        Self { peer, account, machine, keys, id: conversation_id, rng, shared: vec![] }
    }

    fn own(&self) -> ListedDevice {
        self.machine.devices_of(self.machine.user_id()).remove(0)
    }

    /// Sends from our side, up to the request that goes to the server.
    fn send(&mut self, text: &str) -> SendMessage {
        let txn_id =
            TxnId(Uuid::from_u128(40 + self.machine.queued(self.id).count() as u128 + self.shared.len() as u128));
        self.machine.queue_message(self.id, txn_id, &MessageBody::text(text), None).unwrap();
        loop {
            match self.machine.poll_send(self.id, &mut self.rng, 0).unwrap() {
                SendStep::ClaimKeys(claim) => {
                    let response = ClaimKeysResponse { keys: vec![self.account.one_time_key.clone()] };
                    self.machine.receive_claims(&claim, &response, 0);
                }
                SendStep::Send(message) => {
                    let response = SendResponse { txn_id, seq: 0, created_at_ms: 0 };
                    self.machine.message_stored(self.id, &response);
                    return message;
                }
                step => panic!("{step:?}"),
            }
        }
    }

    /// What the peer reads of it.
    fn peer_reads(&mut self, message: &SendMessage) -> Value {
        for envelope in &message.envelopes {
            let plaintext = self.peer.ask(&json!({
                "op": "olm_decrypt",
                "sender_key": envelope.content.sender_key.to_base64(),
                "message_type": envelope.content.message_type,
                "body": envelope.content.body.to_base64(),
            }));
            self.shared.push(serde_json::from_str(plaintext["plaintext"].as_str().unwrap()).unwrap());
        }
        let room_key = &self.shared.last().unwrap()["content"];
        assert_eq!(room_key["session_id"], message.content.session_id.to_base64());
        let ciphertext = message.content.ciphertext.to_base64();
        let session_key = &room_key["session_key"];
        let read = self.peer.ask(&json!({
            "op": "megolm_decrypt", "session_key": session_key, "ciphertext": ciphertext,
        }));
        serde_json::from_str(read["plaintext"].as_str().unwrap()).unwrap()
    }

    /// The peer hands over its room key and sends a message: what our machine makes of both.
    fn peer_sends(&mut self, n: u64, text: &str, share: bool) -> EventOutcome {
        let (own, user_id, device_id) = (self.own(), self.account.identity.user_id, self.account.device.device_id);
        let group = self.peer.ask(&json!({"op": "group_key"}));
        if share {
            let payload = json!({
                "v": 1, "sender_user_id": user_id, "sender_device_id": device_id,
                "sender_ed25519": self.account.device.ed25519,
                "sender_device_keys": self.account.identity.device_keys[0],
                "recipient_user_id": self.machine.user_id(), "recipient_device_id": own.device_id,
                "recipient_ed25519": own.ed25519, "conversation_id": self.id,
                "content": {"type": "room_key", "session_id": group["session_id"], "session_key": group["session_key"], "n": n},
            });
            let one_time_key = &self.keys.one_time_keys.values().next().unwrap().key;
            let olm = self.peer.ask(&json!({
                "op": "olm_encrypt", "identity_key": own.curve25519, "one_time_key": one_time_key,
                "plaintext": payload.to_string(),
            }));
            let content = OlmContent {
                algorithm: ALGORITHM_OLM.to_owned(),
                sender_key: Base64Bytes::from_base64(&self.account.device.curve25519).unwrap(),
                message_type: u8::try_from(olm["type"].as_u64().unwrap()).unwrap(),
                body: Base64Bytes::from_base64(olm["body"].as_str().unwrap()).unwrap(),
            };
            let body = InboxBody::Envelope {
                conversation_id: self.id,
                sender_user_id: user_id,
                sender_device_id: device_id,
                content,
            };
            let outcome = self.machine.receive_inbox(&InboxItem { seq: 1, body }, 0);
            assert!(matches!(outcome, InboxOutcome::Keys { .. }), "{outcome:?}");
        }
        let txn_id = TxnId(Uuid::from_u128(90 + u128::from(n)));
        let plaintext = json!({
            "v": 1, "roster_version": 7, "roster": "unknown to our side",
            "core": {
                "conversation_id": self.id, "sender_user_id": user_id, "sender_device_id": device_id,
                "txn_id": txn_id, "n": n, "body": {"type": "text", "text": text},
            },
        });
        let sent = self.peer.ask(&json!({"op": "megolm_encrypt", "plaintext": plaintext.to_string()}));
        let base64 = |value: &Value| Base64Bytes::from_base64(value.as_str().unwrap()).unwrap();
        let content = MegolmContent {
            algorithm: ALGORITHM_MEGOLM.to_owned(),
            session_id: base64(&group["session_id"]),
            ciphertext: base64(&sent["ciphertext"]),
        };
        let event = Event {
            conversation_id: self.id,
            seq: i64::try_from(n).unwrap(),
            sender_user_id: user_id,
            sender_device_id: device_id,
            created_at_ms: 0,
            body: EventBody::Message { txn_id, content, expires_at_ms: None },
        };
        self.machine.receive_event(&event, 0)
    }
}

fn talks_both_ways(implementation: &str) {
    let mut scene = Scene::new(implementation);
    let first = scene.send("grüße 👋 مرحبا");
    assert_eq!(first.envelopes.len(), 1);
    assert_eq!(first.envelopes[0].content.message_type, 0);
    assert_eq!(scene.peer_reads(&first)["core"]["body"]["text"], "grüße 👋 مرحبا");
    let second = scene.send("no new key");
    assert!(second.envelopes.is_empty());
    assert_eq!(scene.peer_reads(&second)["core"]["n"], 2);
    // The answer comes over the session that we began.
    let EventOutcome::Shown(shown) = scene.peer_sends(1, "צהריים טובים 🌞", true) else { panic!() };
    assert_eq!(shown.body(), Some(MessageBody::text("צהריים טובים 🌞")));
    let EventOutcome::Shown(shown) = scene.peer_sends(2, "second", false) else { panic!() };
    assert_eq!(shown.counter, 2);
}

fn is_begun_by_the_peer(implementation: &str) {
    let mut scene = Scene::new(implementation);
    let EventOutcome::Shown(shown) = scene.peer_sends(1, "I begin", true) else { panic!() };
    assert_eq!(shown.body(), Some(MessageBody::text("I begin")));
    let answer = scene.send("I answer");
    assert_eq!(answer.envelopes[0].content.message_type, 1);
    assert_eq!(scene.peer_reads(&answer)["core"]["body"]["text"], "I answer");
}

fn checks_our_keys(implementation: &str) {
    let mut scene = Scene::new(implementation);
    let (user_id, own) = (scene.machine.user_id(), scene.own());
    let by_device = device_key_id(own.device_id);
    let device_keys = serde_json::to_value(&scene.keys.device_keys).unwrap();
    assert!(scene.peer.verifies(&device_keys, user_id, &by_device, &own.ed25519));
    let (by_account, account_key) = {
        let (id, key) = scene.keys.self_signing_key.keys.iter().next().unwrap();
        (id.clone(), key.clone())
    };
    assert!(scene.peer.verifies(&device_keys, user_id, &by_account, &account_key));
    let list = serde_json::to_value(&scene.keys.device_list).unwrap();
    assert!(scene.peer.verifies(&list, user_id, &by_account, &account_key));
    let one_time_keys: Vec<_> = scene.keys.one_time_keys.values().chain(scene.keys.fallback_key.values()).collect();
    assert_eq!(one_time_keys.len(), 51);
    for key in one_time_keys {
        let mut key = serde_json::to_value(key).unwrap();
        assert!(scene.peer.verifies(&key, user_id, &by_device, &own.ed25519));
        key["key"] = json!("altered");
        assert!(!scene.peer.verifies(&key, user_id, &by_device, &own.ed25519));
    }
}

#[test]
fn olm_and_megolm_both_ways_with_libolm() {
    talks_both_ways("olm");
    is_begun_by_the_peer("olm");
}

#[test]
fn olm_and_megolm_both_ways_with_vodozemacs_python_bindings() {
    talks_both_ways("vodozemac");
    is_begun_by_the_peer("vodozemac");
}

#[test]
fn signed_device_and_one_time_keys_are_accepted_by_libolm() {
    checks_our_keys("olm");
}

#[test]
fn signed_device_and_one_time_keys_are_accepted_by_vodozemacs_python_bindings() {
    checks_our_keys("vodozemac");
}
