//! A device whose owner, or thief, writes its own Olm plaintexts.

use serde_json::{Value, json};
use sotto_protocol::{
    Base64Bytes, ConversationId,
    events::InboxBody,
    keys::{ALGORITHM_OLM, ClaimKeysRequest},
    messages::OlmContent,
};
use vodozemac::{
    Curve25519PublicKey,
    olm::{Account, AccountPickle, Session, SessionConfig},
};

use crate::{client::Client, server::Server};

/// The private keys of a client's device, out of its own records.
pub struct Attacker {
    pub account: Account,
    pub record: Value,
}

impl Attacker {
    pub fn of(client: &Client) -> Self {
        let record: Value = serde_json::from_slice(&client.records["account"]).unwrap();
        let pickle: AccountPickle = serde_json::from_value(record["olm"].clone()).unwrap();
        Self { account: Account::from_pickle(pickle), record }
    }

    /// A payload that is as it should be, for the tests to bend.
    pub fn payload(&self, victim: &Client, conversation_id: ConversationId, content: Value) -> Value {
        json!({
            "v": 1,
            "sender_user_id": self.record["user_id"],
            "sender_device_id": self.record["device_id"],
            "sender_ed25519": self.account.ed25519_key().to_base64(),
            "sender_device_keys": self.record["device_keys"],
            "recipient_user_id": victim.user_id(),
            "recipient_device_id": victim.device_id(),
            "recipient_ed25519": ed25519_of(victim),
            "conversation_id": conversation_id,
            "content": content,
        })
    }

    pub fn session(&self, server: &mut Server, victim: &Client) -> Session {
        let claim_id = uuid::Uuid::nil().into();
        let claim = ClaimKeysRequest { claim_id, devices: vec![victim.device_id()] };
        let claimed = server.claim(&claim).keys.pop().unwrap();
        let identity = &victim.machine.device_keys().keys[&format!("curve25519:{}", victim.device_id())];
        let identity = Curve25519PublicKey::from_base64(identity).unwrap();
        let one_time_key = Curve25519PublicKey::from_base64(&claimed.key.key).unwrap();
        self.account.create_outbound_session(SessionConfig::version_1(), identity, one_time_key).unwrap()
    }

    pub fn encrypt(&self, session: &mut Session, payload: &Value) -> OlmContent {
        let (message_type, body) = session.encrypt(serde_json::to_vec(payload).unwrap()).unwrap().to_parts();
        OlmContent {
            algorithm: ALGORITHM_OLM.to_owned(),
            sender_key: Base64Bytes(self.account.curve25519_key().to_vec()),
            message_type: u8::try_from(message_type).unwrap(),
            body: Base64Bytes(body),
        }
    }

    /// Puts the payload into the victim's inbox, as from this device.
    pub fn deliver(&self, server: &mut Server, victim: &Client, conversation_id: ConversationId, payload: &Value) {
        let mut session = self.session(server, victim);
        let content = self.encrypt(&mut session, payload);
        self.put(server, victim, conversation_id, content);
    }

    /// Puts a ciphertext into the victim's inbox, as from this device.
    pub fn put(&self, server: &mut Server, victim: &Client, conversation_id: ConversationId, content: OlmContent) {
        let sender_user_id = serde_json::from_value(self.record["user_id"].clone()).unwrap();
        let sender_device_id = serde_json::from_value(self.record["device_id"].clone()).unwrap();
        let body = InboxBody::Envelope { conversation_id, sender_user_id, sender_device_id, content };
        server.put(victim.device_id(), body);
    }
}

pub fn ed25519_of(client: &Client) -> String {
    client.machine.device_keys().keys[&format!("ed25519:{}", client.device_id())].clone()
}
