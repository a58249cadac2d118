//! An existing device that speaks the protocol as it likes, and a server that helps it, against the new one.

use std::time::Duration;

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_identity::{device_key_id, hash, next_entry, sign};
use sotto_protocol::{
    Base64Bytes,
    devices::{DeviceType, NewDevice},
    keys::{DeviceKeys, UserIdentity},
    linking::{CreateGrantRequest, LinkHeadResponse},
};
use uuid::Uuid;

use super::{
    LinkAction, LinkDone, LinkEvent, LinkFailure, LinkIntent, LinkQr, NewLink, Newcomer, Now,
    attacks::{arrives, content, failure},
    channel::{Calling, Channel, call},
    messages::{Admission, Greeting, HistoryPointer, Introduction, Secrets},
    slot::{Slot, Step},
};
use crate::{E2eeError, Machine, history::HistorySealer, secrets::Seed};

const URL: &str = "https://chat.example";
const NOW: Now = Now { monotonic: Duration::ZERO, unix_ms: 0 };

/// The new device has shown its approval number and waits for m4.
struct Hostile {
    new: NewLink,
    alice: Machine,
    identity: UserIdentity,
    slot: Slot,
    channel: Channel,
    request: CreateGrantRequest,
}

/// What the new device is told, by the other one and by the server.
struct Told {
    admission: Admission,
    head: LinkHeadResponse,
}

/// Shows its code; and the slot with m1 for it, under this intent.
fn called(intent: LinkIntent) -> (NewLink, Slot, Calling, Vec<u8>) {
    let device = NewDevice { name: "laptop".to_owned(), device_type: DeviceType::Desktop };
    let newcomer = Newcomer::Fresh(Uuid::from_u128(4).into());
    let (mut new, _) = NewLink::show(URL, newcomer, device, NOW).unwrap();
    let life = Duration::from_mins(5);
    let opened = LinkEvent::Opened { rendezvous: [9; 16], token: "1".to_owned(), typed_code: None, life };
    let shown = new.handle(opened, NOW);
    let [LinkAction::Show { qr, .. }, ..] = &shown[..] else { panic!("no code is shown") };
    let qr = LinkQr::parse(qr, LinkIntent::NewShows).unwrap();
    let mut slot = Slot::new(URL.to_owned(), [9; 16], Some("1".to_owned()));
    let greeting = Greeting { user_id: Some(Uuid::from_u128(2).into()), ..Greeting::default() };
    let (calling, put) = call(&mut slot, intent, qr.public_key, &greeting).unwrap();
    slot.stored("2".to_owned());
    (new, slot, calling, content(&[put]))
}

