//! Test vectors for other clients: `tests/vectors`, recomputed here. Write them anew with `UPDATE=1`.

use std::convert::Infallible;

use rand::{TryCryptoRng, TryRng};
use serde_json::{Value, json};
use uuid::Uuid;
use vodozemac::Ed25519SecretKey;

use crate::{RecoveryKey, RecoveryKeyError, SecretKey, recovery::seal_bundle, safety_number, secrets::Seed, words};

/// Compares what was computed with the committed file.
pub(crate) fn compare(name: &str, computed: &Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let text = serde_json::to_string_pretty(computed).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, text, "{name} is not what the code computes; UPDATE=1 writes it anew");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Not random at all: every byte is the one that it is told.
pub(crate) struct Fixed(pub(crate) u8);

impl TryRng for Fixed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_ne_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_ne_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Fixed {}

fn recovery(bytes: [u8; 32]) -> Value {
    let key = RecoveryKey::of(bytes);
    assert_eq!(*RecoveryKey::parse(&key.to_text()).unwrap().to_text(), *key.to_text());
    let seed = Seed::from_slice(&[2; 32]).unwrap();
    let user_id = Uuid::from_u128(2).into();
    let public = key.publish(user_id, 1, &seed).unwrap();
    let self_signing = Seed::from_slice(&[3; 32]).unwrap();
    let bundle = seal_bundle(&key, user_id, &seed, &self_signing, &mut Fixed(9)).unwrap();
    json!({
        "key": hex(&bytes),
        "words": key.to_text().as_str(),
        "bundle_key": hex(key.bundle_key().as_bytes()),
        "x25519_private": hex(key.agreement_key().as_bytes()),
        "x25519_public": public.curve25519,
        "published_by_master_02": public,
        "bundle_of_user_2_with_seeds_02_and_03_and_nonce_of_09": hex(&bundle.0),
    })
}

#[test]
fn recovery_keys_are_the_vectors() {
    let counting: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let right = RecoveryKey::of(counting).to_text();
    let wrong = |text: &str| match RecoveryKey::parse(text) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{text} is right"),
    };
    let swapped = {
        let mut words: Vec<&str> = right.split(' ').collect();
        words.swap(0, 23);
        words.join(" ")
    };
    assert_eq!(RecoveryKey::parse(&swapped).err(), Some(RecoveryKeyError::Checksum));
    let words: Vec<String> =
        [0, 1, 2, 31, 32, 127, 128, 1023, 1024, 2047].map(|at| words::word(at).iter().collect()).into();
    compare(
        "recovery.json",
        &json!({
            "words_0_1_2_31_32_127_128_1023_1024_2047": words,
            "keys": [recovery([7; 32]), recovery([0; 32]), recovery([255; 32]), recovery(counting)],
            "accepted_as_the_last_key": [right.to_uppercase(), right.replace(' ', "-"), format!("  {}\n", right.as_str())],
            "refused": [
                {"text": "besar gibok", "why": wrong("besar gibok")},
                {"text": right.replacen('b', "x", 1), "why": wrong(&right.replacen('b', "x", 1))},
                {"text": swapped, "why": wrong(&swapped)},
            ],
        }),
    );
}

#[test]
fn safety_numbers_are_the_vectors() {
    let person = |id: u128, seed: u8| {
        let public = Ed25519SecretKey::from_slice(&[seed; 32]).public_key().to_base64();
        (sotto_protocol::UserId(Uuid::from_u128(id)), public)
    };
    let pairs = [(person(2, 2), person(3, 3)), (person(3, 3), person(2, 2)), (person(2, 2), person(3, 4))];
    let values = pairs.map(|(one, other)| {
        let number = safety_number((one.0, &one.1), (other.0, &other.1)).unwrap();
        assert_eq!(number.len(), 60);
        json!({
            "users": [one.0, other.0],
            "master_keys": [one.1, other.1],
            "safety_number": number,
        })
    });
    assert_eq!(values[0]["safety_number"], values[1]["safety_number"]);
    assert_ne!(values[0]["safety_number"], values[2]["safety_number"]);
    compare("safety_number.json", &Value::Array(values.into()));
}

#[test]
fn secrets_print_nothing() {
    let key = SecretKey::of([7; 32]);
    assert_eq!(format!("{key:?} {:?}", RecoveryKey::of([7; 32])), "SecretKey(..) RecoveryKey(..)");
}
