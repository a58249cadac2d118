//! The key backup: a signed descriptor, and sessions that are encrypted with what it names. The server checks who signed
//! it, so that mistakes surface early; clients check it themselves.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sotto_identity::{BackupError, check_descriptor, check_recovery_key};
use sotto_protocol::{
    ProblemCode,
    backup::{
        Backup, BackupCount, BackupPage, BackupSession, PutBackupRequest, PutBackupSessionsRequest,
        PutRecoveryKeyRequest,
    },
    events::InboxBody,
    keys::ListAuthor,
    limits::{MAX_BACKUP_SESSION_BYTES, MAX_BACKUP_SESSIONS, MAX_BACKUP_SESSIONS_PER_PAGE},
};
use sotto_store::{
    PgConnection, audit,
    backup::{self, BackupRow, Cursor},
    inbox, lists, recovery, transaction,
};
use uuid::Uuid;

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{self, invalid, refused},
    devices::wake,
    enrolment::Acting,
    history::require_member,
    tokens::AccessClaims,
};

/// A Megolm session's Ed25519 public key.
const SESSION_ID_BYTES: usize = 32;

impl Service {
    /// The published recovery key, the backup's descriptor and its size.
    ///
    /// # Errors
    /// `device_unverified`.
    pub async fn backup(&self, caller: &AccessClaims) -> ServiceResult<Backup> {
        let mut conn = self.database.acquire().await?;
        require_member(&mut conn, caller).await?;
        Ok(shown(backup::get(&mut conn, caller.user_id).await?))
    }

    /// Publishes a recovery key's public half, with the new bundle if it is a new key (step-up): the old key opens nothing
    /// any more. The first one replaces nothing.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `invalid_request`, `invalid_key`,
    /// `invalid_signature`, `chain_conflict` (its version does not follow).
    pub async fn put_recovery_key(&self, caller: &AccessClaims, request: &PutRecoveryKeyRequest) -> ServiceResult<()> {
        let key = &request.recovery_key;
        if let Some(bundle) = &request.recovery_bundle {
            caller.require_fresh(self.clock.now_ms())?;
            checks::recovery_bundle(&bundle.0)?;
        }
        let now = self.clock.now();
        let notified = transaction!(self.database, "backup.recovery_key", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_trusted(now)?;
            check_recovery_key(key, &acting.cross_signing()?).map_err(refusal)?;
            let row = backup::lock(conn, caller.user_id).await?;
            if row.recovery_key.is_some_and(|stored| stored.0 == *key) {
                return Ok(Vec::new());
            }
            if key.version != row.recovery_version + 1 {
                return Err(refused(ProblemCode::ChainConflict, "recovery_key.version: one more than the one before"));
            }
            backup::put_recovery_key(conn, caller.user_id, Some(key)).await?;
            match &request.recovery_bundle {
                Some(bundle) => {
                    recovery::put(conn, caller.user_id, &bundle.0).await?;
                    recovery_replaced(conn, &acting, key.version, now).await
                }
                None if row.recovery_version == 0 => Ok(Vec::new()),
                None => Err(invalid("recovery_bundle: comes with every further recovery key")),
            }
        })?;
        self.cluster.wake(&[], &notified);
        Ok(())
    }

    /// Begins a backup: the one before is void. With a fresh authentication (step-up), unless there is none that counts: a
    /// device that left since it was begun has its key, so a new one is due.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `invalid_request`, `invalid_signature`, `forbidden`
    /// (another device's), `recovery_key_replaced` (sealed to another recovery key than the published one),
    /// `chain_conflict` (its version does not follow).
    pub async fn put_backup(&self, caller: &AccessClaims, request: &PutBackupRequest) -> ServiceResult<Backup> {
        let descriptor = &request.descriptor;
        let now = self.clock.now();
        transaction!(self.database, "backup.put", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_trusted(now)?;
            let head = lists::head(conn, caller.user_id).await?;
            let head = head.ok_or_else(|| ServiceError::Internal(format!("{} has no list", caller.user_id)))?;
            let mut row = backup::lock(conn, caller.user_id).await?;
            let recovery_key = row.recovery_key.as_ref().ok_or_else(|| {
                refused(ProblemCode::RecoveryKeyReplaced, "no recovery key is published to which it could be sealed")
            })?;
            check_descriptor(descriptor, &head, &acting.cross_signing()?, recovery_key).map_err(refusal)?;
            if matches!(descriptor.author, ListAuthor::Device(device_id) if device_id != caller.device_id) {
                return Err(refused(ProblemCode::Forbidden, "the author is another device"));
            }
            if row.descriptor.as_ref().is_some_and(|stored| stored.0 == *descriptor) {
                return Ok(shown(row));
            }
            if descriptor.version != row.version + 1 {
                return Err(refused(ProblemCode::ChainConflict, "version: one more than the one before"));
            }
            if row.descriptor.is_some() && !backup::is_outdated(conn, caller.user_id).await? {
                caller.require_fresh(self.clock.now_ms())?;
            }
            backup::put_descriptor(conn, descriptor, now).await?;
            let detail = serde_json::json!({ "version": descriptor.version });
            audit::record(conn, caller.user_id, Some(caller.device_id), "backup_replaced", detail, now).await?;
            row.descriptor = Some(descriptor.clone().into());
            (row.version, row.sessions) = (descriptor.version, 0);
            Ok(shown(row))
        })
    }

    /// Stores sessions in the backup of this version.
    ///
    /// # Errors
    /// `device_unverified`, `invalid_request`, `chain_conflict` (another version is current, or none), `limit_reached`.
    pub async fn put_backup_sessions(
        &self,
        caller: &AccessClaims,
        version: i64,
        request: &PutBackupSessionsRequest,
    ) -> ServiceResult<BackupCount> {
        check_sessions(&request.sessions)?;
        transaction!(self.database, "backup.sessions", |conn| {
            require_member(conn, caller).await?;
            let row = current(backup::lock(conn, caller.user_id).await?, version)?;
            if row.sessions + i64::try_from(request.sessions.len()).unwrap_or(i64::MAX) > MAX_BACKUP_SESSIONS {
                return Err(ProblemCode::LimitReached.into());
            }
            let sessions = backup::put_sessions(conn, caller.user_id, &request.sessions).await?;
            Ok(BackupCount { sessions })
        })
    }

    /// A page of the sessions in the backup of this version.
    ///
    /// # Errors
    /// `device_unverified`, `invalid_request` (a cursor of somebody else), `chain_conflict`.
    pub async fn backup_sessions(
        &self,
        caller: &AccessClaims,
        version: i64,
        after: Option<&str>,
    ) -> ServiceResult<BackupPage> {
        let after = after.map(|after| parse_cursor(after).ok_or_else(|| invalid("after: `next` of a page")));
        let after = after.transpose()?;
        transaction!(self.database, "backup.page", |conn| {
            require_member(conn, caller).await?;
            // Locked, so that a page is of the version that it was asked of.
            current(backup::lock(conn, caller.user_id).await?, version)?;
            let limit = MAX_BACKUP_SESSIONS_PER_PAGE;
            let sessions = backup::page(conn, caller.user_id, after.as_ref(), limit).await?;
            let is_full = i64::try_from(sessions.len()).is_ok_and(|len| len == limit);
            let next = sessions.last().filter(|_| is_full).map(cursor);
            Ok(BackupPage { sessions, next })
        })
    }
}

