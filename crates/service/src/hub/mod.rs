//! The sessions of this node, and its cursor of each conversation that they are in.
//!
//! An event is handed to the local sessions when it is the next one; a lower one is dropped; a higher one waits, and if
//! the gap does not close the node reads from PostgreSQL once for all its sessions.

mod directory;
mod mailbox;
mod room;
mod wanted;
mod wheel;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use parking_lot::Mutex;
use sotto_bus::wakes::Audience;
use sotto_protocol::{CloseCode, ConversationId, DeviceId, SessionId, UserId};
use tokio::sync::Notify;

pub use directory::Directory;
pub use mailbox::{Behind, Delivery, Mailbox};
use room::Room;
pub use wanted::Wanted;
pub use wheel::{SLOTS as WHEEL_SLOTS, Wheel};

const SHARDS: usize = 64;
/// With more sessions in a conversation than this, receipts wait for the next catch-up: everybody telling everybody
/// costs the square of them.
const MAX_LIVE_RECEIPTS: usize = 256;

/// One connection of this node.
#[derive(Debug)]
pub struct SessionHandle {
    /// The connection.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Of which device.
    pub device_id: DeviceId,
    /// Signed by its account: gets events.
    pub verified: bool,
    /// The account keeps its receipts to itself, and sees nobody else's.
    private_receipts: AtomicBool,
    /// Unix milliseconds; after all earlier sockets of the device once the registry has it.
    opened_ms: AtomicI64,
    mailbox: Mutex<Mailbox>,
    signal: Notify,
}

impl SessionHandle {
    /// A connection that is about to catch up.
    pub fn new(session_id: SessionId, user_id: UserId, device_id: DeviceId, verified: bool) -> Self {
        Self {
            session_id,
            user_id,
            device_id,
            verified,
            private_receipts: AtomicBool::new(false),
            opened_ms: AtomicI64::new(0),
            mailbox: Mutex::new(Mailbox::catching_up()),
            signal: Notify::new(),
        }
    }

    /// Whether the account keeps its receipts to itself.
    pub fn hide_receipts(&self, hide: bool) {
        self.private_receipts.store(hide, Ordering::Relaxed);
    }

    /// When it opened.
    pub fn opened_ms(&self) -> i64 {
        self.opened_ms.load(Ordering::Relaxed)
    }

    /// Notes when it opened.
    pub fn opened_at(&self, ms: i64) {
        self.opened_ms.store(ms, Ordering::Relaxed);
    }

    fn shows_receipts(&self) -> bool {
        !self.private_receipts.load(Ordering::Relaxed)
    }

    /// Changes the mailbox and wakes the driver.
    pub fn post(&self, change: impl FnOnce(&mut Mailbox)) {
        change(&mut self.mailbox.lock());
        self.signal.notify_one();
    }

    /// Looks into the mailbox without waking anybody; for the driver itself.
    pub fn with_mailbox<T>(&self, look: impl FnOnce(&mut Mailbox) -> T) -> T {
        look(&mut self.mailbox.lock())
    }

    /// Resolves when something was posted since the last time.
    pub async fn signalled(&self) {
        self.signal.notified().await;
    }
}

/// What became of an event that was brought to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Handed to the local sessions, or known already, or nobody is here.
    Done,
    /// Events before it are missing: it waits for them, and they are read when they don't come.
    Gap,
}

/// Conversations of this node.
pub struct Hub {
    rooms: [Mutex<HashMap<ConversationId, Room>>; SHARDS],
    /// Sessions by device and by user.
    pub directory: Directory,
    /// Wakes every session now and then.
    pub wheel: Wheel,
    /// Conversations to read as soon as possible: something is told of without being carried.
    pub news: Wanted,
    /// Conversations with a gap that may close by itself.
    pub gaps: Wanted,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            rooms: std::array::from_fn(|_| Mutex::default()),
            directory: Directory::default(),
            wheel: Wheel::default(),
            news: Wanted::default(),
            gaps: Wanted::default(),
        }
    }
}

impl Hub {
    fn shard(&self, id: ConversationId) -> &Mutex<HashMap<ConversationId, Room>> {
        let byte = id.0.as_bytes()[15];
        &self.rooms[usize::from(byte) % SHARDS]
    }

