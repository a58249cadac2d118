//! On the existing device: cutting, sealing, uploading.

use std::{sync::Arc, time::Duration};

use sotto_e2ee::{
    history::{HistoryChunk, HistorySealer, MAX_RUN_BYTES, SessionExport, runs},
    linking::HistoryPointer,
};
use sotto_protocol::{
    HistoryId, ProblemCode,
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
    snapshot: Snapshot,
    sealer: HistorySealer,
    sessions: Vec<Vec<SessionExport>>,
    messages: Vec<(Place, Place)>,
    bytes: u64,
    id: HistoryId,
}

impl Export {
    /// Cuts what there is; `None` if there is nothing. The new device is in the account by now: whatever comes from now
    /// on comes to it by itself, whatever came before has to be here first.
    pub(crate) async fn begin(shared: Arc<Shared>) -> SdkResult<Option<Self>> {
        shared.read_to_heads().await?;
        let (user_id, sessions, rng) = {
            let mut core = shared.core.lock().await;
            let rng = rand::SeedableRng::from_rng(&mut core.rng);
            (core.machine.user_id(), core.machine.export_sessions(None, usize::MAX), rng)
        };
        let mut rng: rand::rngs::StdRng = rng;
        let snapshot = shared.store.snapshot().await?;
        let (messages, bytes) = snapshot.runs(MAX_RUN_BYTES).await?;
        let sessions = runs(sessions)?;
        let count = u32::try_from(sessions.len() + messages.len()).unwrap_or(u32::MAX);
        if count == 0 {
            return Ok(None);
        }
        let sealer = HistorySealer::new(user_id, count, &mut rng)?;
        let id = shared.http.create_history(&CreateHistoryRequest { chunks: count }).await?.history_id;
        Ok(Some(Self { shared, snapshot, sealer, sessions, messages, bytes, id }))
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
        let messages = match at.checked_sub(self.sessions.len()).and_then(|at| self.messages.get(at)) {
            Some(run) => self.snapshot.read(*run).await?.into_iter().map(Into::into).collect(),
            None => Vec::new(),
        };
        let chunk = HistoryChunk { sessions: sessions.unwrap_or_default(), messages };
        Ok(self.sealer.seal(index, &chunk, &mut self.shared.environment.rng())?)
    }
}

impl Shared {
    /// Waits until this device has what the server has now.
    async fn read_to_heads(&self) -> SdkResult<()> {
        let heads = self.conversations().await?;
        let until = Instant::now() + CATCH_UP_FOR;
        while Instant::now() < until {
            let core = self.core.lock().await;
            if heads.iter().all(|head| core.cursor(head.conversation_id) >= head.last_seq) {
                return Ok(());
            }
            drop(core);
            tokio::time::sleep(LOOK_EVERY).await;
        }
        tracing::debug!("the history is handed over as far as it is here");
        Ok(())
    }
}