/// Notes a replaced recovery key, and tells the account's other devices. Answers whom to wake after the commit.
pub(crate) async fn recovery_replaced(
    conn: &mut PgConnection,
    acting: &Acting,
    recovery_version: i64,
    now: time::OffsetDateTime,
) -> ServiceResult<Vec<sotto_protocol::DeviceId>> {
    let (user_id, device_id) = (acting.account.id, acting.device.id);
    audit::record(conn, user_id, Some(device_id), "recovery_replaced", serde_json::json!({}), now).await?;
    let mut others = acting.verified();
    others.retain(|id| *id != device_id);
    let notice = InboxBody::RecoveryKeyChanged { recovery_version };
    inbox::push_notice(conn, &others, &notice, now).await?;
    wake(conn, &[], &others).await?;
    Ok(others)
}

fn current(row: BackupRow, version: i64) -> ServiceResult<BackupRow> {
    if row.descriptor.is_some() && row.version == version {
        Ok(row)
    } else {
        Err(refused(ProblemCode::ChainConflict, "this version of the backup is void"))
    }
}

fn check_sessions(sessions: &[BackupSession]) -> ServiceResult<()> {
    let most = usize::try_from(MAX_BACKUP_SESSIONS_PER_PAGE).unwrap_or(usize::MAX);
    if !(1..=most).contains(&sessions.len()) {
        return Err(invalid("sessions: 1 to 200"));
    }
    let mut seen = HashSet::new();
    for session in sessions {
        if session.session_id.0.len() != SESSION_ID_BYTES {
            return Err(invalid("session_id: 32 bytes"));
        }
        if !(1..=MAX_BACKUP_SESSION_BYTES).contains(&session.data.0.len()) {
            return Err(invalid("data: 1 byte to 2 KiB"));
        }
        if !seen.insert((session.conversation_id, &session.session_id)) {
            return Err(invalid("sessions: each once"));
        }
    }
    Ok(())
}

fn shown(row: BackupRow) -> Backup {
    Backup {
        recovery_key: row.recovery_key.map(|key| key.0),
        recovery_version: row.recovery_version,
        descriptor: row.descriptor.map(|descriptor| descriptor.0),
        version: row.version,
        sessions: row.sessions,
    }
}

/// Why a recovery key or a descriptor is refused.
pub(crate) fn refusal(error: BackupError) -> ServiceError {
    let code = match &error {
        BackupError::Key(_) => ProblemCode::InvalidKey,
        BackupError::Signature(_) => ProblemCode::InvalidSignature,
        BackupError::OldRecoveryKey { .. } => ProblemCode::RecoveryKeyReplaced,
        BackupError::Author => ProblemCode::Forbidden,
        _ => ProblemCode::InvalidRequest,
    };
    refused(code, error)
}

fn cursor(last: &BackupSession) -> String {
    URL_SAFE_NO_PAD.encode([last.conversation_id.0.as_bytes(), &*last.session_id.0].concat())
}

fn parse_cursor(text: &str) -> Option<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (conversation, session) = bytes.split_at_checked(16)?;
    (session.len() == SESSION_ID_BYTES).then(|| Some((Uuid::from_slice(conversation).ok()?, session.to_vec())))?
}
