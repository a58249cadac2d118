//! What an operator does to the database by hand.

use std::fmt;

use sotto_service::Clock;
use sotto_store::{
    Database, StoreError,
    keys::{self, KeyEpoch},
    restoring, transaction,
};

/// A new epoch, in words for the operator.
#[derive(Debug, PartialEq, Eq)]
pub struct NewEpoch {
    /// What became of the one-time keys.
    pub keys: KeyEpoch,
    /// Conversations that go on at higher positions.
    pub conversations: i64,
}

impl fmt::Display for NewEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KeyEpoch { epoch, keys, devices } = self.keys;
        writeln!(f, "Voided {keys} one-time keys of {devices} devices; the key epoch is {epoch} now.")?;
        writeln!(f, "{} conversations and all inboxes go on above every position of before.", self.conversations)?;
        write!(f, "Devices upload new ones when they connect next; restart nodes that were running meanwhile.")
    }
}

/// Voids what devices may have got from a database that is newer than this one: all one-time keys of all devices, for
/// ever, all sync tokens, and the positions of logs and inboxes and the versions of rosters that are to be given next.
///
/// # Errors
/// The database; nothing was changed then.
pub async fn bump_epoch(database: &Database, clock: &dyn Clock) -> Result<NewEpoch, StoreError> {
    let now = clock.now();
    transaction!(database, "admin.bump_epoch", |conn| {
        let keys = keys::bump_epoch(conn, now).await?;
        let conversations = restoring::leap(conn, now).await?;
        Ok(NewEpoch { keys, conversations })
    })
}
