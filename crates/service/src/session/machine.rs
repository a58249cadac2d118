//! The rules of a connection, without any I/O: frames and ticks go in, actions come out.

use std::time::Duration;

use sotto_bus::limits::{Rate, Verdict};
use sotto_protocol::{
    CloseCode, ConversationId, Problem, ProblemCode, UserId,
    conversations::MarkRequest,
    frames::{ClientFrame, ServerFrame},
    messages::SendMessage,
    sync::Resume,
};

use crate::limits::gcra;

/// How often the node pings.
pub const PING_INTERVAL: Duration = Duration::from_secs(crate::hub::WHEEL_SLOTS as u64);
/// A device that asked for nothing by then goes.
const HELLO_DEADLINE: Duration = Duration::from_secs(30);
/// Heard nothing for so long: the socket is half-open.
const SILENCE: Duration = Duration::from_mins(1);
/// Refused frames that a device may send before it is cut off.
const MAX_REFUSED: u32 = 10;
/// Garbage of this size counts as one more refused frame.
const GARBAGE_BYTES: usize = 64 * 1024;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for `hello`.
    Opening,
    /// Reading what was missed. Sends and marks are taken already.
    CatchingUp,
    /// Everything as it happens.
    Live,
    /// A close frame was asked for; nothing is taken any more.
    Closing,
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send a frame.
    Send(Box<ServerFrame>),
    /// Send a WebSocket ping.
    Ping,
    /// Catch up from here, then call [`Machine::caught_up`].
    CatchUp(Resume),
    /// Store a message; answer with `sent` or `refused`.
    Submit {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message.
        message: Box<SendMessage>,
    },
    /// Delete inbox items.
    AckInbox(i64),
    /// Raise marks.
    Mark {
        /// The conversation.
        conversation_id: ConversationId,
        /// The marks.
        marks: MarkRequest,
    },
    /// Show typing.
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
        /// Whether.
        typing: bool,
    },
    /// The person looks at the device, or not.
    Presence(bool),
    /// Watch these people's presence.
    Watch(Vec<UserId>),
    /// Close with this code.
    Close(CloseCode),
}

/// The state of one connection.
#[derive(Debug)]
pub struct Machine {
    phase: Phase,
    verified: bool,
    opened: Duration,
    heard: Duration,
    refused: u32,
    /// Theoretical arrival time of the next cheap frame.
    arrival: Duration,
}

impl Machine {
    /// A connection that was just accepted, at this monotonic time.
    pub fn new(verified: bool, now: Duration) -> Self {
        Self { phase: Phase::Opening, verified, opened: now, heard: now, refused: 0, arrival: now }
    }

    /// Where it stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// A frame came in.
    pub fn on_frame(&mut self, frame: ClientFrame, now: Duration) -> Vec<Action> {
        self.heard = now;
        match (self.phase, frame) {
            (Phase::Closing, _) => Vec::new(),
            (_, ClientFrame::Ping { nonce }) => vec![send(ServerFrame::Pong { nonce })],
            (Phase::Opening, ClientFrame::Hello { resume }) => {
                self.phase = Phase::CatchingUp;
                vec![Action::CatchUp(resume)]
            }
            (Phase::Opening, _) => self.refuse(ProblemCode::InvalidRequest, "the first frame is hello"),
            (_, ClientFrame::Hello { .. }) => self.refuse(ProblemCode::InvalidRequest, "hello comes once"),
            (_, ClientFrame::InboxAck { seq }) => vec![Action::AckInbox(seq)],
            (_, frame) if !self.verified => match frame {
                ClientFrame::Send { conversation_id, message } => {
                    let problem = Problem::new(ProblemCode::DeviceUnverified);
                    vec![send(ServerFrame::Refused { conversation_id, txn_id: message.txn_id, problem })]
                }
                _ => self.refuse(ProblemCode::DeviceUnverified, "this device is not linked yet"),
            },
            (_, ClientFrame::Send { conversation_id, message }) => {
                vec![Action::Submit { conversation_id, message: Box::new(message) }]
            }
            (_, ClientFrame::Mark { conversation_id, read_seq, delivered_seq }) => {
                vec![Action::Mark { conversation_id, marks: MarkRequest { read_seq, delivered_seq } }]
            }
            (_, ClientFrame::Typing { conversation_id, typing }) => vec![Action::Typing { conversation_id, typing }],
            (_, ClientFrame::Presence { active }) => vec![Action::Presence(active)],
            (_, ClientFrame::WatchPresence { user_ids })
                if user_ids.len() > sotto_protocol::limits::MAX_QUERY_USERS =>
            {
                self.refuse(ProblemCode::LimitReached, "at most 250 people")
            }
            (_, ClientFrame::WatchPresence { user_ids }) => vec![Action::Watch(user_ids)],
        }
    }

