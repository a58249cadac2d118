//! What people type: the eight characters that find a rendezvous, and digits that one device shows and another asks.

use std::fmt;

use crate::crockford;

/// Eight characters of Crockford's base 32: they find a rendezvous, and prove nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedCode(String);

impl TypedCode {
    /// Reads what a person typed or a server gave: case, spaces and dashes don't matter, O is 0, I and L are 1. `None`
    /// unless eight characters are left.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(9);
        let code: Option<String> = typed.map(|c| crockford::value(c).and_then(crockford::character)).collect();
        code.filter(|code| code.len() == 8).map(Self)
    }

    /// The eight characters, for the server.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypedCode {
    /// In two groups, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(..)")
    }
}

/// Digits that one device shows and a person types into the other.
#[derive(Clone)]
pub(crate) struct Digits(String);

impl Digits {
    /// The value's last `count` decimal digits, with zeros in front.
    pub(crate) fn of(value: u64, count: u32) -> Self {
        let modulus = 10u64.saturating_pow(count);
        Self(format!("{:0width$}", value % modulus, width = usize::try_from(count).unwrap_or_default()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or_default()
    }

    /// Whether a person typed exactly these; `None` if it is not so many digits at all, which is no try.
    pub(crate) fn matches(&self, typed: &str) -> Option<bool> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let is_try = typed.len() == self.0.len() && typed.bytes().all(|c| c.is_ascii_digit());
        is_try.then(|| typed == self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Digits, TypedCode};

    #[test]
    fn a_typed_code_is_read_as_people_write_it() {
        for text in ["7K3M-9QX0", "7k3m 9qxo", " 7K3M9QXO ", "7-k-3-m-9-q-x-0"] {
            let code = TypedCode::parse(text).unwrap();
            assert_eq!(code.as_str(), "7K3M9QX0");
            assert_eq!(code.to_string(), "7K3M-9QX0");
        }
        assert_eq!(TypedCode::parse("ilIL oO00").unwrap().as_str(), "11110000");
        for text in ["", "7K3M9QX", "7K3M9QX00", "7K3M9QXU", "7K3M9QX!", "７K3M9QX0"] {
            assert!(TypedCode::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn digits_keep_their_zeros_and_other_lengths_are_no_try() {
        let digits = Digits::of(1_000_042, 4);
        assert_eq!(digits.as_str(), "0042");
        assert_eq!(digits.matches(" 00 42 "), Some(true));
        assert_eq!(digits.matches("0043"), Some(false));
        for text in ["", "42", "00042", "004x", "٠٠٤٢"] {
            assert_eq!(digits.matches(text), None, "{text}");
        }
        assert_eq!(Digits::of(u64::MAX, 6).as_str(), "551615");
    }

    proptest! {
        #[test]
        fn no_typed_text_panics(text in ".{0,40}") {
            if let Some(code) = TypedCode::parse(&text) {
                prop_assert_eq!(TypedCode::parse(&code.to_string()), Some(code));
            }
            prop_assert_ne!(Digits::of(7, 3).matches(&text), Some(true));
        }
    }
}
