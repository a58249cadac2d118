//! Private keys of the account and the recovery key. None of them has a `Debug` that shows anything.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};
use sotto_protocol::Base64Bytes;
use vodozemac::Ed25519SecretKey;
use zeroize::{Zeroize as _, Zeroizing};

/// The 32-byte seed of an Ed25519 key.
#[derive(Clone)]
pub(crate) struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(crate) fn public(&self) -> String {
        Ed25519SecretKey::from_slice(&self.0).public_key().to_base64()
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        Ed25519SecretKey::from_slice(&self.0).sign(bytes).to_bytes()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Base64Bytes(self.0.to_vec()).to_base64();
        let done = serializer.serialize_str(&text);
        text.zeroize();
        done
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = Base64Bytes::from_base64(&text).map(|bytes| Zeroizing::new(bytes.0));
        bytes.and_then(|bytes| Self::from_slice(&bytes)).ok_or_else(|| D::Error::custom("not a 32-byte seed"))
    }
}

/// 256 random bits that open the recovery bundle; a person keeps its text.
#[derive(Clone)]
pub struct RecoveryKey(Zeroizing<[u8; 32]>);

/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RecoveryKey {
    #[cfg(test)]
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// 14 groups of 4 characters of Crockford's base 32: the key (52 characters) and 20 bits of its SHA-256.
    pub fn to_text(&self) -> Zeroizing<String> {
        let check = Sha256::digest(self.0.as_ref());
        let mut text = encode(self.0.as_ref(), 52);
        text.push_str(&encode(&check[..3], 4));
        let groups: Vec<&str> = (0..14).filter_map(|at| text.get(at * 4..at * 4 + 4)).collect();
        Zeroizing::new(groups.join("-"))
    }

    /// Reads what a person typed: case, spaces and dashes don't matter, O is 0, I and L are 1.
    pub fn parse(text: &str) -> Option<Self> {
        let symbols: Option<Vec<u8>> =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| symbol(c.to_ascii_uppercase())).collect();
        let symbols = Zeroizing::new(symbols?);
        if symbols.len() != 56 {
            return None;
        }
        let mut bytes = Zeroizing::new([0u8; 32]);
        for (at, symbol) in symbols.iter().take(52).enumerate() {
            for bit in 0..5 {
                let position = at * 5 + bit;
                if symbol & (16 >> bit) != 0 {
                    // The last 4 bits of the 52 characters are beyond the key and must be zero.
                    *bytes.get_mut(position / 8)? |= 128 >> (position % 8);
                }
            }
        }
        let key = Self(bytes);
        let canonical: String = key.to_text().chars().filter(|c| *c != '-').collect();
        let typed: String =
            symbols.iter().filter_map(|s| ALPHABET.get(usize::from(*s))).map(|c| char::from(*c)).collect();
        (canonical == typed).then_some(key)
    }

    /// The key of the bundle's AEAD.
    pub(crate) fn bundle_key(&self) -> Zeroizing<[u8; 32]> {
        let digest = Sha256::new().chain_update(b"sotto-recovery-bundle-v1").chain_update(self.0.as_ref()).finalize();
        Zeroizing::new(digest.into())
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}

fn encode(bytes: &[u8], characters: usize) -> String {
    let bit = |position: usize| bytes.get(position / 8).is_some_and(|byte| byte & (128 >> (position % 8)) != 0);
    (0..characters)
        .map(|at| (0..5).fold(0usize, |value, b| value * 2 + usize::from(bit(at * 5 + b))))
        .filter_map(|value| ALPHABET.get(value))
        .map(|c| char::from(*c))
        .collect()
}

fn symbol(c: char) -> Option<u8> {
    let c = match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).and_then(|at| u8::try_from(at).ok())
}
