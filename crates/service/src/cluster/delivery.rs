//! After a commit: to the local sessions at once, to the other nodes through Redis.

use std::sync::Arc;

use bytes::Bytes;
use sotto_bus::{
    interest::Topic,
    publisher::Publisher,
    wakes::{MAX_INLINE_FRAME_BYTES, Wake},
};
use sotto_protocol::{
    Base64Bytes,
    events::{Event, EventBody, InboxBody, InboxItem},
    frames::ServerFrame,
    keys::{ALGORITHM_MEGOLM, ALGORITHM_OLM},
    messages::{MegolmContent, OlmContent},
};
use sotto_store::writer::{Committed, OnCommit, Stored};

use crate::{clock::millis, hub::Hub};

/// Delivers what the writer committed. Envelopes go before the event that needs them.
pub(super) fn on_commit(hub: Arc<Hub>, publisher: Arc<Publisher>) -> OnCommit {
    Arc::new(move |batch| {
        for stored in batch {
            let committed = match stored {
                Stored::Now(committed) => *committed,
                Stored::Before { conversation_id, seq } => {
                    // Whoever stored it may have died before it told anybody: everybody looks.
                    hub.want(conversation_id);
                    let wake = Wake::Event { conversation_id, seq, frame: None };
                    publisher.wake(Topic::Conversation(conversation_id), wake);
                    continue;
                }
            };
            let conversation_id = committed.message.conversation_id;
            let mut together = Vec::new();
            for wake in wakes(committed) {
                match &wake {
                    Wake::Inbox { device_id, seq, frame } => {
                        let frame = frame.clone().map(Bytes::from);
                        hub.inbox(*device_id, *seq, frame.as_ref());
                    }
                    Wake::Event { seq, frame: Some(frame), .. } => {
                        let frame = Bytes::copy_from_slice(frame.as_bytes());
                        hub.event(conversation_id, *seq, &frame);
                    }
                    _ => {}
                }
                together.push(by_reference(wake));
            }
            publisher.wakes(Topic::Conversation(conversation_id), together);
        }
    })
}

fn wakes(committed: Committed) -> Vec<Wake> {
    let message = committed.message;
    let conversation_id = message.conversation_id;
    let mut wakes = Vec::with_capacity(message.envelopes.len() + 1);
    for (envelope, seq) in message.envelopes.into_iter().zip(committed.inbox_seqs) {
        let device_id = envelope.device_id;
        let frame = seq.and_then(|seq| {
            let body = InboxBody::Envelope {
                conversation_id,
                sender_user_id: message.user_id,
                sender_device_id: message.device_id,
                content: OlmContent {
                    algorithm: ALGORITHM_OLM.to_owned(),
                    sender_key: Base64Bytes(envelope.sender_key),
                    message_type: u8::try_from(envelope.message_type).unwrap_or_default(),
                    body: Base64Bytes(envelope.body),
                },
            };
            encode(&ServerFrame::Inbox { items: vec![InboxItem { seq, body }] })
        });
        wakes.push(Wake::Inbox { device_id, seq: seq.unwrap_or(0), frame });
    }
    let event = Event {
        conversation_id,
        seq: committed.seq,
        sender_user_id: message.user_id,
        sender_device_id: message.device_id,
        created_at_ms: millis(committed.at),
        body: EventBody::Message {
            txn_id: message.txn_id,
            content: MegolmContent {
                algorithm: ALGORITHM_MEGOLM.to_owned(),
                session_id: Base64Bytes(message.session_id),
                ciphertext: Base64Bytes(message.ciphertext),
            },
            expires_at_ms: committed.expires_at.map(millis),
        },
    };
    wakes.push(Wake::Event { conversation_id, seq: committed.seq, frame: encode(&ServerFrame::Event { event }) });
    wakes
}

/// Big frames are read by the receiving nodes instead.
fn by_reference(wake: Wake) -> Wake {
    match wake {
        Wake::Event { conversation_id, seq, frame: Some(frame) } if frame.len() > MAX_INLINE_FRAME_BYTES => {
            Wake::Event { conversation_id, seq, frame: None }
        }
        wake => wake,
    }
}

/// The frame as JSON text; `None` cannot happen for these types.
pub(crate) fn encode(frame: &ServerFrame) -> Option<String> {
    serde_json::to_string(frame).inspect_err(|error| tracing::error!(%error, "a frame cannot be encoded")).ok()
}
