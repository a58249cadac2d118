//! The account's key backup.

use serde::Serialize;
use sotto_e2ee::{EventOutcome, backup::BackupStanding};
use sotto_protocol::backup::BackupSession;
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, ms, read, write},
    error::engine,
    machine::JsMachine,
    recovery::JsRecoveryKey,
};

/// What became of sessions that were read.
#[derive(Serialize)]
struct Import {
    taken: usize,
    known: usize,
    refused: Vec<String>,
    events: Vec<EventOutcome>,
}

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Begins a new backup under a fresh key, after the newest version of the server's: a `BackupDescriptor` to upload.
    /// Errors: `NoRecoveryKey`.
    #[wasm_bindgen(js_name = startBackup)]
    pub fn start_backup(&mut self, newest: f64) -> Js<String> {
        write(&self.inner.start_backup(ms(newest), &mut self.rng).map_err(engine)?)
    }

    /// Takes in the descriptor that the server has and the recovery key that it is sealed to: `held`, `no_key`,
    /// `author_left` or `refused`.
    #[wasm_bindgen(js_name = receiveBackupDescriptor)]
    pub fn receive_backup_descriptor(&mut self, recovery_key: &str, descriptor: &str) -> Js<String> {
        let standing = match self.inner.receive_backup_descriptor(&read(recovery_key)?, &read(descriptor)?) {
            BackupStanding::Held => "held",
            BackupStanding::NoKey => "no_key",
            BackupStanding::AuthorLeft => "author_left",
            BackupStanding::Refused => "refused",
        };
        Ok(standing.to_owned())
    }

    /// Opens the backup's key with the recovery key. Errors: `NoBackupKey`, `NoRecoveryKey`.
    #[wasm_bindgen(js_name = openBackup)]
    pub fn open_backup(&mut self, recovery_key: &JsRecoveryKey) -> Js<()> {
        self.inner.open_backup(&recovery_key.0).map_err(engine)
    }

    /// Sends the backup's key to the account's other devices; gives the conversation to work on.
    #[wasm_bindgen(js_name = shareBackupKey)]
    pub fn share_backup_key(&mut self) -> Js<Option<String>> {
        Ok(self.inner.share_backup_key().map_err(engine)?.map(|id| id.to_string()))
    }

    /// Whether this device can read and write the backup.
    #[wasm_bindgen(js_name = holdsBackupKey)]
    pub fn holds_backup_key(&self) -> bool {
        self.inner.holds_backup_key()
    }

    /// The version of the highest descriptor accepted; 0 if none.
    #[wasm_bindgen(js_name = backupVersion)]
    pub fn backup_version(&self) -> f64 {
        f64::from(u32::try_from(self.inner.backup_version()).unwrap_or(u32::MAX))
    }

    /// The next sessions that the backup lacks: a JSON array of `BackupSession`, the same until `backupStored`.
    #[wasm_bindgen(js_name = backupEntries)]
    pub fn backup_entries(&mut self, limit: usize) -> Js<String> {
        write(&self.inner.backup_entries(limit, &mut self.rng).map_err(engine)?)
    }

    /// The server stored these in the backup of this version.
    #[wasm_bindgen(js_name = backupStored)]
    pub fn backup_stored(&mut self, version: f64, entries: &str) -> Js<()> {
        self.inner.backup_stored(ms(version), &read::<Vec<BackupSession>>(entries)?);
        Ok(())
    }

    /// Reads entries: `{taken, known, refused, events}` with outcomes of events that waited.
    #[wasm_bindgen(js_name = receiveBackup)]
    pub fn receive_backup(&mut self, entries: &str, now_ms: f64) -> Js<String> {
        let entries: Vec<BackupSession> = read(entries)?;
        let import = self.inner.receive_backup(&entries, ms(now_ms)).map_err(engine)?;
        write(&Import { taken: import.taken, known: import.known, refused: import.refused, events: import.events })
    }
}
