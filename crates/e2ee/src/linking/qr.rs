//! The content of a QR code that links a device: binary, so that no camera app takes it for a link.

use sotto_identity::Curve25519Public;
use vodozemac::Curve25519PublicKey;

use super::base_url::{MAX_BASE_URL_BYTES, normalize_base_url};

/// What every QR code of ours begins with.
const MAGIC: &[u8; 5] = b"SOTTO";
/// Version of the content.
const VERSION: u8 = 1;

/// What a linking is for, and who showed what to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkIntent {
    /// A linked device shows a code, the new one scans it.
    ExistingShows,
    /// The new device shows a code, a linked one scans it.
    NewShows,
    /// A linked device shows eight characters, a person types them into the new one.
    TypedCode,
}

impl LinkIntent {
    /// The byte that stands for it.
    pub fn byte(self) -> u8 {
        match self {
            Self::ExistingShows => 1,
            Self::NewShows => 2,
            Self::TypedCode => 3,
        }
    }

    pub(crate) fn of(byte: u8) -> Option<Self> {
        [Self::ExistingShows, Self::NewShows, Self::TypedCode].into_iter().find(|intent| intent.byte() == byte)
    }
}

/// What a scanned code is instead of what was expected, in words for the person who scanned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// A link: a camera app opens those, so ours are none.
    #[error("this code is a web link; scan the code that your other device shows in its settings")]
    Link,
    /// Something else.
    #[error("this is no code of this app")]
    NotOurs,
    /// Made by a later version.
    #[error("this code is of a newer version; update the app on this device")]
    Version,
    /// A code of ours for something else, for instance shown by a device of the wrong kind.
    #[error("this code is for something else; check which device shows it and which one scans it")]
    Intent,
    /// Cut off, or with something behind it.
    #[error("the code is damaged; scan it again")]
    Length,
    /// Its key is unusable.
    #[error("the key in this code is not acceptable; make a new code")]
    Key,
    /// Its address is not in the one form that an address has.
    #[error("the address in this code is not acceptable; make a new code")]
    Address,
}

/// The content of a linking code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkQr {
    /// [`LinkIntent::ExistingShows`] or [`LinkIntent::NewShows`].
    pub intent: LinkIntent,
    /// The HPKE key of the device that shows it.
    pub public_key: Curve25519PublicKey,
    /// The rendezvous.
    pub rendezvous: [u8; 16],
    /// The service, as [`normalize_base_url`] writes it.
    pub base_url: String,
}

impl LinkQr {
    /// `SOTTO`, version, intent, key (32 bytes), rendezvous (16), length of the address (1), the address.
    pub fn to_bytes(&self) -> Vec<u8> {
        let length = u8::try_from(self.base_url.len()).unwrap_or(u8::MAX);
        let key = self.public_key.as_bytes();
        [&qr_header(self.intent.byte()), key.as_slice(), &self.rendezvous, &[length], self.base_url.as_bytes()].concat()
    }

    /// Reads a scanned code of exactly this intent.
    pub fn parse(bytes: &[u8], expected: LinkIntent) -> Result<Self, QrError> {
        let rest = qr_payload(bytes, expected.byte())?;
        if expected == LinkIntent::TypedCode {
            return Err(QrError::Intent);
        }
        let (key, rest) = rest.split_first_chunk::<32>().ok_or(QrError::Length)?;
        let (rendezvous, rest) = rest.split_first_chunk::<16>().ok_or(QrError::Length)?;
        let (length, address) = rest.split_first().ok_or(QrError::Length)?;
        if usize::from(*length) != address.len() {
            return Err(QrError::Length);
        }
        let address = std::str::from_utf8(address).map_err(|_| QrError::Address)?;
        // Only the one form: two codes that say the same are the same bytes.
        if normalize_base_url(address).as_deref() != Some(address) || address.len() > MAX_BASE_URL_BYTES {
            return Err(QrError::Address);
        }
        let public_key = Curve25519Public::from_bytes(key).map_err(|_| QrError::Key)?;
        Ok(Self {
            intent: expected,
            public_key: Curve25519PublicKey::from_bytes(public_key.to_bytes()),
            rendezvous: *rendezvous,
            base_url: address.to_owned(),
        })
    }
}

