//! A device that the worker plays, and where its connection stands.

use sotto_protocol::{DeviceId, UserId};

use super::{positions::Positions, socket::Socket};
use crate::load::plan::Role;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not wanted.
    Off,
    /// Until its time comes.
    Waiting,
    Connecting,
    /// The request is out.
    Upgrading,
    /// `hello` is out.
    Greeting,
    Live,
    /// Told to stay away.
    Gone,
}

/// One device.
#[expect(clippy::struct_field_names, reason = "an id like any other")]
pub struct Device {
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub role: Role,
    pub reads: bool,
    pub target: usize,
    pub token: Box<str>,
    pub state: State,
    pub socket: Option<Socket>,
    /// Counts sockets, so that what is said of an old one is not taken for a new one's.
    pub generation: u32,
    /// Bytes of a frame that is not whole yet.
    pub partial: Vec<u8>,
    /// When it was to begin to connect, the first time.
    pub intended: Option<u64>,
    /// When the newest attempt to connect began.
    pub began: u64,
    /// Since when it is without its connection.
    pub lost: Option<u64>,
    pub attempt: u32,
    /// The node asked to wait so long.
    pub asked_to_wait_ms: u64,
    pub resume: Option<Box<str>>,
    pub inbox_seq: i64,
    pub positions: Positions,
    /// Server pings on this connection.
    pub pings: u64,
    /// Not marked yet.
    pub unmarked: Vec<(u32, i64)>,
    pub mark_is_due: bool,
    /// Its person has a device that reads and one that is told of it in this worker.
    pub is_paired: bool,
}

impl Device {
    /// What a device of the epoll set is called.
    pub fn key(&self, at: usize) -> u64 {
        u64::from(self.generation) << 32 | at as u64
    }

    /// Notes that it has to mark this.
    pub fn unmark(&mut self, talk: u32, seq: i64) {
        match self.unmarked.iter_mut().find(|(known, _)| *known == talk) {
            Some((_, known)) => *known = (*known).max(seq),
            None => self.unmarked.push((talk, seq)),
        }
    }
}
