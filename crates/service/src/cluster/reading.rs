//! Filling gaps: the node reads the missing events once and hands them to all its sessions.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    events::{Event, EventBody},
    frames::ServerFrame,
    membership::MembershipAction,
};
use sotto_store::{StoreResult, events, inbox};

use super::{Cluster, delivery::encode};

/// A packet that is only late closes the gap by itself.
const GRACE: Duration = Duration::from_millis(50);
const PAGE: i64 = 200;

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

/// Who is out with this event: neither it nor anything after it is for that person.
fn leaver(event: &Event) -> Option<UserId> {
    match &event.body {
        EventBody::Membership { change } => match change.action {
            MembershipAction::Remove { user_id } => Some(user_id),
            MembershipAction::Leave {} => Some(change.actor_user_id),
            _ => None,
        },
        _ => None,
    }
}

impl Cluster {
    /// Hands the events after the node's cursor to the local sessions.
    pub(super) async fn read_conversation(&self, id: ConversationId) -> StoreResult<()> {
        // Without a cursor every session reads by itself.
        while let Some(cursor) = self.hub.cursor(id) {
            let mut connection = self.database.acquire().await?;
            let events = events::after(&mut connection, id, cursor, PAGE).await?;
            if events.is_empty() {
                return Ok(());
            }
            metrics::counter!("sotto_events_read_total").increment(events.len() as u64);
            // Keys come first: an inbox wake may have been lost with the event.
            let devices: Vec<DeviceId> = self.hub.sessions(id).iter().map(|session| session.device_id).collect();
            self.wake_inboxes(inbox::heads(&mut connection, &devices).await?);
            drop(connection);
            for event in events {
                let seq = event.seq;
                if let Some(user_id) = leaver(&event) {
                    self.hub.expel(id, user_id);
                }
                if let Some(frame) = encode(&ServerFrame::Event { event }) {
                    self.hub.event(id, seq, &Bytes::from(frame));
                }
            }
        }
        Ok(())
    }

    /// Makes sessions read their inbox where it is newer than what they have.
    pub(super) fn wake_inboxes(&self, heads: Vec<(DeviceId, i64)>) {
        for (device_id, last_seq) in heads {
            self.hub.inbox(device_id, last_seq, None);
        }
    }
}
