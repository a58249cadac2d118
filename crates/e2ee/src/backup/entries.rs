//! The backup's sessions, under the backup's key: in `data` a [`SessionExport`] as JSON behind a nonce of 24 bytes.

use rand::CryptoRng;
use sotto_protocol::{Base64Bytes, UserId, backup::BackupSession};
use zeroize::Zeroizing;

use crate::{
    error::E2eeError,
    fields::Fields,
    history::SessionExport,
    megolm_in::{InSession, KeyOrigin},
    receiving::EventOutcome,
    records::Key,
    sealed,
    state::Machine,
};

/// What became of sessions that were read.
#[derive(Debug, Default, PartialEq)]
pub struct BackupImport {
    /// Sessions that are new or reach further back than before.
    pub taken: usize,
    /// Sessions that were here as good or better.
    pub known: usize,
    /// Ids of sessions that are forged, of another version, or of somebody else's session.
    pub refused: Vec<String>,
    /// Events that waited for one of the sessions.
    pub events: Vec<EventOutcome>,
}

pub(super) fn context(user_id: UserId, version: i64, session_id: &str) -> Vec<u8> {
    let fields = Fields::default().with("sotto-backup-entry-v1").with(user_id.to_string());
    fields.with(version.to_be_bytes()).with(session_id).into_bytes()
}

impl Machine {
    /// The next sessions that the backup lacks, at most `limit`; the same again until [`Machine::backup_stored`].
    /// [`E2eeError::NoBackupKey`]: there is no descriptor, its key is not here, or a device that had it has left.
    pub fn backup_entries(&self, limit: usize, rng: &mut impl CryptoRng) -> Result<Vec<BackupSession>, E2eeError> {
        let key = self.backup_key().ok_or(E2eeError::NoBackupKey)?;
        let mut lacking: Vec<&String> =
            self.inbound.iter().filter(|(_, known)| known.backed_up < key.version).map(|(id, _)| id).collect();
        lacking.sort();
        lacking.truncate(limit);
        let known = lacking.into_iter().filter_map(|session_id| Some((session_id, self.inbound.get(session_id)?)));
        let seal = |(session_id, known): (&String, &InSession)| {
            let plaintext = Zeroizing::new(sotto_json::to_vec(&SessionExport::of(session_id, known))?);
            let context = context(self.user_id(), key.version, session_id);
            let data = sealed::seal(key.key.as_bytes(), &context, &plaintext, rng)?;
            Ok(BackupSession {
                conversation_id: known.conversation_id,
                session_id: Base64Bytes::from_base64(session_id).ok_or(E2eeError::BadSecret)?,
                first_index: known.session.first_known_index(),
                data: Base64Bytes(data),
            })
        };
        known.map(seal).collect()
    }

    /// Whether the backup lacks sessions that this device could write into it.
    pub fn backup_lacks(&self) -> bool {
        self.backup_key().is_some_and(|key| self.inbound.values().any(|known| known.backed_up < key.version))
    }

    /// The server stored these sessions in the backup of this version.
    pub fn backup_stored(&mut self, version: i64, entries: &[BackupSession]) {
        for entry in entries {
            let session_id = entry.session_id.to_base64();
            if let Some(known) = self.inbound.get_mut(&session_id) {
                known.backed_up = known.backed_up.max(version);
                self.touch(Key::In(session_id));
            }
        }
    }

    /// What reaches back as far as what is here lies there already.
    fn note_backed_up(&mut self, export: &SessionExport, version: i64) {
        if let Some(known) = self.inbound.get_mut(&export.session_id)
            && export.first_index().is_some_and(|first| first <= known.session.first_known_index())
            && known.backed_up < version
        {
            known.backed_up = version;
            self.touch(Key::In(export.session_id.clone()));
        }
    }

    /// Reads entries of the accepted descriptor's backup. Sessions from it are marked so; one that is here is never
    /// replaced by a worse one.
    pub fn receive_backup(&mut self, entries: &[BackupSession], now_ms: i64) -> Result<BackupImport, E2eeError> {
        let held = self.held_backup_key().ok_or(E2eeError::NoBackupKey)?.clone();
        let mut import = BackupImport::default();
        for entry in entries {
            let session_id = entry.session_id.to_base64();
            let context = context(self.user_id(), held.version, &session_id);
            let opened = sealed::open(held.key.as_bytes(), &context, &entry.data.0).map(Zeroizing::new);
            let export = opened.ok().and_then(|bytes| sotto_json::from_slice::<SessionExport>(&bytes).ok());
            let same = |export: &SessionExport| {
                export.session_id == session_id && export.conversation_id == entry.conversation_id
            };
            let Some(export) = export.filter(same) else {
                import.refused.push(session_id);
                continue;
            };
            match self.import_session(&export, KeyOrigin::Backup) {
                None => import.refused.push(session_id),
                Some(false) => {
                    import.known += 1;
                    self.note_backed_up(&export, held.version);
                }
                Some(true) => {
                    import.taken += 1;
                    self.note_backed_up(&export, held.version);
                    import.events.extend(self.retry(export.conversation_id, &export.session_id, now_ms));
                }
            }
        }
        Ok(import)
    }
}
