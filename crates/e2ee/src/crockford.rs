//! Crockford's base 32, for codes that people read and type: no I, L, O, U.

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The value of a typed character: case does not matter, O is 0, I and L are 1.
pub(crate) fn value(typed: char) -> Option<u8> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|known| char::from(*known) == upper).and_then(|at| u8::try_from(at).ok())
}

/// The character of a value below 32.
pub(crate) fn character(value: u8) -> Option<char> {
    ALPHABET.get(usize::from(value)).map(|c| char::from(*c))
}
