//! Private keys of the account and the recovery key. None of them has a `Debug` that shows anything.

use std::fmt;

use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest as _, Sha256};
use sotto_protocol::Base64Bytes;
use vodozemac::Ed25519SecretKey;
use zeroize::{Zeroize as _, Zeroizing};

use crate::words;

/// 32 secret bytes, wiped when dropped; in JSON unpadded base64.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// Fresh ones.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// Takes exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// SHA-256 over a label and the bytes: a key for one use.
    pub(crate) fn derive(&self, label: &str) -> Self {
        let digest = Sha256::new().chain_update(label).chain_update(self.0.as_ref()).finalize();
        Self::of(digest.into())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl Serialize for SecretKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Base64Bytes(self.0.to_vec());
        let text = Zeroizing::new(bytes.to_base64());
        bytes.0.zeroize();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let bytes = Base64Bytes::from_base64(&text).map(|bytes| Zeroizing::new(bytes.0));
        bytes.and_then(|bytes| Self::from_slice(&bytes)).ok_or_else(|| D::Error::custom("not 32 secret bytes"))
    }
}

/// The 32-byte seed of an Ed25519 key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Seed(SecretKey);

impl Seed {
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        Self(SecretKey::random(rng))
    }

    #[cfg(test)]
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        SecretKey::from_slice(bytes).map(Self)
    }

    pub(crate) fn public(&self) -> String {
        Ed25519SecretKey::from_slice(self.0.as_bytes()).public_key().to_base64()
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        Ed25519SecretKey::from_slice(self.0.as_bytes()).sign(bytes).to_bytes()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// 256 random bits that open the recovery bundle; a person keeps its words.
#[derive(Clone)]
pub struct RecoveryKey(SecretKey);

/// Why a text is not a recovery key. Says nothing of the text, so that it can be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// Not 24 words.
    #[error("a recovery key has 24 words, not {got}")]
    WordCount {
        /// How many there are.
        got: usize,
    },
    /// A word that is not in the list: mistyped. [`RecoveryKey::suggest`] may know which one was meant.
    #[error("word {position} is not a word of a recovery key")]
    UnknownWord {
        /// Which one, from 1.
        position: usize,
    },
    /// All words are in the list, but they don't belong together: two swapped, or a wrong one.
    #[error("the words don't belong together: one is wrong, or two are swapped")]
    Checksum,
}

impl RecoveryKey {
    #[cfg(test)]
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self(SecretKey::of(bytes))
    }

    /// A fresh one.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(SecretKey::random(rng))
    }

    /// 24 words with spaces between: 11 bits each, of the key and the first 8 bits of its SHA-256.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 33]);
        for (to, from) in bytes.iter_mut().zip(self.0.as_bytes().iter().chain(&[self.checksum()])) {
            *to = *from;
        }
        let mut text = Zeroizing::new(String::with_capacity(24 * (words::LETTERS + 1)));
        for at in 0..24 {
            let index = (0..11).fold(0u16, |index, bit| index * 2 + u16::from(bit_at(bytes.as_ref(), at * 11 + bit)));
            if at > 0 {
                text.push(' ');
            }
            text.extend(words::word(index));
        }
        text
    }

    fn checksum(&self) -> u8 {
        Sha256::digest(self.0.as_bytes()).first().copied().unwrap_or_default()
    }

    /// Reads what a person typed: case, and what stands between the words, don't matter.
    pub fn parse(text: &str) -> Result<Self, RecoveryKeyError> {
        let typed: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if typed.len() != 24 {
            return Err(RecoveryKeyError::WordCount { got: typed.len() });
        }
        let mut bytes = Zeroizing::new([0u8; 33]);
        for (at, word) in typed.into_iter().enumerate() {
            let index = words::index(word).ok_or(RecoveryKeyError::UnknownWord { position: at + 1 })?;
            for bit in (0..11).filter(|bit| index & (1024 >> bit) != 0) {
                let position = at * 11 + bit;
                if let Some(byte) = bytes.get_mut(position / 8) {
                    *byte |= 128 >> (position % 8);
                }
            }
        }
        let (key, checksum) = bytes.split_at(32);
        let key = Self(SecretKey::from_slice(key).ok_or(RecoveryKeyError::Checksum)?);
        if checksum == [key.checksum()] { Ok(key) } else { Err(RecoveryKeyError::Checksum) }
    }

    /// The one word of the list that a mistyped one was meant to be, if there is exactly one that differs by a letter.
    pub fn suggest(mistyped: &str) -> Option<Zeroizing<String>> {
        words::near(mistyped).map(|index| Zeroizing::new(words::word(index).into_iter().collect()))
    }

    pub(crate) fn secret(&self) -> &SecretKey {
        &self.0
    }

    pub(crate) fn from_secret(secret: SecretKey) -> Self {
        Self(secret)
    }

    /// The key of the bundle's AEAD.
    pub(crate) fn bundle_key(&self) -> SecretKey {
        self.0.derive("sotto-recovery-bundle-v1")
    }

    /// The private half of the account's published recovery key (X25519).
    pub(crate) fn agreement_key(&self) -> SecretKey {
        self.0.derive("sotto-recovery-x25519-v1")
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}

fn bit_at(bytes: &[u8], position: usize) -> bool {
    bytes.get(position / 8).is_some_and(|byte| byte & (128 >> (position % 8)) != 0)
}