    /// Something that is no frame came in, of so many bytes: the larger, the sooner it ends.
    pub fn on_garbage(&mut self, problem: Problem, bytes: usize, now: Duration) -> Vec<Action> {
        self.heard = now;
        if self.phase == Phase::Closing {
            return Vec::new();
        }
        self.refused += 1 + u32::try_from(bytes / GARBAGE_BYTES).unwrap_or(MAX_REFUSED);
        let mut actions = vec![send(ServerFrame::Error { problem })];
        if self.refused >= MAX_REFUSED {
            actions.push(self.close(CloseCode::Protocol));
        }
        actions
    }

    /// A frame that costs little came in. `Some`: there are too many, and this is done instead of what it asks for.
    pub fn on_cheap(&mut self, rate: Rate, now: Duration) -> Option<Vec<Action>> {
        let Verdict::Limited { retry_after_ms } = gcra(&mut self.arrival, now, rate, 1) else { return None };
        if self.phase == Phase::Closing {
            return Some(Vec::new());
        }
        self.refused += 1;
        let problem = Problem { retry_after_ms: Some(retry_after_ms), ..Problem::new(ProblemCode::RateLimited) };
        let mut actions = vec![send(ServerFrame::Error { problem })];
        if self.refused >= MAX_REFUSED {
            actions.push(self.close(CloseCode::UserLimit));
        }
        Some(actions)
    }

    /// A pong, or any other sign of life, came in.
    pub fn on_heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// The wheel came round.
    pub fn on_tick(&mut self, now: Duration) -> Vec<Action> {
        match self.phase {
            Phase::Closing => Vec::new(),
            // A busy machine on either side is no breach of the protocol: it comes back.
            Phase::Opening if now.saturating_sub(self.opened) >= HELLO_DEADLINE => {
                vec![self.close(CloseCode::NoHello)]
            }
            _ if now.saturating_sub(self.heard) >= SILENCE => vec![self.close(CloseCode::NoPong)],
            _ => vec![Action::Ping],
        }
    }

    /// The catch-up is over.
    pub fn caught_up(&mut self) {
        if self.phase == Phase::CatchingUp {
            self.phase = Phase::Live;
        }
    }

    /// The node wants to close it.
    pub fn close(&mut self, code: CloseCode) -> Action {
        self.phase = Phase::Closing;
        Action::Close(code)
    }

    fn refuse(&mut self, code: ProblemCode, why: &str) -> Vec<Action> {
        let problem = Problem::new(code).with_detail(why);
        vec![send(ServerFrame::Error { problem }), self.close(CloseCode::Protocol)]
    }
}

