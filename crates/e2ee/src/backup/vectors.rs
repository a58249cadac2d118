//! Test vectors of the key backup.

use serde_json::{Value, json};
use sotto_protocol::{
    Base64Bytes, UserId,
    backup::{ALGORITHM_BACKUP, BackupDescriptor},
    keys::ListAuthor,
};
use uuid::Uuid;

use super::{descriptor::key_hash, entries, sealing};
use crate::{
    RecoveryKey, SecretKey, sealed,
    secrets::Seed,
    vectors::{Fixed, compare, hex},
};

const USER: UserId = UserId(Uuid::from_u128(2));
const SESSION_ID: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

fn sealed_key(key: &SecretKey, recovery_key: &RecoveryKey) -> Value {
    let published = recovery_key.publish(USER, 1, &Seed::from_slice(&[2; 32]).unwrap()).unwrap();
    let sealed_key = sealing::seal_key(key, &published, 258, &mut Fixed(9)).unwrap();
    let descriptor = BackupDescriptor {
        user_id: USER,
        version: 258,
        algorithm: ALGORITHM_BACKUP.to_owned(),
        key_hash: key_hash(key),
        recovery_version: 1,
        sealed_key: sealed_key.clone(),
        author: ListAuthor::Master,
        signatures: std::collections::BTreeMap::new(),
    };
    let opened = sealing::open_key(recovery_key, &published, &descriptor).unwrap();
    assert_eq!(opened.as_bytes(), key.as_bytes());
    json!({
        "version": 258,
        "recovery_key": published.curve25519,
        "additional_data": hex(&sealing::context(&USER.to_string(), 258)),
        "sealed_with_fresh_key_and_nonce_of_09": hex(&sealed_key.0),
    })
}

#[test]
fn the_backup_is_the_vectors() {
    let key = SecretKey::of([8; 32]);
    let plaintext = json!({
        "conversation_id": Uuid::from_u128(1),
        "owner_user_id": USER,
        "owner_device_id": Uuid::from_u128(3),
        "session_id": SESSION_ID,
        "session_key": "an exported key",
    });
    let context = entries::context(USER, 258, SESSION_ID);
    let data = sealed::seal(key.as_bytes(), &context, plaintext.to_string().as_bytes(), &mut Fixed(9)).unwrap();
    compare(
        "backup.json",
        &json!({
            "user_id": USER,
            "backup_key": Base64Bytes(key.as_bytes().to_vec()),
            "key_hash": hex(&key_hash(&key).0),
            "sealed_key": sealed_key(&key, &RecoveryKey::of([7; 32])),
            "session": {
                "version": 258,
                "session_id": SESSION_ID,
                "additional_data": hex(&context),
                "plaintext": plaintext.to_string(),
                "data_with_nonce_of_09": hex(&data),
            },
        }),
    );
}
