//! The 2,048 words of a recovery key, made by a rule: five letters, and any two words differ in two of them, so that one
//! mistyped letter is always noticed at its word.
//!
//! The 11 bits of an index, highest first: a consonant (4), a vowel (2), a consonant (4), a vowel (1). The fifth letter
//! is a consonant that follows from the four.

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const FIRST_VOWELS: &[u8; 4] = b"aeiu";
const SECOND_VOWELS: &[u8; 2] = b"ao";

/// Letters of a word.
pub(crate) const LETTERS: usize = 5;

/// Every step of one part shifts the check letter, and no step of two parts alike.
fn check(parts: [u8; 4]) -> u8 {
    let [first, vowel, second, last] = parts;
    (first + 3 * second + 5 * vowel + 7 * last + 2) % 16
}

fn letter(letters: &[u8], at: u8) -> char {
    letters.get(usize::from(at)).map_or('?', |c| char::from(*c))
}

/// The word of an index below 2,048.
pub(crate) fn word(index: u16) -> [char; LETTERS] {
    let part = |shift: u32, mask: u16| u8::try_from((index >> shift) & mask).unwrap_or_default();
    let parts = [part(7, 15), part(5, 3), part(1, 15), part(0, 1)];
    let [first, vowel, second, last] = parts;
    [
        letter(CONSONANTS, first),
        letter(FIRST_VOWELS, vowel),
        letter(CONSONANTS, second),
        letter(SECOND_VOWELS, last),
        letter(CONSONANTS, check(parts)),
    ]
}

/// The index of a word in any case; `None` if it is not in the list.
pub(crate) fn index(word: &str) -> Option<u16> {
    let mut letters = [0; LETTERS];
    if word.len() != LETTERS {
        return None;
    }
    for (to, from) in letters.iter_mut().zip(word.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    let [first, vowel, second, last, fifth] = letters;
    let at = |letters: &[u8], letter: u8| {
        letters.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at).ok())
    };
    let parts = [at(CONSONANTS, first)?, at(FIRST_VOWELS, vowel)?, at(CONSONANTS, second)?, at(SECOND_VOWELS, last)?];
    if at(CONSONANTS, fifth)? != check(parts) {
        return None;
    }
    let [first, vowel, second, last] = parts.map(u16::from);
    Some(first << 7 | vowel << 5 | second << 1 | last)
}

/// The index of the only word that differs from this one by one letter.
pub(crate) fn near(mistyped: &str) -> Option<u16> {
    let typed: Vec<char> = mistyped.trim().to_lowercase().chars().collect();
    let differs_once = |index: &u16| {
        typed.len() == LETTERS && word(*index).iter().zip(&typed).filter(|(ours, theirs)| ours != theirs).count() == 1
    };
    let mut candidates = (0..2048).filter(differs_once);
    candidates.next().filter(|_| candidates.next().is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{index, near, word};

    #[test]
    fn the_words_are_distinct_in_two_letters_and_read_back() {
        let words: Vec<[char; 5]> = (0..2048).map(word).collect();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), 2048);
        for (at, ours) in words.iter().enumerate() {
            let text: String = ours.iter().collect();
            assert_eq!(index(&text.to_uppercase()), u16::try_from(at).ok());
            let differing = |theirs: &[char; 5]| ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
            assert!(words[at + 1..].iter().all(|theirs| differing(theirs) >= 2), "{text}");
        }
    }

    #[test]
    fn no_word_is_an_insult() {
        for bad in ["fagot", "nigar", "nigor", "negar", "negor", "nazar", "nazis", "pedos", "kikes", "rapes"] {
            assert_eq!(index(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_mistyped_word_is_unknown_and_a_suggestion_is_the_only_one() {
        let text: String = word(7).iter().collect();
        assert_eq!(near(&text), None, "it is right");
        let mistyped = format!("{}x", &text[..4]);
        assert_eq!(index(&mistyped), None);
        assert_eq!(near(&mistyped), Some(7));
        for nonsense in ["", "xxxxx", "ab", "äöüßé", "badab badab"] {
            assert_eq!((index(nonsense), near(nonsense)), (None, None));
        }
    }
}
