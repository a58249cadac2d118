//! The recovery key: what it brings back, another one in its place, and what helps who lost it.

use sotto_e2ee::{E2eeError, RecoveryKey};

use super::Client;
use crate::{SdkResult, core::Core, http::Tokens};

impl Client {
    /// Makes this unverified device a full one with the account's recovery key, and reads the key backup: old messages
    /// are shown, as far as the server has them.
    ///
    /// # Errors
    /// `wrong_credentials`; [`crate::SdkError::E2ee`] with `WrongRecoveryKey`.
    pub async fn recover(&self, recovery_key: &RecoveryKey, password: &str) -> SdkResult<()> {
        let shared = self.shared();
        shared.http.step_up(password).await?;
        let response = shared.http.get_recovery().await?;
        let now_ms = shared.now_ms();
        let request = {
            let mut core = shared.core.lock().await;
            let request = core.machine.recover(recovery_key, &response, now_ms)?;
            core.commit().await?;
            request
        };
        let session = shared.http.complete_recovery(&request).await?;
        shared.http.set_tokens(Some(Tokens::of(session.tokens, now_ms)));
        // The socket was an unverified device's: what it caught up with may be from after the recovery, and lack all.
        shared.core.lock().await.forget_sync_token()?;
        let query = shared.core.lock().await.machine.query_for([self.user_id()]);
        shared.query(&query).await?;
        // Before the events come, so that they are read at once.
        if let Err(error) = self.restore_backup(recovery_key).await {
            tracing::warn!(%error, "the account is recovered, its backup is not");
        }
        // The socket was opened as an unverified device's.
        shared.caught_up.send_replace(false);
        shared.reconnect.notify_one();
        Ok(())
    }

    /// Reads the key backup with the recovery key; [`Client::recover`] does so by itself, unless the connection failed.
    ///
    /// # Errors
    /// [`crate::SdkError::E2ee`] with `WrongRecoveryKey`.
    pub async fn restore_backup(&self, recovery_key: &RecoveryKey) -> SdkResult<()> {
        let outcome = self.shared().restore_backup(recovery_key).await;
        // What was begun goes on in the background.
        self.shared().backup.look();
        outcome
    }

    /// Version of the key backup that this device reads and writes; `None` while there is none, or its key is not here.
    pub async fn backup_version(&self) -> Option<i64> {
        let core = self.shared().core.lock().await;
        (core.machine.holds_backup_key() && !core.machine.backup_is_outdated()).then(|| core.machine.backup_version())
    }

    /// Replaces the recovery key; the old one, which this needs, opens nothing any more. If the answer was lost, the same
    /// call again gives the new one.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`; [`crate::SdkError::E2ee`] with `WrongRecoveryKey`.
    pub async fn replace_recovery_key(&self, old: &RecoveryKey, password: &str) -> SdkResult<RecoveryKey> {
        let shared = self.shared();
        shared.http.step_up(password).await?;
        let state = shared.settled_backup().await?;
        if let Some(published) = &state.recovery_key {
            let mut core = shared.core.lock().await;
            if let Some(stored) = core.machine.recovery_key_stored(published) {
                core.commit().await?;
                drop(core);
                return Ok(self.begin_anew(stored).await);
            }
            if !core.machine.receive_recovery_key(published) {
                core.commit().await?;
                return Err(E2eeError::BadSecret.into());
            }
        }
        let bundle = shared.http.get_recovery().await?.recovery_bundle;
        let request = {
            let mut core = shared.core.lock().await;
            let Core { machine, rng, .. } = &mut *core;
            let request = machine.replace_recovery_key(old, &bundle, state.recovery_version, rng)?;
            core.commit().await?;
            request
        };
        let outcome = shared.http.put_recovery_key(&request).await;
        let mut core = shared.core.lock().await;
        if let Err(error) = outcome {
            if error.is_refusal() {
                core.machine.replacement_given_up();
                core.commit().await?;
            }
            return Err(error);
        }
        let fresh = core.machine.recovery_key_stored(&request.recovery_key).ok_or(E2eeError::NoRecoveryKey)?;
        core.commit().await?;
        drop(core);
        Ok(self.begin_anew(fresh).await)
    }

    /// A new identity for who lost the recovery key: new keys of the account, this device alone in it, a new recovery key.
    /// Contacts are warned and send nothing until they accept. If the answer was lost, the same call again finds out.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`.
    pub async fn reset_identity(&self, password: &str) -> SdkResult<RecoveryKey> {
        let shared = self.shared();
        shared.http.step_up(password).await?;
        // An earlier attempt may have come through, only its answer did not.
        shared.query_user(self.user_id()).await?;
        let earlier = shared.core.lock().await.machine.take_reset_key();
        let fresh = match earlier {
            Some(recovery_key) => recovery_key,
            None => self.send_reset().await?,
        };
        shared.commit().await?;
        Ok(self.begin_anew(fresh).await)
    }

    async fn send_reset(&self) -> SdkResult<RecoveryKey> {
        let shared = self.shared();
        let newest = shared.settled_backup().await?.recovery_version;
        let request = {
            let mut core = shared.core.lock().await;
            let Core { machine, rng, .. } = &mut *core;
            let request = machine.reset_identity(newest, rng)?;
            core.commit().await?;
            request
        };
        if let Err(error) = shared.http.reset_identity(&request).await {
            if !error.is_refusal() {
                return Err(error);
            }
            // The same request twice, after a lost answer: the second is refused because the first came through.
            shared.query_user(self.user_id()).await?;
            let mut core = shared.core.lock().await;
            let made = core.machine.take_reset_key();
            if made.is_none() {
                core.machine.reset_given_up();
            }
            core.commit().await?;
            return made.ok_or(error);
        }
        let mut core = shared.core.lock().await;
        core.machine.identity_reset();
        Ok(core.machine.take_reset_key().ok_or(E2eeError::NoRecoveryKey)?)
    }

    /// The backup of before is void.
    async fn begin_anew(&self, recovery_key: RecoveryKey) -> RecoveryKey {
        self.renew_backup().await;
        recovery_key
    }

    /// Has a backup begun anew where it has to be; what fails now goes on in the background.
    pub(super) async fn renew_backup(&self) {
        self.shared().backup.look();
        if let Err(error) = self.shared().tend_backup().await {
            tracing::warn!(%error, "the backup is not begun anew yet");
        }
    }
}
