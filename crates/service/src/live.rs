//! What is shown while it lasts and kept nowhere: typing and presence.

use sotto_bus::wakes::Audience;
use sotto_protocol::{ConversationId, UserId, conversations::MarkRequest, frames::ServerFrame};
use sotto_store::presence;

use crate::{Service, ServiceResult, clock::millis, session::Connection, tokens::AccessClaims};

impl Service {
    /// Raises marks; stored within a quarter of a second, shown then or, where many are
    /// connected, up to 1.5 s later.
    pub fn mark_soon(&self, caller: &AccessClaims, conversation_id: ConversationId, marks: &MarkRequest) {
        self.cluster.marks.add(conversation_id, caller.user_id, marks);
    }

    /// Shows the other members that this person is typing. Who has not accepted the conversation shows nothing.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn show_typing(
        &self,
        caller: &AccessClaims,
        conversation_id: ConversationId,
        typing: bool,
    ) -> ServiceResult<()> {
        let mut connection = self.database.acquire().await?;
        if presence::shows_in(&mut connection, conversation_id, caller.user_id).await? {
            let frame = ServerFrame::Typing { conversation_id, user_id: caller.user_id, typing };
            self.cluster.live(conversation_id, Audience::Others(caller.user_id), &frame);
        }
        Ok(())
    }

    /// The person looks at the device, or not.
    pub fn show_presence(&self, caller: &AccessClaims, active: bool) {
        let last_seen_at_ms = (!active).then(|| self.clock.now_ms());
        self.cluster.presence(caller.user_id, active, last_seen_at_ms);
    }

    /// Watches those of these people that the caller may see: both accepted a conversation that they share, and neither
    /// hides receipts. Answers how each stands now.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn watch_presence(
        &self,
        caller: &AccessClaims,
        session: &mut Connection,
        users: &[UserId],
    ) -> ServiceResult<Vec<ServerFrame>> {
        let mut connection = self.database.acquire().await?;
        let visible = presence::visible(&mut connection, caller.user_id, users).await?;
        drop(connection);
        let ids: Vec<UserId> = visible.iter().map(|(user_id, _)| *user_id).collect();
        session.watch(ids.clone()).await;
        // Without Redis nobody is known to be online.
        let online = self.bus.connected(&ids).await.unwrap_or_else(|_| vec![false; ids.len()]);
        Ok(visible
            .into_iter()
            .zip(online)
            .map(|((user_id, last_seen), online)| ServerFrame::Presence {
                user_id,
                online,
                last_seen_at_ms: last_seen.filter(|_| !online).map(millis),
            })
            .collect())
    }
}
