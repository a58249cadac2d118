//! One-use tokens: whoever spends an id first has it.

use std::time::Duration;

use uuid::Uuid;

use crate::{Bus, BusResult};

impl Bus {
    /// Spends the id; `false` when it was spent before. Redis forgets it after `ttl`, when the token is expired anyway.
    ///
    /// # Errors
    /// [`crate::BusError::Unavailable`]: spend it in PostgreSQL.
    pub async fn spend_once(&self, id: Uuid, ttl: Duration) -> BusResult<bool> {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        let mut command = redis::cmd("SET");
        command.arg(format!("spent:{id}")).arg(1).arg("NX").arg("PX").arg(ttl_ms);
        Ok(self.query::<Option<String>>(&command).await?.is_some())
    }
}
