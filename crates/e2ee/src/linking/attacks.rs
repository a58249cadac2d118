//! A device that speaks the protocol as it likes, against the existing device's state machine.

use std::time::Duration;

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_protocol::{
    Base64Bytes,
    devices::{DeviceType, NewDevice},
};
use uuid::Uuid;
use vodozemac::{Curve25519PublicKey, sas::Sas};

use super::{
    ExistingLink, LinkAction, LinkEvent, LinkFailure, LinkIntent, Now, TypedCode,
    channel::{Channel, call, key_of},
    messages::{Greeting, Introduction, bytes_32},
    slot::{Slot, Step},
    transcript::{possession_bytes, sas_commitment},
};
use crate::state::Machine;

pub(super) const URL: &str = "https://chat.example";
pub(super) const NOW: Now = Now { monotonic: Duration::ZERO, unix_ms: 0 };

pub(super) struct Attack {
    pub(super) existing: ExistingLink,
    pub(super) machine: Machine,
    pub(super) slot: Slot,
    pub(super) channel: Channel,
    own: Machine,
    /// The existing device's key for the short authentication string.
    pub(super) sas_key: [u8; 32],
}

pub(super) fn content(actions: &[LinkAction]) -> Vec<u8> {
    let found = actions.iter().find_map(|action| match action {
        LinkAction::Put { content, .. } | LinkAction::Open { content, .. } => Some(content.clone()),
        _ => None,
    });
    found.unwrap()
}

pub(super) fn arrives(content: Vec<u8>, token: &str) -> LinkEvent {
    LinkEvent::Slot { content, token: token.to_owned(), same_network: None }
}

