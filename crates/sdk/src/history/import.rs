//! On the new device: fetching, opening, storing. How far it is is stored with each chunk.

use std::{collections::HashMap, time::Duration};

use sotto_e2ee::history::{HistoryChunk, HistoryReader};
use sotto_protocol::{ConversationId, HistoryId, ProblemCode};
use tokio::{sync::mpsc, time::Instant};

use super::Pending;
use crate::{LinkStep, SdkResult, events::ClientEvent, linking::patiently, messages::StoredMessage, shared::Shared};

/// How long a chunk that is not there yet is waited for; the next start of the device goes on.
const UPLOAD_FOR: Duration = Duration::from_mins(2);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Takes in what is left of a history that was handed over, if there is one. Tells steps of a linking, or else events.
/// Gives whether nothing is left of it.
pub(crate) async fn import(shared: &Shared, steps: Option<&mpsc::Sender<LinkStep>>) -> SdkResult<bool> {
    let Some(mut pending) = shared.core.lock().await.history.clone() else { return Ok(true) };
    let Ok(id) = pending.pointer.address.parse() else { return forget(shared, None).await };
    let user_id = shared.core.lock().await.machine.user_id();
    let (manifest, chunks) = (pending.pointer.manifest.clone(), pending.pointer.manifest.chunks);
    let mut reader = HistoryReader::new(user_id, manifest, 0..pending.next)?;
    let starts = starts(shared).await?;
    while let Some(index) = reader.next_missing() {
        let sealed = match fetch(shared, id, index).await? {
            Fetched::Chunk(sealed) => sealed,
            Fetched::Late => return Ok(false),
            Fetched::Gone => return forget(shared, None).await,
        };
        pending.next = index + 1;
        take(shared, reader.open(index, &sealed)?, &starts, &pending).await?;
        let (done, of) = (pending.next, chunks);
        match steps {
            Some(steps) => drop(steps.try_send(LinkStep::History { done, of })),
            None => shared.tell_history(done, of).await?,
        }
    }
    forget(shared, Some(id)).await
}

enum Fetched {
    Chunk(Vec<u8>),
    /// The other device does not upload it.
    Late,
    /// There is no such history any more.
    Gone,
}

/// The positions from which on the conversations come to this device by themselves.
async fn starts(shared: &Shared) -> SdkResult<HashMap<ConversationId, i64>> {
    let conversations = shared.conversations().await?;
    Ok(conversations.into_iter().map(|one| (one.conversation_id, one.start_seq)).collect())
}

async fn fetch(shared: &Shared, id: HistoryId, index: u32) -> SdkResult<Fetched> {
    let until = Instant::now() + UPLOAD_FOR;
    while Instant::now() < until {
        match patiently(&*shared.environment, || shared.http.get_history_chunk(id, index)).await {
            Err(error) if error.code() == Some(ProblemCode::NotFound) => {}
            other => return Ok(Fetched::Chunk(other?.data.0)),
        }
        match patiently(&*shared.environment, || shared.http.get_history(id)).await {
            Err(error) if error.code() == Some(ProblemCode::NotFound) => return Ok(Fetched::Gone),
            other => drop(other?),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(Fetched::Late)
}

/// Sessions, messages and how far it is are stored together.
async fn take(
    shared: &Shared,
    chunk: HistoryChunk,
    starts: &HashMap<ConversationId, i64>,
    pending: &Pending,
) -> SdkResult<()> {
    let now_ms = shared.now_ms();
    let mut core = shared.core.lock().await;
    let (_, waited) = core.machine.import_history(&chunk.sessions, now_ms);
    for event in waited {
        core.take_outcome(event, 0);
    }
    for message in chunk.messages {
        // Later ones come from the log, and are shown then.
        let is_before = starts.get(&message.conversation_id).is_none_or(|start| message.seq < *start);
        if is_before && message.expires_at_ms.is_none_or(|at_ms| at_ms > now_ms) {
            core.keep(StoredMessage::from(message));
        }
    }
    core.set_history(Some(pending.clone()))?;
    core.commit().await
}

/// It is all here, or will never be.
async fn forget(shared: &Shared, id: Option<HistoryId>) -> SdkResult<bool> {
    {
        let mut core = shared.core.lock().await;
        core.set_history(None)?;
        core.commit().await?;
    }
    if let Some(id) = id
        && let Err(error) = shared.http.delete_history(id).await
    {
        tracing::debug!(%error, "the history is left to expire");
    }
    Ok(true)
}

impl Shared {
    async fn tell_history(&self, done: u32, of: u32) -> SdkResult<()> {
        let mut core = self.core.lock().await;
        core.stage(ClientEvent::History { done, of });
        core.commit().await?;
        self.tells.notify_one();
        Ok(())
    }

    /// Goes on with a history whose taking in broke off.
    pub(crate) fn go_on_with_history(&self) {
        let Some(shared) = self.this.upgrade() else { return };
        tokio::spawn(async move {
            if let Err(error) = import(&shared, None).await {
                tracing::warn!(%error, "the history is not taken in whole");
            }
        });
    }
}
