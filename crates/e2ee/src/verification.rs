//! People verify each other: a number that both read, or a code that one scans from the other's screen.

use sotto_identity::Ed25519Public;
use sotto_protocol::{Base64Bytes, UserId};

use crate::{
    fields::Fields,
    linking::{QrError, qr_header, qr_payload},
    state::Machine,
    trust::Trust,
};

/// The byte in a QR code's header that says what it is for.
const INTENT: u8 = 4;
/// Digits of one person's half, in groups of five.
const GROUPS: usize = 6;

/// Why a scanned code verified nobody, in words for the person who scanned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a code for this.
    #[error(transparent)]
    Qr(#[from] QrError),
    /// The code of somebody else, or for somebody else.
    #[error("this code belongs to another person, or is meant for another one")]
    OtherPerson,
    /// One of the two has another key for the other than that one has: somebody is between them, or one of them has a
    /// new identity.
    #[error("the keys differ: somebody may be reading along. Write nothing secret, and compare again in person")]
    KeysDiffer,
    /// No key of the person is known yet.
    #[error("this person's key is not known yet; write to them first")]
    Unknown,
}

/// 30 digits for one person: six times five bytes of SHA-256, each modulo 100,000.
fn half(user_id: UserId, master: &[u8]) -> String {
    let hash = Fields::default().with("sotto-safety-number-v1").with(user_id.0.as_bytes()).with(master).sha256();
    let group = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte)) % 100_000;
    let groups: Vec<String> = hash.chunks_exact(5).take(GROUPS).map(|bytes| format!("{:05}", group(bytes))).collect();
    groups.concat()
}

/// 60 digits of two people, the same on both sides: the lower half first. Version 1. `None` if a key is malformed.
pub fn safety_number(one: (UserId, &str), other: (UserId, &str)) -> Option<String> {
    let half_of = |(user_id, master): (UserId, &str)| Some(half(user_id, &key_bytes(master)?));
    let mut halves = [half_of(one)?, half_of(other)?];
    halves.sort();
    Some(halves.concat())
}

fn key_bytes(master: &str) -> Option<Vec<u8>> {
    Ed25519Public::parse(master).ok()?;
    Base64Bytes::from_base64(master).map(|bytes| bytes.0)
}

impl Machine {
    /// The number that this person and another compare: 60 digits in groups of five. With a key that the server offers
    /// instead of the pinned one, it is that key's: what the other person would read now.
    pub fn safety_number(&self, user_id: UserId) -> Option<String> {
        self.number_with(user_id, self.offered_master_key(user_id).or_else(|| self.master_key(user_id))?)
    }

    /// The number of the pinned key, whatever the server offers: what was compared before.
    pub fn pinned_safety_number(&self, user_id: UserId) -> Option<String> {
        self.number_with(user_id, self.master_key(user_id)?)
    }

    fn number_with(&self, user_id: UserId, theirs: &str) -> Option<String> {
        let digits = safety_number((self.user_id(), self.master_key(self.user_id())?), (user_id, theirs))?;
        let groups: Vec<&str> = (0..2 * GROUPS).filter_map(|at| digits.get(at * 5..at * 5 + 5)).collect();
        Some(groups.join(" "))
    }

    /// The bytes of a QR code for the other person to scan: `SOTTO`, version, 4, this user's id (16) and master key (32),
    /// the other's id and the key that this device has pinned for it.
    pub fn verification_qr(&self, user_id: UserId) -> Option<Vec<u8>> {
        let ours = key_bytes(self.master_key(self.user_id())?)?;
        let theirs = key_bytes(self.master_key(user_id)?)?;
        let ids = (self.user_id().0, user_id.0);
        Some([&qr_header(INTENT), ids.0.as_bytes().as_slice(), &ours, ids.1.as_bytes(), &theirs].concat())
    }

    /// This person scanned the other's code: verified if both have each other's true key.
    pub fn verify_by_qr(&mut self, user_id: UserId, qr: &[u8]) -> Result<(), VerifyError> {
        let rest = qr_payload(qr, INTENT)?;
        let (their_id, rest) = rest.split_first_chunk::<16>().ok_or(QrError::Length)?;
        let (their_key, rest) = rest.split_first_chunk::<32>().ok_or(QrError::Length)?;
        let (our_id, our_key) = rest.split_first_chunk::<16>().ok_or(QrError::Length)?;
        if our_key.len() != 32 {
            return Err(QrError::Length.into());
        }
        if their_id != user_id.0.as_bytes() || our_id != self.user_id().0.as_bytes() {
            return Err(VerifyError::OtherPerson);
        }
        let own = self.master_key(self.user_id()).and_then(key_bytes).ok_or(VerifyError::Unknown)?;
        let pinned = self.master_key(user_id).map(str::to_owned).ok_or(VerifyError::Unknown)?;
        let agree = own == our_key && key_bytes(&pinned).is_some_and(|pinned| pinned == their_key);
        if !agree || self.trust(user_id) == Trust::Violated || !self.mark_verified(user_id, &pinned) {
            return Err(VerifyError::KeysDiffer);
        }
        Ok(())
    }
}
