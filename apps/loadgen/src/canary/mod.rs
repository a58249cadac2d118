//! Looks for plaintext where none may be: every column of every table, every Redis key, every log, every metric.
//!
//! All plaintexts of a run carry one random mark, so one search finds them all. It looks for the mark as it is, as
//! hexadecimal and as base64 in each of the three ways it can lie in a longer text.

mod database;
mod files;
mod redis;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use rand::RngExt as _;

pub use database::search_database;
pub use files::search_files;
pub use redis::search_redis;

/// The mark of a run, and the forms in which it would be found.
#[derive(Clone, Debug)]
pub struct Canary {
    /// What plaintexts carry.
    pub mark: String,
    needles: Vec<Vec<u8>>,
}

impl Canary {
    /// A fresh one.
    pub fn random(rng: &mut impl rand::CryptoRng) -> Self {
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mark: String = (0..24).map(|_| char::from(letters[rng.random_range(0..letters.len())])).collect();
        Self::of(mark)
    }

    /// Of a text that is known.
    pub fn of(mark: String) -> Self {
        let mut needles = vec![mark.clone().into_bytes(), hex::encode(&mark).into_bytes()];
        needles.push(hex::encode_upper(&mark).into_bytes());
        for lead in 0..3 {
            needles.push(base64_core(mark.as_bytes(), lead));
        }
        Self { mark, needles }
    }

    /// Whether the bytes hold the mark in any form.
    pub fn is_in(&self, haystack: &[u8]) -> bool {
        self.needles.iter().any(|needle| contains(haystack, needle))
    }

    /// The forms.
    pub fn needles(&self) -> &[Vec<u8>] {
        &self.needles
    }
}

/// The characters of the base64 text that depend on the mark alone when `lead` bytes come before it.
///
/// Lower-case letters and digits never make the two characters in which the base64 alphabets differ.
fn base64_core(mark: &[u8], lead: usize) -> Vec<u8> {
    let padded = [vec![0; lead], mark.to_vec()].concat();
    let text = STANDARD_NO_PAD.encode(&padded).into_bytes();
    let from = (lead * 8).div_ceil(6);
    let to = padded.len() * 8 / 6;
    text.get(from..to).unwrap_or_default().to_vec()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(needle) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary() -> Canary {
        Canary::of("k3v9q0zt7m1x5c8b2n6a4s0d".into())
    }

    #[test]
    fn the_mark_is_found_in_every_form_at_every_offset() {
        let canary = canary();
        for lead in 0..7 {
            let plain = format!("{}{} and more", "x".repeat(lead), canary.mark);
            assert!(canary.is_in(plain.as_bytes()), "plain");
            assert!(canary.is_in(hex::encode(&plain).as_bytes()), "hex");
            assert!(canary.is_in(hex::encode_upper(&plain).as_bytes()), "upper hex");
            assert!(canary.is_in(STANDARD_NO_PAD.encode(&plain).as_bytes()), "base64 after {lead} bytes");
        }
    }

    #[test]
    fn other_text_does_not_hold_it() {
        let other = Canary::of("a1b2c3d4e5f6g7h8i9j0k1l2".into());
        assert!(!canary().is_in(other.mark.as_bytes()));
        assert!(!canary().is_in(b"k3v9q0zt7m1x5c8b2n6a4s0"));
    }
}
