use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sotto_identity::{canonical_json, hash, signing_bytes};

/// The examples of the Matrix specification (appendices, "Canonical JSON").
#[test]
fn the_specifications_examples_come_out() {
    let cases = [
        (json!({}), "{}"),
        (json!({"one": 1, "two": "Two"}), r#"{"one":1,"two":"Two"}"#),
        (json!({"b": "2", "a": "1"}), r#"{"a":"1","b":"2"}"#),
        (
            json!({"auth": {"success": true, "mxid": "@john.doe:example.com", "profile": {
                "display_name": "John Doe",
                "three_pids": [{"medium": "email", "address": "john.doe@example.org"},
                    {"medium": "msisdn", "address": "123456789"}]}}}),
            r#"{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}"#,
        ),
        (json!({"a": "日本語"}), r#"{"a":"日本語"}"#),
        (json!({"本": 2, "日": 1}), r#"{"日":1,"本":2}"#),
        (json!({"a": "\u{65e5}"}), r#"{"a":"日"}"#),
        (json!({"a": null}), r#"{"a":null}"#),
    ];
    for (value, expected) in cases {
        assert_eq!(canonical_json(&value).unwrap(), expected);
    }
}

#[test]
fn control_characters_are_escaped_in_the_shortest_way() {
    let text = "\u{0}\u{1f}\u{8}\u{c}\n\r\t\"\\/\u{7f}";
    assert_eq!(canonical_json(text).unwrap(), "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\u{7f}\"");
}

#[test]
fn fractions_and_integers_beyond_53_bits_have_no_canonical_form() {
    for value in [json!(1.5), json!(1_i64 << 53), json!(-(1_i64 << 53)), json!(u64::MAX), json!([{"a": 0.1}])] {
        assert!(canonical_json(&value).is_err(), "{value}");
    }
    let largest = (1_i64 << 53) - 1;
    assert_eq!(canonical_json(&json!([largest, -largest])).unwrap(), format!("[{largest},-{largest}]"));
}

#[test]
fn signatures_and_unsigned_are_not_signed_but_nested_ones_are() {
    let object = json!({"b": {"signatures": 1}, "signatures": {"x": 1}, "unsigned": 2});
    assert_eq!(signing_bytes(&object).unwrap(), br#"{"b":{"signatures":1}}"#);
    assert!(signing_bytes(&json!([1])).is_err());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1_i64 << 53).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn is_sorted(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_sorted),
        Value::Object(object) => object.values().all(is_sorted),
        _ => true,
    }
}

proptest! {
    #[test]
    fn canonical_json_says_the_same_and_is_a_fixed_point(value in any_value()) {
        let text = canonical_json(&value).unwrap();
        let back: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &value);
        prop_assert!(is_sorted(&back));
        prop_assert_eq!(canonical_json(&back).unwrap(), text);
    }

    #[test]
    fn the_order_of_keys_does_not_matter(entries in prop::collection::btree_map(any::<String>(), any::<i32>(), 0..12)) {
        let forward: Map<String, Value> = entries.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        let backward: Map<String, Value> = entries.iter().rev().map(|(k, v)| (k.clone(), json!(v))).collect();
        let text = canonical_json(&forward).unwrap();
        prop_assert_eq!(&canonical_json(&backward).unwrap(), &text);
        let at = |key: &String| text.find(&format!("{}:", serde_json::to_string(key).unwrap()));
        let positions: Vec<_> = entries.keys().map(at).collect();
        prop_assert!(positions.iter().all(Option::is_some));
        prop_assert_eq!(hash(&forward).unwrap(), hash(&backward).unwrap());
    }
}
