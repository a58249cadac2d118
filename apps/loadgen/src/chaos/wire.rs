//! At a device's socket: notes what leaves and comes, and makes mischief with it.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_protocol::{
    ConversationId, DeviceId, NodeId, ProblemCode, TxnId,
    frames::{ClientFrame, ServerFrame},
};
use sotto_sdk::Tap;

use crate::record::{Actor, What};

/// What happens to frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Mischief {
    /// Nothing.
    #[default]
    None,
    /// Sends leave twice, and what comes comes twice.
    Duplicate,
    /// Sends overtake each other, and so do events.
    Reorder,
    /// Answers to sends are lost.
    LoseAnswers,
    /// Sends are lost.
    LoseSends,
}

/// One for all devices.
#[derive(Debug, Default)]
pub struct Mischiefs(AtomicU8);

impl Mischiefs {
    /// From now on.
    pub fn set(&self, mischief: Mischief) {
        self.0.store(mischief as u8, Ordering::Relaxed);
    }

    fn get(&self) -> Mischief {
        let all = [Mischief::Duplicate, Mischief::Reorder, Mischief::LoseAnswers, Mischief::LoseSends];
        let now = self.0.load(Ordering::Relaxed);
        all.into_iter().find(|mischief| *mischief as u8 == now).unwrap_or_default()
    }
}

/// One in so many frames is met.
const ONE_IN: u32 = 4;

/// A device's tap.
pub(super) struct WireTap {
    actor: Actor,
    mischiefs: Arc<Mischiefs>,
    state: Mutex<State>,
}

struct State {
    device: Option<DeviceId>,
    /// Noted before the device knew its own id.
    early: Vec<Note>,
    node: Option<NodeId>,
    attempts: HashMap<TxnId, u32>,
    in_flight: HashMap<TxnId, ConversationId>,
    joined: HashSet<ConversationId>,
    held: Option<ClientFrame>,
    rng: StdRng,
}

type Note = Box<dyn FnOnce(DeviceId) -> What + Send>;

impl std::fmt::Debug for WireTap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WireTap")
    }
}

impl WireTap {
    pub(super) fn new(actor: Actor, mischiefs: Arc<Mischiefs>, seed: u64) -> Arc<Self> {
        let state = State {
            device: None,
            early: Vec::new(),
            node: None,
            attempts: HashMap::new(),
            in_flight: HashMap::new(),
            joined: HashSet::new(),
            held: None,
            rng: StdRng::seed_from_u64(seed),
        };
        Arc::new(Self { actor, mischiefs, state: Mutex::new(state) })
    }

    /// The device has an id now.
    pub(super) fn belongs_to(&self, device: DeviceId) {
        let mut state = self.state.lock();
        state.device = Some(device);
        for note in std::mem::take(&mut state.early) {
            self.actor.note(note(device));
        }
    }

    fn note(&self, state: &mut State, what: impl FnOnce(DeviceId) -> What + Send + 'static) {
        match state.device {
            Some(device) => self.actor.note(what(device)),
            None => state.early.push(Box::new(what)),
        }
    }

    fn note_outgoing(&self, state: &mut State, frame: &ClientFrame) {
        match frame {
            ClientFrame::Hello { resume } => {
                let seq = resume.inbox_seq;
                self.note(state, move |device| What::InboxAck { device, seq });
            }
            ClientFrame::InboxAck { seq } => {
                let seq = *seq;
                self.note(state, move |device| What::InboxAck { device, seq });
            }
            ClientFrame::Send { conversation_id, message } => {
                let (conversation, message, node) = (*conversation_id, message.txn_id, state.node);
                let attempt = state.attempts.entry(message).or_default();
                *attempt += 1;
                let attempt = *attempt;
                state.in_flight.insert(message, conversation);
                self.note(state, move |device| What::Wire { conversation, message, device, attempt, node });
            }
            _ => {}
        }
    }

