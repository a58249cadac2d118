//! The history that is handed over at linking.

use rand::{SeedableRng as _, rngs::StdRng};
use sotto_e2ee::{
    EventOutcome, KeyOrigin,
    history::{HistoryChunk, HistoryMessage, HistoryReader, HistorySealer, Manifest, SessionExport, runs},
};
use sotto_protocol::{ConversationId, UserId, limits::MAX_HISTORY_CHUNK_BYTES};

use crate::{Client, Server, pair};

struct Read {
    server: Server,
    alice: Client,
    bob: Client,
    id: ConversationId,
}

/// Bob wrote two messages that Alice has read.
fn read() -> Read {
    let (mut server, mut alice, mut bob, id) = pair();
    bob.send(&mut server, id, "one");
    bob.send(&mut server, id, "two");
    alice.sync(&mut server);
    Read { server, alice, bob, id }
}

fn messages(scene: &Read, count: usize) -> Vec<HistoryMessage> {
    let shown = &scene.alice.shown[0];
    (0..count).map(|n| HistoryMessage { seq: i64::try_from(n).unwrap(), ..HistoryMessage::from(shown) }).collect()
}

fn written(user_id: UserId, sessions: Vec<SessionExport>, messages: &[HistoryMessage]) -> (Vec<Vec<u8>>, Manifest) {
    let mut rng = StdRng::seed_from_u64(8);
    let sessions = runs(sessions).unwrap().into_iter();
    let messages = runs(messages.to_vec()).unwrap().into_iter();
    let sessions = sessions.map(|sessions| HistoryChunk { sessions, ..HistoryChunk::default() });
    let chunks: Vec<HistoryChunk> =
        sessions.chain(messages.map(|messages| HistoryChunk { messages, ..HistoryChunk::default() })).collect();
    let sealer = HistorySealer::new(user_id, u32::try_from(chunks.len()).unwrap(), &mut rng).unwrap();
    let sealed: Vec<Vec<u8>> =
        (0..).zip(&chunks).map(|(index, chunk)| sealer.seal(index, chunk, &mut rng).unwrap()).collect();
    let bytes = sealed.iter().map(|chunk| chunk.len() as u64).sum();
    (sealed, sealer.manifest(bytes))
}

#[test]
fn a_history_is_handed_over_in_chunks_and_goes_on_after_a_break() {
    let mut scene = read();
    let mut second = scene.alice.link(&mut scene.server, 11);
    second.fetch_roster(&scene.server, scene.id);
    let (user_id, all) = (scene.alice.user_id(), messages(&scene, 5_000));
    let sessions = scene.alice.machine.export_sessions(None, 100);
    let (chunks, manifest) = written(user_id, sessions, &all);
    assert!(chunks.len() > 2 && chunks.iter().all(|chunk| chunk.len() <= MAX_HISTORY_CHUNK_BYTES));
    assert_eq!(manifest.chunks as usize, chunks.len());
    // The reader starts anew with what it had.
    let mut reader = HistoryReader::new(user_id, manifest.clone(), []).unwrap();
    let first = reader.open(0, &chunks[0]).unwrap();
    assert_eq!(reader.progress(), (1, manifest.chunks));
    let mut reader = HistoryReader::new(user_id, manifest, [0]).unwrap();
    assert_eq!(reader.next_missing(), Some(1));
    let mut read = first.messages;
    while let Some(at) = reader.next_missing() {
        read.extend(reader.open(at, &chunks[at as usize]).unwrap().messages);
    }
    assert_eq!(read, all);
    let (taken, events) = second.machine.import_history(&first.sessions, 0);
    assert_eq!((taken, events.len()), (1, 0));
    let events = scene.server.conversations[&scene.id].events.clone();
    let events: Vec<_> = events.iter().filter(|event| event.seq > 1).collect();
    assert_eq!(events.len(), 2);
    for event in events {
        let event = second.receive(&scene.server, event);
        let EventOutcome::Shown(shown) = event else { panic!("{event:?}") };
        assert_eq!(shown.key_origin, KeyOrigin::History);
    }
}

#[test]
fn sessions_are_exported_in_pages() {
    let mut scene = read();
    scene.alice.send(&mut scene.server, scene.id, "three");
    let all = scene.alice.machine.export_sessions(None, 100);
    assert_eq!(all.len(), 2, "one each");
    let id = |page: &[sotto_e2ee::history::SessionExport]| page[0].session_id.clone();
    let first = scene.alice.machine.export_sessions(None, 1);
    assert_eq!((first.len(), id(&first)), (1, id(&all)));
    let second = scene.alice.machine.export_sessions(Some(&id(&first)), 1);
    assert_eq!((second.len(), id(&second)), (1, id(&all[1..])));
    assert!(scene.alice.machine.export_sessions(Some(&id(&second)), 1).is_empty());
}

#[test]
fn chunks_that_are_altered_or_of_another_place_are_refused() {
    let scene = read();
    let user_id = scene.alice.user_id();
    let (chunks, manifest) = written(user_id, Vec::new(), &messages(&scene, 5_000));
    let (others, _) = written(scene.bob.user_id(), Vec::new(), &messages(&scene, 10));
    let (chunk, last) = (&chunks[0], u32::try_from(chunks.len()).unwrap() - 1);
    let reader = || HistoryReader::new(user_id, manifest.clone(), []).unwrap();
    assert!(reader().open(0, chunk).is_ok());
    assert!(reader().open(1, chunk).is_err(), "another place");
    assert!(reader().open(0, &others[0]).is_err(), "another history");
    assert!(reader().open(0, &chunk[..chunk.len() - 1]).is_err(), "cut off");
    assert!(reader().open(last, &chunks[last as usize]).is_ok());
    let mut fewer = manifest.clone();
    fewer.chunks -= 1;
    let mut fewer = HistoryReader::new(user_id, fewer, []).unwrap();
    assert!(fewer.open(0, chunk).is_err(), "another number of chunks");
    assert!(fewer.open(last, &chunks[last as usize]).is_err(), "beyond the last");
    let stranger = HistoryReader::new(scene.bob.user_id(), manifest.clone(), []).unwrap().open(0, chunk);
    assert!(stranger.is_err(), "another account");
}
