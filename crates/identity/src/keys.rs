//! Public keys: exactly 32 bytes in canonical unpadded base64, and only points that are safe to use.

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use sotto_protocol::Base64Bytes;

/// Why a key is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not canonical unpadded base64.
    #[error("the key is not canonical unpadded base64")]
    Encoding,
    /// Not 32 bytes.
    #[error("the key is not 32 bytes long")]
    Length,
    /// Not the one encoding of a point on the curve.
    #[error("the key is not a canonically encoded point")]
    Point,
    /// A point of small order: signatures or secrets made with it say nothing.
    #[error("the key is of small order")]
    SmallOrder,
}

/// An Ed25519 public key that is canonical and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ed25519Public(VerifyingKey);

impl Ed25519Public {
    /// Parses unpadded base64.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&bytes_32(text)?)
    }

    /// Takes the 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Point)?;
        if key.is_weak() {
            return Err(KeyError::SmallOrder);
        }
        // One point has one encoding here, otherwise "a key ever seen" could be presented again in other bytes.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::Point);
        }
        Ok(Self(key))
    }

    /// The unpadded base64 text.
    pub fn to_base64(&self) -> String {
        Base64Bytes(self.0.as_bytes().to_vec()).to_base64()
    }

    /// Whether `signature` (64 bytes) over `message` verifies, by the strict rules (RFC 8032 plus no small-order
    /// components).
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Debug for Ed25519Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", self.to_base64())
    }
}

/// A Curve25519 public key that is canonical and not of low order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Curve25519Public([u8; 32]);

/// p = 2^255 - 19, little-endian.
const FIELD_PRIME: [u8; 32] = {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed;
    bytes[31] = 0x7f;
    bytes
};

/// The canonical u-coordinates of low order on the curve and its twist: 0, 1, p - 1 and the two of order 8.
const LOW_ORDER: [[u8; 32]; 5] = {
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = FIELD_PRIME;
    minus_one[0] = 0xec;
    [
        [0; 32],
        one,
        minus_one,
        [
            0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
            0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
        ],
        [
            0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
            0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
        ],
    ]
};

impl Curve25519Public {
    /// Parses unpadded base64.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&bytes_32(text)?)
    }

    /// Takes the 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        if bytes.iter().rev().ge(FIELD_PRIME.iter().rev()) {
            return Err(KeyError::Point);
        }
        if LOW_ORDER.contains(bytes) {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self(*bytes))
    }

    /// The 32 bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl fmt::Debug for Curve25519Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "curve25519:{}", Base64Bytes(self.0.to_vec()).to_base64())
    }
}

fn bytes_32(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = Base64Bytes::from_base64(text).ok_or(KeyError::Encoding)?;
    bytes.0.try_into().map_err(|_| KeyError::Length)
}
