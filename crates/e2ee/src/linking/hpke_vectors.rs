//! The HPKE channel once more, from what `docs/API-DESIGN.md` says of it: with keys that are known, it gives vectors;
//! with those of vodozemac, which can't be told, it has to agree with it.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit as _,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use vodozemac::{
    Curve25519PublicKey, Curve25519SecretKey,
    hpke::{HpkeRecipientChannel, HpkeSenderChannel, InitialMessage, InitialResponse, Message},
};

use super::{
    codes::Digits,
    qr::LinkIntent,
    slot::{Step, content_of},
    transcript::{INFO, Transcript, additional_data, sas_commitment, sas_digits_of, sas_info},
};
use crate::vectors::{compare, hex};

const KEM: &[u8] = b"KEM\x00\x20";
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF-Expand (RFC 5869) of at most 32 bytes.
fn expand(prk: &[u8; 32], info: &[&[u8]], length: usize) -> Vec<u8> {
    hmac(prk, &[info, &[&[1]]].concat())[..length].to_vec()
}

fn labeled_extract(suite: &[u8], salt: &[u8], label: &str, input: &[u8]) -> [u8; 32] {
    hmac(salt, &[b"HPKE-v1", suite, label.as_bytes(), input])
}

fn labeled_expand(suite: &[u8], prk: &[u8; 32], label: &str, info: &[u8], length: usize) -> Vec<u8> {
    let count = u16::try_from(length).unwrap().to_be_bytes();
    expand(prk, &[&count, b"HPKE-v1", suite, label.as_bytes(), info], length)
}

/// One way: key, nonce and counter.
struct Way {
    key: [u8; 32],
    nonce: [u8; 12],
    counter: u64,
}

impl Way {
    fn new(key: &[u8], nonce: &[u8]) -> Self {
        Self { key: key.try_into().unwrap(), nonce: nonce.try_into().unwrap(), counter: 0 }
    }

    fn next(&mut self) -> (ChaCha20Poly1305, [u8; 12]) {
        let mut nonce = self.nonce;
        for (byte, count) in nonce[4..].iter_mut().zip(self.counter.to_be_bytes()) {
            *byte ^= count;
        }
        self.counter += 1;
        (ChaCha20Poly1305::new(&self.key.into()), nonce)
    }

    fn seal(&mut self, msg: &[u8], aad: &[u8]) -> Vec<u8> {
        let (cipher, nonce) = self.next();
        cipher.encrypt(&nonce.into(), Payload { msg, aad }).unwrap()
    }

    fn open(&mut self, msg: &[u8], aad: &[u8]) -> Vec<u8> {
        let (cipher, nonce) = self.next();
        cipher.decrypt(&nonce.into(), Payload { msg, aad }).unwrap()
    }
}

/// RFC 9180, base mode, and the way back.
struct Hpke {
    encapsulated: [u8; 32],
    recipient: [u8; 32],
    exporter: [u8; 32],
    forth: Way,
}

impl Hpke {
    /// `secret`: of X25519, between the two keys.
    fn new(secret: &[u8], encapsulated: Curve25519PublicKey, recipient: Curve25519PublicKey) -> Self {
        let (encapsulated, recipient) = (encapsulated.to_bytes(), recipient.to_bytes());
        let prk = labeled_extract(KEM, &[], "eae_prk", secret);
        let shared = labeled_expand(KEM, &prk, "shared_secret", &[encapsulated, recipient].concat(), 32);
        let psk_id = labeled_extract(SUITE, &[], "psk_id_hash", &[]);
        let info = labeled_extract(SUITE, &[], "info_hash", INFO.as_bytes());
        let context = [&[0][..], &psk_id, &info].concat();
        let secret = labeled_extract(SUITE, &shared, "secret", &[]);
        let of = |label, length| labeled_expand(SUITE, &secret, label, &context, length);
        Self {
            encapsulated,
            recipient,
            exporter: of("exp", 32).try_into().unwrap(),
            forth: Way::new(&of("key", 32), &of("base_nonce", 12)),
        }
    }

    fn export(&self, context: &[u8], length: usize) -> Vec<u8> {
        labeled_expand(SUITE, &self.exporter, "sec", context, length)
    }

    fn way_back(&self, response_nonce: &[u8]) -> Way {
        let secret = self.export(b"sotto-link-v1_RESPONSE", 32);
        let prk = hmac(&[&self.encapsulated, response_nonce].concat(), &[&secret]);
        Way::new(&expand(&prk, &[b"key"], 32), &expand(&prk, &[b"nonce"], 12))
    }

