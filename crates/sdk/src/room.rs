//! What holds for a conversation as its members wrote it last: a group's name, and how long messages stay.

use sotto_e2ee::MessageBody;
use sotto_protocol::{ConversationId, limits::MAX_RETENTION_MS};

use crate::{SdkResult, environment::uuid, messages::StoredMessage, shared::Shared};

/// The server takes no shorter time.
const LEAST_MS: i64 = 1_000;

/// The newest message of each kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    pub name: Option<StoredMessage>,
    pub timer: Option<StoredMessage>,
}

impl Room {
    /// Takes messages from the newest on; `false` when there is nothing left to look for.
    pub(crate) fn look(&mut self, message: &StoredMessage) -> bool {
        match message.body() {
            Some(MessageBody::RoomName { .. }) => self.name.get_or_insert_with(|| message.clone()),
            Some(MessageBody::Timer { after_ms }) if is_timer(after_ms) => {
                self.timer.get_or_insert_with(|| message.clone())
            }
            _ => return true,
        };
        self.name.is_none() || self.timer.is_none()
    }

    pub(crate) fn name(&self) -> Option<String> {
        match self.name.as_ref()?.body() {
            Some(MessageBody::RoomName { name }) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn after_ms(&self) -> Option<i64> {
        match self.timer.as_ref()?.body() {
            Some(MessageBody::Timer { after_ms }) => after_ms,
            _ => None,
        }
    }
}

/// Anything else is not understood.
fn is_timer(after_ms: Option<i64>) -> bool {
    after_ms.is_none_or(|ms| (LEAST_MS..=MAX_RETENTION_MS).contains(&ms))
}

impl Shared {
    /// Whoever came in reads nothing that was written before: says name and timer again, to all. Who knows them shows
    /// nothing.
    pub(crate) async fn say_again(&self, conversation_id: ConversationId) -> SdkResult<()> {
        let room = self.store.room(conversation_id).await?;
        let name = room.name().map(|name| MessageBody::RoomName { name });
        let timer = room.after_ms().map(|ms| MessageBody::Timer { after_ms: Some(ms) });
        let mut core = self.core.lock().await;
        for body in name.into_iter().chain(timer) {
            let txn_id = uuid(&mut core.rng).into();
            core.machine.queue_message(conversation_id, txn_id, &body, None)?;
        }
        core.commit().await?;
        drop(core);
        self.sends.notify_one();
        Ok(())
    }
}
