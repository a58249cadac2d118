//! On the existing device: cutting, sealing, uploading.

use std::{sync::Arc, time::Duration};

use sotto_e2ee::{
    history::{HistoryChunk, HistoryMessage, HistorySealer, MAX_RUN_BYTES, SessionExport, runs},
    linking::HistoryPointer,
};
use sotto_protocol::{
    HistoryId, ProblemCode,
    conversations::Conversation,
    history::{CreateHistoryRequest, PutHistoryChunkRequest},
};
use tokio::time::Instant;

use crate::{
    SdkResult,
    linking::patiently,
    shared::Shared,
    store::{Place, Snapshot},
};

/// How long what the server has is waited for before it is handed over as far as it is here.
const CATCH_UP_FOR: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A history that is cut into chunks and has a place on the server. Each chunk is sealed when its turn comes.
pub(crate) struct Export {
    shared: Arc<Shared>,
    sealer: HistorySealer,
    sessions: Vec<Vec<SessionExport>>,
    messages: Messages,
    bytes: u64,
    id: HistoryId,
}

/// Runs of messages, each for one chunk.
enum Messages {
    All(Snapshot, Vec<(Place, Place)>),
    /// Those that name conversations and set their timers.
    Standing(Vec<Vec<HistoryMessage>>),
}

impl Messages {
    fn count(&self) -> usize {
        match self {
            Self::All(_, runs) => runs.len(),
            Self::Standing(runs) => runs.len(),
        }
    }

    async fn read(&self, at: usize) -> SdkResult<Vec<HistoryMessage>> {
        Ok(match self {
            Self::Standing(runs) => runs.get(at).cloned().unwrap_or_default(),
            Self::All(snapshot, runs) => match runs.get(at) {
                Some(run) => snapshot.read(*run).await?.into_iter().map(Into::into).collect(),
                None => Vec::new(),
            },
        })
    }
}

impl Export {
    /// Cuts what there is, or, unless `whole`, only what holds for each conversation; `None` if there is nothing. The new device is in the account by now: whatever comes from now
    /// on comes to it by itself, whatever came before has to be here first.
    pub(crate) async fn begin(shared: Arc<Shared>, whole: bool) -> SdkResult<Option<Self>> {
        let conversations = shared.read_to_heads().await?;
        let (user_id, sessions, rng) = {
            let mut core = shared.core.lock().await;
            let rng = rand::SeedableRng::from_rng(&mut core.rng);
            let most = if whole { usize::MAX } else { 0 };
            (core.machine.user_id(), core.machine.export_sessions(None, most), rng)
        };
        let mut rng: rand::rngs::StdRng = rng;
        let (messages, bytes) = if whole {
            let snapshot = shared.store.snapshot().await?;
            let (runs, bytes) = snapshot.runs(MAX_RUN_BYTES).await?;
            (Messages::All(snapshot, runs), bytes)
        } else {
            (Messages::Standing(runs(shared.standing(&conversations).await?)?), 0)
        };
        let sessions = runs(sessions)?;
        let count = u32::try_from(sessions.len() + messages.count()).unwrap_or(u32::MAX);
        if count == 0 {
            return Ok(None);
        }
        let sealer = HistorySealer::new(user_id, count, &mut rng)?;
        let id = shared.http.create_history(&CreateHistoryRequest { chunks: count }).await?.history_id;
        Ok(Some(Self { shared, sealer, sessions, messages, bytes, id }))
    }

    /// Names it.
    pub(crate) fn id(&self) -> HistoryId {
        self.id
    }

    /// What the new device needs.
    pub(crate) fn pointer(&self) -> HistoryPointer {
        HistoryPointer { address: self.id.to_string(), manifest: self.sealer.manifest(self.bytes) }
    }

    /// Uploads chunk by chunk. Whatever breaks meanwhile is tried again as long as the server keeps the history.
    pub(crate) async fn upload(self, tell: impl Fn(u32, u32)) -> SdkResult<()> {
        let of = self.sealer.count();
        for index in 0..of {
            let request = PutHistoryChunkRequest { data: self.seal(index).await?.into() };
            let put = || self.shared.http.put_history_chunk(self.id, index, &request);
            match patiently(&*self.shared.environment, put).await {
                // It was stored by an earlier attempt, under another nonce.
                Err(error) if error.code() == Some(ProblemCode::AlreadyExists) => {}
                Err(error) => return Err(error),
                Ok(_) => {}
            }
            tell(index + 1, of);
        }
        Ok(())
    }

    async fn seal(&self, index: u32) -> SdkResult<Vec<u8>> {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let sessions = self.sessions.get(at).cloned();
        let messages = match at.checked_sub(self.sessions.len()) {
            Some(at) => self.messages.read(at).await?,
            None => Vec::new(),
        };
        let chunk = HistoryChunk { sessions: sessions.unwrap_or_default(), messages };
        Ok(self.sealer.seal(index, &chunk, &mut self.shared.environment.rng())?)
    }
}

impl Shared {
    /// What names these conversations and sets their timers.
    async fn standing(&self, conversations: &[Conversation]) -> SdkResult<Vec<HistoryMessage>> {
        let mut all = Vec::new();
        for conversation in conversations {
            let room = self.store.room(conversation.conversation_id).await?;
            all.extend(room.name.into_iter().chain(room.timer).map(HistoryMessage::from));
        }
        Ok(all)
    }

    /// Waits until this device has what the server has now; gives the conversations.
    async fn read_to_heads(&self) -> SdkResult<Vec<Conversation>> {
        let heads = self.conversations().await?;
        let until = Instant::now() + CATCH_UP_FOR;
        while Instant::now() < until {
            let core = self.core.lock().await;
            if heads.iter().all(|head| core.cursor(head.conversation_id) >= head.last_seq) {
                drop(core);
                return Ok(heads);
            }
            drop(core);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        tracing::debug!("the history is handed over as far as it is here");
        Ok(heads)
    }
}