    fn check_bytes(&self) -> Vec<u8> {
        self.export(&[&b"sotto-link-v1_CHECKCODE"[..], &self.recipient, &self.encapsulated].concat(), 2)
    }
}

fn secret_of(ours: &Curve25519SecretKey, theirs: &Curve25519PublicKey) -> [u8; 32] {
    *ours.diffie_hellman(theirs).unwrap().as_bytes()
}

#[test]
fn as_a_sender_it_agrees_with_vodozemac() {
    let theirs = HpkeRecipientChannel::with_info(INFO);
    let (ours, recipient) = (Curve25519SecretKey::from_slice(&[6; 32]), theirs.public_key());
    let encapsulated_key = Curve25519PublicKey::from(&ours);
    let mut hpke = Hpke::new(&secret_of(&ours, &recipient), encapsulated_key, recipient);
    let m1 = InitialMessage { encapsulated_key, ciphertext: hpke.forth.seal(b"one", b"a") };
    let opened = theirs.establish_channel(&m1, b"a").unwrap();
    assert_eq!(opened.message, b"one");
    let answered = opened.channel.establish_bidirectional_channel(b"two", b"b");
    let m2 = answered.message.to_bytes();
    let mut back = hpke.way_back(&m2[..32]);
    assert_eq!(back.open(&m2[32..], b"b"), b"two");
    let mut channel = answered.channel;
    assert_eq!(hpke.check_bytes(), channel.check_code().as_bytes());
    let m3 = Message { ciphertext: hpke.forth.seal(b"three", b"c") };
    assert_eq!(channel.open(&m3, b"c").unwrap(), b"three");
    assert_eq!(back.open(&channel.seal(b"four", b"d").ciphertext, b"d"), b"four");
}

#[test]
fn as_a_recipient_it_agrees_with_vodozemac() {
    let ours = Curve25519SecretKey::from_slice(&[5; 32]);
    let recipient = Curve25519PublicKey::from(&ours);
    let called = HpkeSenderChannel::with_info(INFO).establish_channel(recipient, b"one", b"a").unwrap();
    let encapsulated = called.message.encapsulated_key;
    let mut hpke = Hpke::new(&secret_of(&ours, &encapsulated), encapsulated, recipient);
    assert_eq!(hpke.forth.open(&called.message.ciphertext, b"a"), b"one");
    let mut back = hpke.way_back(&[7; 32]);
    let m2 = [vec![7; 32], back.seal(b"two", b"b")].concat();
    let m2 = InitialResponse::from_bytes(&m2).unwrap();
    let answered = called.channel.establish_bidirectional_channel(&m2, b"b").unwrap();
    assert_eq!(answered.message, b"two");
    let mut channel = answered.channel;
    assert_eq!(hpke.check_bytes(), channel.check_code().as_bytes());
    assert_eq!(hpke.forth.open(&channel.seal(b"three", b"c").ciphertext, b"c"), b"three");
    assert_eq!(channel.open(&Message { ciphertext: back.seal(b"four", b"d") }, b"d").unwrap(), b"four");
}

const URL: &str = "https://chat.example";
const RENDEZVOUS: [u8; 16] = [9; 16];