fn send(frame: ServerFrame) -> Action {
    Action::Send(Box::new(frame))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Duration = Duration::from_secs(100);

    fn hello() -> ClientFrame {
        ClientFrame::Hello { resume: Resume::default() }
    }

    #[test]
    fn hello_starts_the_catch_up_once() {
        let mut machine = Machine::new(true, START);
        assert_eq!(machine.on_frame(hello(), START), [Action::CatchUp(Resume::default())]);
        machine.caught_up();
        assert_eq!(machine.phase(), Phase::Live);
        assert_eq!(machine.on_frame(hello(), START).last(), Some(&Action::Close(CloseCode::Protocol)));
    }

    #[test]
    fn too_many_cheap_frames_are_refused_and_then_end_the_connection() {
        let rate = Rate { burst: 5, period_ms: 1_000 };
        let mut machine = Machine::new(true, START);
        machine.on_frame(hello(), START);
        assert!((0..5).all(|_| machine.on_cheap(rate, START).is_none()));
        let refused = machine.on_cheap(rate, START).unwrap();
        assert!(matches!(&refused[..], [Action::Send(frame)] if matches!(&**frame,
            ServerFrame::Error { problem } if problem.code == ProblemCode::RateLimited)));
        assert_eq!(machine.on_cheap(rate, START + Duration::from_secs(1)), None, "patience is rewarded");
        let rest: Vec<_> = (1..MAX_REFUSED).filter_map(|_| machine.on_cheap(rate, START)).flatten().collect();
        assert_eq!(rest.last(), Some(&Action::Close(CloseCode::UserLimit)));
        assert_eq!(machine.on_cheap(rate, START), Some(Vec::new()), "nothing is said after a close");
    }

    #[test]
    fn a_frame_before_hello_ends_the_connection() {
        let mut machine = Machine::new(true, START);
        let actions = machine.on_frame(ClientFrame::Presence { active: true }, START);
        assert_eq!(actions.last(), Some(&Action::Close(CloseCode::Protocol)));
        assert!(machine.on_frame(hello(), START).is_empty(), "nothing is taken after a close");
    }

    #[test]
    fn an_unverified_device_can_do_nothing_but_ping_and_hear() {
        let mut machine = Machine::new(false, START);
        machine.on_frame(hello(), START);
        assert_eq!(machine.on_frame(ClientFrame::Ping { nonce: 3 }, START), [send(ServerFrame::Pong { nonce: 3 })]);
        let watch = ClientFrame::WatchPresence { user_ids: Vec::new() };
        assert_eq!(machine.on_frame(watch, START).last(), Some(&Action::Close(CloseCode::Protocol)));
    }

    #[test]
    fn a_silent_device_is_pinged_and_then_closed() {
        let mut machine = Machine::new(true, START);
        machine.on_frame(hello(), START);
        assert_eq!(machine.on_tick(START + PING_INTERVAL), [Action::Ping]);
        assert_eq!(machine.on_tick(START + PING_INTERVAL * 2), [Action::Ping]);
        assert_eq!(machine.on_tick(START + PING_INTERVAL * 3), [Action::Close(CloseCode::NoPong)]);
    }

    #[test]
    fn a_pong_keeps_it_alive() {
        let mut machine = Machine::new(true, START);
        machine.on_frame(hello(), START);
        for turn in 1..20 {
            let now = START + PING_INTERVAL * turn;
            assert_eq!(machine.on_tick(now), [Action::Ping]);
            machine.on_heard(now);
        }
    }

    #[test]
    fn who_says_nothing_after_connecting_goes() {
        let mut machine = Machine::new(true, START);
        assert_eq!(machine.on_tick(START + HELLO_DEADLINE), [Action::Close(CloseCode::NoHello)]);
    }

    #[test]
    fn garbage_is_answered_until_there_is_too_much_of_it() {
        let mut machine = Machine::new(true, START);
        machine.on_frame(hello(), START);
        let problem = || Problem::new(ProblemCode::MalformedJson);
        for _ in 1..MAX_REFUSED {
            assert_eq!(machine.on_garbage(problem(), 9, START), [send(ServerFrame::Error { problem: problem() })]);
        }
        assert_eq!(machine.on_garbage(problem(), 9, START).last(), Some(&Action::Close(CloseCode::Protocol)));
        let mut machine = Machine::new(true, START);
        let large = machine.on_garbage(problem(), MAX_REFUSED as usize * GARBAGE_BYTES, START);
        assert_eq!(large.last(), Some(&Action::Close(CloseCode::Protocol)));
    }

    proptest! {
        #[test]
        fn after_a_close_nothing_is_done_any_more(steps in proptest::collection::vec(0_u8..5, 0..40)) {
            let mut machine = Machine::new(true, START);
            let mut closed = false;
            for step in steps {
                let actions = match step {
                    0 => machine.on_frame(hello(), START),
                    1 => machine.on_frame(ClientFrame::Presence { active: true }, START),
                    2 => machine.on_tick(START),
                    3 => machine.on_garbage(Problem::new(ProblemCode::MalformedJson), 9, START),
                    _ => machine.on_tick(START + SILENCE),
                };
                prop_assert!(!closed || actions.is_empty());
                let closes = actions.iter().filter(|action| matches!(action, Action::Close(_))).count();
                prop_assert!(closes <= 1);
                closed |= closes == 1;
                prop_assert_eq!(closed, machine.phase() == Phase::Closing);
            }
        }
    }
}
