//! Every line of SQL. Functions take a connection, so that callers decide what is one transaction.
//!
//! Lock order, everywhere: users, conversations, members, inboxes, outboxes, each by id.

mod database;
mod error;
mod ids;
pub mod inbox;
pub mod outbox;
pub mod revocations;
pub mod rosters;
pub mod spent_tokens;
mod text;
pub mod writer;

pub use database::{Database, DatabaseConfig, MIGRATIONS, RetryableError};
pub use error::{StoreError, StoreResult};
pub use sqlx::PgConnection;
pub use text::Text;
