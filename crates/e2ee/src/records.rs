//! Keys of the stored records.

use std::{fmt, str::FromStr};

use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};

/// Names one record of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Account,
    User(UserId),
    Peer(DeviceId),
    Conversation(ConversationId),
    Members(ConversationId),
    Out(ConversationId),
    In(String),
    Pending(ConversationId, TxnId),
    Seen(ConversationId, DeviceId),
    Waiting(ConversationId, i64),
    Asked(String),
    Verdicts,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account => f.write_str("account"),
            Self::Verdicts => f.write_str("verdicts"),
            Self::User(id) => write!(f, "user/{id}"),
            Self::Peer(id) => write!(f, "olm/{id}"),
            Self::Conversation(id) => write!(f, "conv/{id}"),
            Self::Members(id) => write!(f, "members/{id}"),
            Self::Out(id) => write!(f, "out/{id}"),
            // Session ids are base64, whose '/' is why they come last.
            Self::In(session_id) => write!(f, "in/{session_id}"),
            Self::Asked(session_id) => write!(f, "asked/{session_id}"),
            Self::Pending(id, txn_id) => write!(f, "pending/{id}/{txn_id}"),
            Self::Seen(id, device_id) => write!(f, "seen/{id}/{device_id}"),
            Self::Waiting(id, seq) => write!(f, "waiting/{id}/{seq}"),
        }
    }
}

/// The text is not a key.
#[derive(Debug)]
pub(crate) struct NotAKey;

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn id<T: FromStr>(text: &str) -> Result<T, NotAKey> {
            text.parse().map_err(|_| NotAKey)
        }
        match text {
            "account" => return Ok(Self::Account),
            "verdicts" => return Ok(Self::Verdicts),
            _ => {}
        }
        let (kind, rest) = text.split_once('/').ok_or(NotAKey)?;
        let pair = || rest.split_once('/').ok_or(NotAKey);
        Ok(match kind {
            "user" => Self::User(id(rest)?),
            "olm" => Self::Peer(id(rest)?),
            "conv" => Self::Conversation(id(rest)?),
            "members" => Self::Members(id(rest)?),
            "out" => Self::Out(id(rest)?),
            "in" => Self::In(rest.to_owned()),
            "asked" => Self::Asked(rest.to_owned()),
            "pending" => Self::Pending(id(pair()?.0)?, id(pair()?.1)?),
            "seen" => Self::Seen(id(pair()?.0)?, id(pair()?.1)?),
            "waiting" => Self::Waiting(id(pair()?.0)?, id(pair()?.1)?),
            _ => return Err(NotAKey),
        })
    }
}
