//! What a connection holds in this node and in the registry, from its opening to its end.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use sotto_bus::interest::Topic;
use sotto_protocol::{
    CloseCode, ConversationId, SessionId, UserId,
    events::{InboxBody, InboxItem},
};
use sotto_store::conversations;

use crate::{
    Entropy, ServiceResult,
    clock::millis,
    cluster::Cluster,
    hub::{Mailbox, SessionHandle},
    tokens::AccessClaims,
};

/// The socket is gone.
#[derive(Debug)]
pub struct Gone;

/// Newest position of each log.
pub(super) type Heads = HashMap<ConversationId, i64>;

/// Where encoded frames go; waits while the socket is full.
pub trait FrameSink {
    /// Sends one frame.
    fn send(&mut self, frame: Bytes) -> impl Future<Output = Result<(), Gone>> + Send;
}

/// One connection. Call [`Self::close`] at its end.
pub struct Connection {
    /// What others post to.
    pub handle: Arc<SessionHandle>,
    pub(super) cluster: Arc<Cluster>,
    /// Sorted: an idle connection keeps these and nothing around them.
    pub(super) joined: Vec<ConversationId>,
    /// What the account was in when the connection opened, until it catches up.
    pub(super) expected: Vec<ConversationId>,
    watched: Vec<UserId>,
    /// Where the last catch-up stood, for a session that fell behind in more than it can remember.
    pub(super) position: Option<String>,
}

impl Connection {
    /// The mailbox is sent. Nothing happens but in the test build: what was only sent is deleted.
    pub fn mailbox_sent(&self) {
        #[cfg(feature = "mutations")]
        if self.cluster.database.faults().mutates(sotto_store::faults::Mutation::DeleteInboxOnSend) {
            let (cluster, device_id) = (Arc::clone(&self.cluster), self.handle.device_id);
            let seq = self.handle.with_mailbox(|mailbox| mailbox.inbox_seq());
            tokio::spawn(async move {
                let mut connection = cluster.database.acquire().await?;
                sotto_store::inbox_reads::ack(&mut connection, device_id, seq).await
            });
        }
    }

    /// Enters a connection: in this node, then in the registry, where it replaces an older one of the same device.
    ///
    /// Registering comes before the device is read again, so that a revocation either finds the session or is found
    /// here.
    ///
    /// # Errors
    /// The close code to end the socket with.
    pub async fn open(cluster: &Arc<Cluster>, entropy: &dyn Entropy, caller: &AccessClaims) -> Result<Self, CloseCode> {
        let handle =
            Arc::new(SessionHandle::new(SessionId(entropy.uuid()), caller.user_id, caller.device_id, caller.verified));
        handle.opened_at(millis(cluster.clock.now()));
        for older in cluster.hub.directory.of_device(caller.device_id) {
            older.post(|mailbox| mailbox.close(CloseCode::Replaced));
        }
        cluster.hub.directory.add(&handle);
        cluster.hub.wheel.add(&handle);
        let mut connection = Self {
            handle,
            cluster: Arc::clone(cluster),
            joined: Vec::new(),
            expected: Vec::new(),
            watched: Vec::new(),
            position: None,
        };
        connection.register().await;
        match connection.still_allowed(caller).await {
            Ok(Ok(())) => {
                cluster.seen.add(caller.device_id, cluster.clock.now());
                cluster.presence(caller.user_id, true, None);
                Ok(connection)
            }
            Ok(Err(code)) => Err(connection.end(code).await),
            Err(error) => {
                tracing::warn!(%error, "a session cannot open");
                Err(connection.end(CloseCode::Internal).await)
            }
        }
    }

    async fn register(&self) {
        match self.cluster.bus.register(&self.cluster.entry(&self.handle), self.handle.opened_ms()).await {
            Ok(entered) => {
                self.handle.opened_at(entered.holder.opened_ms);
                self.cluster.end_replaced(self.handle.device_id, &entered, true);
            }
            Err(error) => {
                tracing::debug!(%error, "a session is not in the registry until everything is entered again");
                self.cluster.doubt.owe();
            }
        }
    }

    async fn still_allowed(&mut self, caller: &AccessClaims) -> ServiceResult<Result<(), CloseCode>> {
        let standing = self.cluster.openings.standings.ask(caller.device_id).await?;
        let Some(standing) = standing.filter(|standing| standing.user_id == caller.user_id) else {
            return Ok(Err(CloseCode::Revoked));
        };
        self.handle.hide_receipts(standing.private_receipts);
        if self.handle.verified {
            self.expected = standing.conversations;
        }
        let is_current = standing.token_generation == caller.token_generation;
        Ok(if is_current { Ok(()) } else { Err(CloseCode::TokenExpired) })
    }

    async fn end(self, code: CloseCode) -> CloseCode {
        self.close().await;
        code
    }

    /// Takes part in conversations from now on; answers their newest positions.
    pub(super) async fn join(&mut self, ids: &[ConversationId]) -> ServiceResult<Heads> {
        let fresh = self.enter(ids).await;
        let mut connection = self.cluster.database.acquire().await?;
        let heads = conversations::heads(&mut connection, ids).await?.into_iter().collect();
        self.start_cursors(&fresh, &heads);
        Ok(heads)
    }

