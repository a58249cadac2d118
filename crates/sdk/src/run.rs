//! Work of several turns at the core, with questions to the server in between: what comes from the server.

use tokio::sync::MutexGuard;

use crate::{SdkError, SdkResult, core::Core, shared::Shared};

/// Ends as a whole when memory went back to what is stored: what its earlier turns did is gone then, and nothing may be
/// raised above it or acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    generation: u64,
}

impl Shared {
    /// Begins with what is stored, which is what `look` sees.
    ///
    /// # Errors
    /// [`SdkError::Store`]: what is in memory can't be stored.
    pub(crate) async fn begin<T>(&self, look: impl FnOnce(&Core) -> T) -> SdkResult<(Run, T)> {
        let mut core = self.core.lock().await;
        core.commit().await?;
        Ok((Run { generation: core.generation }, look(&core)))
    }

    /// Holds the core for one turn. What the machine made of something and what that leads to belong into the same.
    ///
    /// # Errors
    /// [`SdkError::Store`]: memory went back since the run began, or has to.
    pub(crate) async fn turn(&self, run: Run) -> SdkResult<MutexGuard<'_, Core>> {
        let core = self.core.lock().await;
        if core.generation != run.generation || self.store.has_failed() {
            return Err(SdkError::Store("what came before is not stored".into()));
        }
        Ok(core)
    }

    /// Stores what its turns did, and wakes whoever tells it.
    ///
    /// # Errors
    /// [`SdkError::Store`]: none of it is stored.
    pub(crate) async fn commit_run(&self, run: Run) -> SdkResult<()> {
        let outcome = self.turn(run).await?.commit().await;
        self.tells.notify_one();
        outcome
    }
}
