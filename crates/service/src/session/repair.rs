//! Reading what live delivery could not bring: the session was catching up, was slow, or a wake was lost.

use std::collections::HashMap;

use sotto_protocol::{ConversationId, frames::ServerFrame, limits};
use sotto_store::{conversations, events, marks};

use super::connection::{Connection, FrameSink, Gone};
use crate::{
    ServiceResult,
    hub::{Behind, Mailbox},
};

impl Connection {
    /// Reads until the session is live.
    ///
    /// `Ok(Err(Gone))`: the socket is gone.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn repair(&mut self, sink: &mut impl FrameSink) -> ServiceResult<Result<(), Gone>> {
        while let Some(behind) = self.handle.with_mailbox(Mailbox::take_behind) {
            let outcome = if behind.everything {
                let inbox_seq = self.handle.with_mailbox(|mailbox| mailbox.inbox_seq());
                self.catch_up_since(self.position.clone(), inbox_seq, sink).await?
            } else {
                self.repair_once(behind, sink).await?
            };
            if outcome.is_err() {
                return Ok(Err(Gone));
            }
        }
        Ok(Ok(()))
    }

    async fn repair_once(&mut self, behind: Behind, sink: &mut impl FrameSink) -> ServiceResult<Result<(), Gone>> {
        // Heads, inbox, events up to the heads: keys come first.
        let ids: Vec<ConversationId> = behind.conversations.keys().copied().collect();
        let mut connection = self.cluster.database.acquire().await?;
        let heads: HashMap<_, _> = conversations::heads(&mut connection, &ids).await?.into_iter().collect();
        drop(connection);
        let inbox_seq = self.handle.with_mailbox(|mailbox| mailbox.inbox_seq());
        if self.send_inbox(inbox_seq, sink).await?.is_err() {
            return Ok(Err(Gone));
        }
        for (id, first) in behind.conversations {
            let last = heads.get(&id).copied().unwrap_or(0);
            // Where only marks were missed nothing is read: events may still be on their way to the mailbox.
            if first <= last {
                if self.send_events(id, first.saturating_sub(1), last, sink).await?.is_err() {
                    return Ok(Err(Gone));
                }
                self.read_up_to(id, last);
            }
            if self.send_marks(id, sink).await?.is_err() {
                return Ok(Err(Gone));
            }
        }
        Ok(Ok(()))
    }

    /// What the node delivers up to here is known to the device.
    pub(super) fn read_up_to(&self, id: ConversationId, seq: i64) {
        let cursor = self.cluster.hub.cursor(id);
        self.handle.with_mailbox(|mailbox| mailbox.read_up_to(id, seq, cursor));
    }

    /// Sends the events after `after` up to `last`, as far as they are for this device.
    async fn send_events(
        &self,
        id: ConversationId,
        after: i64,
        last: i64,
        sink: &mut impl FrameSink,
    ) -> ServiceResult<Result<(), Gone>> {
        let mut connection = self.cluster.database.acquire().await?;
        let (user_id, device_id) = (self.handle.user_id, self.handle.device_id);
        let Some(start) = conversations::start_seq(&mut connection, id, user_id, device_id).await? else {
            return Ok(Ok(()));
        };
        drop(connection);
        let mut after = after.max(start - 1);
        while after < last {
            let mut connection = self.cluster.database.acquire().await?;
            let page = events::after(&mut connection, id, after, limits::MAX_EVENTS_PER_PAGE).await?;
            drop(connection);
            let Some(newest) = page.last() else { break };
            after = newest.seq;
            for event in page.into_iter().filter(|event| event.seq <= last) {
                if self.send(sink, &ServerFrame::Event { event }).await.is_err() {
                    return Ok(Err(Gone));
                }
            }
        }
        Ok(Ok(()))
    }

    async fn send_marks(&self, id: ConversationId, sink: &mut impl FrameSink) -> ServiceResult<Result<(), Gone>> {
        let mut connection = self.cluster.database.acquire().await?;
        let since = self.position.as_deref();
        let marks = marks::changed_since(&mut connection, id, self.handle.user_id, since).await?;
        drop(connection);
        if marks.is_empty() {
            return Ok(Ok(()));
        }
        Ok(self.send(sink, &ServerFrame::Marks { conversation_id: id, marks }).await)
    }
}
