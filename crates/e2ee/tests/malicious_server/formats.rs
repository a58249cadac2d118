//! What is stored has a fixed shape, and nothing secret is printed.

use std::collections::BTreeMap;

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Map, Value, json};
use sotto_e2ee::{Machine, RecoveryKey, RecoveryKeyError, sealed};

use crate::{attacker::Attacker, client::uuid, pair};

/// The shape of a value: names and types; ids and key material gone.
fn shape(value: &Value) -> Value {
    let is_id = |key: &str| key.len() > 24 || key.contains(':') || key.starts_with(|c: char| c.is_ascii_digit());
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.first().map_or(json!([]), |item| json!([shape(item)])),
        Value::Object(object) => {
            let entries = object.iter().map(|(key, item)| {
                let key = if is_id(key) { "*".to_owned() } else { key.clone() };
                (key, shape(item))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

#[test]
fn stored_records_keep_their_shape() {
    let (mut server, mut alice, mut bob, id) = pair();
    server.lose_envelopes = 1;
    bob.query(&server, &[alice.user_id()]);
    alice.send(&mut server, id, "x");
    bob.sync(&mut server);
    alice.sync(&mut server);
    alice.queue(id, "y");
    let shapes = |records: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Value> {
        let kind = |key: &str| key.split('/').next().unwrap().to_owned();
        records.iter().map(|(key, bytes)| (kind(key), shape(&serde_json::from_slice(bytes).unwrap()))).collect()
    };
    let mut all = shapes(&bob.records);
    all.extend(shapes(&alice.records));
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        ["account", "asked", "conv", "in", "members", "olm", "out", "pending", "seen", "user", "waiting"]
    );
    insta::assert_json_snapshot!(all);
}

#[test]
fn debug_shows_no_secret() {
    let mut rng = StdRng::seed_from_u64(5);
    let (user_id, device_id) = (uuid(&mut rng).into(), uuid(&mut rng).into());
    let registration = Machine::register(&mut rng, user_id, device_id, 0).unwrap();
    insta::assert_debug_snapshot!((&registration.machine, &registration.recovery_key));
    let (mut server, mut alice, _, id) = pair();
    alice.send(&mut server, id, "x");
    let debug = format!("{:?} {registration:?}", alice.machine);
    let secrets = Attacker::of(&alice).record["self_signing"].as_str().unwrap().to_owned();
    assert!(!debug.contains(&secrets));
    assert!(!debug.contains(registration.recovery_key.to_text().as_str()));
}

#[test]
fn sealed_bytes_open_with_the_same_key_and_context_only() {
    let mut rng = StdRng::seed_from_u64(5);
    let sealed = sealed::seal(&[1; 32], b"account", b"secret", &mut rng).unwrap();
    assert_ne!(sealed, sealed::seal(&[1; 32], b"account", b"secret", &mut rng).unwrap(), "the nonce is fresh");
    assert_eq!(sealed::open(&[1; 32], b"account", &sealed).unwrap(), b"secret");
    assert!(sealed::open(&[2; 32], b"account", &sealed).is_err());
    assert!(sealed::open(&[1; 32], b"user", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(sealed::open(&[1; 32], b"account", &altered).is_err());
    }
    assert!(sealed::open(&[1; 32], b"account", &sealed[..20]).is_err());
}

#[test]
fn a_recovery_key_is_read_as_people_write_it_and_mistakes_are_named() {
    let mut rng = StdRng::seed_from_u64(5);
    for _ in 0..50 {
        let text = RecoveryKey::random(&mut rng).to_text();
        let mut words: Vec<&str> = text.split(' ').collect();
        assert_eq!((words.len(), text.len()), (24, 24 * 6 - 1));
        let sloppy = format!("  {} \n", text.to_uppercase().replace(' ', "\n- "));
        assert_eq!(*RecoveryKey::parse(&sloppy).unwrap().to_text(), *text);
        let mistyped = text.replacen(words[6], &words[6].replacen(|_| true, "x", 1), 1);
        assert_eq!(RecoveryKey::parse(&mistyped).err(), Some(RecoveryKeyError::UnknownWord { position: 7 }));
        if words[3] != words[4] {
            words.swap(3, 4);
            let swapped = RecoveryKey::parse(&words.join(" ")).map(|key| key.to_text());
            assert!(swapped.err().is_none_or(|error| error == RecoveryKeyError::Checksum));
        }
        words.pop();
        assert_eq!(RecoveryKey::parse(&words.join(" ")).err(), Some(RecoveryKeyError::WordCount { got: 23 }));
    }
    assert_eq!(RecoveryKey::parse("not a key").err(), Some(RecoveryKeyError::WordCount { got: 3 }));
}

#[test]
fn loading_refuses_what_it_does_not_know() {
    let (_, alice, _, _) = pair();
    assert!(Machine::load([]).is_err());
    let mut records = alice.records.clone();
    records.insert("nonsense/1".to_owned(), vec![]);
    assert!(Machine::load(records).is_err());
    let mut records = alice.records.clone();
    records.values_mut().for_each(|bytes| bytes.truncate(5));
    assert!(Machine::load(records).is_err());
}

#[test]
fn a_send_rewrites_little() {
    let (mut server, mut alice, _, id) = pair();
    alice.send(&mut server, id, "first");
    let txn_id = sotto_protocol::TxnId(uuid(&mut alice.rng));
    alice.machine.queue_message(id, txn_id, &sotto_e2ee::MessageBody::text("x"), None).unwrap();
    let step = alice.machine.poll_send(id, &mut alice.rng, alice.now_ms).unwrap();
    assert!(matches!(step, sotto_e2ee::SendStep::Send(_)));
    let dirty = alice.machine.take_dirty().unwrap();
    let keys: Vec<_> = dirty.iter().map(|(key, _)| key.split('/').next().unwrap()).collect();
    assert_eq!(keys, ["out", "pending"]);
    assert!(dirty.iter().map(|(_, bytes)| bytes.as_ref().map_or(0, Vec::len)).sum::<usize>() < 4_096);
}
