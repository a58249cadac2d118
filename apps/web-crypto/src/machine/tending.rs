//! How the key backup stands and what is due, and another recovery key in the place of the old one.

use sotto_protocol::{Base64Bytes, backup::RecoveryPublicKey};
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, ms, read, write},
    error::engine,
    machine::JsMachine,
    recovery::JsRecoveryKey,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Takes in the published recovery key (a `RecoveryPublicKey`) where there is no descriptor; `false`: not the
    /// account's, or one that was replaced.
    #[wasm_bindgen(js_name = receiveRecoveryKey)]
    pub fn receive_recovery_key(&mut self, published: &str) -> Js<bool> {
        Ok(self.inner.receive_recovery_key(&read(published)?))
    }

    /// The server has the descriptor that `startBackup` made.
    #[wasm_bindgen(js_name = backupBegun)]
    pub fn backup_begun(&mut self) {
        self.inner.backup_begun();
    }

    /// The server refused it.
    #[wasm_bindgen(js_name = backupGivenUp)]
    pub fn backup_given_up(&mut self) {
        self.inner.backup_given_up();
    }

    /// Whether a device that had the backup's key has left: begin a new one.
    #[wasm_bindgen(js_name = backupIsOutdated)]
    pub fn backup_is_outdated(&self) -> bool {
        self.inner.backup_is_outdated()
    }

    /// Whether the backup lacks sessions that this device could write into it.
    #[wasm_bindgen(js_name = backupLacks)]
    pub fn backup_lacks(&self) -> bool {
        self.inner.backup_lacks()
    }

    /// The version whose sessions are to be read.
    #[wasm_bindgen(js_name = backupToRead)]
    pub fn backup_to_read(&self) -> Option<f64> {
        self.inner.backup_to_read().map(|version| f64::from(u32::try_from(version).unwrap_or(u32::MAX)))
    }

    /// All sessions of this version were read.
    #[wasm_bindgen(js_name = backupRead)]
    pub fn backup_read(&mut self, version: f64) {
        self.inner.backup_read(ms(version));
    }

    /// Moves the account's private keys from under the old recovery key under a fresh one: a `PutRecoveryKeyRequest`.
    /// `bundle` is unpadded base64 in JSON, `newest` the version of the newest key ever published. Errors:
    /// `WrongRecoveryKey`, `WrongMasterKey`.
    #[wasm_bindgen(js_name = replaceRecoveryKey)]
    pub fn replace_recovery_key(&mut self, old: &JsRecoveryKey, bundle: &str, newest: f64) -> Js<String> {
        let bundle: Base64Bytes = read(bundle)?;
        write(&self.inner.replace_recovery_key(&old.0, &bundle, ms(newest), &mut self.rng).map_err(engine)?)
    }

    /// The server shows this recovery key (a `RecoveryPublicKey`): gives the new one, once, if it was on its way.
    #[wasm_bindgen(js_name = recoveryKeyStored)]
    pub fn recovery_key_stored(&mut self, published: &str) -> Js<Option<JsRecoveryKey>> {
        let published: RecoveryPublicKey = read(published)?;
        Ok(self.inner.recovery_key_stored(&published).map(JsRecoveryKey))
    }

    /// The server refused the new recovery key: the old one stays.
    #[wasm_bindgen(js_name = replacementGivenUp)]
    pub fn replacement_given_up(&mut self) {
        self.inner.replacement_given_up();
    }
}
