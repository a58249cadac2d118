//! What some node has to do now and then: expire messages, forget what is kept only for a while.

use std::{sync::Arc, time::Duration};

use sotto_store::{StoreResult, messages};

use crate::Service;

const EVERY: Duration = Duration::from_secs(2);
const EXPIRE_PAGE: i64 = 500;
/// Old rows are looked for once in so many turns.
const PRUNE_TURNS: u32 = 15;

impl Service {
    /// Does it for ever. Every node may: rows are taken with SKIP LOCKED, and deleting twice is harmless.
    pub(crate) async fn maintain(self: Arc<Self>) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for turn in 0_u32.. {
            tick.tick().await;
            if let Err(error) = self.maintain_once(turn.is_multiple_of(PRUNE_TURNS)).await {
                tracing::debug!(%error, "maintenance is put off");
            }
        }
    }

    async fn maintain_once(&self, prune: bool) -> StoreResult<()> {
        let mut connection = self.database.acquire().await?;
        let now = self.clock.now();
        while messages::expire(&mut connection, now, EXPIRE_PAGE).await? == EXPIRE_PAGE.unsigned_abs() {}
        if prune {
            messages::prune(&mut connection, now).await?;
        }
        Ok(())
    }
}
