//! The examples of `docs/API-DESIGN.md`, made by the code that they document.

use std::{collections::BTreeMap, fs, path::Path};

use ed25519_dalek::{Signature, Signer as _};
use sotto_identity::{
    device_key_id, hash, link_bytes, login_bytes, next_entry, one_time_keys_digest, sign, signing_bytes, verify_chain,
};
use sotto_protocol::{
    DeviceId,
    keys::{ListAuthor, SignedOneTimeKey},
    membership::{ConversationKind, MembershipAction, MembershipChange, NewMember, Role},
};
use uuid::Uuid;

use crate::support::{Account, Device, base64, public};

/// Ada's keys and her two devices.
struct Cast {
    ada: Account,
    phone: Device,
    laptop: Device,
}

fn cast() -> Cast {
    Cast { ada: Account::new(2), phone: Device::new(7), laptop: Device::new(8) }
}

fn canonical(object: &impl serde::Serialize) -> String {
    String::from_utf8(signing_bytes(object).unwrap()).unwrap()
}

fn text(signature: Signature) -> String {
    base64(signature.to_bytes())
}

fn keys_of_an_account(cast: &Cast) -> Vec<String> {
    let Cast { ada, phone, .. } = cast;
    let (_, self_signing_key) = ada.cross_keys();
    let device_keys = phone.keys(ada);
    let one_time = SignedOneTimeKey { key: phone.listed().curve25519, fallback: None, signatures: BTreeMap::new() };
    let fallback = SignedOneTimeKey { fallback: Some(true), ..one_time.clone() };
    let mut lines = vec![
        public(&ada.master),
        public(&ada.self_signing),
        public(&phone.ed25519),
        canonical(&self_signing_key),
        text(ada.master.sign(&signing_bytes(&self_signing_key).unwrap())),
        canonical(&device_keys),
        text(phone.ed25519.sign(&signing_bytes(&device_keys).unwrap())),
        text(ada.self_signing.sign(&signing_bytes(&device_keys).unwrap())),
    ];
    for key in [one_time, fallback] {
        lines.extend([canonical(&key), text(phone.ed25519.sign(&signing_bytes(&key).unwrap()))]);
    }
    lines
}

fn a_list_of_two_entries(cast: &Cast) -> Vec<String> {
    let Cast { ada, phone, laptop } = cast;
    let first = ada.first(phone);
    let author = ListAuthor::Device(phone.device_id);
    let mut second = next_entry(&first, Some(laptop.listed()), None, author).unwrap();
    ada.sign_list(&mut second, Some(phone));
    verify_chain(&[first.clone(), second.clone()], &ada.cross_signing()).unwrap();
    vec![canonical(&first), hash(&first).unwrap(), canonical(&second), hash(&second).unwrap()]
}

fn a_link(cast: &Cast) -> Vec<String> {
    let Cast { ada, phone, .. } = cast;
    let bob = Account::new(3);
    let member = |account: &Account| NewMember {
        user_id: account.user_id,
        master_key: public(&account.master),
        role: Role::Admin,
    };
    let mut link = MembershipChange {
        conversation_id: Uuid::from_u128(30).into(),
        index: 1,
        prev_hash: None,
        action: MembershipAction::Create { kind: ConversationKind::Direct, members: vec![member(ada), member(&bob)] },
        actor_user_id: ada.user_id,
        actor_device_id: phone.device_id,
        signatures: BTreeMap::new(),
    };
    sign(&mut link, ada.user_id, &device_key_id(phone.device_id), |bytes| phone.ed25519.sign(bytes).to_bytes())
        .unwrap();
    let signature = link.signatures[&ada.user_id.to_string()][&device_key_id(phone.device_id)].clone();
    let keep = MembershipAction::SetRetention { retention_ms: None };
    vec![canonical(&link), signature, hash(&link).unwrap(), serde_json::to_string(&keep).unwrap()]
}

fn proofs(cast: &Cast) -> Vec<String> {
    let key = &cast.phone.ed25519;
    let digest = one_time_keys_digest(["signed_curve25519:AAAAAQ", "signed_curve25519:AAAAAA"]);
    vec![text(key.sign(&login_bytes("challenge"))), text(key.sign(&link_bytes(&[9; 32], &[5; 32]))), base64(digest)]
}

#[test]
fn the_documented_examples_are_what_the_code_makes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/API-DESIGN.md");
    let document = fs::read_to_string(path).unwrap();
    let cast = cast();
    assert_eq!(cast.phone.device_id, DeviceId(Uuid::from_u128(1_007)));
    let lines = [keys_of_an_account(&cast), a_list_of_two_entries(&cast), a_link(&cast), proofs(&cast)].concat();
    let missing: Vec<&String> = lines.iter().filter(|line| !document.contains(line.as_str())).collect();
    assert!(missing.is_empty(), "docs/API-DESIGN.md lacks or changed these:\n{missing:#?}");
}
