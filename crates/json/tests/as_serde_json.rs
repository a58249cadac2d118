//! The same text is written, and the same text is read or refused, as `serde_json` does.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use sotto_json::{Error, from_slice, from_str, to_string};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Plain {
    One,
    TheOther,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Held {
    Unit,
    New(i64),
    Pair(u8, String),
    Named { a: Option<bool>, b: Vec<Plain> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tagged {
    Empty,
    Text { text: String, count: Option<i32> },
    Whole(Inner),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value")]
enum Beside {
    Nothing,
    Inner(Inner),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    bytes: [u8; 3],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    letter: Option<char>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    plain: Plain,
    held: Vec<Held>,
    tagged: Vec<Tagged>,
    beside: Beside,
    by_number: BTreeMap<i64, Option<bool>>,
    by_name: BTreeMap<Plain, BTreeMap<String, u64>>,
    by_truth: BTreeMap<bool, i8>,
    #[serde(flatten)]
    more: BTreeMap<String, Option<String>>,
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x40\"\\\\\u{7f}é😀]{0,9}"]
}

fn everything() -> impl Strategy<Value = Everything> {
    let plain = || prop_oneof![Just(Plain::One), Just(Plain::TheOther)];
    let inner = || (any::<[u8; 3]>(), any::<Option<char>>()).prop_map(|(bytes, letter)| Inner { bytes, letter });
    let held = prop_oneof![
        Just(Held::Unit),
        any::<i64>().prop_map(Held::New),
        (any::<u8>(), texts()).prop_map(|(number, text)| Held::Pair(number, text)),
        (any::<Option<bool>>(), prop::collection::vec(plain(), 0..3)).prop_map(|(a, b)| Held::Named { a, b }),
    ];
    let tagged = prop_oneof![
        Just(Tagged::Empty),
        (texts(), any::<Option<i32>>()).prop_map(|(text, count)| Tagged::Text { text, count }),
        inner().prop_map(Tagged::Whole),
    ];
    let beside = prop_oneof![Just(Beside::Nothing), inner().prop_map(Beside::Inner)];
    let maps = (
        prop::collection::btree_map(any::<i64>(), any::<Option<bool>>(), 0..3),
        prop::collection::btree_map(plain(), prop::collection::btree_map(texts(), any::<u64>(), 0..3), 0..2),
        prop::collection::btree_map(any::<bool>(), any::<i8>(), 0..2),
        prop::collection::btree_map("x[a-z]{0,3}", any::<Option<String>>(), 0..2),
    );
    let lists = (prop::collection::vec(held, 0..4), prop::collection::vec(tagged, 0..4));
    (plain(), lists, beside, maps).prop_map(|(plain, (held, tagged), beside, maps)| {
        let (by_number, by_name, by_truth, more) = maps;
        Everything { plain, held, tagged, beside, by_number, by_name, by_truth, more }
    })
}

fn agree<T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    assert_eq!(from_str::<T>(text).ok(), serde_json::from_str::<T>(text).ok(), "{text}");
}

proptest! {
    #[test]
    fn values_are_written_and_read_alike(value in everything()) {
        let text = to_string(&value).unwrap();
        prop_assert_eq!(&text, &serde_json::to_string(&value).unwrap());
        prop_assert_eq!(&from_str::<Everything>(&text).unwrap(), &value);
        let spaced = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(from_str::<Everything>(&spaced).unwrap(), value);
    }

    #[test]
    fn texts_that_are_cut_and_changed_are_read_or_refused_alike(
        value in everything(), at in any::<prop::sample::Index>(), new in "[\\[\\]{}\",:0-9a-z \\\\.-]{0,2}", cut in any::<bool>(),
    ) {
        let text = to_string(&value).unwrap();
        let at = at.index(text.len() + 1);
        prop_assume!(text.is_char_boundary(at));
        let (head, tail) = text.split_at(at);
        let tail = if cut { tail.get(1..).unwrap_or_default() } else { tail };
        let changed = format!("{head}{new}{tail}");
        // Arrays in the place of objects, and fractions, are the two differences; neither comes of one change.
        agree::<Everything>(&changed);
        agree::<Ignored>(&changed);
    }

    #[test]
    fn anything_is_read_or_refused_alike(text in "[\\[\\]{}\",:0-9a-flnrstu \\\\.+eE-]{0,12}") {
        agree::<Ignored>(&text);
        agree::<i64>(&text);
        agree::<String>(&text);
        agree::<Option<bool>>(&text);
        agree::<Vec<u8>>(&text);
        agree::<Held>(&text);
    }

    #[test]
    fn bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = from_slice::<Everything>(&bytes);
        let _ = from_slice::<Ignored>(&bytes);
    }
}

