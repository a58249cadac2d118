//! What apps say to each other inside a message: the JSON that the server never sees.

use serde::{Deserialize, Serialize};
use sotto_protocol::{TxnId, UserId};

/// The body of a message. Unknown types are kept as they are in [`crate::Shown::body_json`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageBody {
    /// Plain text.
    Text {
        /// The text.
        text: String,
        /// Who is mentioned in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Mention>,
    },
    /// Plain text that answers another message.
    Reply {
        /// The message that it answers.
        target: TxnId,
        /// The text.
        text: String,
        /// Who is mentioned in it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Mention>,
    },
    /// The sender's own earlier message reads differently now.
    Edit {
        /// The message.
        target: TxnId,
        /// The new text.
        text: String,
        /// Who is mentioned in it now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Mention>,
    },
    /// A reaction to a message; the same again with `remove` takes it back.
    Reaction {
        /// The message.
        target: TxnId,
        /// An emoji.
        emoji: String,
        /// Takes the reaction back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        remove: bool,
    },
    /// The conversation's name.
    RoomName {
        /// The name.
        name: String,
    },
    /// Messages that are sent from now on disappear. The newest in the log counts, whoever sent it; clients apply it to
    /// what they send. It does not disappear itself. What is about a message disappears with that message.
    Timer {
        /// So long after they are stored, milliseconds; absent: they stay.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<i64>,
    },
}

/// A part of a text that stands for a person. Whoever does not know mentions reads the text as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Who; shown by the name of today, not by what the text says.
    pub user_id: UserId,
    /// Where it begins in the text, in UTF-16 code units.
    pub start: u32,
    /// How long it is, in UTF-16 code units.
    pub length: u32,
}

impl MessageBody {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), mentions: Vec::new() }
    }
}
