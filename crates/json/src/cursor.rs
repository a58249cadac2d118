//! The text and how far it is read: tokens (RFC 8259), nothing of any type.

use std::borrow::Cow;

use crate::Error;

/// Arrays and objects in one another, as `serde_json` has it.
const DEEPEST: u8 = 127;

/// A number of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// Zero and above.
    Natural(u64),
    /// Below zero.
    Negative(i64),
    /// A fraction, an exponent, minus zero, or beyond 64 bits.
    Other,
}

pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no space.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Goes past this byte if it is next.
    pub(crate) fn take(&mut self, wanted: u8) -> bool {
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    pub(crate) fn need(&mut self, wanted: u8) -> Result<(), Error> {
        if self.take(wanted) { Ok(()) } else { Err(Error::Syntax) }
    }

    /// Goes past `null`, `true` or `false` if it is next.
    pub(crate) fn word(&mut self, wanted: &str) -> bool {
        self.peek();
        let is_next = self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(wanted.as_bytes()));
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    /// Goes into an array or object that begins with this byte.
    pub(crate) fn open(&mut self, bracket: u8) -> Result<(), Error> {
        if !self.take(bracket) {
            return Err(self.unexpected());
        }
        self.depth += 1;
        if self.depth > DEEPEST { Err(Error::Deep) } else { Ok(()) }
    }

    pub(crate) fn close(&mut self, bracket: u8) -> Result<(), Error> {
        self.depth -= 1;
        self.need(bracket)
    }

    /// Whether another item follows in what ends with this byte.
    pub(crate) fn more(&mut self, bracket: u8, first: &mut bool) -> Result<bool, Error> {
        if std::mem::take(first) {
            return Ok(self.peek() != Some(bracket));
        }
        if self.peek() == Some(bracket) {
            return Ok(false);
        }
        self.need(b',').map(|()| true)
    }

    /// Something begins that the type does not have, or nothing that is JSON.
    pub(crate) fn unexpected(&mut self) -> Error {
        match self.peek() {
            Some(b'"' | b'[' | b'{' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => Error::Type,
            _ => Error::Syntax,
        }
    }

    pub(crate) fn end(&mut self) -> Result<(), Error> {
        if self.peek().is_none() { Ok(()) } else { Err(Error::Syntax) }
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Error> {
        let is_true = self.word("true");
        if is_true || self.word("false") { Ok(is_true) } else { Err(self.unexpected()) }
    }

    /// What is read between two quotes, with no space at either.
    pub(crate) fn quoted<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.need(b'"')?;
        let from = self.at;
        if self.peek().is_none() || self.at > from {
            return Err(Error::Syntax);
        }
        let value = read(self)?;
        if self.byte() == Some(b'"') {
            self.at += 1;
            Ok(value)
        } else {
            Err(Error::Syntax)
        }
    }

    pub(crate) fn number(&mut self) -> Result<Number, Error> {
        let is_negative = self.take(b'-');
        let from = self.at;
        let mut sum = Some(0_u64);
        while let Some(digit @ b'0'..=b'9') = self.byte() {
            sum = sum.and_then(|sum| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
            self.at += 1;
        }
        let begins_with_zero = self.text.as_bytes().get(from) == Some(&b'0');
        if self.at == from || (begins_with_zero && self.at > from + 1) {
            return Err(if is_negative || self.at > from { Error::Syntax } else { self.unexpected() });
        }
        let is_whole = !self.fraction()?;
        Ok(match sum.filter(|_| is_whole) {
            Some(natural) if !is_negative => Number::Natural(natural),
            Some(below @ 1..) => 0_i64.checked_sub_unsigned(below).map_or(Number::Other, Number::Negative),
            _ => Number::Other,
        })
    }

    fn fraction(&mut self) -> Result<bool, Error> {
        let from = self.at;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.at > from)
    }

    fn digits(&mut self) -> Result<(), Error> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at > from { Ok(()) } else { Err(Error::Syntax) }
    }

    /// A string; copied only if something in it is escaped.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        if !self.take(b'"') {
            return Err(self.unexpected());
        }
        let mut unescaped = String::new();
        let mut from = self.at;
        loop {
            match self.byte() {
                Some(b'"') => {
                    let rest = self.text.get(from..self.at).ok_or(Error::Syntax)?;
                    self.at += 1;
                    if unescaped.is_empty() {
                        return Ok(Cow::Borrowed(rest));
                    }
                    unescaped.push_str(rest);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    unescaped.push_str(self.text.get(from..self.at).ok_or(Error::Syntax)?);
                    self.at += 1;
                    unescaped.push(self.escaped()?);
                    from = self.at;
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(Error::Syntax),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, Error> {
        let letter = self.byte().ok_or(Error::Syntax)?;
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(Error::Syntax),
        })
    }

    /// What follows `\u`: a character, or two surrogates that make one.
    fn code_point(&mut self) -> Result<char, Error> {
        let first = self.hex()?;
        let mut units = [first, 0];
        let count = if let 0xd800..0xdc00 = first {
            for wanted in [b'\\', b'u'] {
                if self.byte() != Some(wanted) {
                    return Err(Error::Syntax);
                }
                self.at += 1;
            }
            units[1] = self.hex()?;
            2
        } else {
            1
        };
        char::decode_utf16(units.into_iter().take(count)).next().and_then(Result::ok).ok_or(Error::Syntax)
    }

    fn hex(&mut self) -> Result<u16, Error> {
        let mut unit = 0_u16;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16)).ok_or(Error::Syntax)?;
            unit = unit << 4 | u16::try_from(digit).unwrap_or_default();
            self.at += 1;
        }
        Ok(unit)
    }

    /// The text of the next value.
    pub(crate) fn raw(&mut self) -> Result<&'a str, Error> {
        self.peek();
        let from = self.at;
        self.skip()?;
        self.text.get(from..self.at).ok_or(Error::Syntax)
    }

    /// Goes past a value, however deep it is.
    pub(crate) fn skip(&mut self) -> Result<(), Error> {
        let mut brackets = Vec::new();
        loop {
            let bracket = match self.peek() {
                Some(b'{') => Some(b'}'),
                Some(b'[') => Some(b']'),
                _ => None,
            };
            if let Some(bracket) = bracket {
                self.at += 1;
                if self.peek() != Some(bracket) {
                    brackets.push(bracket);
                    self.skip_key(bracket)?;
                    continue;
                }
                self.at += 1;
            } else {
                self.skip_one()?;
            }
            // Past a value: everything that ends with it, then on to the next one.
            loop {
                let Some(bracket) = brackets.last().copied() else { return Ok(()) };
                if self.take(b',') {
                    self.skip_key(bracket)?;
                    break;
                }
                self.need(bracket)?;
                brackets.pop();
            }
        }
    }

    fn skip_key(&mut self, bracket: u8) -> Result<(), Error> {
        if bracket == b'}' {
            self.skip_string()?;
            self.need(b':')?;
        }
        Ok(())
    }

    fn skip_one(&mut self) -> Result<(), Error> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'-' | b'0'..=b'9') => self.number().map(drop),
            _ if self.word("null") || self.word("true") || self.word("false") => Ok(()),
            _ => Err(Error::Syntax),
        }
    }

    /// Goes past a string; a surrogate may be alone in it, as JavaScript writes them.
    fn skip_string(&mut self) -> Result<(), Error> {
        self.need(b'"')?;
        loop {
            let byte = self.byte().filter(|byte| *byte >= 0x20).ok_or(Error::Syntax)?;
            self.at += 1;
            match byte {
                b'"' => return Ok(()),
                b'\\' if self.byte() == Some(b'u') => {
                    self.at += 1;
                    self.hex()?;
                }
                b'\\' => drop(self.escaped()?),
                _ => {}
            }
        }
    }
}