    /// Enters a session into conversations; answers those whose cursor has to be read. Also those that another session
    /// is about to read: what this session reads by itself must not be older than the cursor, or what lies between
    /// would reach nobody here.
    pub fn join(&self, session: &Arc<SessionHandle>, ids: &[ConversationId]) -> Vec<ConversationId> {
        let mut fresh = Vec::new();
        for id in ids {
            let mut rooms = self.shard(*id).lock();
            let room = rooms.entry(*id).or_default();
            if room.cursor.is_none() {
                fresh.push(*id);
            }
            if !room.sessions.iter().any(|other| other.session_id == session.session_id) {
                room.sessions.push(Arc::clone(session));
            }
        }
        fresh
    }

    /// Takes a session out of conversations; answers those that this node has no more interest in.
    pub fn leave(&self, session_id: SessionId, ids: &[ConversationId]) -> Vec<ConversationId> {
        let mut empty = Vec::new();
        for id in ids {
            let mut rooms = self.shard(*id).lock();
            let Some(room) = rooms.get_mut(id) else { continue };
            room.sessions.retain(|session| session.session_id != session_id);
            if room.sessions.is_empty() {
                rooms.remove(id);
                empty.push(*id);
            }
        }
        empty
    }

    /// Sets the cursor of a conversation that is new here; answers where it stands, which may be higher already.
    pub fn start_cursor(&self, id: ConversationId, last_seq: i64) -> i64 {
        let mut rooms = self.shard(id).lock();
        let Some(room) = rooms.get_mut(&id) else { return last_seq };
        let reads = room.start(id, last_seq);
        let cursor = room.cursor.unwrap_or(last_seq);
        drop(rooms);
        if reads {
            self.news.add(id);
        }
        cursor
    }

    /// The conversation's cursor; `None` if nobody is here or it is not read yet.
    pub fn cursor(&self, id: ConversationId) -> Option<i64> {
        self.shard(id).lock().get(&id)?.cursor
    }

    /// Whether the node has a session in it.
    pub fn holds(&self, id: ConversationId) -> bool {
        self.shard(id).lock().contains_key(&id)
    }

    /// Whether this very session is in it.
    pub fn is_member(&self, id: ConversationId, session_id: SessionId) -> bool {
        self.shard(id).lock().get(&id).is_some_and(|room| room.sessions.iter().any(|s| s.session_id == session_id))
    }

    /// All conversations of this node.
    pub fn conversations(&self) -> Vec<ConversationId> {
        self.rooms.iter().flat_map(|shard| shard.lock().keys().copied().collect::<Vec<_>>()).collect()
    }

    /// Local sessions in a conversation.
    pub fn sessions(&self, id: ConversationId) -> Vec<Arc<SessionHandle>> {
        self.shard(id).lock().get(&id).map(|room| room.sessions.clone()).unwrap_or_default()
    }

    /// How many local sessions are in a conversation.
    pub fn size(&self, id: ConversationId) -> u32 {
        self.shard(id).lock().get(&id).map_or(0, |room| u32::try_from(room.sessions.len()).unwrap_or(u32::MAX))
    }

    /// Brings an event.
    pub fn event(&self, id: ConversationId, seq: i64, frame: &Bytes) -> Delivered {
        self.bring(id, |room| room.event(id, seq, frame))
    }

    /// Brings an event that was read from PostgreSQL, behind the cursor.
    pub fn read(&self, id: ConversationId, seq: i64, frame: &Bytes) -> Delivered {
        self.bring(id, |room| room.read(id, seq, frame))
    }

    fn bring(&self, id: ConversationId, bring: impl FnOnce(&mut Room) -> Delivered) -> Delivered {
        let delivered = self.shard(id).lock().get_mut(&id).map_or(Delivered::Done, bring);
        if delivered == Delivered::Gap {
            self.gaps.add(id);
        }
        delivered
    }

    /// Whether events of it wait for one that did not come.
    pub fn has_gap(&self, id: ConversationId) -> bool {
        self.shard(id).lock().get(&id).is_some_and(Room::has_gap)
    }

