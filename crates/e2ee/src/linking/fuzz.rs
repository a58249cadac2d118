//! Rows 16 and 41: what comes through the channel from a device that nobody knows yet.

use proptest::prelude::*;
use serde_json::{Value, json};
use vodozemac::sas::Sas;

use super::{
    LinkAction,
    attacks::{begin, failure},
    messages::{Admission, Arrival, Greeting, Introduction, Receipt, Secrets, decode},
};

/// Whether any message can be read from these bytes, and what it is when it is written again.
fn read(bytes: &[u8]) -> [bool; 6] {
    [
        decode::<Greeting>(bytes.to_vec()).is_ok(),
        decode::<Introduction>(bytes.to_vec()).is_ok(),
        decode::<Admission>(bytes.to_vec()).is_ok(),
        decode::<Arrival>(bytes.to_vec()).is_ok(),
        decode::<Receipt>(bytes.to_vec()).is_ok(),
        decode::<Secrets>(bytes.to_vec()).is_ok(),
    ]
}

fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        "[A-Za-z0-9+/]{0,90}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"": {"": "x"}})),
    ]
}

/// Every place of a message where something else can stand.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    if let Some(object) = value.as_object() {
        for (key, value) in object {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            found.push(at.clone());
            places(value, &at, found);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn row_41_no_bytes_in_the_channel_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), value in junk()) {
        // A map without anything is a greeting or a receipt; nothing that is made up is more.
        let [_, introduction, admission, arrival, _, secrets] = read(&bytes);
        prop_assert!(!introduction && !admission && !arrival && !secrets);
        let [_, introduction, admission, arrival, _, secrets] = read(&serde_json::to_vec(&value).unwrap());
        prop_assert!(!introduction && !admission && !arrival && !secrets);
    }

    #[test]
    fn row_18_whatever_is_changed_in_the_keys_of_an_introduction_ends_it(at in any::<usize>(), by in junk(), gone in any::<bool>()) {
        let key = Sas::new().public_key();
        let mut attack = begin(key.as_bytes());
        let mut message = serde_json::to_value(attack.introduction("phone", key.as_bytes())).unwrap();
        let mut found = Vec::new();
        places(&message, "", &mut found);
        found.retain(|place| !place.starts_with("/device/") && place != "/device");
        let place = &found[at % found.len()];
        let before = message.clone();
        if gone {
            let (parent, key) = place.rsplit_once('/').unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            message.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(&key);
        } else {
            *message.pointer_mut(place).unwrap() = by;
        }
        prop_assume!(message != before);
        let actions = attack.send(&message);
        prop_assert!(failure(&actions).is_some(), "{place}");
        prop_assert!(!actions.iter().any(|action| matches!(action, LinkAction::AskDigits(_))));
    }
}
