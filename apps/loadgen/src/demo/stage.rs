//! What all devices of the demo share: the ledger, who is where, and what the person at the terminal sees.

use std::{
    collections::{HashMap, VecDeque},
    io::{IsTerminal as _, Write as _},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sotto_loadgen::record::{Actor, What};
use sotto_protocol::{
    ConversationId, DeviceId, NodeId, TxnId, UserId,
    membership::{MembershipAction, MembershipChange},
};
use sotto_sdk::{ClientEvent, MessageBody, StoredMessage};

use crate::{canary::Canary, cluster::Cluster};

/// Lines of talk a second that a person can follow.
const LINES_A_SECOND: u32 = 6;
/// Messages of a conversation that others can still react to.
const RECENT: usize = 50;

/// A device as the stage knows it.
#[derive(Clone, Debug)]
pub struct Seat {
    pub name: String,
    pub user_id: UserId,
    pub node: Option<NodeId>,
    /// How it ended for good; 0 without a code.
    pub closed: Option<u16>,
}

#[derive(Default)]
struct Seen {
    seats: HashMap<DeviceId, Seat>,
    people: HashMap<UserId, String>,
    titles: HashMap<ConversationId, String>,
    nodes: HashMap<NodeId, String>,
    recent: HashMap<ConversationId, VecDeque<(TxnId, DeviceId)>>,
    alarms: Vec<String>,
    /// The message that was printed last, by the first device that showed it.
    told: Option<TxnId>,
}

/// Shared by everything in the demo.
pub struct Stage {
    pub cluster: Cluster,
    pub canary: Canary,
    /// Everything that devices see.
    pub actor: Actor,
    seen: Mutex<Seen>,
    paper: Mutex<(Instant, u32)>,
    colour: bool,
    begun: Instant,
}

impl Stage {
    pub fn new(cluster: Cluster, canary: Canary, actor: Actor) -> Arc<Self> {
        Arc::new(Self {
            cluster,
            canary,
            actor,
            seen: Mutex::default(),
            paper: Mutex::new((Instant::now(), 0)),
            colour: std::io::stdout().is_terminal(),
            begun: Instant::now(),
        })
    }

    /// A line about what happens.
    pub fn say(&self, text: &str) {
        let at = self.begun.elapsed().as_secs_f32();
        let (bold, plain) = if self.colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(std::io::stdout(), "{bold}{at:6.1} s  {text}{plain}");
    }

    /// Messages of these conversations (all if empty) without an answer, and those not shown on every device.
    pub fn open(&self, of: &[ConversationId]) -> (usize, usize) {
        let here = |id: &ConversationId| of.is_empty() || of.contains(id);
        self.actor.recording().history(|history| {
            let unanswered = history.unanswered().filter(|(_, id, _)| here(id)).count();
            (unanswered, history.missing().iter().filter(|(_, id, _)| here(id)).count())
        })
    }

    pub fn add_person(&self, user_id: UserId, name: &str) {
        self.seen.lock().people.insert(user_id, name.to_owned());
    }

    pub fn add_device(&self, device_id: DeviceId, user_id: UserId, name: &str) {
        self.actor.note(What::Device { device: device_id, user: user_id, name: name.to_owned() });
        let seat = Seat { name: name.to_owned(), user_id, node: None, closed: None };
        self.seen.lock().seats.insert(device_id, seat);
    }

    /// A conversation that these people's devices show from its beginning.
    pub fn add_conversation(&self, conversation_id: ConversationId, title: &str, members: &[UserId]) {
        let mut seen = self.seen.lock();
        seen.titles.insert(conversation_id, title.to_owned());
        let devices: Vec<DeviceId> = seen.devices_of(members);
        for device_id in devices {
            self.actor.note(What::Join { conversation: conversation_id, device: device_id, seq: 1 });
        }
    }

    pub fn title(&self, conversation_id: ConversationId) -> String {
        self.seen.lock().titles.get(&conversation_id).cloned().unwrap_or_default()
    }

    /// The close code with which a device ended for good; 0 without one.
    pub fn closed(&self, device_id: DeviceId) -> Option<u16> {
        self.seen.lock().seats.get(&device_id).and_then(|seat| seat.closed)
    }

    /// Which node holds the device's socket, by its last greeting.
    pub fn node_of(&self, device_id: DeviceId) -> String {
        let seen = self.seen.lock();
        seen.seats.get(&device_id).map(|seat| seen.node_name(seat)).unwrap_or_default()
    }

    /// What devices were alarmed about.
    pub fn alarms(&self) -> Vec<String> {
        self.seen.lock().alarms.clone()
    }

    /// A message of the conversation that can be answered; only one's own with `by`.
    pub fn recent(&self, conversation_id: ConversationId, by: Option<DeviceId>, pick: usize) -> Option<TxnId> {
        let seen = self.seen.lock();
        let fitting: Vec<TxnId> = seen
            .recent
            .get(&conversation_id)?
            .iter()
            .filter(|(_, sender)| by.is_none_or(|by| by == *sender))
            .map(|(txn_id, _)| *txn_id)
            .collect();
        (!fitting.is_empty()).then(|| fitting[pick % fitting.len()])
    }

    /// What a device was told.
    pub fn take(&self, device_id: DeviceId, endpoint: &str, event: ClientEvent) {
        match event {
            ClientEvent::Shown { message, warnings } => {
                self.take_shown(device_id, &message);
                for warning in warnings {
                    self.alarm(device_id, &format!("{warning:?} at {}", message.seq));
                }
            }
            ClientEvent::Sent { conversation_id: conversation, txn_id: message, seq } => {
                self.actor.note(What::Ack { conversation, message, device: device_id, seq, node: None });
            }
            ClientEvent::Refused { conversation_id: conversation, txn_id: message, problem } => {
                let code = problem.code.as_str().to_owned();
                self.actor.note(What::Reject { conversation, message, device: device_id, code, last: true });
            }
            ClientEvent::Undecryptable { conversation_id, seq, .. } => {
                self.actor.note(What::Utd { conversation: conversation_id, device: device_id, seq });
            }
            ClientEvent::EventRefused { conversation_id, seq, reason } => {
                self.actor.note(What::Utd { conversation: conversation_id, device: device_id, seq });
                self.alarm(device_id, &format!("refused an event: {reason:?}"));
            }
            ClientEvent::Membership { seq, change } => self.take_membership(seq, &change),
            ClientEvent::Connected { node_id, .. } => self.take_connected(device_id, endpoint, node_id),
            ClientEvent::Closed { code } => {
                if let Some(seat) = self.seen.lock().seats.get_mut(&device_id) {
                    seat.closed = Some(code.unwrap_or(0));
                }
            }
            ClientEvent::Alarm(alarm) => self.alarm(device_id, &format!("{alarm:?}")),
            _ => {}
        }
    }

    fn alarm(&self, device_id: DeviceId, text: &str) {
        let mut seen = self.seen.lock();
        let name = seen.seats.get(&device_id).map_or("?", |seat| &seat.name).to_owned();
        seen.alarms.push(format!("{name}: {text}"));
    }

    fn take_shown(&self, device_id: DeviceId, message: &StoredMessage) {
        let StoredMessage { conversation_id, seq, txn_id, sender_device_id, counter, .. } = *message;
        self.actor.note(What::Shown {
            conversation: conversation_id,
            message: txn_id,
            device: device_id,
            sender: sender_device_id,
            seq,
            counter,
        });
        let mut seen = self.seen.lock();
        let recent = seen.recent.entry(conversation_id).or_default();
        if !recent.iter().any(|(known, _)| *known == txn_id) && matches!(message.body(), Some(MessageBody::Text { .. }))
        {
            recent.push_back((txn_id, sender_device_id));
            while recent.len() > RECENT {
                recent.pop_front();
            }
        }
        let Some(seat) = seen.seats.get(&device_id) else { return };
        let sender = seen.people.get(&message.sender_user_id).map_or("?", String::as_str);
        if sender_device_id == device_id || seen.told == Some(txn_id) || !self.has_room() {
            return;
        }
        let title = seen.titles.get(&conversation_id).map_or("?", String::as_str);
        let (node, text) = (seen.node_name(seat), self.short(message));
        let _ = writeln!(std::io::stdout(), "          {node:<7} {:<16} {title:<14} {sender}: {text}", seat.name);
        seen.told = Some(txn_id);
    }

    /// The plaintext without its mark, on one line.
    fn short(&self, message: &StoredMessage) -> String {
        let text = match message.body() {
            Some(MessageBody::Text { text, .. } | MessageBody::Reply { text, .. }) => text,
            Some(MessageBody::Edit { text, .. }) => format!("(edited) {text}"),
            Some(MessageBody::Reaction { emoji, .. }) => format!("reacts {emoji}"),
            Some(MessageBody::RoomName { name }) => format!("calls it {name}"),
            Some(MessageBody::Timer { .. }) => "sets the timer".into(),
            None => "?".into(),
        };
        let text = text.split(&self.canary.mark).next().unwrap_or_default().trim().replace('\n', " ");
        let long = text.chars().count();
        if long > 64 { format!("{}… ({long} characters)", text.chars().take(48).collect::<String>()) } else { text }
    }

    fn has_room(&self) -> bool {
        let mut paper = self.paper.lock();
        if paper.0.elapsed() > Duration::from_secs(1) {
            *paper = (Instant::now(), 0);
        }
        paper.1 += 1;
        paper.1 <= LINES_A_SECOND
    }

    fn take_membership(&self, seq: i64, change: &MembershipChange) {
        let conversation = change.conversation_id;
        let devices = |people: &[UserId]| self.seen.lock().devices_of(people);
        match &change.action {
            MembershipAction::Remove { user_id } => {
                for device in devices(&[*user_id]) {
                    self.actor.note(What::Leave { conversation, device, seq });
                }
            }
            MembershipAction::Add { members } => {
                let people: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
                for device in devices(&people) {
                    self.actor.note(What::Join { conversation, device, seq });
                }
            }
            _ => {}
        }
    }

    fn take_connected(&self, device_id: DeviceId, endpoint: &str, node_id: NodeId) {
        let mut seen = self.seen.lock();
        if let Some(node) = self.cluster.state.nodes.iter().find(|node| node.url == endpoint) {
            seen.nodes.insert(node_id, node.name.clone());
        }
        if let Some(seat) = seen.seats.get_mut(&device_id) {
            seat.node = Some(node_id);
        }
    }
}

impl Seen {
    /// Which node a device is on; nodes are told apart once a device went straight to each.
    fn node_name(&self, seat: &Seat) -> String {
        seat.node.and_then(|node| self.nodes.get(&node)).cloned().unwrap_or_else(|| "?".into())
    }

    fn devices_of(&self, people: &[UserId]) -> Vec<DeviceId> {
        self.seats.iter().filter(|(_, seat)| people.contains(&seat.user_id)).map(|(id, _)| *id).collect()
    }
}
