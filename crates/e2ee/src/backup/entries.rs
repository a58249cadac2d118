//! The backup's entries: one Megolm session each, under the backup's key.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{Base64Bytes, UserId};
use zeroize::Zeroizing;

use crate::{
    error::E2eeError, fields::Fields, history::SessionExport, megolm_in::KeyOrigin, receiving::EventOutcome,
    records::Key, sealed, state::Machine,
};

/// A session in the backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupEntry {
    /// Of the backup.
    pub version: i64,
    /// Unpadded base64.
    pub session_id: String,
    /// [`SessionExport`] as JSON under the backup's key: nonce (24 bytes), ciphertext, tag.
    pub data: Base64Bytes,
}

/// What became of entries that were read.
#[derive(Debug, Default, PartialEq)]
pub struct BackupImport {
    /// Sessions that are new or reach further back than before.
    pub taken: usize,
    /// Sessions that were here as good or better.
    pub known: usize,
    /// Session ids of entries that are forged, of another version, or of somebody else's session.
    pub refused: Vec<String>,
    /// Events that waited for one of the sessions.
    pub events: Vec<EventOutcome>,
}

fn context(user_id: UserId, version: i64, session_id: &str) -> Vec<u8> {
    let fields = Fields::default().with("sotto-backup-entry-v1").with(user_id.to_string());
    fields.with(version.to_be_bytes()).with(session_id).into_bytes()
}

impl Machine {
    /// The next sessions that the backup lacks, at most `limit`; the same again until [`Machine::backup_stored`].
    /// [`E2eeError::NoBackupKey`]: there is no descriptor, or its key is not here.
    pub fn backup_entries(&self, limit: usize, rng: &mut impl CryptoRng) -> Result<Vec<BackupEntry>, E2eeError> {
        let key = self.backup_key().ok_or(E2eeError::NoBackupKey)?;
        let mut lacking: Vec<&String> =
            self.inbound.iter().filter(|(_, known)| known.backed_up < key.version).map(|(id, _)| id).collect();
        lacking.sort();
        lacking.truncate(limit);
        let entries = lacking.into_iter().filter_map(|session_id| {
            let export = SessionExport::of(session_id, self.inbound.get(session_id)?);
            Some((session_id, export))
        });
        let seal = |(session_id, export): (&String, SessionExport)| {
            let plaintext = Zeroizing::new(serde_json::to_vec(&export)?);
            let context = context(self.user_id(), key.version, session_id);
            let data = sealed::seal(key.key.as_bytes(), &context, &plaintext, rng)?;
            Ok(BackupEntry { version: key.version, session_id: session_id.clone(), data: Base64Bytes(data) })
        };
        entries.map(seal).collect()
    }

    /// The server stored these entries.
    pub fn backup_stored(&mut self, entries: &[BackupEntry]) {
        for entry in entries {
            if let Some(known) = self.inbound.get_mut(&entry.session_id) {
                known.backed_up = known.backed_up.max(entry.version);
                self.touch(Key::In(entry.session_id.clone()));
            }
        }
    }

    /// Reads entries of the accepted descriptor's backup. Sessions from it are marked so; one that is here is never
    /// replaced by a worse one.
    pub fn receive_backup(&mut self, entries: &[BackupEntry], now_ms: i64) -> Result<BackupImport, E2eeError> {
        let held = self.backup_key().ok_or(E2eeError::NoBackupKey)?.clone();
        let mut import = BackupImport::default();
        for entry in entries {
            let context = context(self.user_id(), held.version, &entry.session_id);
            let opened = sealed::open(held.key.as_bytes(), &context, &entry.data.0).map(Zeroizing::new);
            let export = opened.ok().and_then(|bytes| serde_json::from_slice::<SessionExport>(&bytes).ok());
            let Some(export) =
                export.filter(|export| entry.version == held.version && export.session_id == entry.session_id)
            else {
                import.refused.push(entry.session_id.clone());
                continue;
            };
            match self.import_session(&export, KeyOrigin::Backup) {
                None => import.refused.push(entry.session_id.clone()),
                Some(false) => import.known += 1,
                Some(true) => {
                    import.taken += 1;
                    if let Some(known) = self.inbound.get_mut(&export.session_id) {
                        known.backed_up = held.version;
                    }
                    import.events.extend(self.retry(export.conversation_id, &export.session_id, now_ms));
                }
            }
        }
        Ok(import)
    }
}
