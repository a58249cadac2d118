//! Test vectors of linking: what another client has to compute.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sotto_identity::{device_key_id, sign};
use sotto_protocol::{
    UserId,
    keys::{ALGORITHM_MEGOLM, ALGORITHM_OLM, DeviceKeys},
};
use uuid::Uuid;
use vodozemac::{Curve25519PublicKey, Curve25519SecretKey, Ed25519SecretKey};

use super::{
    base_url::normalize_base_url,
    codes::{Digits, TypedCode},
    qr::{LinkIntent, LinkQr},
    transcript::{
        Transcript, additional_data, approval_number, possession_bytes, sas_commitment, sas_digits_of, sas_info,
    },
};
use crate::vectors::{compare, hex};

const URL: &str = "https://chat.example";
const RENDEZVOUS: [u8; 16] = [9; 16];

fn curve(seed: u8) -> Curve25519PublicKey {
    Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(&[seed; 32]))
}

fn device_keys() -> DeviceKeys {
    let (user_id, device_id) = (UserId(Uuid::from_u128(2)), Uuid::from_u128(0x3f0).into());
    let ed25519 = Ed25519SecretKey::from_slice(&[8; 32]);
    let mut keys = DeviceKeys {
        user_id,
        device_id,
        algorithms: vec![ALGORITHM_OLM.to_owned(), ALGORITHM_MEGOLM.to_owned()],
        keys: BTreeMap::from([
            (device_key_id(device_id), ed25519.public_key().to_base64()),
            (format!("curve25519:{device_id}"), curve(8).to_base64()),
        ]),
        signatures: BTreeMap::new(),
    };
    sign(&mut keys, user_id, &device_key_id(device_id), |bytes| ed25519.sign(bytes).to_bytes()).unwrap();
    keys
}

fn transcript(intent: LinkIntent) -> Value {
    let (initial_message, initial_response) = ([1u8; 50], [2u8; 60]);
    let (recipient_key, sender_key) = (curve(5).to_bytes(), curve(6).to_bytes());
    let transcript = Transcript {
        intent,
        base_url: URL,
        rendezvous: &RENDEZVOUS,
        recipient_key: &recipient_key,
        sender_key: &sender_key,
        initial_message: &initial_message,
        initial_response: &initial_response,
    };
    let hash = transcript.hash();
    let keys = device_keys();
    let possession = possession_bytes(&hash, &keys).unwrap();
    json!({
        "intent": intent.byte(),
        "recipient_key": hex(curve(5).as_bytes()),
        "sender_key": hex(curve(6).as_bytes()),
        "initial_message": hex(&initial_message),
        "initial_response": hex(&initial_response),
        "transcript_hash": hex(&hash),
        "possession_bytes": hex(&possession),
        "pop_by_ed25519_seed_08": hex(&Ed25519SecretKey::from_slice(&[8; 32]).sign(&possession).to_bytes()),
        "approval_number": approval_number(&hash, &keys).unwrap().as_str(),
        "sas_info": sas_info(&hash),
    })
}

fn code(intent: LinkIntent) -> Value {
    let qr = LinkQr { intent, public_key: curve(5), rendezvous: RENDEZVOUS, base_url: URL.to_owned() };
    assert_eq!(LinkQr::parse(&qr.to_bytes(), intent), Ok(qr.clone()));
    json!({"intent": intent.byte(), "public_key": hex(curve(5).as_bytes()), "bytes": hex(&qr.to_bytes())})
}

fn refused(bytes: &[u8]) -> Value {
    let why = LinkQr::parse(bytes, LinkIntent::ExistingShows).unwrap_err();
    json!({"bytes": hex(bytes), "why": format!("{why:?}")})
}

#[test]
fn linking_is_the_vectors() {
    let qr = LinkQr {
        intent: LinkIntent::ExistingShows,
        public_key: curve(5),
        rendezvous: RENDEZVOUS,
        base_url: URL.to_owned(),
    };
    let bytes = qr.to_bytes();
    let with = |at: usize, byte: u8| {
        let mut altered = bytes.clone();
        altered[at] = byte;
        altered
    };
    let typed = ["7K3M-9QX0", "7k3m 9qxo", "ilIL-oO00", "7K3M9QX", "7K3M9QXU"]
        .map(|text| json!({"typed": text, "code": TypedCode::parse(text).map(|code| code.as_str().to_owned())}));
    let urls = [
        "HTTPS://Chat.Example:443/",
        "http://localhost:8080/sotto/",
        "https://a@b",
        "ftp://x",
        "https://x/?y",
        "https://x:443:443",
    ]
    .map(|text| json!({"text": text, "base_url": normalize_base_url(text)}));
    let check_codes = [[0u8, 7], [0x27, 0x10], [255, 255]]
        .map(|bytes| json!({"bytes": hex(&bytes), "digits": Digits::of(u16::from_be_bytes(bytes).into(), 4).as_str()}));
    let sas = [[0u8; 8], [1, 2, 3, 4, 5, 6, 7, 8]]
        .map(|bytes| json!({"bytes": hex(&bytes), "digits": sas_digits_of(&bytes).as_str()}));
    let transcripts = [LinkIntent::ExistingShows, LinkIntent::NewShows, LinkIntent::TypedCode].map(transcript);
    let codes = [LinkIntent::ExistingShows, LinkIntent::NewShows].map(code);
    compare(
        "linking.json",
        &json!({
            "base_url": URL,
            "rendezvous": hex(&RENDEZVOUS),
            "device_keys": device_keys(),
            "transcripts": transcripts,
            "additional_data": [
                {"replaces": "1", "bytes": hex(&additional_data(URL, &RENDEZVOUS, "1"))},
                {"replaces": "", "bytes": hex(&additional_data(URL, &RENDEZVOUS, ""))},
            ],
            "qr": codes,
            "qr_refused_when_existing_shows": [
                refused(b"https://chat.example/link"),
                refused(b"MATRIX\x02\x03"),
                refused(&with(5, 2)),
                refused(&with(6, 2)),
                refused(&bytes[..bytes.len() - 1]),
                refused(&[bytes[..7].to_vec(), vec![0; 32], bytes[39..].to_vec()].concat()),
                refused(&with(56, b'H')),
            ],
            "typed_codes": typed,
            "base_urls": urls,
            "check_codes": check_codes,
            "sas": sas,
            "sas_commitment_to_sender_key": hex(&sas_commitment(curve(6).as_bytes())),
        }),
    );
}
