//! Test vectors of a history, and where it ends.

use serde_json::{Value, json};
use sotto_protocol::UserId;
use uuid::Uuid;

use super::{
    HistoryMessage, HistoryReader, HistoryWriter, MAX_CHUNKS, Manifest, SessionExport,
    chunks::context,
    writer::{FRAME_BYTES, SealedChunk},
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

fn read_back(manifest: &Manifest, chunk: &SealedChunk) -> Value {
    let mut reader = HistoryReader::new(USER, manifest.clone(), []).unwrap();
    serde_json::to_value(reader.open(chunk.index, &chunk.data).unwrap()).unwrap()
}

#[test]
fn a_history_is_the_vectors() {
    let mut writer = HistoryWriter::new(USER, &mut Fixed(7));
    let session: SessionExport = serde_json::from_value(session()).unwrap();
    assert!(writer.add_session(session, &mut Fixed(9)).unwrap().is_none());
    assert!(writer.add_message(message(r#"{"type":"text","text":"one"}"#), &mut Fixed(9)).unwrap().is_none());
    let (last, manifest) = writer.finish(&mut Fixed(9)).unwrap();
    let chunk = last.unwrap();
    compare(
        "history.json",
        &json!({
            "user_id": USER,
            "manifest": manifest,
            "chunks": [{
                "index": chunk.index,
                "additional_data": hex(&context(USER, chunk.index)),
                "plaintext": read_back(&manifest, &chunk),
                "sealed_with_nonce_of_09": hex(&chunk.data),
            }],
            "additional_data_of_chunk_258": hex(&context(USER, 258)),
        }),
    );
}

#[test]
fn a_history_of_nothing_has_no_chunk() {
    let (last, manifest) = HistoryWriter::new(USER, &mut Fixed(7)).finish(&mut Fixed(9)).unwrap();
    assert!(last.is_none());
    assert_eq!((manifest.chunks, manifest.bytes), (0, 0));
}

#[test]
fn a_chunk_is_filled_to_the_last_byte_and_no_further() {
    let room = super::MAX_CHUNK_BYTES - FRAME_BYTES;
    let size = |body: &str| serde_json::to_vec(&message(body)).unwrap().len() + 1;
    let largest = "x".repeat(room - size(""));
    let mut writer = HistoryWriter::new(USER, &mut Fixed(7));
    let too_large = writer.add_message(message(&format!("{largest}x")), &mut Fixed(9));
    assert!(matches!(too_large, Err(E2eeError::HistoryTooLarge)));
    assert!(writer.add_message(message(&largest), &mut Fixed(9)).unwrap().is_none());
    let full = writer.add_message(message(""), &mut Fixed(9)).unwrap().unwrap();
    assert!((super::MAX_CHUNK_BYTES + crate::sealed::OVERHEAD_BYTES - full.data.len()) < FRAME_BYTES);
    assert!(full.data.len() <= sotto_protocol::limits::MAX_HISTORY_CHUNK_BYTES);
}

#[test]
fn beyond_the_last_chunk_a_history_is_refused_and_what_fits_is_finished() {
    let mut writer = HistoryWriter::new(USER, &mut Fixed(7)).after(MAX_CHUNKS - 2);
    let large = || message(&"x".repeat(200 * 1024));
    assert!(writer.add_message(large(), &mut Fixed(9)).unwrap().is_none());
    let full = writer.add_message(large(), &mut Fixed(9)).unwrap().unwrap();
    assert_eq!(full.index, MAX_CHUNKS - 2);
    assert!(matches!(writer.add_message(large(), &mut Fixed(9)), Err(E2eeError::HistoryTooLarge)));
    let (last, manifest) = writer.finish(&mut Fixed(9)).unwrap();
    assert_eq!((last.unwrap().index, manifest.chunks), (MAX_CHUNKS - 1, MAX_CHUNKS));
    assert!(HistoryReader::new(USER, manifest.clone(), []).is_ok());
    let more = Manifest { chunks: MAX_CHUNKS + 1, ..manifest };
    assert!(matches!(HistoryReader::new(USER, more, []), Err(E2eeError::HistoryTooLarge)));
}
