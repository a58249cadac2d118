//! History: pages of the log, the inbox over HTTP, and removing one's own messages.

use sotto_protocol::{
    ConversationId, Problem, ProblemCode,
    events::{EventPage, InboxPage},
    limits,
    messages::SendResponse,
};
use sotto_store::{conversations, events, inbox_reads, messages, outbox, transaction};

use crate::{Service, ServiceError, ServiceResult, clock::millis, tokens::AccessClaims};

/// Which page of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Events after this position.
    After(i64),
    /// The newest events before this position.
    Before(i64),
}

impl Service {
    /// A page of the log, ascending, as far as it is for this device.
    ///
    /// # Errors
    /// `not_found`; `invalid_request` for a limit outside 1 to 200.
    pub async fn events(
        &self,
        caller: &AccessClaims,
        id: ConversationId,
        page: Page,
        limit: i64,
    ) -> ServiceResult<EventPage> {
        if !(1..=limits::MAX_EVENTS_PER_PAGE).contains(&limit) {
            return Err(Problem::new(ProblemCode::InvalidRequest).with_detail("limit is not 1 to 200").into());
        }
        let mut connection = self.database.acquire().await?;
        let conversation = conversations::get(&mut connection, id, caller.user_id, caller.device_id)
            .await?
            .ok_or(ProblemCode::NotFound)?;
        let start_seq = conversation.start_seq;
        let mut events = match page {
            Page::After(seq) => events::after(&mut connection, id, seq.max(start_seq - 1), limit).await?,
            Page::Before(seq) => events::before(&mut connection, id, seq, start_seq, limit).await?,
        };
        // Up to the moment at which the caller was known to be in.
        events.retain(|event| event.seq <= conversation.last_seq);
        Ok(EventPage { events, last_seq: conversation.last_seq, start_seq })
    }

    /// Deletes the content of one of the caller's own messages and tells it in the log.
    ///
    /// # Errors
    /// `not_found`, also for a message that is not the caller's or is gone.
    pub async fn remove_message(
        &self,
        caller: &AccessClaims,
        id: ConversationId,
        target_seq: i64,
    ) -> ServiceResult<SendResponse> {
        let now = self.clock.now();
        let (txn_id, seq) = transaction!(self.database, "messages.remove", |conn| {
            let removed = messages::remove(conn, id, caller.user_id, caller.device_id, target_seq, now).await?;
            let removed = removed.ok_or(ProblemCode::NotFound)?;
            outbox::wake(conn, &[id], &[]).await?;
            Ok::<_, ServiceError>(removed)
        })?;
        self.cluster.wake(&[id], &[]);
        Ok(SendResponse { txn_id, seq, created_at_ms: millis(now) })
    }

    /// A page of the calling device's inbox.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn inbox(&self, caller: &AccessClaims, after: i64) -> ServiceResult<InboxPage> {
        let mut connection = self.database.acquire().await?;
        let items =
            inbox_reads::page(&mut connection, caller.device_id, after, limits::MAX_INBOX_ITEMS_PER_PAGE).await?;
        let last_seq = inbox_reads::last_seq(&mut connection, caller.device_id).await?;
        Ok(InboxPage { items, last_seq })
    }

    /// Deletes what the calling device has stored.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn ack_inbox(&self, caller: &AccessClaims, seq: i64) -> ServiceResult<()> {
        let mut connection = self.database.acquire().await?;
        if inbox_reads::ack(&mut connection, caller.device_id, seq).await? {
            self.cluster.wake(&[], &[caller.device_id]);
        }
        Ok(())
    }
}