/// Magic, version and what the code is for.
pub(crate) fn qr_header(intent: u8) -> [u8; 7] {
    let mut header = [0; 7];
    for (to, from) in header.iter_mut().zip(MAGIC.iter().chain(&[VERSION, intent])) {
        *to = *from;
    }
    header
}

/// What follows the header of a code for this, or what the code is instead.
pub(crate) fn qr_payload(bytes: &[u8], intent: u8) -> Result<&[u8], QrError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(if is_link(bytes) { QrError::Link } else { QrError::NotOurs });
    };
    let (version, rest) = rest.split_first().ok_or(QrError::Length)?;
    if *version != VERSION {
        return Err(QrError::Version);
    }
    let (got, rest) = rest.split_first().ok_or(QrError::Length)?;
    if *got == intent { Ok(rest) } else { Err(QrError::Intent) }
}

/// Whether a camera app would open it: a scheme and a colon, or a bare host name.
fn is_link(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start();
    let scheme = text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    scheme || text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vodozemac::{Curve25519PublicKey, Curve25519SecretKey};

    use super::{LinkIntent, LinkQr, QrError};

    fn code() -> LinkQr {
        LinkQr {
            intent: LinkIntent::ExistingShows,
            public_key: Curve25519PublicKey::from(&Curve25519SecretKey::from_slice(&[7; 32])),
            rendezvous: [9; 16],
            base_url: "https://chat.example".to_owned(),
        }
    }

    #[test]
    fn row_16_a_code_reads_back_and_another_intent_is_refused() {
        let bytes = code().to_bytes();
        assert_eq!(bytes.len(), 5 + 2 + 32 + 16 + 1 + 20);
        assert_eq!(LinkQr::parse(&bytes, LinkIntent::ExistingShows), Ok(code()));
        assert_eq!(LinkQr::parse(&bytes, LinkIntent::NewShows), Err(QrError::Intent));
        assert_eq!(LinkQr::parse(&bytes, LinkIntent::TypedCode), Err(QrError::Intent));
    }

    #[test]
    fn row_16_links_and_foreign_codes_are_refused() {
        for link in
            ["https://chat.example/link?x", "HTTP://x", "sotto:abc", "www.chat.example", "matrix:u/x", " https://x"]
        {
            assert_eq!(LinkQr::parse(link.as_bytes(), LinkIntent::ExistingShows), Err(QrError::Link), "{link}");
        }
        for foreign in [b"".as_slice(), b"MATRIX\x02\x03", b"\xff\xfe", b"SOTT", b"hello"] {
            assert_eq!(LinkQr::parse(foreign, LinkIntent::ExistingShows), Err(QrError::NotOurs), "{foreign:?}");
        }
    }

    #[test]
    fn row_16_what_is_malformed_is_refused() {
        let bytes = code().to_bytes();
        let parse = |bytes: &[u8]| LinkQr::parse(bytes, LinkIntent::ExistingShows);
        for length in 5..bytes.len() {
            assert_eq!(parse(&bytes[..length]), Err(QrError::Length), "{length}");
        }
        assert_eq!(parse(&[bytes.as_slice(), b"x"].concat()), Err(QrError::Length));
        let with = |at: usize, byte: u8| {
            let mut altered = bytes.clone();
            altered[at] = byte;
            parse(&altered)
        };
        assert_eq!(with(5, 2), Err(QrError::Version));
        assert_eq!(with(6, 9), Err(QrError::Intent));
        assert_eq!(with(56, b'H'), Err(QrError::Address));
        assert_eq!(with(60, 0xff), Err(QrError::Address));
        let mut small_order = bytes.clone();
        small_order[7..39].fill(0);
        assert_eq!(parse(&small_order), Err(QrError::Key));
    }

    proptest! {
        #[test]
        fn row_16_no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for intent in [LinkIntent::ExistingShows, LinkIntent::NewShows, LinkIntent::TypedCode] {
                prop_assert!(LinkQr::parse(&bytes, intent).is_err());
            }
        }

        #[test]
        fn row_16_a_mutated_code_is_refused_or_is_another_code(at in 0usize..76, byte in any::<u8>(), cut in 0usize..80) {
            let mut bytes = code().to_bytes();
            bytes[at] = byte;
            bytes.truncate(cut);
            if let Ok(read) = LinkQr::parse(&bytes, LinkIntent::ExistingShows) {
                prop_assert_eq!(read.to_bytes(), bytes);
            }
        }
    }
}