    /// Brings a frame that is kept nowhere.
    pub fn live(&self, id: ConversationId, audience: Audience, frame: &Bytes) {
        let rooms = self.shard(id).lock();
        let Some(room) = rooms.get(&id) else { return };
        let receipts = matches!(audience, Audience::Receipts | Audience::ReceiptsBut(_));
        if receipts && room.sessions.len() > MAX_LIVE_RECEIPTS {
            return;
        }
        for session in &room.sessions {
            let sees = match audience {
                Audience::All => true,
                Audience::Others(user_id) => session.user_id != user_id,
                Audience::Own(user_id) => session.user_id == user_id,
                Audience::Receipts => session.shows_receipts(),
                Audience::ReceiptsBut(user_id) => session.user_id != user_id && session.shows_receipts(),
            };
            if sees {
                session.post(|mailbox| mailbox.live(Some(id), frame));
            }
        }
    }

    /// Brings an inbox item.
    pub fn inbox(&self, device_id: DeviceId, seq: i64, frame: Option<&Bytes>) {
        for session in self.directory.of_device(device_id) {
            session.post(|mailbox| mailbox.inbox(seq, frame));
        }
    }

    /// Closes every session of a device.
    pub fn close_device(&self, device_id: DeviceId, code: CloseCode) -> usize {
        let sessions = self.directory.of_device(device_id);
        for session in &sessions {
            session.post(|mailbox| mailbox.close(code));
        }
        sessions.len()
    }

    /// Takes a person's sessions out of a conversation; answers them.
    pub fn expel(&self, id: ConversationId, user_id: UserId) -> Vec<Arc<SessionHandle>> {
        let mut rooms = self.shard(id).lock();
        let Some(room) = rooms.get_mut(&id) else { return Vec::new() };
        room.sessions.extract_if(.., |session| session.user_id == user_id).collect()
    }

    /// The node has to read this conversation's events from PostgreSQL: now, or once its cursor is read.
    pub fn want(&self, id: ConversationId) {
        let reads = self.shard(id).lock().get_mut(&id).is_some_and(Room::tell);
        if reads {
            self.news.add(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(hub: &Hub, n: u128) -> Arc<SessionHandle> {
        let id = Uuid::from_u128(n);
        let session = Arc::new(SessionHandle::new(id.into(), id.into(), id.into(), true));
        hub.directory.add(&session);
        assert_eq!(session.with_mailbox(Mailbox::take_behind), None);
        session
    }

    #[test]
    fn the_next_event_is_delivered_a_lower_one_dropped_a_gap_reported() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let alice = session(&hub, 1);
        assert_eq!(hub.join(&alice, &[id]), [id]);
        hub.start_cursor(id, 4);
        let frame = Bytes::from_static(b"event");
        assert_eq!(hub.event(id, 5, &frame), Delivered::Done);
        assert_eq!(hub.event(id, 5, &frame), Delivered::Done);
        assert_eq!(hub.event(id, 7, &frame), Delivered::Gap);
        assert_eq!(alice.with_mailbox(Mailbox::take).frames.len(), 1);
        assert_eq!(hub.cursor(id), Some(5));
    }

    #[test]
    fn what_is_read_behind_the_cursor_closes_every_gap() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let alice = session(&hub, 1);
        assert_eq!(hub.join(&alice, &[id]), [id]);
        hub.start_cursor(id, 4);
        let frame = Bytes::from_static(b"event");
        // As after a restore.
        assert_eq!(hub.event(id, 1_001, &frame), Delivered::Gap);
        assert_eq!(hub.read(id, 1_001, &frame), Delivered::Done);
        assert_eq!(hub.read(id, 1_001, &frame), Delivered::Done);
        assert_eq!(hub.event(id, 1_002, &frame), Delivered::Done);
        assert_eq!(alice.with_mailbox(Mailbox::take).frames.len(), 2);
        assert_eq!(hub.cursor(id), Some(1_002));
    }

    #[test]
    fn an_event_that_overtook_others_waits_for_them() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let alice = session(&hub, 1);
        hub.join(&alice, &[id]);
        hub.start_cursor(id, 4);
        let frame = |text: &'static str| Bytes::from_static(text.as_bytes());
        assert_eq!(hub.event(id, 8, &frame("eight")), Delivered::Gap);
        assert_eq!(hub.event(id, 6, &frame("six")), Delivered::Gap);
        assert!(hub.has_gap(id) && !hub.gaps.take().is_empty());
        assert_eq!(hub.event(id, 5, &frame("five")), Delivered::Gap, "seven is missing still");
        assert_eq!(alice.with_mailbox(Mailbox::take).frames, [frame("five"), frame("six")]);
        assert_eq!(hub.event(id, 7, &frame("seven")), Delivered::Done);
        assert_eq!(alice.with_mailbox(Mailbox::take).frames, [frame("seven"), frame("eight")]);
        assert!(!hub.has_gap(id));
        assert_eq!(hub.event(id, 8, &frame("eight")), Delivered::Done);
        assert!(alice.with_mailbox(Mailbox::take).frames.is_empty());
    }

