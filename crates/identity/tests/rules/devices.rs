use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use sotto_identity::{
    Curve25519Public, Ed25519Public, KeyError, OneTimeKeyKind, check_certified_device, check_cross_signing,
    check_one_time_key, check_self_signed_device, device_key_id, sign,
};
use sotto_protocol::keys::{DeviceKeys, SignedOneTimeKey};

use crate::support::{Account, Device, base64};

fn hex(text: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap();
    std::array::from_fn(byte)
}

#[test]
fn ed25519_keys_of_small_order_or_in_other_bytes_are_refused() {
    let small = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    ];
    for key in small {
        assert_eq!(Ed25519Public::from_bytes(&hex(key)), Err(KeyError::SmallOrder), "{key}");
    }
    // y = p + 3 and y = 3 are one point in two encodings (when 3 is on the curve), the identity is 1 and p + 1.
    for key in [
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        assert!(Ed25519Public::from_bytes(&hex(key)).is_err(), "{key}");
    }
    assert!(Ed25519Public::parse(&Device::new(1).listed().ed25519).is_ok());
}

#[test]
fn curve25519_keys_of_low_order_or_beyond_the_prime_are_refused() {
    let low = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ];
    for key in low {
        assert_eq!(Curve25519Public::from_bytes(&hex(key)), Err(KeyError::SmallOrder), "{key}");
    }
    let beyond = [
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];
    for key in beyond {
        assert_eq!(Curve25519Public::from_bytes(&hex(key)), Err(KeyError::Point), "{key}");
    }
    let mut base_point = [0; 32];
    base_point[0] = 9;
    assert!(Curve25519Public::from_bytes(&base_point).is_ok());
}

#[test]
fn only_canonical_unpadded_base64_of_32_bytes_is_a_key() {
    let good = Device::new(1).listed().ed25519;
    let last = |text: &str, c: char| format!("{}{c}", &text[..42]);
    assert_eq!(Ed25519Public::parse(&format!("{good}=")), Err(KeyError::Encoding));
    assert_eq!(Ed25519Public::parse(&format!(" {good}")), Err(KeyError::Encoding));
    assert_eq!(Ed25519Public::parse(&good[..40]), Err(KeyError::Length));
    assert_eq!(Ed25519Public::parse(&base64([7; 33])), Err(KeyError::Length));
    // The last character carries two bits that must be zero.
    let trailing = "BCDFGHJKLNOPRSTVWXZabdefhijlmnpqrtuvxyz123567+/".chars();
    assert!(trailing.map(|c| last(&good, c)).all(|text| Ed25519Public::parse(&text) == Err(KeyError::Encoding)));
}

#[test]
fn cross_signing_keys_check_and_nothing_else_does() {
    let (account, other) = (Account::new(1), Account::new(2));
    let (master, self_signing) = account.cross_keys();
    assert!(check_cross_signing(account.user_id, &master, &self_signing).is_ok());
    assert!(check_cross_signing(other.user_id, &master, &self_signing).is_err());
    assert!(check_cross_signing(account.user_id, &self_signing, &master).is_err());
    assert!(check_cross_signing(account.user_id, &other.cross_keys().0, &self_signing).is_err());
    assert!(check_cross_signing(account.user_id, &master, &other.cross_keys().1).is_err());
    let mut unsigned = self_signing.clone();
    unsigned.signatures.clear();
    assert!(check_cross_signing(account.user_id, &master, &unsigned).is_err());
}

/// Every place of a JSON value, as a path.
fn places(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, item)| places(item, format!("{at}/{}", key.replace('/', "~1")), all));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| places(item, format!("{at}/{n}"), all)),
        _ => all.push(at),
    }
}

proptest! {
    #[test]
    fn row_04_any_altered_field_of_device_keys_is_refused(place in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in "[A-Za-z0-9+/]") {
        let (account, device) = (Account::new(1), Device::new(9));
        let keys = device.keys(&account);
        check_certified_device(&keys, device.device_id, &account.cross_signing()).unwrap();
        let mut value = serde_json::to_value(&keys).unwrap();
        let mut all = Vec::new();
        places(&value, String::new(), &mut all);
        let field = value.pointer_mut(place.get::<String>(&all)).unwrap();
        let text = field.as_str().unwrap().to_owned();
        let at = at.index(text.len());
        let altered = format!("{}{with}{}", &text[..at], &text[at + 1..]);
        prop_assume!(altered != text);
        *field = Value::from(altered);
        if let Ok(keys) = serde_json::from_value::<DeviceKeys>(value) {
            // An id in capitals is the same id.
            prop_assume!(keys != device.keys(&account));
            prop_assert!(check_certified_device(&keys, device.device_id, &account.cross_signing()).is_err());
        }
    }
}

#[test]
fn a_device_that_the_account_did_not_sign_is_told_apart() {
    let (account, device) = (Account::new(1), Device::new(9));
    let certified = device.keys(&account);
    let mut own = certified.clone();
    own.signatures.values_mut().for_each(|by| by.retain(|id, _| *id == device_key_id(device.device_id)));
    assert!(check_self_signed_device(&own, account.user_id, device.device_id).is_ok());
    assert!(check_certified_device(&own, device.device_id, &account.cross_signing()).is_err());
    assert!(check_self_signed_device(&certified, account.user_id, device.device_id).is_err());
}

#[test]
fn one_time_keys_say_what_they_are_and_who_made_them() {
    use OneTimeKeyKind::{Fallback, OneTime};
    use ed25519_dalek::Signer as _;
    let (account, device, other) = (Account::new(1), Device::new(9), Device::new(8));
    let make = |fallback, signer: &Device| {
        let mut key = SignedOneTimeKey { key: device.listed().curve25519, fallback, signatures: BTreeMap::default() };
        let id = device_key_id(signer.device_id);
        sign(&mut key, account.user_id, &id, |bytes| signer.ed25519.sign(bytes).to_bytes()).unwrap();
        key
    };
    let check = |id: &str, key: &SignedOneTimeKey, kind| {
        check_one_time_key(id, key, kind, account.user_id, &device.listed()).is_ok()
    };
    let id = "signed_curve25519:AAAAAA";
    assert!(check(id, &make(None, &device), OneTime));
    assert!(check(id, &make(Some(true), &device), Fallback));
    assert!(!check(id, &make(Some(true), &device), OneTime));
    assert!(!check(id, &make(None, &device), Fallback));
    assert!(!check(id, &make(Some(false), &device), Fallback));
    assert!(!check(id, &make(None, &other), OneTime));
    for id in ["AAAAAA", "signed_curve25519:", "curve25519:AAAAAA", "signed_curve25519:a b"] {
        assert!(!check(id, &make(None, &device), OneTime), "{id}");
    }
    let mut relabelled = make(None, &device);
    relabelled.fallback = Some(true);
    assert!(!check(id, &relabelled, Fallback));
}
