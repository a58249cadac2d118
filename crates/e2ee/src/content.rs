//! What apps say to each other inside a message: the JSON that the server never sees.

use serde::{Deserialize, Serialize};
use sotto_protocol::TxnId;

/// The body of a message. Unknown types are kept as they are in [`crate::Shown::body_json`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessageBody {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// Plain text that answers another message.
    Reply {
        /// The message that it answers.
        target: TxnId,
        /// The text.
        text: String,
    },
    /// The sender's own earlier message reads differently now.
    Edit {
        /// The message.
        target: TxnId,
        /// The new text.
        text: String,
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
}

impl MessageBody {
    /// Plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}
