//! The same device as in `attacks`, up to the grant and beyond, and rules of single messages.

use std::time::Duration;

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_protocol::{
    Base64Bytes, ProblemCode,
    devices::{DeviceType, NewDevice},
    linking::GrantResponse,
};
use uuid::Uuid;
use vodozemac::sas::Sas;

use super::{
    ExistingLink, HistoryPointer, LinkAction, LinkEvent, LinkFailure, LinkIntent, NewLink, Newcomer, Now, TypedCode,
    attacks::{Attack, NOW, URL, arrives, begin, content, failure, shown},
    channel::{call, key_of},
    messages::{Admission, Arrival, Greeting},
    slot::{MAX_SLOT_BYTES, Slot, Step, content_of},
    transcript::sas_digits,
};
use crate::history::HistorySealer;

fn approved(history: bool) -> Attack {
    let sas = Sas::new();
    let key = sas.public_key();
    let mut attack = begin(key.as_bytes());
    attack.introduce("phone", key.as_bytes());
    let sas = sas.diffie_hellman(key_of(&attack.sas_key).unwrap()).unwrap();
    let digits = sas_digits(&sas, &attack.channel.transcript).unwrap();
    let asked = attack.feed(LinkEvent::Typed(digits.as_str().to_owned()));
    assert!(matches!(asked[..], [LinkAction::AskApproval { .. }]));
    let actions = attack.feed(LinkEvent::Approved { number: None, history });
    assert!(matches!(actions[0], LinkAction::CreateGrant(_)));
    attack
}

/// Up to m4.
fn admitted() -> (Attack, Admission) {
    let mut attack = approved(false);
    let grant = GrantResponse { grant: Base64Bytes(vec![5; 32]), expires_in_ms: 300_000 };
    let m4 = content(&attack.feed(LinkEvent::Granted(grant)));
    attack.feed(LinkEvent::Stored { token: "5".to_owned() });
    let arrived = attack.slot.read(&m4, "5".to_owned(), None, Step::Admission).unwrap();
    let admission = attack.channel.receive(arrived).unwrap();
    (attack, admission)
}

#[test]
fn row_19_the_new_device_has_to_name_the_entry_that_took_it_in() {
    for (more, taken) in [(0, true), (1, false), (-1, false)] {
        let (mut attack, admission) = admitted();
        let arrival = Arrival { list_version: admission.list_version + more };
        let put = attack.channel.send(&mut attack.slot, Step::Arrival, &arrival, Vec::new()).unwrap();
        let actions = attack.feed(arrives(content(&[put]), "6"));
        if taken {
            assert!(matches!(actions[..], [LinkAction::ReadOwnIdentity(_)]), "the list is read before anything leaves");
        } else {
            assert!(matches!(failure(&actions), Some(LinkFailure::Malformed)));
        }
    }
}

#[test]
fn nothing_is_kept_whichever_way_it_ends() {
    let pointer = || {
        let sealer = HistorySealer::new(Uuid::nil().into(), 1, &mut StdRng::seed_from_u64(5)).unwrap();
        HistoryPointer { address: "blob".to_owned(), manifest: sealer.manifest(0) }
    };
    let late = Now { monotonic: Duration::from_mins(5), ..NOW };
    let ends: [(LinkEvent, Now); 4] = [
        (LinkEvent::Declined, NOW),
        (LinkEvent::Gone, NOW),
        (LinkEvent::Refused(ProblemCode::Forbidden), NOW),
        (LinkEvent::Tick, late),
    ];
    for (event, now) in ends {
        let mut attack = approved(true);
        attack.feed(LinkEvent::History(Some(pointer())));
        assert!(!attack.existing.keeps_nothing());
        let actions = attack.existing.handle(&mut attack.machine, event, now);
        assert!(failure(&actions).is_some() && attack.existing.keeps_nothing());
    }
    let key = Sas::new().public_key();
    let mut attack = begin(key.as_bytes());
    attack.introduce("phone", key.as_bytes());
    attack.feed(LinkEvent::Typed("000000".to_owned()));
    assert!(attack.existing.keeps_nothing(), "wrong digits");
}

#[test]
fn row_15_m1_under_another_intent_is_refused() {
    let (mut existing, mut machine, mut slot, key) = shown();
    let greeting = Greeting { commitment: Some(Base64Bytes(vec![7; 32])), ..Greeting::default() };
    let (_, put) = call(&mut slot, LinkIntent::NewShows, key, &greeting).unwrap();
    let actions = existing.handle(&mut machine, arrives(content(&[put]), "2"), NOW);
    assert!(matches!(failure(&actions), Some(LinkFailure::Interfered)));
}

