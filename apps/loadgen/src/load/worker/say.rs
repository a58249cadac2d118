//! What devices say: frames put together from prepared parts.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rand::{Rng as _, rngs::StdRng};
use sotto_protocol::keys::ALGORITHM_MEGOLM;

use super::wire::{self, Opcode};

/// Prepared ciphertexts and session ids: the server can't tell random bytes from encrypted ones.
const PREPARED: usize = 256;

/// The parts and a buffer.
pub struct Sayer {
    sessions: Vec<String>,
    ciphertexts: Vec<String>,
    body: String,
}

/// A message to be put together.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    pub talk: &'a str,
    pub txn: &'a str,
    pub prev: Option<&'a str>,
    /// Which prepared session.
    pub stream: usize,
    /// Which prepared ciphertext; the same number gives the same bytes.
    pub turn: u64,
}

impl Sayer {
    /// With ciphertexts of so many bytes.
    pub fn new(rng: &mut StdRng, bytes: usize) -> Self {
        let mut random = |size: usize| {
            let mut bytes = vec![0; size];
            rng.fill_bytes(&mut bytes);
            STANDARD_NO_PAD.encode(bytes)
        };
        Self {
            sessions: (0..PREPARED).map(|_| random(32)).collect(),
            ciphertexts: (0..PREPARED).map(|_| random(bytes)).collect(),
            body: String::new(),
        }
    }

    /// `send`.
    pub fn message(&mut self, out: &mut Vec<u8>, message: Message<'_>) {
        let Message { talk, txn, prev, stream, turn } = message;
        let place = usize::try_from(turn % PREPARED as u64).unwrap_or(0);
        let (session, ciphertext) = (&self.sessions[stream % PREPARED], &self.ciphertexts[place]);
        let body = &mut self.body;
        body.clear();
        // Writing to a string does not fail.
        let _ = write!(body, r#"{{"type":"send","conversation_id":"{talk}","message":{{"txn_id":"{txn}","#);
        if let Some(prev) = prev {
            let _ = write!(body, r#""prev_txn_id":"{prev}","#);
        }
        let _ = write!(body, r#""roster_version":1,"content":{{"algorithm":"{ALGORITHM_MEGOLM}","session_id":""#);
        body.push_str(session);
        body.push_str(r#"","ciphertext":""#);
        body.push_str(ciphertext);
        body.push_str(r#""}}}"#);
        wire::frame(out, Opcode::Text, body.as_bytes());
    }

    /// `mark`.
    pub fn mark(&mut self, out: &mut Vec<u8>, talk: &str, seq: i64, read: bool) {
        self.body.clear();
        let _ = write!(self.body, r#"{{"type":"mark","conversation_id":"{talk}","delivered_seq":{seq}"#);
        if read {
            let _ = write!(self.body, r#","read_seq":{seq}"#);
        }
        self.body.push('}');
        wire::frame(out, Opcode::Text, self.body.as_bytes());
    }

    /// `typing`.
    pub fn typing(&mut self, out: &mut Vec<u8>, talk: &str) {
        self.body.clear();
        let _ = write!(self.body, r#"{{"type":"typing","conversation_id":"{talk}","typing":true}}"#);
        wire::frame(out, Opcode::Text, self.body.as_bytes());
    }

    /// `inbox_ack`.
    pub fn inbox_ack(&mut self, out: &mut Vec<u8>, seq: i64) {
        self.body.clear();
        let _ = write!(self.body, r#"{{"type":"inbox_ack","seq":{seq}}}"#);
        wire::frame(out, Opcode::Text, self.body.as_bytes());
    }
}

/// `hello`.
pub fn hello(out: &mut Vec<u8>, resume: Option<&str>, inbox_seq: i64) {
    let token = resume.map_or(String::new(), |token| format!(r#""sync_token":"{token}","#));
    let body = format!(r#"{{"type":"hello","resume":{{{token}"inbox_seq":{inbox_seq}}}}}"#);
    wire::frame(out, Opcode::Text, body.as_bytes());
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use sotto_protocol::frames::ClientFrame;
    use uuid::Uuid;

    use super::*;

    fn read(bytes: &[u8]) -> ClientFrame {
        // Head and mask of a client's frame of 126 bytes and more.
        let body = if bytes[1] & 0x7f == 126 { &bytes[8..] } else { &bytes[6..] };
        serde_json::from_slice(body).unwrap()
    }

    #[test]
    fn frames_are_what_the_protocol_says() {
        let mut sayer = Sayer::new(&mut StdRng::seed_from_u64(1), 300);
        let (talk, txn) = (Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string());
        for prev in [None, Some(&*talk)] {
            let mut out = Vec::new();
            sayer.message(&mut out, Message { talk: &talk, txn: &txn, prev, stream: 3, turn: 9 });
            let ClientFrame::Send { conversation_id, message } = read(&out) else { panic!() };
            assert_eq!((conversation_id.to_string(), message.txn_id.to_string()), (talk.clone(), txn.clone()));
            assert_eq!(message.prev_txn_id.map(|id| id.to_string()).as_deref(), prev);
            assert_eq!((message.content.session_id.0.len(), message.content.ciphertext.0.len()), (32, 300));
        }
        let mut out = Vec::new();
        sayer.mark(&mut out, &talk, 8, true);
        assert!(matches!(read(&out), ClientFrame::Mark { delivered_seq: Some(8), read_seq: Some(8), .. }));
        out.clear();
        sayer.typing(&mut out, &talk);
        assert!(matches!(read(&out), ClientFrame::Typing { typing: true, .. }));
        out.clear();
        sayer.inbox_ack(&mut out, 4);
        assert!(matches!(read(&out), ClientFrame::InboxAck { seq: 4 }));
        for resume in [None, Some("1.a.2")] {
            out.clear();
            hello(&mut out, resume, 5);
            let ClientFrame::Hello { resume: got } = read(&out) else { panic!() };
            assert_eq!((got.sync_token.as_deref(), got.inbox_seq), (resume, 5));
        }
    }

    #[test]
    fn a_message_sent_again_has_the_same_bytes() {
        let mut sayer = Sayer::new(&mut StdRng::seed_from_u64(1), 300);
        let message = Message { talk: "t", txn: "x", prev: None, stream: 1, turn: 700 };
        let (mut one, mut two) = (Vec::new(), Vec::new());
        sayer.message(&mut one, message);
        sayer.message(&mut two, message);
        assert_eq!(one, two);
    }
}