/// What travels in steps 1 to 4 of a linking, everything that goes in fixed.
fn run(intent: LinkIntent) -> Value {
    let (ours, theirs) = (Curve25519SecretKey::from_slice(&[5; 32]), Curve25519SecretKey::from_slice(&[6; 32]));
    let (recipient, encapsulated) = (Curve25519PublicKey::from(&ours), Curve25519PublicKey::from(&theirs));
    let mut hpke = Hpke::new(&secret_of(&theirs, &recipient), encapsulated, recipient);
    let response_nonce = [7; 32];
    let mut back = hpke.way_back(&response_nonce);
    let (new_sas, existing_sas) =
        (Curve25519SecretKey::from_slice(&[11; 32]), Curve25519SecretKey::from_slice(&[12; 32]));
    let base64 = |bytes: &[u8]| sotto_protocol::Base64Bytes(bytes.to_vec()).to_base64();
    let user = json!({"user_id": "00000000-0000-0000-0000-000000000002"});
    let (one, two) = match intent {
        LinkIntent::NewShows => (user, json!({})),
        LinkIntent::ExistingShows => (json!({}), user),
        LinkIntent::TypedCode => {
            let commitment = sas_commitment(Curve25519PublicKey::from(&new_sas).as_bytes());
            let sas_key = base64(Curve25519PublicKey::from(&existing_sas).as_bytes());
            (json!({"commitment": base64(&commitment)}), json!({"sas_key": sas_key, "user_id": user["user_id"]}))
        }
    };
    let aad = |token: &str| additional_data(URL, &RENDEZVOUS, token);
    let (one, two) = (one.to_string(), two.to_string());
    let initial_message = [encapsulated.to_vec(), hpke.forth.seal(one.as_bytes(), &aad("1"))].concat();
    let initial_response = [response_nonce.to_vec(), back.seal(two.as_bytes(), &aad("2"))].concat();
    // Step 3 is the new device's: it goes back when that device showed the code.
    let (three, four) = if intent == LinkIntent::NewShows {
        (back.seal(b"{}", &aad("3")), hpke.forth.seal(b"{}", &aad("4")))
    } else {
        (hpke.forth.seal(b"{}", &aad("3")), back.seal(b"{}", &aad("4")))
    };
    let transcript = Transcript {
        intent,
        base_url: URL,
        rendezvous: &RENDEZVOUS,
        recipient_key: recipient.as_bytes(),
        sender_key: encapsulated.as_bytes(),
        initial_message: &initial_message,
        initial_response: &initial_response,
    }
    .hash();
    let check_bytes = hpke.check_bytes();
    let code = u16::from_be_bytes(check_bytes.clone().try_into().unwrap());
    let mut value = json!({
        "intent": intent.byte(),
        "step_1": {"plaintext": one, "slot": hex(&content_of(Step::Initial, intent, &initial_message))},
        "step_2": {"plaintext": two, "slot": hex(&content_of(Step::Response, intent, &initial_response))},
        "step_3_with_plaintext_of_an_empty_object": hex(&content_of(Step::Introduction, intent, &three)),
        "step_4_with_plaintext_of_an_empty_object": hex(&content_of(Step::Admission, intent, &four)),
        "transcript_hash": hex(&transcript),
        "check_bytes": hex(&check_bytes),
        "check_code": Digits::of(code.into(), 4).as_str(),
    });
    if intent == LinkIntent::TypedCode {
        let secret = secret_of(&new_sas, &Curve25519PublicKey::from(&existing_sas));
        let prk = hmac(&[0; 32], &[&secret]);
        let bytes = expand(&prk, &[sas_info(&transcript).as_bytes()], 8);
        value["sas_bytes"] = hex(&bytes).into();
        value["sas"] = sas_digits_of(&bytes).as_str().into();
    }
    value
}

#[test]
fn a_linking_with_fixed_keys_is_the_vectors() {
    let (ours, theirs) = (Curve25519SecretKey::from_slice(&[5; 32]), Curve25519SecretKey::from_slice(&[6; 32]));
    let (recipient, encapsulated) = (Curve25519PublicKey::from(&ours), Curve25519PublicKey::from(&theirs));
    let hpke = Hpke::new(&secret_of(&theirs, &recipient), encapsulated, recipient);
    let back = hpke.way_back(&[7; 32]);
    let intents = [LinkIntent::ExistingShows, LinkIntent::NewShows, LinkIntent::TypedCode];
    compare(
        "linking_hpke.json",
        &json!({
            "base_url": URL,
            "rendezvous": hex(&RENDEZVOUS),
            "recipient_private_key": hex(&[5; 32]),
            "recipient_public_key": hex(recipient.as_bytes()),
            "ephemeral_private_key": hex(&[6; 32]),
            "encapsulated_key": hex(encapsulated.as_bytes()),
            "response_nonce": hex(&[7; 32]),
            "sas_private_key_of_the_new_device": hex(&[11; 32]),
            "sas_private_key_of_the_existing_device": hex(&[12; 32]),
            "tokens_replaced_by_steps_1_2_3_4": ["1", "2", "3", "4"],
            "forth": {"key": hex(&hpke.forth.key), "base_nonce": hex(&hpke.forth.nonce)},
            "exporter_secret": hex(&hpke.exporter),
            "exported_for_the_response": hex(&hpke.export(b"sotto-link-v1_RESPONSE", 32)),
            "back": {"key": hex(&back.key), "base_nonce": hex(&back.nonce)},
            "linkings": intents.map(run),
        }),
    );
}
