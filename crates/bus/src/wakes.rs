//! What nodes tell each other: packets of wakes on one channel a node, and control messages on a channel for all.
//!
//! Wakes can be lost. Packets are numbered a pair of nodes and heartbeats repeat the last number, so a node that
//! missed one knows, and reads what it missed from PostgreSQL.

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, NodeId, SessionId, UserId};

/// Largest packet, bytes.
pub const MAX_PACKET_BYTES: usize = 256 * 1024;
/// Frames larger than this travel by reference: the receiver reads them from PostgreSQL.
pub const MAX_INLINE_FRAME_BYTES: usize = 16 * 1024;
/// First byte of every packet; another one is treated as a lost packet, so old and new nodes can work side by side.
const FORMAT: u8 = 3;

/// The channel on which a node hears.
pub fn node_channel(node_id: NodeId) -> String {
    format!("node:{node_id}")
}

/// The channel on which all nodes hear.
pub const CONTROL_CHANNEL: &str = "control";

/// One thing that a node should know about its local sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Wake {
    /// An event is committed.
    Event {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// The encoded `event` frame; `None`: read it.
        frame: Option<String>,
    },
    /// An inbox grew. Stands before the event that needs it.
    Inbox {
        /// Whose.
        device_id: DeviceId,
        /// The new item's position; 0: unknown, read it.
        seq: i64,
        /// The encoded `inbox` frame with this one item; `None`: read it.
        frame: Option<String>,
    },
    /// A frame for the members that are there now; not kept anywhere else.
    Live {
        /// The conversation.
        conversation_id: ConversationId,
        /// Who may see it.
        audience: Audience,
        /// The encoded frame.
        frame: String,
    },
    /// A frame about a person's presence, for those who watch.
    Presence {
        /// The person.
        user_id: UserId,
        /// The encoded frame.
        frame: String,
    },
    /// Another connection of the device has its place.
    Replace {
        /// The device.
        device_id: DeviceId,
        /// The session that has to go.
        session_id: SessionId,
        /// The other one has just opened, so this one's client has moved there; else whoever lives comes again.
        by_new: bool,
    },
}

/// Who may see a live frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// Everybody who is there.
    All,
    /// Everybody but this person.
    Others(UserId),
    /// This person's devices only.
    Own(UserId),
    /// Everybody who does not hide receipts, unless very many are connected.
    Receipts,
    /// The same without this person.
    ReceiptsBut(UserId),
}

/// Wakes from one node to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Packet<W = Wake> {
    /// The sending node.
    pub from: NodeId,
    /// 1, 2, 3, ... for this receiver. A heartbeat repeats the last number and has no wakes.
    pub number: u64,
    /// In order.
    pub wakes: Vec<W>,
}

/// A message to all nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Control {
    /// A device is out: close its sockets, refuse its tokens.
    Revoke {
        /// The account.
        user_id: UserId,
        /// The device.
        device_id: DeviceId,
        /// Position in the revocation feed.
        revocation_seq: i64,
    },
    /// A person hides receipts from now on, or shows them.
    Receipts {
        /// The person.
        user_id: UserId,
        /// Whether they are hidden.
        hidden: bool,
    },
    /// A test broadcast to every socket.
    Broadcast {
        /// The encoded frame.
        frame: String,
    },
}

/// Encodes a packet or control message (postcard after the format byte).
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    // Serialising these types to memory cannot fail; an empty message would be counted as lost.
    postcard::to_extend(value, vec![FORMAT]).unwrap_or_default()
}

/// Decodes; `None` for another format.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    let (format, body) = bytes.split_first()?;
    (*format == FORMAT).then(|| postcard::from_bytes(body).ok())?
}

impl Wake {
    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        32 + match self {
            Self::Event { frame, .. } | Self::Inbox { frame, .. } => frame.as_ref().map_or(0, String::len),
            Self::Live { frame, .. } | Self::Presence { frame, .. } => frame.len(),
            Self::Replace { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_packet_survives_the_way_and_another_format_is_told_apart() {
        let packet = Packet {
            from: NodeId(Uuid::from_u128(1)),
            number: 7,
            wakes: vec![Wake::Event { conversation_id: ConversationId(Uuid::from_u128(2)), seq: 3, frame: None }],
        };
        let mut bytes = encode(&packet);
        assert_eq!(decode::<Packet>(&bytes), Some(packet));
        bytes[0] = FORMAT + 1;
        assert_eq!(decode::<Packet>(&bytes), None);
    }
}
