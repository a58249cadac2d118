//! Catching up: heads, then the inbox, then events up to those heads, so that keys come before what they decrypt.

use bytes::Bytes;
use sotto_protocol::{
    ConversationId,
    conversations::Conversation,
    frames::ServerFrame,
    limits,
    sync::{ConversationSync, Resume},
};
use sotto_store::{
    conversations, events, inbox_reads, marks,
    sessions::{Moment, Resumed},
};

use super::connection::{Connection, FrameSink, Gone, Heads};
use crate::{
    ServiceResult,
    cluster::encode,
    sync_token::{self, Token},
};

/// A sync frame is sent when it has grown beyond this, bytes of ciphertext.
const SYNC_FRAME_BYTES: usize = 128 * 1024;

impl Connection {
    /// Sends everything that changed since `resume`, ending with `caught_up`. Live frames follow after
    /// [`Self::repair`].
    ///
    /// `Ok(Err(Gone))`: the socket is gone.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn catch_up(&mut self, resume: &Resume, sink: &mut impl FrameSink) -> ServiceResult<Result<(), Gone>> {
        let ids = std::mem::take(&mut self.expected);
        let token = resume.sync_token.as_deref().and_then(Token::parse);
        let since = token.as_ref().map(|token| token.position.to_string());
        let mut moment = self.take_part(&ids, since.clone(), resume.inbox_seq).await?;
        let is_foreign = token.is_some_and(|token| !token.is_of(&moment));
        moment.news.conversations |= is_foreign;
        if moment.news.unacked {
            self.ack_inbox(resume.inbox_seq).await?;
            moment.news.inbox = true;
        }
        self.catch_up_to(moment, since.filter(|_| !is_foreign), resume.inbox_seq, sink).await
    }

    pub(super) async fn catch_up_since(
        &mut self,
        since: Option<String>,
        inbox_seq: i64,
        sink: &mut impl FrameSink,
    ) -> ServiceResult<Result<(), Gone>> {
        let ids = self.joined.clone();
        let moment = self.take_part(&ids, since.clone(), inbox_seq).await?;
        self.catch_up_to(moment, since, inbox_seq, sink).await
    }

    /// Takes part in what the account is in, of which `ids` were read before; what comes after the moment is in the
    /// mailbox.
    async fn take_part(
        &mut self,
        ids: &[ConversationId],
        since: Option<String>,
        inbox_seq: i64,
    ) -> ServiceResult<Moment> {
        let fresh = self.enter(ids).await;
        let (device_id, user_id) = (self.handle.device_id, self.handle.verified.then_some(self.handle.user_id));
        let resumed = Resumed { device_id, user_id, inbox_seq, since };
        let mut moment = self.cluster.openings.moments.ask(resumed).await?;
        self.start_cursors(&fresh, &moment.heads);
        let gone: Vec<ConversationId> = ids.iter().copied().filter(|id| !moment.heads.contains_key(id)).collect();
        if !gone.is_empty() {
            self.leave(&gone).await;
        }
        let late: Vec<ConversationId> = moment.heads.keys().copied().filter(|id| !self.takes_part_in(*id)).collect();
        if !late.is_empty() {
            moment.heads.extend(self.join(&late).await?);
        }
        Ok(moment)
    }

    async fn catch_up_to(
        &mut self,
        moment: Moment,
        since: Option<String>,
        inbox_seq: i64,
        sink: &mut impl FrameSink,
    ) -> ServiceResult<Result<(), Gone>> {
        if moment.news.inbox && self.send_inbox(inbox_seq, sink).await?.is_err() {
            return Ok(Err(Gone));
        }
        if moment.news.conversations
            && self.handle.verified
            && self.send_conversations(since.as_deref(), &moment.heads, sink).await?.is_err()
        {
            return Ok(Err(Gone));
        }
        let sync_token = sync_token::seal(&moment);
        for (id, head) in moment.heads {
            self.read_up_to(id, head);
        }
        self.position = Some(moment.position);
        Ok(self.send(sink, &ServerFrame::CaughtUp { sync_token }).await)
    }

    /// Deletes what the device has stored.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn ack_inbox(&self, seq: i64) -> ServiceResult<()> {
        let mut connection = self.cluster.database.acquire().await?;
        if inbox_reads::ack(&mut connection, self.handle.device_id, seq).await? {
            self.cluster.wake(&[], &[self.handle.device_id]);
        }
        Ok(())
    }

    /// Sends the inbox after `seq`, whole.
    pub(super) async fn send_inbox(&mut self, seq: i64, sink: &mut impl FrameSink) -> ServiceResult<Result<(), Gone>> {
        let mut seq = seq;
        loop {
            let mut connection = self.cluster.database.acquire().await?;
            let items =
                inbox_reads::page(&mut connection, self.handle.device_id, seq, limits::MAX_INBOX_ITEMS_PER_PAGE)
                    .await?;
            drop(connection);
            let Some(last) = items.last() else { return Ok(Ok(())) };
            let is_last = is_short(&items, limits::MAX_INBOX_ITEMS_PER_PAGE);
            seq = last.seq;
            self.handle.with_mailbox(|mailbox| mailbox.set_inbox_seq(seq));
            self.follow(&items).await?;
            let sent = self.send(sink, &ServerFrame::Inbox { items }).await;
            if sent.is_err() || is_last {
                return Ok(sent);
            }
        }
    }

    async fn send_conversations(
        &mut self,
        since: Option<&str>,
        heads: &Heads,
        sink: &mut impl FrameSink,
    ) -> ServiceResult<Result<(), Gone>> {
        let mut after = None;
        loop {
            let mut connection = self.cluster.database.acquire().await?;
            let page = conversations::sync_page(
                &mut connection,
                self.handle.user_id,
                self.handle.device_id,
                since,
                after,
                limits::MAX_SYNC_CONVERSATIONS_PER_PAGE,
            )
            .await?;
            drop(connection);
            let Some(last) = page.last() else { return Ok(Ok(())) };
            after = Some(last.conversation_id);
            let is_last = is_short(&page, limits::MAX_SYNC_CONVERSATIONS_PER_PAGE);
            let sent = self.send_page(page, since, heads, sink).await?;
            if sent.is_err() || is_last {
                return Ok(sent);
            }
        }
    }

    async fn send_page(
        &mut self,
        page: Vec<Conversation>,
        since: Option<&str>,
        heads: &Heads,
        sink: &mut impl FrameSink,
    ) -> ServiceResult<Result<(), Gone>> {
        let mut frame = Vec::new();
        let mut bytes = 0;
        for conversation in page {
            let sync = self.sync(conversation, since, heads).await?;
            bytes += 512 + sync.events.iter().map(size).sum::<usize>();
            frame.push(sync);
            if bytes > SYNC_FRAME_BYTES {
                bytes = 0;
                if self.send(sink, &ServerFrame::Sync { conversations: std::mem::take(&mut frame) }).await.is_err() {
                    return Ok(Err(Gone));
                }
            }
        }
        if frame.is_empty() {
            Ok(Ok(()))
        } else {
            Ok(self.send(sink, &ServerFrame::Sync { conversations: frame }).await)
        }
    }

    async fn sync(
        &self,
        mut conversation: Conversation,
        since: Option<&str>,
        heads: &Heads,
    ) -> ServiceResult<ConversationSync> {
        let id = conversation.conversation_id;
        // Joined after the heads were read: its notice makes it be read.
        let head = heads.get(&id).copied().unwrap_or(0);
        let mut connection = self.cluster.database.acquire().await?;
        let mut events = events::changed_since(
            &mut connection,
            id,
            since,
            conversation.start_seq,
            limits::MAX_SYNC_EVENTS_PER_CONVERSATION,
        )
        .await?;
        let marks = marks::changed_since(&mut connection, id, self.handle.user_id, since).await?;
        drop(connection);
        // Later ones may need keys that are not sent yet: they are read after the next look into the inbox.
        events.retain(|event| event.seq <= head);
        if conversation.last_seq > head {
            self.handle.with_mailbox(|mailbox| mailbox.miss(id, head + 1));
            // Else the device would ask for them at once.
            conversation.last_seq = head;
        }
        Ok(ConversationSync { conversation, marks, events })
    }
}

/// Nothing follows a page that is not full.
fn is_short<T>(page: &[T], limit: i64) -> bool {
    i64::try_from(page.len()).is_ok_and(|length| length < limit)
}

fn size(event: &sotto_protocol::events::Event) -> usize {
    use sotto_protocol::events::EventBody;
    match &event.body {
        EventBody::Message { content, .. } => content.ciphertext.0.len(),
        _ => 512,
    }
}

impl Connection {
    /// Sends a frame of a catch-up, unless the session has to go: who was revoked meanwhile gets nothing more.
    pub(super) async fn send(&self, sink: &mut impl FrameSink, frame: &ServerFrame) -> Result<(), Gone> {
        if self.handle.with_mailbox(|mailbox| mailbox.closing().is_some()) {
            return Err(Gone);
        }
        match encode(frame) {
            Some(text) => sink.send(Bytes::from(text)).await,
            None => Ok(()),
        }
    }
}
