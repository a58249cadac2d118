//! What can go wrong below the rules.

/// A statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL is not reachable, is shutting down, or a lock was not had in time. Nothing was committed that was
    /// acknowledged; the caller may retry.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// The writer's queue is full; nothing was stored.
    #[error("the writer's queue is full")]
    Overloaded,
    /// A row with this key exists.
    #[error("unique constraint {constraint} is violated")]
    Conflict {
        /// The constraint's name in the migrations.
        constraint: String,
    },
    /// A stored value does not have the shape that was written.
    #[error("stored {what} cannot be read: {source}")]
    Corrupt {
        /// Which value.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// Anything else is a bug or a broken installation.
    #[error(transparent)]
    Sql(sqlx::Error),
}

/// Result of a statement.
pub type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// SQLSTATEs after which the same transaction may simply be tried again (serialisation failure, deadlock).
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("40001" | "40P01")))
    }
}

impl StoreError {
    /// Whether PostgreSQL could not be asked, so that asking for one row at a time would not help either.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether the connection was lost in the middle: the outcome is not known.
    pub fn is_lost_connection(&self) -> bool {
        matches!(self, Self::Unavailable(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)))
            || matches!(self, Self::Unavailable(sqlx::Error::Database(error))
                if error.code().is_some_and(|code| code.starts_with("57P")))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) | E::Tls(_) => {
                Self::Unavailable(error)
            }
            E::Database(database) => match database.code().as_deref() {
                // Connection exceptions, insufficient resources (disk full), operator intervention, lock_timeout,
                // read-only after a failover.
                Some(code)
                    if code.starts_with("08")
                        || code.starts_with("53")
                        || code.starts_with("57P")
                        || matches!(code, "55P03" | "57014" | "25006" | "25P03") =>
                {
                    Self::Unavailable(error)
                }
                Some("23505") => Self::Conflict { constraint: database.constraint().unwrap_or_default().to_owned() },
                _ => Self::Sql(error),
            },
            _ => Self::Sql(error),
        }
    }
}
