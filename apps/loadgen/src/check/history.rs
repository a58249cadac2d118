//! What the lines add up to. The order of lines of different actors does not matter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};

use crate::record::{Line, What};

/// A message and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// From where: conversation, device, place among its messages there. Absent: nobody meant to send it.
    pub intent: Option<(ConversationId, DeviceId, u64)>,
    /// Positions that nodes acknowledged, with the time.
    pub acks: Vec<(u64, Option<i64>)>,
    /// The client gave it up.
    pub refused: bool,
    /// Times that it left.
    pub attempts: u32,
    /// Times that no answer came.
    pub unknown: u32,
    /// The lowest position that a device showed.
    pub shown_at: Option<i64>,
}

impl Message {
    /// Its position, as it was acknowledged or else shown.
    pub fn seq(&self) -> Option<i64> {
        self.acks.iter().find_map(|(_, seq)| *seq).or(self.shown_at)
    }

    /// Whether a node said that it is stored.
    pub fn is_acked(&self) -> bool {
        !self.acks.is_empty()
    }
}

/// A device showed a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Show {
    /// When.
    pub at_us: u64,
    /// The conversation.
    pub conversation: ConversationId,
    /// The position.
    pub seq: i64,
    /// Which.
    pub message: TxnId,
    /// Whose.
    pub sender: DeviceId,
}

/// Positions of a conversation that a device is to show.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Whose.
    pub device: DeviceId,
    /// The first.
    pub from: i64,
    /// The last; `i64::MAX` while it is in.
    pub to: i64,
    /// Since when.
    pub since_us: u64,
}

/// A device was revoked.
#[derive(Clone, Debug)]
pub struct Fence {
    /// When.
    pub at_us: u64,
    /// Newest positions then.
    pub heads: BTreeMap<ConversationId, i64>,
    /// Afterwards nothing comes.
    pub within_us: u64,
}

/// Something was broken.
#[derive(Clone, Debug)]
pub struct Span {
    /// What and where.
    pub name: String,
    /// From when.
    pub begin_us: u64,
    /// Until when; `u64::MAX` while it is.
    pub end_us: u64,
}

/// A measured size beyond its limit, or within.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub node: String,
    pub of: String,
    pub value: u64,
    pub limit: u64,
}

/// Everything that was noted.
#[derive(Clone, Debug, Default)]
pub struct History {
    messages: HashMap<TxnId, Message>,
    shows: BTreeMap<DeviceId, Vec<Show>>,
    first_shown: HashMap<(DeviceId, TxnId), u64>,
    last_shown: HashMap<(DeviceId, ConversationId), i64>,
    arrived: HashMap<DeviceId, Vec<(u64, ConversationId, i64)>>,
    /// What a device could not read, and the time of the first try.
    unreadable: BTreeMap<(DeviceId, ConversationId, i64), u64>,
    /// Of those, what it showed later.
    late: BTreeSet<(DeviceId, ConversationId, i64)>,
    windows: BTreeMap<ConversationId, Vec<Window>>,
    pub(crate) fences: BTreeMap<DeviceId, Fence>,
    spans: Vec<Span>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) inbox_acks: BTreeMap<DeviceId, i64>,
    pub(crate) gaps: u64,
    pub(crate) noticed: Vec<String>,
    names: HashMap<DeviceId, (UserId, String)>,
    pub(crate) run: Option<(u64, String)>,
    begun_us: Option<u64>,
    pub(crate) ended_us: u64,
}

