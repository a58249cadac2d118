//! What an operator does to the database by hand.

use std::fmt;

use sotto_service::Clock;
use sotto_store::{
    Database, StoreError,
    keys::{self, KeyEpoch},
    transaction,
};

/// A new key epoch, in words for the operator.
#[derive(Debug, PartialEq, Eq)]
pub struct NewKeyEpoch(pub KeyEpoch);

impl fmt::Display for NewKeyEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KeyEpoch { epoch, keys, devices } = self.0;
        writeln!(f, "Voided {keys} one-time keys of {devices} devices; the key epoch is {epoch} now.")?;
        write!(f, "Devices upload new ones when they connect next; restart nodes that were running meanwhile.")
    }
}

/// Voids all one-time keys of all devices, for ever.
///
/// # Errors
/// The database; nothing was changed then.
pub async fn bump_key_epoch(database: &Database, clock: &dyn Clock) -> Result<NewKeyEpoch, StoreError> {
    let now = clock.now();
    let bumped = transaction!(database, "admin.bump_key_epoch", |conn| { keys::bump_epoch(conn, now).await });
    bumped.map(NewKeyEpoch)
}
