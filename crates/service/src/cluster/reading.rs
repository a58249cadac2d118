//! Filling gaps: the node reads the missing events once and hands them to all its sessions.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    events::{Event, EventBody},
    frames::ServerFrame,
    membership::MembershipAction,
};
use sotto_store::{StoreResult, events, inbox};
use tokio::sync::{Mutex, MutexGuard};

use super::{Cluster, delivery::encode};
use crate::hub::SessionHandle;

/// Half of the time that a gap has to close by itself: a packet may only be late.
const HALF_GRACE: Duration = Duration::from_millis(25);
/// After a read that failed.
const PAUSE: Duration = Duration::from_millis(500);
const PAGE: i64 = 200;

const TURNS: usize = 64;

/// One reader of a conversation at a time. Two would follow removals and additions out of order.
pub struct Reading([Mutex<Expelled>; TURNS]);

/// Sessions that are out, until the node has read all there is: also over a read that failed in between.
type Expelled = HashMap<ConversationId, Vec<Arc<SessionHandle>>>;

impl Default for Reading {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Reading {
    async fn turn(&self, id: ConversationId) -> MutexGuard<'_, Expelled> {
        self.0[usize::from(id.0.as_bytes()[15]) % TURNS].lock().await
    }
}

/// Reads conversations that have news, and those whose gap does not close, for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    tokio::join!(read_news(&cluster), close_gaps(&cluster));
}

async fn read_news(cluster: &Cluster) {
    loop {
        cluster.hub.news.added().await;
        for id in cluster.hub.news.take() {
            cluster.read_or_want(id).await;
        }
    }
}

async fn close_gaps(cluster: &Cluster) {
    let mut ripening = HashSet::new();
    loop {
        if ripening.is_empty() {
            cluster.hub.gaps.added().await;
        }
        tokio::time::sleep(HALF_GRACE).await;
        let ripe = std::mem::replace(&mut ripening, cluster.hub.gaps.take());
        for id in ripe.into_iter().filter(|id| cluster.hub.has_gap(*id)) {
            metrics::counter!("sotto_gaps_read_total").increment(1);
            cluster.read_or_want(id).await;
        }
    }
}

/// The membership action of an event.
fn action(event: &Event) -> Option<(&MembershipAction, UserId)> {
    match &event.body {
        EventBody::Membership { change } => Some((&change.action, change.actor_user_id)),
        _ => None,
    }
}

impl Cluster {
    async fn read_or_want(&self, id: ConversationId) {
        if let Err(error) = self.read_conversation(id).await {
            tracing::warn!(%error, "events cannot be read; trying again");
            tokio::time::sleep(PAUSE).await;
            self.hub.want(id);
        }
    }

    /// Hands the events after the node's cursor to the local sessions.
    pub(super) async fn read_conversation(&self, id: ConversationId) -> StoreResult<()> {
        let mut turn = self.reading.turn(id).await;
        loop {
            let Some(cursor) = self.hub.cursor(id) else {
                // Once it is read.
                self.hub.want(id);
                break;
            };
            let mut connection = self.database.acquire().await?;
            let events = events::after(&mut connection, id, cursor, PAGE).await?;
            if events.is_empty() {
                break;
            }
            metrics::counter!("sotto_events_read_total").increment(events.len() as u64);
            // Keys come first: an inbox wake may have been lost with the event.
            let devices: Vec<DeviceId> = self.hub.sessions(id).iter().map(|session| session.device_id).collect();
            self.wake_inboxes(inbox::heads(&mut connection, &devices).await?);
            drop(connection);
            for event in events {
                let seq = event.seq;
                self.follow_membership(&event, turn.entry(id).or_default());
                if let Some(frame) = encode(&ServerFrame::Event { event }) {
                    self.hub.read(id, seq, &Bytes::from(frame));
                }
            }
        }
        turn.remove(&id);
        Ok(())
    }

    /// Who is out with an event gets neither it nor what follows, until it is added again. The notice of being added may
    /// have been read before this event, so the sessions come back here too.
    fn follow_membership(&self, event: &Event, expelled: &mut Vec<Arc<SessionHandle>>) {
        let id = event.conversation_id;
        match action(event) {
            Some((MembershipAction::Remove { user_id }, _)) => expelled.extend(self.hub.expel(id, *user_id)),
            Some((MembershipAction::Leave {}, actor)) => expelled.extend(self.hub.expel(id, actor)),
            Some((MembershipAction::Add { members }, _)) => {
                let back = |session: &mut Arc<SessionHandle>| members.iter().any(|m| m.user_id == session.user_id);
                for session in expelled.extract_if(.., back) {
                    if !self.hub.join(&session, &[id]).is_empty() {
                        self.hub.start_cursor(id, event.seq - 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// Makes sessions read their inbox where it is newer than what they have.
    pub(super) fn wake_inboxes(&self, heads: Vec<(DeviceId, i64)>) {
        for (device_id, last_seq) in heads {
            self.hub.inbox(device_id, last_seq, None);
        }
    }
}
