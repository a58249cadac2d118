//! Rule 16: people verify each other by master key.

use proptest::prelude::*;
use rand::SeedableRng as _;
use sotto_e2ee::{Machine, Trust, VerifyError, linking::QrError};

use crate::{Client, Server, client::uuid, pair};

#[test]
fn two_people_read_the_same_number_and_a_man_in_the_middle_changes_it() {
    let (mut server, mut alice, mut bob, _) = pair();
    bob.query(&server, &[alice.user_id()]);
    let number = alice.machine.safety_number(bob.user_id()).unwrap();
    assert_eq!(bob.machine.safety_number(alice.user_id()).unwrap(), number);
    assert_eq!(number.split(' ').map(str::len).collect::<Vec<_>>(), [5; 12]);
    assert!(number.chars().all(|c| c.is_ascii_digit() || c == ' '));
    // The server gives Alice another key for Bob.
    let device_id = uuid(&mut alice.rng).into();
    let impostor = Machine::register(&mut alice.rng, bob.user_id(), device_id, 0).unwrap();
    server.register(&impostor.keys);
    alice.query(&server, &[bob.user_id()]);
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Violated);
    let offered = alice.machine.safety_number(bob.user_id()).unwrap();
    assert_ne!(offered, number, "what is shown is about the key that a person decides on");
    let mut deceived = Client::register(&mut Server::default(), 1);
    deceived.query(&server, &[bob.user_id()]);
    assert_eq!(deceived.machine.safety_number(bob.user_id()).unwrap(), offered);
    assert!(alice.machine.safety_number(uuid(&mut bob.rng).into()).is_none());
}

#[test]
fn a_scanned_code_verifies_and_a_wrong_one_does_not() {
    let (mut server, mut alice, mut bob, _) = pair();
    bob.query(&server, &[alice.user_id()]);
    let by_bob = bob.machine.verification_qr(alice.user_id()).unwrap();
    assert_eq!(by_bob.len(), 7 + 2 * 48);
    let mut carol = Client::register(&mut server, 3);
    carol.query(&server, &[alice.user_id(), bob.user_id()]);
    alice.query(&server, &[carol.user_id()]);
    let bob_id = bob.user_id();
    let verify = |alice: &mut Client, qr: &[u8]| alice.machine.verify_by_qr(bob_id, qr);
    let by_carol = carol.machine.verification_qr(alice.user_id()).unwrap();
    assert_eq!(verify(&mut alice, &by_carol), Err(VerifyError::OtherPerson));
    let for_carol = {
        bob.query(&server, &[carol.user_id()]);
        bob.machine.verification_qr(carol.user_id()).unwrap()
    };
    assert_eq!(verify(&mut alice, &for_carol), Err(VerifyError::OtherPerson));
    for at in [23, 71] {
        let mut altered = by_bob.clone();
        altered[at] ^= 1;
        assert_eq!(verify(&mut alice, &altered), Err(VerifyError::KeysDiffer), "byte {at}");
    }
    assert_eq!(verify(&mut alice, &by_bob[..102]), Err(VerifyError::Qr(QrError::Length)));
    assert_eq!(verify(&mut alice, b"https://chat.example"), Err(VerifyError::Qr(QrError::Link)));
    let mut linking = by_bob.clone();
    linking[6] = 1;
    assert_eq!(verify(&mut alice, &linking), Err(VerifyError::Qr(QrError::Intent)));
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse);
    assert_eq!(verify(&mut alice, &by_bob), Ok(()));
    alice.persist();
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::Verified);
    assert_eq!(alice.machine.trust(uuid(&mut carol.rng).into()), Trust::Unverified);
}

#[test]
fn a_violated_person_is_not_verified_by_the_old_key_and_a_new_one_begins_at_first_use() {
    let (mut server, mut alice, mut bob, _) = pair();
    bob.query(&server, &[alice.user_id()]);
    let by_bob = bob.machine.verification_qr(alice.user_id()).unwrap();
    alice.machine.verify_by_qr(bob.user_id(), &by_bob).unwrap();
    let mut rng = rand::rngs::StdRng::seed_from_u64(77);
    let device_id = uuid(&mut rng).into();
    let renewed = Machine::register(&mut rng, bob.user_id(), device_id, 0).unwrap();
    server.register(&renewed.keys);
    let compared = alice.machine.safety_number(bob.user_id());
    alice.query(&server, &[bob.user_id()]);
    assert_eq!(alice.machine.verify_by_qr(bob.user_id(), &by_bob), Err(VerifyError::KeysDiffer));
    assert!(alice.machine.is_compared(bob.user_id()), "the pinned key is still the compared one");
    assert_eq!(alice.machine.pinned_safety_number(bob.user_id()), compared);
    assert_ne!(alice.machine.safety_number(bob.user_id()), compared);
    let shown = alice.machine.offered_master_key(bob.user_id()).unwrap().to_owned();
    assert!(alice.machine.accept_new_master_key(bob.user_id(), &shown));
    assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse, "verified was the one before");
    assert_eq!(alice.machine.offered_master_key(bob.user_id()), None);
    assert!(!alice.machine.is_compared(bob.user_id()));
}

proptest! {
    #[test]
    fn no_scanned_bytes_panic_or_verify(bytes in prop::collection::vec(any::<u8>(), 0..120), ours in any::<bool>()) {
        let (_, mut alice, bob, _) = pair();
        let bytes = if ours { [b"SOTTO\x01\x04".as_slice(), &bytes].concat() } else { bytes };
        prop_assert!(alice.machine.verify_by_qr(bob.user_id(), &bytes).is_err());
        prop_assert_eq!(alice.machine.trust(bob.user_id()), Trust::FirstUse);
    }
}
