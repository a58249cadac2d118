//! What the coordinator tells a worker, and what it hears: one JSON object a line.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};
use sotto_protocol::{ConversationId, DeviceId, UserId};

use super::{clock::Pace, figures::Figures};

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// This worker, from 0.
    pub worker: u16,
    /// Told apart in message ids.
    pub run: u32,
    /// Where the signing keys of the cluster are.
    pub keys: PathBuf,
    /// Where devices connect.
    pub targets: Vec<SocketAddr>,
    /// Number of the first connection over all workers: source addresses follow from it.
    pub first: usize,
    pub devices: Vec<Device>,
    pub talks: Vec<Talk>,
    /// Devices that have no token of their own resume here.
    pub resume: Option<String>,
}

/// A device that this worker plays.
#[expect(clippy::struct_field_names, reason = "an id like any other")]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    pub user_id: UserId,
    pub device_id: DeviceId,
    /// Place in the plan's targets.
    pub target: usize,
    #[serde(default, skip_serializing_if = "Role::is_ordinary")]
    pub role: Role,
    /// Marks what it shows as read, not only as delivered.
    #[serde(default)]
    pub reads: bool,
    /// Places in the plan's conversations that are watched for order and loss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub talks: Vec<u32>,
}

/// How a device behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// As it should.
    #[default]
    Ordinary,
    /// Sends what is no frame as fast as it can, and comes back at once when it is cut off.
    Garbage,
    /// Reads nothing any more once it has caught up.
    Frozen,
}

impl Role {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
    fn is_ordinary(&self) -> bool {
        *self == Self::Ordinary
    }
}

/// A conversation.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Talk {
    pub id: ConversationId,
    /// Its newest position before the load.
    pub base: i64,
}

/// What to do now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Connect everybody; answered by `connected`.
    Connect(Opening),
    /// Send; answered by `loaded`.
    Load(Box<LoadSpec>),
    /// At this time cut every connection; the devices come back as the SDK does.
    Drop { at_ns: u64 },
    /// Answered by `back` when every device is live again, or at this time.
    AwaitBack { until_ns: u64 },
    /// Answered by `figures`.
    Report,
    /// Everybody off.
    Disconnect,
    /// The end; so is the end of the input.
    Stop,
}

/// How connections are opened.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Opening {
    pub pace: Pace,
    /// Connections that may be on their way at once, of one worker; what waits for others is late.
    pub at_once: usize,
    /// Until then; who is not there by then has failed.
    pub until_ns: u64,
    /// So many more devices of each worker.
    pub each: usize,
}

/// What is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadSpec {
    /// Told apart in message ids; below 4,096.
    pub number: u16,
    pub pace: Pace,
    /// Messages intended from here on are counted.
    pub count_from_ns: u64,
    /// No message is intended from here on.
    pub until_ns: u64,
    /// After it, what is not there is lost.
    pub patience_ns: u64,
    /// Bytes of ciphertext.
    pub bytes: usize,
    /// Who of this worker sends where: `(device, conversation)`.
    pub streams: Vec<(u32, u32)>,
    /// Streams are chosen by these, each with those before it added; in turn if there are none.
    #[serde(default)]
    pub weights: Vec<f64>,
    /// Conversations have members in several workers.
    #[serde(default)]
    pub spread: bool,
    /// A device marks at a random moment of this time; `None`: never.
    pub mark_spread_ns: Option<u64>,
    /// Part of the messages that typing comes before.
    #[serde(default)]
    pub typing: f64,
    /// Sessions end and begin.
    #[serde(default)]
    pub churn: Option<Churn>,
}

/// Mean lengths of sessions and of the time between them; exponential.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Churn {
    pub on_ns: u64,
    pub off_ns: u64,
}

/// What a worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The plan is understood.
    Ready,
    /// Now and then.
    Progress(Box<Figures>),
    Connected(Box<Figures>),
    Loaded(Box<Figures>),
    Back(Box<Figures>),
    Figures(Box<Figures>),
    /// It can't go on.
    Failed(String),
}
