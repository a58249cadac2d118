//! Test vectors of a history, and where it ends.

use serde_json::{Value, json};
use sotto_protocol::UserId;
use uuid::Uuid;

use super::{
    HistoryChunk, HistoryMessage, HistoryReader, HistorySealer, MAX_CHUNKS, MAX_RUN_BYTES, Manifest, chunks::context,
    runs,
};
use crate::{
    E2eeError,
    vectors::{Fixed, compare, hex},
};

const USER: UserId = UserId(Uuid::from_u128(2));

fn session() -> Value {
    json!({
        "conversation_id": Uuid::from_u128(1),
        "owner_user_id": Uuid::from_u128(2),
        "owner_device_id": Uuid::from_u128(3),
        "session_id": "an id",
        "session_key": "an exported key",
    })
}

fn message(body: &str) -> HistoryMessage {
    HistoryMessage {
        conversation_id: Uuid::from_u128(1).into(),
        seq: 7,
        txn_id: Uuid::from_u128(4).into(),
        sender_user_id: USER,
        sender_device_id: Uuid::from_u128(3).into(),
        created_at_ms: 1_700_000_000_000,
        expires_at_ms: None,
        counter: 1,
        body_json: body.to_owned(),
    }
}

#[test]
fn a_history_is_the_vectors() {
    let sealer = HistorySealer::new(USER, 1, &mut Fixed(7)).unwrap();
    let sessions = vec![serde_json::from_value(session()).unwrap()];
    let chunk = HistoryChunk { sessions, messages: vec![message(r#"{"type":"text","text":"one"}"#)] };
    let sealed = sealer.seal(0, &chunk, &mut Fixed(9)).unwrap();
    let manifest = sealer.manifest(sealed.len() as u64);
    let opened = HistoryReader::new(USER, manifest.clone(), []).unwrap().open(0, &sealed).unwrap();
    compare(
        "history.json",
        &json!({
            "user_id": USER,
            "manifest": manifest,
            "chunks": [{
                "index": 0,
                "additional_data": hex(&context(USER, 0, 1)),
                "plaintext": opened,
                "sealed_with_nonce_of_09": hex(&sealed),
            }],
            "additional_data_of_chunk_258_of_300": hex(&context(USER, 258, 300)),
        }),
    );
}

#[test]
fn a_run_is_filled_to_the_last_byte_and_no_further() {
    let size = |body: &str| serde_json::to_vec(&message(body)).unwrap().len() + 1;
    let largest = "x".repeat(MAX_RUN_BYTES - size("") - size(""));
    assert_eq!(runs(vec![message(&largest), message("")]).unwrap().len(), 1);
    assert_eq!(runs(vec![message(&format!("{largest}x")), message("")]).unwrap().len(), 2);
    let messages = runs(vec![message(&largest), message("")]).unwrap().remove(0);
    let sealer = HistorySealer::new(USER, 1, &mut Fixed(7)).unwrap();
    let chunk = HistoryChunk { messages, ..HistoryChunk::default() };
    let sealed = sealer.seal(0, &chunk, &mut Fixed(9)).unwrap();
    assert!(sealed.len() <= sotto_protocol::limits::MAX_HISTORY_CHUNK_BYTES, "{}", sealed.len());
}

#[test]
fn beyond_the_last_chunk_a_history_is_refused() {
    assert!(matches!(HistorySealer::new(USER, MAX_CHUNKS + 1, &mut Fixed(7)), Err(E2eeError::HistoryTooLarge)));
    let manifest = HistorySealer::new(USER, MAX_CHUNKS, &mut Fixed(7)).unwrap().manifest(0);
    assert!(HistoryReader::new(USER, manifest.clone(), []).is_ok());
    let more = Manifest { chunks: MAX_CHUNKS + 1, ..manifest };
    assert!(matches!(HistoryReader::new(USER, more, []), Err(E2eeError::HistoryTooLarge)));
}