/// Any JSON.
#[derive(Debug, PartialEq)]
struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

#[test]
fn numbers_are_read_to_their_limits() {
    for text in ["0", "-0", "01", "-1", "1.0", "1e2", "9223372036854775807", "9223372036854775808", "-", "1.", "+1"] {
        agree::<i64>(text);
        agree::<u64>(text);
    }
    for text in ["18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809"] {
        agree::<i64>(text);
        agree::<u64>(text);
    }
    for text in ["255", "256", "-1", "-128", "-129"] {
        agree::<u8>(text);
        agree::<i8>(text);
    }
}

#[test]
fn keys_that_are_numbers_or_truth_values_hold_nothing_else() {
    for key in
        ["1", " 1", "1 ", "1\t", "-1", "- 1", "", "\"", "1.5", "1e1", "true", " true", "true ", "truer", "\\u0031"]
    {
        let text = format!(r#"{{"{key}":1}}"#);
        agree::<BTreeMap<i64, u8>>(&text);
        agree::<BTreeMap<bool, u8>>(&text);
    }
}

#[test]
fn escapes_are_read_alike() {
    for text in [
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\u00E9\/\b\f""#,
        r#""\x""#,
        r#""\u12""#,
        "\"\n\"",
        "\"\u{7f}\"",
        r#""""#,
        r#"""#,
    ] {
        agree::<String>(text);
        agree::<Ignored>(text);
    }
}

#[test]
fn depth_is_bounded_alike() {
    for depth in [126, 127, 128, 200_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let ours = from_str::<Value>(&text).is_ok();
        assert_eq!(ours, depth <= 127, "{depth}");
        assert_eq!(from_str::<Ignored>(&text), Ok(Ignored));
    }
    assert!(serde_json::from_str::<Value>(&("[".repeat(127) + &"]".repeat(127))).is_ok());
    assert!(serde_json::from_str::<Value>(&("[".repeat(128) + &"]".repeat(128))).is_err());
}

#[test]
fn raw_text_is_kept() {
    #[derive(Serialize, Deserialize)]
    struct Carrier {
        before: i64,
        raw: Box<RawValue>,
        after: String,
    }
    let text = r#"{"before":1,"raw":{"a" : [1.50, "\u0041", {}], "a": null},"after":"\""}"#;
    let carrier: Carrier = from_str(text).unwrap();
    assert_eq!(carrier.raw.get(), r#"{"a" : [1.50, "\u0041", {}], "a": null}"#);
    assert_eq!(to_string(&carrier).unwrap(), text);
    assert!(from_str::<Carrier>(r#"{"before":1,"raw":{"a"},"after":""}"#).is_err());
    let text = r#"[1.5,"x",[{}]]"#;
    assert_eq!(to_string(&from_str::<Vec<Box<RawValue>>>(text).unwrap()).unwrap(), text);
}

#[test]
fn what_is_wrong_is_told() {
    let error = |text: &str| from_str::<Inner>(text).unwrap_err();
    assert_eq!(error("{"), Error::Syntax);
    assert_eq!(error("{}"), Error::MissingField);
    assert_eq!(error(r#"{"bytes":[1,2,3],"bytes":[1,2,3]}"#), Error::DuplicateField);
    assert_eq!(error(r#"{"bytes":[1,2,3],"more":1}"#), Error::Unknown);
    assert_eq!(error(r#"{"bytes":"123"}"#), Error::Type);
    assert_eq!(error(r#"{"bytes":[1,2,300]}"#), Error::Value);
    assert_eq!(error(r#"{"bytes":[1,2,3]} x"#), Error::Syntax);
    assert_eq!(error("[[1,2,3],null]"), Error::Type);
    assert_eq!(to_string(&1.5), Err(Error::Value));
    assert_eq!(to_string(&BTreeMap::from([(vec![1], 1)])), Err(Error::Value));
}