/// Up to m0: the existing device shows, and this is the key that a typed code leads to.
pub(super) fn shown() -> (ExistingLink, Machine, Slot, Curve25519PublicKey) {
    let mut rng = StdRng::seed_from_u64(1);
    let (user_id, device_id) = (Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
    let mut machine = Machine::register(&mut rng, user_id, device_id, 0).unwrap().machine;
    let (mut existing, actions) = ExistingLink::show(URL, NOW).unwrap();
    let m0 = content(&actions);
    let typed_code = TypedCode::parse("00000000");
    let opened =
        LinkEvent::Opened { rendezvous: [9; 16], token: "1".to_owned(), typed_code, life: Duration::from_mins(5) };
    existing.handle(&mut machine, opened, NOW);
    let mut slot = Slot::new(URL.to_owned(), [9; 16], None);
    let arrived = slot.read(&m0, "1".to_owned(), None, Step::Key).unwrap();
    (existing, machine, slot, key_of(&arrived.payload).unwrap())
}

/// Up to m2, after a typed code, with a commitment to this key.
pub(super) fn begin(committed: &[u8; 32]) -> Attack {
    let (mut existing, mut machine, mut slot, key) = shown();
    let commitment = Some(Base64Bytes(sas_commitment(committed).to_vec()));
    let greeting = Greeting { commitment, ..Greeting::default() };
    let (calling, put) = call(&mut slot, LinkIntent::TypedCode, key, &greeting).unwrap();
    slot.stored("2".to_owned());
    let m2 = content(&existing.handle(&mut machine, arrives(content(&[put]), "2"), NOW));
    existing.handle(&mut machine, LinkEvent::Stored { token: "3".to_owned() }, NOW);
    let arrived = slot.read(&m2, "3".to_owned(), None, Step::Response).unwrap();
    let (channel, theirs) = calling.answered(&slot, &arrived).unwrap();
    let sas_key = bytes_32(theirs.sas_key.as_ref()).unwrap();
    let own = Machine::new_unlinked(machine.user_id(), Uuid::from_u128(4).into()).unwrap();
    Attack { existing, machine, slot, channel, own, sas_key }
}

impl Attack {
    pub(super) fn introduction(&self, name: &str, revealed: &[u8; 32]) -> Introduction {
        let device_keys = self.own.device_keys().clone();
        let signed = possession_bytes(&self.channel.transcript, &device_keys).unwrap();
        Introduction {
            device_keys,
            device: NewDevice { name: name.to_owned(), device_type: DeviceType::Web },
            pop: Base64Bytes(self.own.account.sign_bytes(&signed).to_vec()),
            sas_key: Some(Base64Bytes(revealed.to_vec())),
        }
    }

    pub(super) fn introduce(&mut self, name: &str, revealed: &[u8; 32]) -> Vec<LinkAction> {
        self.send(&self.introduction(name, revealed))
    }

    pub(super) fn feed(&mut self, event: LinkEvent) -> Vec<LinkAction> {
        self.existing.handle(&mut self.machine, event, NOW)
    }

    /// m3, whatever it is.
    pub(super) fn send(&mut self, message: &impl serde::Serialize) -> Vec<LinkAction> {
        let put = self.channel.send(&mut self.slot, Step::Introduction, message, Vec::new()).unwrap();
        self.slot.stored("4".to_owned());
        self.feed(arrives(content(&[put]), "4"))
    }
}

pub(super) fn failure(actions: &[LinkAction]) -> Option<&LinkFailure> {
    actions.iter().find_map(|action| match action {
        LinkAction::Failed(failure) => Some(failure),
        _ => None,
    })
}

#[test]
fn row_15_another_key_than_the_committed_one_asks_no_digits() {
    let (committed, other) = (Sas::new().public_key(), Sas::new().public_key());
    let mut honest = begin(committed.as_bytes());
    let actions = honest.introduce("phone", committed.as_bytes());
    assert!(matches!(actions[..], [LinkAction::AskDigits(6)]), "so the row below proves something");
    let mut attack = begin(committed.as_bytes());
    let actions = attack.introduce("phone", other.as_bytes());
    assert!(matches!(failure(&actions), Some(LinkFailure::Interfered)));
    let mut attack = begin(&[0; 32]);
    let actions = attack.introduce("phone", &[0; 32]);
    assert!(matches!(failure(&actions), Some(LinkFailure::Malformed)), "a key of low order");
}

#[test]
fn a_name_that_deceives_or_does_not_fit_is_refused() {
    let key = Sas::new().public_key();
    for name in ["", "a\nb", "\u{1b}[2J", "\u{202e}enohp", &"x".repeat(65)] {
        let actions = begin(key.as_bytes()).introduce(name, key.as_bytes());
        assert!(matches!(failure(&actions), Some(LinkFailure::Malformed)), "{name:?}");
    }
}

#[test]
fn a_message_that_does_not_fit_into_the_slot_is_never_put() {
    let key = Sas::new().public_key();
    let mut attack = begin(key.as_bytes());
    let put = attack.channel.send(&mut attack.slot, Step::Introduction, &"x".repeat(4_096), Vec::new());
    assert!(matches!(put, Err(LinkFailure::TooLarge)));
}

#[test]
fn row_15_a_lie_about_what_a_content_replaced_opens_nothing() {
    let key = Sas::new().public_key();
    let mut attack = begin(key.as_bytes());
    // As if m3 had replaced another content than m2: the channel's own counter would not notice.
    attack.slot.token = Some("2".to_owned());
    let actions = attack.introduce("phone", key.as_bytes());
    assert!(matches!(failure(&actions), Some(LinkFailure::Interfered)));
    let mut attack = begin(key.as_bytes());
    attack.slot.rendezvous = [8; 16];
    let actions = attack.introduce("phone", key.as_bytes());
    assert!(matches!(failure(&actions), Some(LinkFailure::Interfered)), "another rendezvous");
    let mut attack = begin(key.as_bytes());
    attack.slot.base_url = "https://other.example".to_owned();
    let actions = attack.introduce("phone", key.as_bytes());
    assert!(matches!(failure(&actions), Some(LinkFailure::Interfered)), "another service");
}
