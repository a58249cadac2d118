//! A connection that one task keeps from statement to statement: docs/adr/0011.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sqlx::{Connection as _, Postgres, pool::PoolConnection};
use tokio::time::timeout;

use crate::{Database, StoreResult, database::IDLE_BEFORE_PING};

/// How long one that lay idle may take to say that it lives.
const PING_DEADLINE: Duration = Duration::from_secs(2);

/// Its process stays warm, while those of a pool take turns and each finds its plans cold.
pub struct Kept {
    database: Database,
    /// Not where too much of a small pool is kept already.
    keeps: bool,
    connection: Mutex<Option<(PoolConnection<Postgres>, Instant)>>,
}

impl Kept {
    pub(crate) fn new(database: Database, keeps: bool) -> Self {
        Self { database, keeps, connection: Mutex::default() }
    }

    /// Takes it, or one of the pool where there is none or it died. [`Self::put`] it back unless there was an error.
    ///
    /// # Errors
    /// [`crate::StoreError::Unavailable`].
    pub async fn take(&self) -> StoreResult<PoolConnection<Postgres>> {
        let kept = self.connection.lock().take();
        if let Some((mut connection, used)) = kept {
            if used.elapsed() < IDLE_BEFORE_PING
                || matches!(timeout(PING_DEADLINE, connection.ping()).await, Ok(Ok(())))
            {
                return Ok(connection);
            }
            connection.close_on_drop();
        }
        self.database.acquire().await
    }

    /// Keeps it for the next statement.
    pub fn put(&self, connection: PoolConnection<Postgres>) {
        if self.keeps {
            *self.connection.lock() = Some((connection, Instant::now()));
        }
    }
}
