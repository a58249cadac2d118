//! What a load wants to know of a server frame: nothing is copied, ciphertext is passed over.

use std::borrow::Cow;

use serde::Deserialize;
use sotto_protocol::{ConversationId, conversations::MemberMarks};

/// Any server frame.
#[derive(Debug, Default, Deserialize)]
pub struct Lean<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow, default)]
    pub event: Option<LeanEvent<'a>>,
    #[serde(borrow, default)]
    pub txn_id: Option<Cow<'a, str>>,
    #[serde(default)]
    pub seq: i64,
    #[serde(borrow, default)]
    pub sync_token: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub problem: Option<LeanProblem<'a>>,
    #[serde(default)]
    pub reconnect_after_ms: u64,
    #[serde(default)]
    pub items: Vec<LeanItem>,
    #[serde(borrow, default)]
    pub conversations: Vec<LeanSync<'a>>,
}

/// An event of a conversation.
#[derive(Debug, Deserialize)]
pub struct LeanEvent<'a> {
    #[serde(borrow)]
    pub conversation_id: Cow<'a, str>,
    pub seq: i64,
    #[serde(borrow)]
    pub body: LeanBody<'a>,
}

/// Its body.
#[derive(Debug, Deserialize)]
pub struct LeanBody<'a> {
    #[serde(borrow, default)]
    pub txn_id: Option<Cow<'a, str>>,
}

/// A refusal.
#[derive(Debug, Deserialize)]
pub struct LeanProblem<'a> {
    #[serde(borrow)]
    pub code: Cow<'a, str>,
}

/// An inbox item.
#[derive(Debug, Deserialize)]
pub struct LeanItem {
    pub seq: i64,
}

/// A conversation that changed while the device was away.
#[derive(Debug, Deserialize)]
pub struct LeanSync<'a> {
    #[serde(borrow, default)]
    pub events: Vec<LeanEvent<'a>>,
}

/// `marks`.
#[derive(Debug, Deserialize)]
pub struct LeanMarks {
    pub conversation_id: ConversationId,
    pub marks: Vec<MemberMarks>,
}

/// Frames that few devices look into, told from their first bytes.
pub fn is_marks(payload: &[u8]) -> bool {
    payload.starts_with(br#"{"type":"marks""#)
}

/// Reads a `marks` frame.
pub fn marks(payload: &[u8]) -> Option<LeanMarks> {
    serde_json::from_slice(payload).ok()
}

/// Reads any other frame.
pub fn parse(payload: &[u8]) -> Option<Lean<'_>> {
    serde_json::from_slice(payload).ok()
}

#[cfg(test)]
mod tests {
    use sotto_protocol::{
        Base64Bytes, ConversationId, DeviceId, Problem, ProblemCode, TxnId, UserId,
        events::{Event, EventBody},
        frames::ServerFrame,
        messages::MegolmContent,
    };
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn text(frame: &ServerFrame) -> Vec<u8> {
        serde_json::to_vec(frame).unwrap()
    }

    #[test]
    fn an_event_is_read_as_the_server_writes_it() {
        let content = MegolmContent {
            algorithm: "a".into(),
            session_id: Base64Bytes(vec![1; 32]),
            ciphertext: Base64Bytes(vec![2; 300]),
        };
        let event = Event {
            conversation_id: ConversationId(id(1)),
            seq: 7,
            sender_user_id: UserId(id(2)),
            sender_device_id: DeviceId(id(3)),
            created_at_ms: 4,
            body: EventBody::Message { txn_id: TxnId(id(5)), content, expires_at_ms: None },
        };
        let bytes = text(&ServerFrame::Event { event });
        let lean = parse(&bytes).unwrap();
        let event = lean.event.unwrap();
        assert_eq!((&*lean.kind, event.seq), ("event", 7));
        assert_eq!(*event.conversation_id, id(1).to_string());
        assert_eq!(*event.body.txn_id.unwrap(), id(5).to_string());
    }

    #[test]
    fn answers_and_the_end_of_the_catch_up_are_read_as_the_server_writes_them() {
        let (conversation_id, txn_id) = (ConversationId(id(1)), TxnId(id(5)));
        let bytes = text(&ServerFrame::Sent { conversation_id, txn_id, seq: 3, created_at_ms: 1 });
        let lean = parse(&bytes).unwrap();
        assert_eq!((&*lean.kind, lean.seq, &*lean.txn_id.unwrap()), ("sent", 3, &*id(5).to_string()));
        let problem = Problem::new(ProblemCode::RateLimited);
        let bytes = text(&ServerFrame::Refused { conversation_id, txn_id, problem });
        assert_eq!(&*parse(&bytes).unwrap().problem.unwrap().code, ProblemCode::RateLimited.as_str());
        let bytes = text(&ServerFrame::CaughtUp { sync_token: "1.a.2".into() });
        assert_eq!(&*parse(&bytes).unwrap().sync_token.unwrap(), "1.a.2");
    }

    #[test]
    fn marks_are_known_by_their_first_bytes() {
        let mark = MemberMarks { user_id: UserId(id(2)), delivered_seq: 9, read_seq: 8 };
        let bytes = text(&ServerFrame::Marks { conversation_id: ConversationId(id(1)), marks: vec![mark.clone()] });
        assert!(is_marks(&bytes) && !is_marks(&text(&ServerFrame::Pong { nonce: 0 })));
        let lean = marks(&bytes).unwrap();
        assert_eq!((lean.conversation_id.0, lean.marks.as_slice()), (id(1), [mark].as_slice()));
    }
}