impl History {
    /// Adds a line.
    pub fn apply(&mut self, line: &Line) {
        let at_us = line.at_us;
        self.begun_us.get_or_insert(at_us);
        self.ended_us = self.ended_us.max(at_us);
        match &line.what {
            What::Intent { conversation, message, device, counter } => {
                self.message(*message).intent = Some((*conversation, *device, *counter));
            }
            What::Wire { message, .. } => self.message(*message).attempts += 1,
            What::Ack { message, seq, .. } => self.message(*message).acks.push((at_us, *seq)),
            What::Reject { message, last, .. } => self.message(*message).refused |= last,
            What::Unknown { message, .. } => self.message(*message).unknown += 1,
            What::Arrived { conversation, device, seq } => {
                self.arrived.entry(*device).or_default().push((at_us, *conversation, *seq));
            }
            What::Shown { conversation, message, device, sender, seq, .. } => {
                let show = Show { at_us, conversation: *conversation, seq: *seq, message: *message, sender: *sender };
                self.show(*device, show);
            }
            What::InboxAck { device, seq } => {
                let newest = self.inbox_acks.entry(*device).or_default();
                *newest = (*newest).max(*seq);
            }
            What::Utd { conversation, device, seq } => {
                self.unreadable.entry((*device, *conversation, *seq)).or_insert(at_us);
            }
            What::Gap { .. } => self.gaps += 1,
            What::Noticed { device, text } => {
                let seconds = (at_us - self.begun_us()) / 1_000_000;
                self.noticed.push(format!("{seconds} s: {}: {text}", self.name(*device)));
            }
            _ => self.apply_world(at_us, &line.what),
        }
    }

    fn apply_world(&mut self, at_us: u64, what: &What) {
        match what {
            What::Device { device, user, name } => drop(self.names.insert(*device, (*user, name.clone()))),
            What::Join { conversation, device, seq } => self.join(*conversation, *device, *seq, at_us),
            What::Leave { conversation, device, seq } => {
                let windows = self.windows.entry(*conversation).or_default();
                for window in windows.iter_mut().filter(|window| window.device == *device) {
                    window.to = window.to.min(*seq);
                }
            }
            What::Fence { device, heads, within_ms } => {
                let fence = Fence { at_us, heads: heads.clone(), within_us: within_ms * 1_000 };
                self.fences.entry(*device).or_insert(fence);
            }
            What::Fault { name, target } => {
                let name = format!("{name} {target}");
                self.spans.push(Span { name, begin_us: at_us, end_us: u64::MAX });
            }
            What::Healed { name, target } => {
                let name = format!("{name} {target}");
                let open = self.spans.iter_mut().rev().find(|span| span.name == name && span.end_us == u64::MAX);
                if let Some(span) = open {
                    span.end_us = at_us;
                }
            }
            What::Sample { node, of, value, limit } => {
                self.samples.push(Sample { node: node.clone(), of: of.clone(), value: *value, limit: *limit });
            }
            What::Run { seed, replay } => self.run = Some((*seed, replay.clone())),
            _ => {}
        }
    }

    fn message(&mut self, message: TxnId) -> &mut Message {
        self.messages.entry(message).or_default()
    }

    fn show(&mut self, device: DeviceId, show: Show) {
        let message = self.message(show.message);
        message.shown_at = Some(message.shown_at.map_or(show.seq, |seq| seq.min(show.seq)));
        let first = self.first_shown.entry((device, show.message)).or_insert(show.at_us);
        *first = (*first).min(show.at_us);
        let last = self.last_shown.entry((device, show.conversation)).or_default();
        *last = (*last).max(show.seq);
        if self.unreadable.contains_key(&(device, show.conversation, show.seq)) {
            self.late.insert((device, show.conversation, show.seq));
        }
        self.shows.entry(device).or_default().push(show);
    }

    fn join(&mut self, conversation: ConversationId, device: DeviceId, from: i64, since_us: u64) {
        let windows = self.windows.entry(conversation).or_default();
        if !windows.iter().any(|window| window.device == device) {
            windows.push(Window { device, from, to: i64::MAX, since_us });
        }
    }

    /// All messages that were meant, answered or shown.
    pub fn messages(&self) -> impl Iterator<Item = (TxnId, &Message)> {
        self.messages.iter().map(|(id, message)| (*id, message))
    }

