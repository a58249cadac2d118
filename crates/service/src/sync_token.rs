//! The opaque `sync_token`: the database's epoch and a transaction id, so that a resume costs what is missing.

use sotto_store::{Database, server_state};

use crate::ServiceResult;

const VERSION: &str = "1";

/// The token of a position. Forging one harms nobody but the forger, so it is not signed.
pub(crate) async fn seal(database: &Database, position: &str) -> ServiceResult<String> {
    let mut connection = database.acquire().await?;
    let epoch = server_state::database_epoch(&mut connection).await?;
    Ok(format!("{VERSION}.{}.{position}", epoch.simple()))
}

/// The position of a token; `None`, so everything, when it is of another database (a restore), from the future, or no
/// token at all.
pub(crate) async fn open(database: &Database, token: &str) -> ServiceResult<Option<String>> {
    let mut parts = token.split('.');
    let (Some(VERSION), Some(epoch), Some(position), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Ok(xid) = position.parse::<u64>() else { return Ok(None) };
    let mut connection = database.acquire().await?;
    if server_state::database_epoch(&mut connection).await?.simple().to_string() != epoch {
        return Ok(None);
    }
    let now: u64 = sotto_store::outbox::position(&mut connection).await?.parse().unwrap_or(0);
    Ok((xid <= now).then(|| position.to_owned()))
}