    /// The first half of joining; answers those whose cursor has to be started with what is read after this.
    pub(super) async fn enter(&mut self, ids: &[ConversationId]) -> Vec<ConversationId> {
        self.joined.extend(ids);
        self.joined.sort_unstable();
        self.joined.dedup();
        self.joined.shrink_to_fit();
        let fresh = self.cluster.hub.join(&self.handle, ids);
        let topics: Vec<Topic> = fresh.iter().copied().map(Topic::Conversation).collect();
        // Interest before the read: a message is found by the read or routed here, never neither.
        if self.cluster.bus.enter(self.cluster.node_id, &topics).await.is_err() {
            self.cluster.doubt.owe();
        }
        fresh
    }

    pub(super) fn start_cursors(&self, fresh: &[ConversationId], heads: &Heads) {
        for id in fresh {
            let Some(head) = heads.get(id) else { continue };
            // Somebody who asked later may have started it higher: what lies between is brought to nobody here.
            if self.cluster.hub.start_cursor(*id, *head) > *head {
                self.handle.with_mailbox(|mailbox| mailbox.miss(*id, head + 1));
            }
        }
    }

    /// Follows notices that change what this session takes part in.
    pub(super) async fn follow(&mut self, items: &[InboxItem]) -> ServiceResult<()> {
        for item in items {
            match item.body {
                InboxBody::ConversationJoined { conversation_id }
                    if !self.cluster.hub.is_member(conversation_id, self.handle.session_id) =>
                {
                    self.join(&[conversation_id]).await?;
                    // From its start: the events before are not known here.
                    self.handle.with_mailbox(|mailbox: &mut Mailbox| mailbox.miss(conversation_id, 1));
                }
                InboxBody::ConversationLeft { conversation_id } => self.part(conversation_id).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Leaves a conversation, unless the account came back into it since the notice.
    async fn part(&mut self, id: ConversationId) -> ServiceResult<()> {
        let mut connection = self.cluster.database.acquire().await?;
        if conversations::is_member(&mut connection, id, self.handle.user_id).await? {
            return Ok(());
        }
        if self.takes_part_in(id) {
            self.leave(&[id]).await;
        }
        Ok(())
    }

    /// Takes no part in these any more.
    pub(super) async fn leave(&mut self, ids: &[ConversationId]) {
        self.joined.retain(|id| !ids.contains(id));
        let empty = self.cluster.hub.leave(self.handle.session_id, ids);
        self.cluster.forget(empty).await;
    }

    /// Whether this session is in the conversation.
    pub fn takes_part_in(&self, id: ConversationId) -> bool {
        self.joined.binary_search(&id).is_ok()
    }

    /// Watches these people from now on, instead of those before. The caller may see them.
    pub async fn watch(&mut self, users: Vec<UserId>) {
        self.unwatch().await;
        let fresh = self.cluster.hub.directory.watch(&self.handle, &users);
        let topics: Vec<Topic> = fresh.into_iter().map(Topic::Presence).collect();
        if let Err(error) = self.cluster.bus.enter(self.cluster.node_id, &topics).await {
            tracing::debug!(%error, "presence is not watched");
        }
        self.watched = users;
    }

    async fn unwatch(&mut self) {
        let watched = std::mem::take(&mut self.watched);
        let empty = self.cluster.hub.directory.unwatch(self.handle.session_id, &watched);
        let topics: Vec<Topic> = empty.into_iter().map(Topic::Presence).collect();
        if let Err(error) = self.cluster.bus.leave(self.cluster.node_id, &topics).await {
            tracing::debug!(%error, "presence stays watched until Redis forgets it");
        }
    }

    /// Takes the connection out of the node and the registry.
    pub async fn close(mut self) {
        if !self.watched.is_empty() {
            self.unwatch().await;
        }
        let empty = self.cluster.hub.leave(self.handle.session_id, &self.joined);
        self.cluster.hub.directory.remove(&self.handle);
        let cluster = Arc::clone(&self.cluster);
        // Many may go at once, as with a proxy.
        let _turn = cluster.openings.leaving.turn().await;
        if let Err(error) = cluster.bus.unregister(&cluster.entry(&self.handle)).await {
            tracing::debug!(%error, "a session stays in the registry until this node is found dead");
        }
        cluster.forget(empty).await;
        cluster.gone(self.handle.user_id, self.handle.device_id).await;
    }
}

impl Cluster {
    /// Ends this node's interest in conversations that nobody here is in any more.
    async fn forget(&self, empty: Vec<ConversationId>) {
        let topics: Vec<Topic> = empty.iter().copied().map(Topic::Conversation).collect();
        if topics.is_empty() {
            return;
        }
        // What did not answer may be carried out later, when somebody has come back: everything is entered again then.
        if self.bus.leave(self.node_id, &topics).await.is_err() {
            self.doubt.owe();
            return;
        }
        // Somebody may have come between leaving here and leaving there: enter again, and read what was missed.
        let back: Vec<Topic> = empty.into_iter().filter(|id| self.hub.holds(*id)).map(Topic::Conversation).collect();
        if !back.is_empty() {
            self.doubt.raise(self.clock.monotonic());
            if self.bus.enter(self.node_id, &back).await.is_err() {
                self.doubt.owe();
            }
        }
    }

    /// A device disconnected: note when, and tell those who watch if it was the person's last one.
    async fn gone(&self, user_id: UserId, device_id: sotto_protocol::DeviceId) {
        let now = self.clock.now();
        self.seen.add(device_id, now);
        let online = matches!(self.bus.connected(&[user_id]).await.as_deref(), Ok([true]));
        if !online && !self.hub.directory.has_user(user_id) {
            self.presence(user_id, false, Some(millis(now)));
        }
    }
}
