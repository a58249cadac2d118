//! What people say: short and long, in several scripts, with emoji, from right to left.

use rand::{RngExt as _, rngs::StdRng};

const OPENINGS: &[&str] = &[
    "Hey",
    "So",
    "Well",
    "Listen",
    "By the way",
    "Hm",
    "Oh",
    "Bonjour",
    "Hallo",
    "Hola",
    "Merhaba",
    "Привет",
    "你好",
    "こんにちは",
    "안녕",
    "שלום",
    "مرحبا",
    "नमस्ते",
    "Γεια σου",
    "Ahoj",
];
const MIDDLES: &[&str] = &[
    "the train is late again",
    "I found the keys",
    "who brings the bread",
    "it rains here",
    "the cat sleeps on my desk",
    "let's meet at eight",
    "did you read the letter",
    "the soup is ready",
    "my phone fell into the lake",
    "ça marche très bien",
    "das Wetter wird schön",
    "mañana a las nueve",
    "yarın görüşürüz",
    "завтра в семь",
    "明天见",
    "電車が遅れています",
    "נתראה מחר בערב",
    "أراك غدًا في المقهى",
    "كل شيء على ما يرام",
    "कल मिलते हैं",
    "τα λέμε αύριο",
    "אני בדרך הביתה",
    "uvidíme se zítra",
];
const ENDINGS: &[&str] = &[
    "",
    "!",
    "?",
    "…",
    " 🙂",
    " 🎉🎉",
    " 👍🏽",
    " 👩‍👩‍👧‍👦",
    " 🏳️‍🌈",
    " 🧑🏿‍🚀",
    " ❤️‍🔥",
    " 😂😂😂",
    " 🇺🇳",
    " (really)",
    " — honestly",
    "\nand more later",
    " \u{202b}מימין לשמאל\u{202c}",
    " e\u{301}t\u{e9}",
    " ‎🤷‍♀️",
];
const REACTIONS: &[&str] = &["👍", "❤️", "😂", "🎉", "👀", "🙏🏾", "🧑‍🍳", "‼️"];
const NAMES: &[&str] = &["Sunday dinner", "The garden 🌻", "עולם קטן", "الفريق", "Projekt Übergröße", "三人行"];

fn pick<'a>(rng: &mut StdRng, from: &[&'a str]) -> &'a str {
    from[rng.random_range(0..from.len())]
}

/// A sentence.
pub fn sentence(rng: &mut StdRng) -> String {
    format!("{}, {}{}", pick(rng, OPENINGS), pick(rng, MIDDLES), pick(rng, ENDINGS))
}

/// An emoji.
pub fn reaction(rng: &mut StdRng) -> String {
    pick(rng, REACTIONS).to_owned()
}

/// A name for a conversation.
pub fn room_name(rng: &mut StdRng) -> String {
    pick(rng, NAMES).to_owned()
}

/// A text of 60 KiB.
pub fn epic(rng: &mut StdRng) -> String {
    const BYTES: usize = 60 * 1024;
    let mut text = String::with_capacity(BYTES + 200);
    while text.len() < BYTES {
        text.push_str(&sentence(rng).replace('\n', " "));
        text.push_str(". ");
    }
    let mut end = BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use sotto_protocol::limits::MAX_EVENT_BYTES;
    use sotto_sdk::MessageBody;

    use super::*;

    #[test]
    fn the_longest_text_fits_an_event() {
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..20 {
            let body = MessageBody::text(format!("{} {}", epic(&mut rng), "x".repeat(40)));
            assert!(serde_json::to_vec(&body).unwrap().len() < MAX_EVENT_BYTES - 1024);
        }
    }
}
