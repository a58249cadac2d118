//! Every line of SQL. Functions take a connection, so that callers decide what is one transaction.
//!
//! Lock order, everywhere: users, conversations, members, inboxes, outboxes, each by id.

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod claims;
pub mod conversations;
mod database;
pub mod devices;
pub mod envelopes;
mod error;
pub mod events;
pub mod faults;
pub mod history;
pub mod identity;
mod ids;
pub mod inbox;
pub mod inbox_reads;
mod kept;
pub mod keys;
pub mod last_seen;
pub mod link_failures;
pub mod linking;
pub mod lists;
pub mod marks;
pub mod membership;
pub mod messages;
pub mod outbox;
pub mod people;
pub mod presence;
pub mod recovery;
pub mod refresh;
pub mod restoring;
pub mod revocations;
pub mod rosters;
pub mod sessions;
pub mod spent_tokens;
mod text;
pub mod writer;

#[doc(hidden)]
pub use database::try_again;
pub use database::{Database, DatabaseConfig, MIGRATIONS, RetryableError, Transaction};
pub use error::{StoreError, StoreResult};
pub use kept::Kept;
pub use sqlx::PgConnection;
pub use text::Text;

/// Milliseconds since the Unix epoch, as the wire has times.
fn time_ms(at: time::OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
