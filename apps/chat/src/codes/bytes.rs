//! A code's bytes as text.

use sotto_protocol::Base64Bytes;

/// What every code of Sotto begins with: it tells hex from base64 from other text.
const MAGIC: &[u8] = b"SOTTO";

/// The bytes that a text says in hex or base64 (either alphabet, padded or not); `None` for any other text.
pub fn from_text(text: &str) -> Option<Vec<u8>> {
    let text: String = text.split_whitespace().collect();
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let read = [hex::decode(&text).ok(), Base64Bytes::from_base64(&standard).map(|bytes| bytes.0)];
    read.into_iter().flatten().find(|bytes| bytes.starts_with(MAGIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_of_a_code_are_read_and_nothing_else() {
        let code = b"SOTTO\x01\x02\xfb\xff\xfe".to_vec();
        let base64 = Base64Bytes(code.clone()).to_base64();
        assert!(base64.contains('+') || base64.contains('/'));
        let safe = base64.replace('+', "-").replace('/', "_");
        for text in [hex::encode(&code), hex::encode_upper(&code), format!(" {base64}==\n"), base64, safe] {
            assert_eq!(from_text(&text), Some(code.clone()), "{text}");
        }
        for text in ["", "hello", "534f", "https://chat.example", "AAAA"] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