    /// One of them.
    pub fn get(&self, message: TxnId) -> Option<&Message> {
        self.messages.get(&message)
    }

    /// What each device showed, in the order in which it did.
    pub fn shows(&self) -> &BTreeMap<DeviceId, Vec<Show>> {
        &self.shows
    }

    /// When the device showed the message first.
    pub fn shown_us(&self, device: DeviceId, message: TxnId) -> Option<u64> {
        self.first_shown.get(&(device, message)).copied()
    }

    /// What came to the device: time, conversation, position.
    pub(crate) fn arrived(&self, device: DeviceId) -> &[(u64, ConversationId, i64)] {
        self.arrived.get(&device).map_or(&[], Vec::as_slice)
    }

    /// Who shows what of this conversation.
    pub fn windows(&self, conversation: ConversationId) -> &[Window] {
        self.windows.get(&conversation).map_or(&[], Vec::as_slice)
    }

    /// The device's window.
    pub fn window(&self, device: DeviceId, conversation: ConversationId) -> Option<Window> {
        self.windows(conversation).iter().find(|window| window.device == device).copied()
    }

    /// Conversations of the run.
    pub fn conversations(&self) -> impl Iterator<Item = ConversationId> {
        self.windows.keys().copied()
    }

    /// Devices that have to show a message at this position. Who was put out or revoked shows what reached it before,
    /// without holes; `None`: it is not known where the message is, everybody who is still in has to.
    pub fn eligible(&self, conversation: ConversationId, seq: Option<i64>) -> impl Iterator<Item = &Window> {
        self.windows(conversation).iter().filter(move |window| {
            let out = window.to != i64::MAX || self.fences.contains_key(&window.device);
            let Some(seq) = seq else { return !out };
            let last = self.last_shown.get(&(window.device, conversation)).copied().unwrap_or(0);
            (window.from..=window.to).contains(&seq) && (!out || seq <= last)
        })
    }

    /// Acknowledged messages that an eligible device did not show (yet): device, conversation, message.
    pub fn missing(&self) -> Vec<(DeviceId, ConversationId, TxnId)> {
        let mut missing = Vec::new();
        for (id, message) in self.messages.iter().filter(|(_, message)| message.is_acked()) {
            let Some((conversation, _, _)) = message.intent else { continue };
            for window in self.eligible(conversation, message.seq()) {
                if self.shown_us(window.device, *id).is_none() {
                    missing.push((window.device, conversation, *id));
                }
            }
        }
        missing
    }

    /// Messages that were neither acknowledged nor refused. A revoked device gets no answers.
    pub fn unanswered(&self) -> impl Iterator<Item = (TxnId, ConversationId, DeviceId)> {
        self.messages.iter().filter(|(_, message)| !message.is_acked() && !message.refused).filter_map(
            |(id, message)| {
                let (conversation, device, _) = message.intent?;
                (!self.fences.contains_key(&device)).then_some((*id, conversation, device))
            },
        )
    }

    /// What devices could never read though it was for them. Nothing is for a revoked device.
    pub fn unreadable(&self) -> impl Iterator<Item = (DeviceId, ConversationId, i64)> {
        self.unreadable.keys().copied().filter(|key @ (device, conversation, seq)| {
            let window = self.window(*device, *conversation);
            let theirs = window.is_some_and(|window| (window.from..=window.to).contains(seq));
            theirs && !self.late.contains(key) && !self.fences.contains_key(device)
        })
    }

    /// What devices could read only when a key came later.
    pub fn late(&self) -> impl Iterator<Item = (DeviceId, ConversationId, i64)> {
        self.late.iter().copied()
    }

    /// The device's name.
    pub fn name(&self, device: DeviceId) -> String {
        self.names.get(&device).map_or_else(|| device.to_string(), |(_, name)| name.clone())
    }

    /// What was broken.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The time of the first line.
    pub fn begun_us(&self) -> u64 {
        self.begun_us.unwrap_or_default()
    }
}