    fn note_incoming(&self, state: &mut State, frame: &ServerFrame) {
        match frame {
            ServerFrame::Welcome { node_id, .. } => state.node = Some(*node_id),
            ServerFrame::Sent { conversation_id, txn_id, seq, .. } => {
                self.acked(state, *conversation_id, *txn_id, Some(*seq));
            }
            ServerFrame::Refused { conversation_id, txn_id, problem } if problem.code == ProblemCode::DuplicateTxn => {
                self.acked(state, *conversation_id, *txn_id, problem.seq);
            }
            ServerFrame::Refused { conversation_id, txn_id, problem } => {
                let (conversation, message, code) = (*conversation_id, *txn_id, problem.code.as_str().to_owned());
                state.in_flight.remove(txn_id);
                self.note(state, move |device| What::Reject { conversation, message, device, code, last: false });
            }
            ServerFrame::Event { event } => self.arrived(state, event.conversation_id, event.seq),
            ServerFrame::Sync { conversations } => {
                for sync in conversations {
                    let conversation = sync.conversation.conversation_id;
                    if state.joined.insert(conversation) {
                        let seq = sync.conversation.start_seq;
                        self.note(state, move |device| What::Join { conversation, device, seq });
                    }
                    for event in &sync.events {
                        self.arrived(state, conversation, event.seq);
                    }
                }
            }
            _ => {}
        }
    }

    fn acked(&self, state: &mut State, conversation: ConversationId, message: TxnId, seq: Option<i64>) {
        state.in_flight.remove(&message);
        let node = state.node;
        self.note(state, move |device| What::Ack { conversation, message, device, seq, node });
    }

    fn arrived(&self, state: &mut State, conversation: ConversationId, seq: i64) {
        self.note(state, move |device| What::Arrived { conversation, device, seq });
    }
}

impl Tap for WireTap {
    fn opened(&self, _endpoint: &str) {
        self.ended();
    }

    fn outgoing(&self, frame: ClientFrame) -> Vec<ClientFrame> {
        let mut state = self.state.lock();
        self.note_outgoing(&mut state, &frame);
        if !matches!(frame, ClientFrame::Send { .. }) || !state.rng.random_ratio(1, ONE_IN) {
            return std::iter::once(frame).chain(state.held.take()).collect();
        }
        match self.mischiefs.get() {
            Mischief::Duplicate => vec![frame.clone(), frame],
            Mischief::Reorder if state.held.is_none() => {
                state.held = Some(frame);
                Vec::new()
            }
            Mischief::LoseSends => Vec::new(),
            _ => std::iter::once(frame).chain(state.held.take()).collect(),
        }
    }

    fn incoming(&self, frames: Vec<ServerFrame>) -> Vec<ServerFrame> {
        let mut state = self.state.lock();
        for frame in &frames {
            self.note_incoming(&mut state, frame);
        }
        let mut met = || state.rng.random_ratio(1, ONE_IN);
        match self.mischiefs.get() {
            Mischief::Duplicate => {
                frames.into_iter().flat_map(|frame| vec![frame; if met() { 2 } else { 1 }]).collect()
            }
            Mischief::Reorder => swap_events(frames, met),
            Mischief::LoseAnswers => frames.into_iter().filter(|frame| !is_answer(frame) || !met()).collect(),
            Mischief::None | Mischief::LoseSends => frames,
        }
    }

    fn ended(&self) {
        let mut state = self.state.lock();
        state.held = None;
        for (message, conversation) in std::mem::take(&mut state.in_flight) {
            let attempt = state.attempts.get(&message).copied().unwrap_or_default();
            self.note(&mut state, move |device| What::Unknown { conversation, message, device, attempt });
        }
    }
}

fn is_answer(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Sent { .. } | ServerFrame::Refused { .. })
}

/// Keys still come before what they decrypt: events overtake events only.
fn swap_events(mut frames: Vec<ServerFrame>, mut met: impl FnMut() -> bool) -> Vec<ServerFrame> {
    let event = |frame: &ServerFrame| matches!(frame, ServerFrame::Event { .. });
    for at in 1..frames.len() {
        if event(&frames[at - 1]) && event(&frames[at]) && met() {
            frames.swap(at - 1, at);
        }
    }
    frames
}
