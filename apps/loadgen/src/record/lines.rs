//! The lines of a record.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, NodeId, TxnId, UserId};

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The machine's monotonic clock.
    pub at_us: u64,
    /// Who noted it.
    pub actor: Arc<str>,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened. `message` is the message's `txn_id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// An app gave a message to its client; `counter` is its place among the device's messages there.
    Intent { conversation: ConversationId, message: TxnId, device: DeviceId, counter: u64 },
    /// A send left for a node.
    Wire { conversation: ConversationId, message: TxnId, device: DeviceId, attempt: u32, node: Option<NodeId> },
    /// A node said that it is stored.
    Ack { conversation: ConversationId, message: TxnId, device: DeviceId, seq: Option<i64>, node: Option<NodeId> },
    /// A node refused it; `last`: the client gave it up and told its app so.
    Reject { conversation: ConversationId, message: TxnId, device: DeviceId, code: String, last: bool },
    /// The connection went before an answer came.
    Unknown { conversation: ConversationId, message: TxnId, device: DeviceId, attempt: u32 },
    /// An event came from a node.
    Arrived { conversation: ConversationId, device: DeviceId, seq: i64 },
    /// A device showed a message.
    Shown { conversation: ConversationId, message: TxnId, device: DeviceId, sender: DeviceId, seq: i64, counter: u64 },
    /// A device acknowledged its inbox.
    InboxAck { device: DeviceId, seq: i64 },
    /// A device could not read an event.
    Utd { conversation: ConversationId, device: DeviceId, seq: i64 },
    /// A device was told that key shares were dropped.
    Gap { conversation: ConversationId, device: DeviceId, dropped: i64 },
    /// A client said something unusual: an alarm, a queue that waits for a person.
    Noticed { device: DeviceId, text: String },
    /// There is a device.
    Device { device: DeviceId, user: UserId, name: String },
    /// The device shows the conversation from this position on.
    Join { conversation: ConversationId, device: DeviceId, seq: i64 },
    /// Nothing after this position is for the device.
    Leave { conversation: ConversationId, device: DeviceId, seq: i64 },
    /// The device is revoked: nothing beyond these heads is for it, and nothing at all comes after `within_ms`.
    Fence { device: DeviceId, heads: BTreeMap<ConversationId, i64>, within_ms: u64 },
    /// Something is broken from now on.
    Fault { name: String, target: String },
    /// It is not any more.
    Healed { name: String, target: String },
    /// A measured size that has a limit: memory in KiB, descriptors.
    Sample { node: String, of: String, value: u64, limit: u64 },
    /// The record goes up to here.
    End {},
    /// How the run was started.
    Run { seed: u64, replay: String },
}
