//! Filling gaps: the node reads the missing events once and hands them to all its sessions.

use std::{collections::HashMap, sync::Arc, time::Duration};

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

/// A packet that is only late closes the gap by itself.
const GRACE: Duration = Duration::from_millis(50);
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

/// Reads wanted conversations for ever.
pub(super) async fn run(cluster: Arc<Cluster>) {
    loop {
        cluster.hub.wanted().await;
        tokio::time::sleep(GRACE).await;
        for id in cluster.hub.take_wanted() {
            if let Err(error) = cluster.read_conversation(id).await {
                tracing::warn!(%error, "events cannot be read; trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
                cluster.hub.want(id);
            }
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
    /// Hands the events after the node's cursor to the local sessions.
    pub(super) async fn read_conversation(&self, id: ConversationId) -> StoreResult<()> {
        let mut turn = self.reading.turn(id).await;
        // Without a cursor every session reads by itself.
        while let Some(cursor) = self.hub.cursor(id) {
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
                    self.hub.event(id, seq, &Bytes::from(frame));
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
                    self.hub.join(&session, &[id]);
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