    #[test]
    fn interest_begins_with_the_first_session_and_ends_with_the_last() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let (alice, bob) = (session(&hub, 1), session(&hub, 2));
        assert_eq!(hub.join(&alice, &[id]), [id]);
        hub.start_cursor(id, 4);
        assert_eq!(hub.join(&bob, &[id]), []);
        assert_eq!(hub.leave(alice.session_id, &[id]), []);
        assert_eq!(hub.leave(bob.session_id, &[id]), [id]);
        assert!(!hub.holds(id));
    }

    #[test]
    fn who_comes_before_the_cursor_is_read_reads_it_too() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let (alice, bob) = (session(&hub, 1), session(&hub, 2));
        assert_eq!(hub.join(&alice, &[id]), [id]);
        assert_eq!(hub.join(&bob, &[id]), [id]);
        hub.start_cursor(id, 5);
        assert_eq!(hub.start_cursor(id, 4), 5, "who read earlier has to read up to there");
        assert_eq!(hub.cursor(id), Some(5));
    }

    #[test]
    fn what_comes_before_the_cursor_is_read_waits_for_it_in_order() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let alice = session(&hub, 1);
        hub.join(&alice, &[id]);
        let frame = |text: &'static str| Bytes::from_static(text.as_bytes());
        for (seq, text) in [(8, "eight"), (6, "six"), (7, "seven")] {
            assert_eq!(hub.event(id, seq, &frame(text)), Delivered::Done);
        }
        assert!(alice.with_mailbox(Mailbox::take).frames.is_empty());
        assert_eq!(hub.start_cursor(id, 6), 8);
        assert_eq!(alice.with_mailbox(Mailbox::take).frames, [frame("seven"), frame("eight")]);
        assert!(hub.news.take().is_empty(), "nothing is missing");
    }

    #[test]
    fn what_is_told_of_before_the_cursor_is_read_is_read_then() {
        let hub = Hub::default();
        let [told, gap] = [9, 10].map(|n| ConversationId(Uuid::from_u128(n)));
        let alice = session(&hub, 1);
        hub.join(&alice, &[told, gap]);
        hub.want(told);
        hub.event(gap, 9, &Bytes::from_static(b"nine"));
        assert!(hub.news.take().is_empty());
        hub.start_cursor(told, 6);
        hub.start_cursor(gap, 6);
        assert_eq!(hub.news.take(), [told, gap].into());
    }

    #[test]
    fn who_hides_receipts_sees_none_of_others() {
        let hub = Hub::default();
        let id = ConversationId(Uuid::from_u128(9));
        let hidden = Uuid::from_u128(3);
        let carol = Arc::new(SessionHandle::new(hidden.into(), hidden.into(), hidden.into(), true));
        carol.hide_receipts(true);
        assert_eq!(carol.with_mailbox(Mailbox::take_behind), None);
        let alice = session(&hub, 1);
        hub.join(&alice, &[id]);
        hub.join(&carol, &[id]);
        let frame = Bytes::from_static(b"marks");
        hub.live(id, Audience::Receipts, &frame);
        assert_eq!(alice.with_mailbox(Mailbox::take).frames.len(), 1);
        assert_eq!(carol.with_mailbox(Mailbox::take).frames.len(), 0);
        hub.live(id, Audience::Own(carol.user_id), &frame);
        assert_eq!(carol.with_mailbox(Mailbox::take).frames.len(), 1);
    }
}
