//! The client's half of RFC 6455, as far as a load needs it: no fragments, no extensions, no allocation on the way.

use std::net::SocketAddr;

use sotto_protocol::frames::SUBPROTOCOL;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// A frame at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: Opcode,
    pub payload: &'a [u8],
    /// Bytes that it takes with its head.
    pub length: usize,
}

/// What some bytes begin with.
#[derive(Debug, PartialEq, Eq)]
pub enum Parsed<'a> {
    Frame(Frame<'a>),
    /// More has to come first.
    Incomplete,
    /// Nothing that a node says.
    Broken,
}

/// Reads one frame of a server.
pub fn parse(bytes: &[u8]) -> Parsed<'_> {
    let [first, second, rest @ ..] = bytes else { return Parsed::Incomplete };
    let opcode = match first {
        0x81 => Opcode::Text,
        0x82 => Opcode::Binary,
        0x88 => Opcode::Close,
        0x89 => Opcode::Ping,
        0x8A => Opcode::Pong,
        _ => return Parsed::Broken,
    };
    let (head, size) = match (second, rest) {
        (126, [a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
        (127, _) if rest.len() >= 8 => {
            let size = rest.first_chunk().map_or(0, |size| u64::from_be_bytes(*size));
            (10, usize::try_from(size).unwrap_or(usize::MAX / 2))
        }
        (126 | 127, _) => return Parsed::Incomplete,
        (128.., _) => return Parsed::Broken,
        (size, _) => (2, usize::from(*size)),
    };
    let length = head + size;
    let Some(payload) = bytes.get(head..length) else { return Parsed::Incomplete };
    Parsed::Frame(Frame { opcode, payload, length })
}

/// Appends a client's frame. Its mask is zero: masks protect proxies from browsers, and here are neither.
pub fn frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    const MASKED: u8 = 0x80;
    out.push(0x80 | opcode as u8);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(size @ ..=125), _) => out.push(MASKED | size),
        (_, Ok(size)) => {
            out.push(MASKED | 0x7e);
            out.extend_from_slice(&size.to_be_bytes());
        }
        _ => {
            out.push(MASKED | 0x7f);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The request that opens a socket.
pub fn request(to: SocketAddr, token: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    )
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Seconds of `Retry-After`.
    pub retry_after_s: Option<u64>,
    /// Bytes of the body, where the head says so.
    pub content_length: usize,
    /// Where the body, or the first frame, begins.
    pub body: usize,
}

/// Reads the head of an answer; `None` until it is whole.
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).unwrap_or_default();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let mut found = Answer { status, retry_after_s: None, content_length: 0, body: end + 4 };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("retry-after") {
            found.retry_after_s = value.trim().parse().ok();
        } else if name.eq_ignore_ascii_case("content-length") {
            found.content_length = value.trim().parse().unwrap_or(0);
        }
    }
    Some(found)
}

/// The code of a close frame; 1005, as the standard says, when there is none.
pub fn close_code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::{
        Message,
        protocol::{Role, WebSocket},
    };

    use super::*;

    /// What another implementation writes as a server.
    fn written(message: Message) -> Vec<u8> {
        let mut socket = WebSocket::from_raw_socket(std::io::Cursor::new(Vec::new()), Role::Server, None);
        socket.write(message).unwrap();
        socket.flush().unwrap();
        socket.get_ref().get_ref().clone()
    }

    #[test]
    fn frames_of_another_implementation_are_read_at_every_length() {
        for size in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
            let bytes = written(Message::text("x".repeat(size)));
            for cut in [1, 2, 3, 5, 9, bytes.len() - 1].into_iter().filter(|cut| *cut < bytes.len()) {
                assert_eq!(parse(&bytes[..cut]), Parsed::Incomplete, "{size} bytes cut at {cut}");
            }
            let Parsed::Frame(frame) = parse(&bytes) else { panic!("{size}") };
            assert_eq!((frame.opcode, frame.payload.len(), frame.length), (Opcode::Text, size, bytes.len()));
        }
    }

    #[test]
    fn frames_are_read_by_another_implementation_at_every_length() {
        for size in [0, 125, 126, 65_535, 65_536] {
            let mut bytes = Vec::new();
            frame(&mut bytes, Opcode::Text, "y".repeat(size).as_bytes());
            let mut socket = WebSocket::from_raw_socket(std::io::Cursor::new(bytes), Role::Server, None);
            assert_eq!(socket.read().unwrap().into_text().unwrap().len(), size);
        }
    }

    #[test]
    fn fragments_and_masked_frames_are_broken() {
        assert_eq!(parse(&[0x01, 1, b'a']), Parsed::Broken);
        assert_eq!(parse(&[0x81, 0x81, 0, 0, 0, 0, b'a']), Parsed::Broken);
    }

    #[test]
    fn the_head_of_an_answer_says_where_frames_begin() {
        let bytes = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\ncontent-length: 3\r\n\r\nabc";
        assert_eq!(answer(&bytes[..20]), None);
        let found = answer(bytes).unwrap();
        assert_eq!((found.status, found.retry_after_s, found.content_length), (503, Some(2), 3));
        assert_eq!(&bytes[found.body..], b"abc");
    }

    #[test]
    fn a_close_without_a_code_has_the_code_for_that() {
        assert_eq!((close_code(&[]), close_code(&[0x0f, 0xa1, b'd'])), (1005, 4001));
    }
}