fn phone() -> NewDevice {
    NewDevice { name: "phone".to_owned(), device_type: DeviceType::Web }
}

fn newcomer() -> Newcomer {
    Newcomer::Fresh(Uuid::from_u128(4).into())
}

fn typing() -> NewLink {
    let code = TypedCode::parse("00000000").unwrap();
    let (mut new, _) = NewLink::typed(code, URL, newcomer(), phone(), NOW).unwrap();
    new.handle(LinkEvent::Claimed { rendezvous: [9; 16] }, NOW);
    new
}

#[test]
fn row_15_a_typed_code_leads_to_nothing_but_a_key() {
    let key = Sas::new().public_key().to_bytes();
    let honest = typing().handle(arrives(content_of(Step::Key, LinkIntent::TypedCode, &key), "1"), NOW);
    assert!(matches!(honest[..], [LinkAction::Put { .. }]), "so the rows below prove something");
    let lies = [
        content_of(Step::Key, LinkIntent::TypedCode, &[0; 32]),
        content_of(Step::Key, LinkIntent::TypedCode, &key[1..]),
        content_of(Step::Key, LinkIntent::ExistingShows, &key),
        content_of(Step::Initial, LinkIntent::TypedCode, &key),
    ];
    for lie in lies {
        let actions = typing().handle(arrives(lie, "1"), NOW);
        assert!(failure(&actions).is_some() && !actions.iter().any(|action| matches!(action, LinkAction::Put { .. })));
    }
}

#[test]
fn a_content_is_read_as_the_step_that_is_due_and_no_larger_than_a_slot() {
    let read = |content: &[u8]| {
        let mut slot = Slot::new(URL.to_owned(), [9; 16], None);
        slot.read(content, "1".to_owned(), None, Step::Initial).err()
    };
    let largest = vec![0; MAX_SLOT_BYTES - 3];
    assert!(read(&content_of(Step::Initial, LinkIntent::TypedCode, &largest)).is_none());
    let larger = [largest, vec![0]].concat();
    let larger = content_of(Step::Initial, LinkIntent::TypedCode, &larger);
    assert!(matches!(read(&larger), Some(LinkFailure::Malformed)));
    let other = content_of(Step::Response, LinkIntent::TypedCode, &[0; 80]);
    assert!(matches!(read(&other), Some(LinkFailure::Interfered)));
}

#[test]
fn row_21_the_server_may_make_its_life_shorter_and_not_longer() {
    for (life_s, ends_s) in [(60, 60), (300, 300), (900, 300)] {
        let opened = || LinkEvent::Opened {
            rendezvous: [9; 16],
            token: "1".to_owned(),
            typed_code: None,
            life: Duration::from_secs(life_s),
        };
        let at = |seconds| Now { monotonic: Duration::from_secs(seconds), ..NOW };
        let (_, mut machine, _, _) = shown();
        let (mut existing, _) = ExistingLink::show(URL, NOW).unwrap();
        existing.handle(&mut machine, opened(), NOW);
        assert!(existing.handle(&mut machine, LinkEvent::Tick, at(ends_s - 1)).is_empty());
        let actions = existing.handle(&mut machine, LinkEvent::Tick, at(ends_s));
        assert!(matches!(failure(&actions), Some(LinkFailure::Expired)));
        let (mut new, _) = NewLink::show(URL, newcomer(), phone(), NOW).unwrap();
        new.handle(opened(), NOW);
        assert!(new.handle(LinkEvent::Tick, at(ends_s - 1)).is_empty());
        assert!(matches!(failure(&new.handle(LinkEvent::Tick, at(ends_s))), Some(LinkFailure::Expired)));
    }
}

#[test]
fn what_is_read_while_something_is_on_its_way_is_left_for_later() {
    let key = Sas::new().public_key().to_bytes();
    let mut new = typing();
    let m1 = new.handle(arrives(content_of(Step::Key, LinkIntent::TypedCode, &key), "1"), NOW);
    assert!(matches!(m1[..], [LinkAction::Put { .. }]));
    assert!(new.handle(arrives(vec![1, 2, 3, 9], "2"), NOW).is_empty());
    assert!(matches!(new.handle(LinkEvent::Stored { token: "2".to_owned() }, NOW)[..], [LinkAction::Poll { .. }]));
}
