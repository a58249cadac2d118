use proptest::prelude::*;
use sotto_identity::{ListError, hash, next_entry, verify_chain, verify_first, verify_next};
use sotto_protocol::keys::{DeviceList, ListAuthor};

use crate::support::{Account, Device};

fn author(device: &Device) -> ListAuthor {
    ListAuthor::Device(device.device_id)
}

/// Entry 1 with device 1, entry 2 with 1 and 2, entry 3 with 1 (2 is revoked).
fn chain(account: &Account) -> Vec<DeviceList> {
    let (one, two) = (Device::new(1), Device::new(2));
    let first = account.first(&one);
    let mut second = next_entry(&first, Some(two.listed()), None, author(&one)).unwrap();
    account.sign_list(&mut second, Some(&one));
    let mut third = next_entry(&second, None, Some(two.device_id), author(&one)).unwrap();
    account.sign_list(&mut third, Some(&one));
    vec![first, second, third]
}

#[test]
fn an_honest_chain_verifies() {
    let account = Account::new(1);
    let entries = chain(&account);
    let head = verify_chain(&entries, &account.cross_signing()).unwrap();
    assert_eq!(head.version, 3);
    assert_eq!(head.revoked, [Device::new(2).listed()]);
}

#[test]
fn a_chain_with_an_entry_left_out_or_out_of_order_does_not() {
    let account = Account::new(1);
    let entries = chain(&account);
    let keys = account.cross_signing();
    assert!(verify_chain(&[], &keys).is_err());
    assert!(verify_chain(&entries[1..], &keys).is_err());
    assert!(matches!(verify_next(&entries[0], &entries[2], &keys), Err(ListError::Version { expected: 2, got: 3 })));
    assert!(verify_next(&entries[1], &entries[0], &keys).is_err());
    assert!(verify_chain(&entries, &Account::new(2).cross_signing()).is_err());
}

#[test]
fn only_a_device_of_the_entry_before_or_the_master_key_extends_it() {
    let account = Account::new(1);
    let (one, two, three) = (Device::new(1), Device::new(2), Device::new(3));
    let entries = chain(&account);
    let keys = account.cross_signing();
    // 2 is revoked, 3 brings itself in.
    for by in [&two, &three] {
        let mut next = next_entry(&entries[2], Some(three.listed()), None, author(by)).unwrap();
        account.sign_list(&mut next, Some(by));
        assert!(matches!(verify_next(&entries[2], &next, &keys), Err(ListError::Author)));
    }
    // Named is 1, signed has 2.
    let mut next = next_entry(&entries[2], Some(three.listed()), None, author(&one)).unwrap();
    account.sign_list(&mut next, Some(&two));
    assert!(matches!(verify_next(&entries[2], &next, &keys), Err(ListError::Signature(_))));
    let mut next = next_entry(&entries[2], Some(three.listed()), None, ListAuthor::Master).unwrap();
    account.sign_list(&mut next, None);
    assert!(verify_next(&entries[2], &next, &keys).is_ok());
    // A device may revoke itself: it was active before.
    let mut next = next_entry(&entries[1], None, Some(two.device_id), author(&two)).unwrap();
    account.sign_list(&mut next, Some(&two));
    assert!(verify_next(&entries[1], &next, &keys).is_ok());
}

#[test]
fn a_revoked_device_does_not_return_under_its_id_or_keys() {
    let account = Account::new(1);
    let (one, two, three) = (Device::new(1), Device::new(2), Device::new(3));
    let head = &chain(&account)[2];
    let mut same_keys = three.listed();
    same_keys.curve25519 = two.listed().curve25519;
    for returning in [two.listed(), same_keys] {
        let mut next = next_entry(head, Some(returning.clone()), None, author(&one)).unwrap();
        account.sign_list(&mut next, Some(&one));
        assert!(verify_next(head, &next, &account.cross_signing()).is_err());
        next.revoked.clear();
        account.sign_list(&mut next, Some(&one));
        assert!(matches!(verify_next(head, &next, &account.cross_signing()), Err(ListError::Returns)));
    }
}

proptest! {
    #[test]
    fn an_entry_bent_in_any_way_is_refused(bend in 0usize..9) {
        let account = Account::new(1);
        let one = Device::new(1);
        let prev = &chain(&account)[1];
        let mut next = next_entry(prev, Some(Device::new(3).listed()), None, author(&one)).unwrap();
        account.sign_list(&mut next, Some(&one));
        prop_assert!(verify_next(prev, &next, &account.cross_signing()).is_ok());
        match bend {
            0 => next.version += 1,
            1 => next.prev_hash = None,
            2 => next.prev_hash = Some(hash(&next).unwrap()),
            3 => next.devices.reverse(),
            4 => next.devices.clear(),
            5 => next.devices.push(next.devices[2].clone()),
            6 => next.devices[0].ed25519 = Device::new(7).listed().ed25519,
            7 => drop(next.devices.remove(1)),
            _ => next.revoked.push(Device::new(5).listed()),
        }
        account.sign_list(&mut next, Some(&one));
        prop_assert!(verify_next(prev, &next, &account.cross_signing()).is_err());
    }

    #[test]
    fn a_signature_covers_every_byte(at in 0usize..64, bit in 0u8..8) {
        let account = Account::new(1);
        let mut entry = account.first(&Device::new(1));
        verify_first(&entry, &account.cross_signing()).unwrap();
        for signature in entry.signatures.values_mut().flat_map(|by| by.values_mut()) {
            let mut bytes = sotto_protocol::Base64Bytes::from_base64(signature).unwrap();
            bytes.0[at] ^= 1 << bit;
            *signature = bytes.to_base64();
        }
        prop_assert!(verify_first(&entry, &account.cross_signing()).is_err());
    }

    #[test]
    fn random_histories_verify_and_revoked_only_grows(steps in prop::collection::vec((any::<bool>(), 0usize..8), 1..25)) {
        let account = Account::new(1);
        let mut devices = vec![Device::new(1)];
        let mut entries = vec![account.first(&devices[0])];
        for (seed, (add, pick)) in (2..).zip(steps) {
            let head = entries.last().unwrap();
            let by = pick % devices.len();
            let mut next = if add && devices.len() < 20 {
                next_entry(head, Some(Device::new(seed).listed()), None, author(&devices[by]))
            } else if devices.len() > 1 {
                next_entry(head, None, Some(devices[(pick + 1) % devices.len()].device_id), author(&devices[by]))
            } else {
                continue;
            }
            .unwrap();
            account.sign_list(&mut next, Some(&devices[by]));
            verify_next(head, &next, &account.cross_signing()).unwrap();
            prop_assert!(head.revoked.iter().all(|device| next.revoked.contains(device)));
            if next.devices.len() > devices.len() {
                devices.push(Device::new(seed));
            } else {
                devices.remove((pick + 1) % devices.len());
            }
            entries.push(next);
        }
        prop_assert!(verify_chain(&entries, &account.cross_signing()).is_ok());
    }
}
