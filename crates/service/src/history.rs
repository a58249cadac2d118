//! Handing history over at linking: the existing device uploads ciphertext, the new one fetches it, either goes on where
//! it was. The server knows how much it is, and nothing of what.

use sotto_protocol::{
    HistoryId, ProblemCode,
    history::{CreateHistoryRequest, History, HistoryChunk, HistoryProgress, PutHistoryChunkRequest},
    limits::{
        MAX_HISTORIES_PER_USER, MAX_HISTORY_BYTES_PER_USER, MAX_HISTORY_CHUNK_BYTES, MAX_HISTORY_CHUNKS,
        MAX_HISTORY_MISSING,
    },
};
use sotto_store::{
    PgConnection,
    history::{self, HistoryRow},
    transaction,
};
use time::{Duration, OffsetDateTime};

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{invalid, refused},
    enrolment::Acting,
    tokens::AccessClaims,
};

/// How long it waits to be fetched.
const HISTORY_TTL: Duration = Duration::days(3);

impl Service {
    /// Begins a history.
    ///
    /// # Errors
    /// `device_unverified`, `device_on_probation`, `invalid_request`, `limit_reached`.
    pub async fn create_history(
        &self,
        caller: &AccessClaims,
        request: &CreateHistoryRequest,
    ) -> ServiceResult<History> {
        if !(1..=MAX_HISTORY_CHUNKS).contains(&request.chunks) {
            return Err(invalid("chunks: 1 to 4096"));
        }
        let (id, now) = (HistoryId(self.entropy.uuid()), self.clock.now());
        let expires_at = now + HISTORY_TTL;
        let chunks = stored_index(request.chunks)?;
        transaction!(self.database, "history.create", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_trusted(now)?;
            let usage = history::usage(conn, caller.user_id, now).await?;
            if usage.histories >= MAX_HISTORIES_PER_USER || usage.bytes >= MAX_HISTORY_BYTES_PER_USER {
                return Err(ProblemCode::LimitReached.into());
            }
            history::create(conn, id, (caller.user_id, caller.device_id), chunks, now, expires_at).await?;
            shown(conn, id, HistoryRow { chunks, stored: 0, bytes: 0, expires_at }, now).await
        })
    }

    /// How far a history is.
    ///
    /// # Errors
    /// `not_found`, `device_unverified`.
    pub async fn history(&self, caller: &AccessClaims, id: HistoryId) -> ServiceResult<History> {
        let now = self.clock.now();
        let mut conn = self.database.acquire().await?;
        require_member(&mut conn, caller).await?;
        let row = history::get(&mut conn, caller.user_id, id, now).await?.ok_or(ProblemCode::NotFound)?;
        shown(&mut conn, id, row, now).await
    }

    /// Stores a chunk; the same again changes nothing.
    ///
    /// # Errors
    /// `not_found`, `device_unverified`, `invalid_request`, `payload_too_large`, `already_exists` (other bytes),
    /// `limit_reached`.
    pub async fn put_history_chunk(
        &self,
        caller: &AccessClaims,
        id: HistoryId,
        index: u32,
        request: &PutHistoryChunkRequest,
    ) -> ServiceResult<HistoryProgress> {
        let data = &request.data.0;
        if data.is_empty() {
            return Err(invalid("data: 1 byte to 256 KiB"));
        }
        if data.len() > MAX_HISTORY_CHUNK_BYTES {
            return Err(ProblemCode::PayloadTooLarge.into());
        }
        let (now, at) = (self.clock.now(), stored_index(index)?);
        transaction!(self.database, "history.put", |conn| {
            require_member(conn, caller).await?;
            let row = history::lock(conn, caller.user_id, id, now).await?.ok_or(ProblemCode::NotFound)?;
            if at >= row.chunks {
                return Err(invalid("index: below the number of chunks"));
            }
            let mut stored = row.stored;
            match history::chunk(conn, id, at).await? {
                Some(before) if before == *data => {}
                Some(_) => return Err(refused(ProblemCode::AlreadyExists, "the chunk is stored with other bytes")),
                None => {
                    let usage = history::usage(conn, caller.user_id, now).await?;
                    let more = i64::try_from(data.len()).unwrap_or(i64::MAX);
                    if usage.bytes.saturating_add(more) > MAX_HISTORY_BYTES_PER_USER {
                        return Err(ProblemCode::LimitReached.into());
                    }
                    history::put_chunk(conn, id, at, data).await?;
                    stored += 1;
                }
            }
            Ok(HistoryProgress { stored: count(stored), chunks: count(row.chunks) })
        })
    }

    /// A chunk.
    ///
    /// # Errors
    /// `not_found` (also when it is not uploaded yet), `device_unverified`.
    pub async fn history_chunk(&self, caller: &AccessClaims, id: HistoryId, index: u32) -> ServiceResult<HistoryChunk> {
        let at = stored_index(index)?;
        let mut conn = self.database.acquire().await?;
        require_member(&mut conn, caller).await?;
        history::get(&mut conn, caller.user_id, id, self.clock.now()).await?.ok_or(ProblemCode::NotFound)?;
        let data = history::chunk(&mut conn, id, at).await?.ok_or(ProblemCode::NotFound)?;
        Ok(HistoryChunk { index, data: data.into() })
    }

    /// Deletes a history: the new device has it all, or nobody wants it any more.
    ///
    /// # Errors
    /// `not_found`, `device_unverified`.
    pub async fn delete_history(&self, caller: &AccessClaims, id: HistoryId) -> ServiceResult<()> {
        let mut conn = self.database.acquire().await?;
        require_member(&mut conn, caller).await?;
        let deleted = history::delete(&mut conn, caller.user_id, id).await?;
        if deleted { Ok(()) } else { Err(ProblemCode::NotFound.into()) }
    }
}

/// The calling device is in its account still: its token may be older than its revocation.
pub(crate) async fn require_member(conn: &mut PgConnection, caller: &AccessClaims) -> ServiceResult<()> {
    let device = sotto_store::devices::get(conn, caller.device_id).await?;
    match device.filter(|device| device.user_id == caller.user_id && device.revoked_at.is_none()) {
        None => Err(ProblemCode::DeviceRevoked.into()),
        Some(device) if !device.verified => Err(ProblemCode::DeviceUnverified.into()),
        Some(_) => Ok(()),
    }
}

async fn shown(conn: &mut PgConnection, id: HistoryId, row: HistoryRow, now: OffsetDateTime) -> ServiceResult<History> {
    let missing = history::missing(conn, id, row.chunks, MAX_HISTORY_MISSING).await?;
    Ok(History {
        history_id: id,
        chunks: count(row.chunks),
        stored: count(row.stored),
        bytes: row.bytes,
        missing: missing.into_iter().map(count).collect(),
        expires_in_ms: u64::try_from((row.expires_at - now).whole_milliseconds()).unwrap_or(0),
    })
}

fn count(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

/// # Errors
/// `not_found`: there is no such chunk in any history.
fn stored_index(index: u32) -> ServiceResult<i32> {
    i32::try_from(index).map_err(|_| ServiceError::from(ProblemCode::NotFound))
}