fn begin() -> Hostile {
    let (user_id, device_id) = (Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
    let registered = Machine::register(&mut StdRng::seed_from_u64(1), user_id, device_id, 0).unwrap();
    let (mut alice, keys) = (registered.machine, registered.keys);
    let identity = UserIdentity {
        user_id,
        master_key: keys.master_key,
        self_signing_key: keys.self_signing_key,
        lists: vec![keys.device_list],
        device_keys: vec![keys.device_keys],
    };
    let (mut new, mut slot, calling, m1) = called(LinkIntent::NewShows);
    let m2 = content(&new.handle(arrives(m1, "2"), NOW));
    new.handle(LinkEvent::Stored { token: "3".to_owned() }, NOW);
    let arrived = slot.read(&m2, "3".to_owned(), None, Step::Response).unwrap();
    let (mut channel, _) = calling.answered(&slot, &arrived).unwrap();
    let m3 = content(&new.handle(LinkEvent::Typed(channel.check_code().as_str().to_owned()), NOW));
    new.handle(LinkEvent::Stored { token: "4".to_owned() }, NOW);
    let arrived = slot.read(&m3, "4".to_owned(), None, Step::Introduction).unwrap();
    let introduction: Introduction = channel.receive(arrived).unwrap();
    let request = alice.prepare_grant(&introduction.device_keys, channel.transcript, &[9; 16]).unwrap();
    Hostile { new, alice, identity, slot, channel, request }
}

impl Hostile {
    /// As an honest device and server would.
    fn honest(&self) -> Told {
        let (_, account) = self.alice.own_list().unwrap();
        let CreateGrantRequest { device_keys, device_list, .. } = self.request.clone();
        let admission = Admission {
            base_url: URL.to_owned(),
            user_id: self.alice.user_id(),
            master_key: account.master.to_base64(),
            self_signing_key: account.self_signing.to_base64(),
            list_version: device_list.version,
            list_hash: hash(&device_list).unwrap(),
            device_keys: device_keys.clone(),
            grant: Base64Bytes(vec![5; 32]),
        };
        let identity = self.identity.clone();
        Told { admission, head: LinkHeadResponse { username: "ada".to_owned(), identity, device_list, device_keys } }
    }

    fn tell(&mut self, told: Told) -> Vec<LinkAction> {
        let put = self.channel.send(&mut self.slot, Step::Admission, &told.admission, Vec::new()).unwrap();
        self.slot.stored("5".to_owned());
        let actions = self.new.handle(arrives(content(&[put]), "5"), NOW);
        if failure(&actions).is_some() {
            return actions;
        }
        assert!(matches!(actions[..], [LinkAction::FetchHead(_)]));
        self.new.handle(LinkEvent::Head(Box::new(told.head)), NOW)
    }

    /// The same keys and a list, agreed on by both who lie.
    fn agreed(&self, device_keys: DeviceKeys, device_list: sotto_protocol::keys::DeviceList) -> Told {
        let mut told = self.honest();
        (told.admission.list_version, told.admission.list_hash) = (device_list.version, hash(&device_list).unwrap());
        (told.admission.device_keys, told.head.device_keys) = (device_keys.clone(), device_keys);
        told.head.device_list = device_list;
        told
    }

    /// Up to m6.
    fn hand_over<T: serde::Serialize>(&mut self, secrets: &T) -> Vec<LinkAction> {
        let told = self.honest();
        assert!(matches!(self.tell(told)[..], [LinkAction::ShowAccount { .. }, LinkAction::Complete(_)]));
        let m5 = content(&self.new.handle(LinkEvent::Completed, NOW));
        self.new.handle(LinkEvent::Stored { token: "6".to_owned() }, NOW);
        self.slot.read(&m5, "6".to_owned(), None, Step::Arrival).unwrap();
        let put = self.channel.send(&mut self.slot, Step::Secrets, secrets, Vec::new()).unwrap();
        self.new.handle(arrives(content(&[put]), "7"), NOW)
    }
}

#[test]
fn row_15_a_scanner_that_names_another_intent_is_refused() {
    for intent in [LinkIntent::ExistingShows, LinkIntent::TypedCode] {
        let (mut new, _, _, m1) = called(intent);
        assert!(matches!(failure(&new.handle(arrives(m1, "2"), NOW)), Some(LinkFailure::Interfered)));
    }
}

#[test]
fn digits_that_come_before_anybody_can_know_them_are_no_try() {
    let (mut new, mut slot, calling, m1) = called(LinkIntent::NewShows);
    let m2 = content(&new.handle(arrives(m1, "2"), NOW));
    assert!(new.handle(LinkEvent::Typed("0000".to_owned()), NOW).is_empty());
    new.handle(LinkEvent::Stored { token: "3".to_owned() }, NOW);
    let arrived = slot.read(&m2, "3".to_owned(), None, Step::Response).unwrap();
    let (channel, _) = calling.answered(&slot, &arrived).unwrap();
    let actions = new.handle(LinkEvent::Typed(channel.check_code().as_str().to_owned()), NOW);
    assert!(matches!(&actions[..], [LinkAction::Put { content, .. }] if content[1] == 3));
}

#[test]
fn who_asked_the_server_to_take_it_in_waits_for_its_answer_alone() {
    let mut hostile = begin();
    let told = hostile.honest();
    hostile.tell(told);
    let late = Now { monotonic: Duration::from_mins(9), ..NOW };
    for event in [LinkEvent::Gone, LinkEvent::Declined, LinkEvent::Tick] {
        assert!(hostile.new.handle(event, late).is_empty());
    }
    let actions = hostile.new.handle(LinkEvent::Completed, late);
    assert!(matches!(&actions[..], [LinkAction::Put { content, .. }] if content[1] == 5), "it may be in");
}

type Lie = fn(&mut Told);

#[test]
fn the_new_device_goes_nowhere_else_than_its_own_service_and_the_account_of_m1() {
    let mut hostile = begin();
    let mut told = hostile.honest();
    told.admission.base_url = "https://other.example".to_owned();
    assert!(matches!(failure(&hostile.tell(told)), Some(LinkFailure::OtherService)));
    let mut hostile = begin();
    let mut told = hostile.honest();
    told.admission.user_id = Uuid::from_u128(66).into();
    assert!(matches!(failure(&hostile.tell(told)), Some(LinkFailure::OtherAccount)));
}

#[test]
fn the_servers_view_has_to_be_the_other_devices_in_everything() {
    let mut hostile = begin();
    let told = hostile.honest();
    assert!(failure(&hostile.tell(told)).is_none(), "so the rows below prove something");
    let lies: [(&str, Lie); 6] = [
        ("version", |told| told.admission.list_version += 1),
        ("hash", |told| told.admission.list_hash = "x".repeat(43)),
        ("certificate", |told| told.admission.device_keys.signatures.clear()),
        ("self-signing key", |told| told.admission.self_signing_key = Seed::from_slice(&[8; 32]).unwrap().public()),
        ("master key", |told| told.admission.master_key = Seed::from_slice(&[8; 32]).unwrap().public()),
        ("the list before", |told| told.head.identity.lists.clear()),
    ];
    for (name, lie) in lies {
        let mut hostile = begin();
        let mut told = hostile.honest();
        lie(&mut told);
        let actions = hostile.tell(told);
        assert!(matches!(failure(&actions), Some(LinkFailure::Account(_))), "{name}");
        assert!(hostile.new.into_machine().is_none(), "{name}");
    }
}

#[test]
fn what_both_say_is_checked_down_to_the_new_devices_own_keys() {
    let account = |actions: &[LinkAction]| match failure(actions) {
        Some(LinkFailure::Account(error)) => format!("{error:?}"),
        _ => panic!("it is taken in"),
    };
    let disagrees = format!("{:?}", E2eeError::ListDisagrees);
    // A list that takes in somebody else, signed as it has to be.
    let mut hostile = begin();
    let intruder = Machine::new_unlinked(hostile.alice.user_id(), Uuid::from_u128(66).into()).unwrap();
    let other = hostile.alice.prepare_grant(intruder.device_keys(), [0; 32], &[9; 16]).unwrap();
    let told = hostile.agreed(hostile.request.device_keys.clone(), other.device_list);
    assert_eq!(account(&hostile.tell(told)), disagrees);
    // No certificate.
    let mut hostile = begin();
    let mut bare = hostile.request.device_keys.clone();
    let own = device_key_id(bare.device_id);
    bare.signatures.values_mut().for_each(|by_user| by_user.retain(|key_id, _| *key_id == own));
    let told = hostile.agreed(bare, hostile.request.device_list.clone());
    assert!(account(&hostile.tell(told)).contains("Missing"));
    // A certificate for other keys under its id.
    let mut hostile = begin();
    let device_id = hostile.request.device_keys.device_id;
    let imposter = Machine::new_unlinked(hostile.alice.user_id(), device_id).unwrap();
    let other = hostile.alice.prepare_grant(imposter.device_keys(), [0; 32], &[9; 16]).unwrap();
    let told = hostile.agreed(other.device_keys, hostile.request.device_list.clone());
    assert_eq!(account(&hostile.tell(told)), disagrees);
    // An entry that does not follow the one before.
    let mut hostile = begin();
    let mut list = hostile.request.device_list.clone();
    list.prev_hash = Some(hash(&list).unwrap());
    hostile.alice.sign_as_device(&mut list).unwrap();
    let told = hostile.agreed(hostile.request.device_keys.clone(), list);
    assert!(account(&hostile.tell(told)).contains("BrokenLink"));
    // An entry that another account's keys signed.
    let mut hostile = begin();
    let listed = hostile.request.device_list.devices.iter().find(|device| device.device_id == device_id).cloned();
    let (head, _) = hostile.alice.own_list().unwrap();
    let mut list = next_entry(head, listed, None, hostile.alice.author()).unwrap();
    let foreign = Seed::from_slice(&[8; 32]).unwrap();
    sign(&mut list, hostile.alice.user_id(), &device_key_id(hostile.alice.device_id()), |b| foreign.sign(b)).unwrap();
    let told = hostile.agreed(hostile.request.device_keys.clone(), list);
    assert!(account(&hostile.tell(told)).contains("Signature"));
}

fn secrets(self_signing: Seed) -> Secrets {
    let sealer = HistorySealer::new(Uuid::from_u128(2).into(), 1, &mut StdRng::seed_from_u64(5)).unwrap();
    let manifest = sealer.manifest(0);
    Secrets { self_signing, backup_key: None, history: Some(HistoryPointer { address: "blob".to_owned(), manifest }) }
}

#[test]
fn a_foreign_self_signing_key_is_not_taken_nor_what_comes_with_it() {
    let mut honest = begin();
    let own = honest.alice.account.self_signing.clone().unwrap();
    let actions = honest.hand_over(&secrets(own));
    assert!(
        matches!(&actions[..], [LinkAction::Put { content, .. }] if content[1] == 7),
        "so the rest proves something"
    );
    let mut hostile = begin();
    let actions = hostile.hand_over(&secrets(Seed::from_slice(&[8; 32]).unwrap()));
    let [LinkAction::Done(LinkDone::Entered(entered))] = &actions[..] else {
        panic!("it does not say that it has them")
    };
    assert!(!entered.has_secrets && entered.unreadable && entered.history.is_none());
    assert!(!hostile.new.into_machine().unwrap().holds_self_signing_key());
}

#[test]
fn secrets_that_cannot_be_read_are_no_silent_end() {
    let mut honest = begin();
    let mut lacking = serde_json::to_value(secrets(honest.alice.account.self_signing.clone().unwrap())).unwrap();
    lacking["history"]["manifest"].as_object_mut().unwrap().remove("bytes").unwrap();
    let actions = honest.hand_over(&lacking);
    let [LinkAction::Done(LinkDone::Entered(entered))] = &actions[..] else { panic!("it is in") };
    assert!(entered.unreadable && !entered.has_secrets && entered.history.is_none());
    // Nothing at all is no mistake of anybody: the secrets come later.
    for event in [LinkEvent::Gone, LinkEvent::Declined] {
        let mut honest = begin();
        let told = honest.honest();
        honest.tell(told);
        honest.new.handle(LinkEvent::Completed, NOW);
        let actions = honest.new.handle(event, NOW);
        let [LinkAction::Done(LinkDone::Entered(entered))] = &actions[..] else { panic!("it is in") };
        assert!(!entered.unreadable && !entered.has_secrets);
    }
}
