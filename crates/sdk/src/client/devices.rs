//! Devices of one's own account: revoking, recovering.

use sotto_e2ee::RecoveryKey;
use sotto_protocol::{
    DeviceId,
    devices::{RevocationReceipt, RevokeDeviceRequest},
};

use super::Client;
use crate::{SdkResult, http::Tokens};

impl Client {
    /// Revokes a device of this account: signed out everywhere, out of every roster, its keys and queue destroyed.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`, `chain_conflict`; [`crate::SdkError::E2ee`] for a device that is
    /// not in the list.
    pub async fn revoke_device(&self, device_id: DeviceId, password: &str) -> SdkResult<RevocationReceipt> {
        let shared = self.shared();
        shared.query_user(self.user_id()).await?;
        shared.http.step_up(password).await?;
        let device_list = Some(shared.core.lock().await.machine.revoke_device(device_id)?);
        let receipt = shared.http.revoke_device(device_id, &RevokeDeviceRequest { device_list }).await?;
        shared.query_user(self.user_id()).await?;
        Ok(receipt)
    }

    /// Makes this unverified device a full one with the account's recovery key.
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
        let query = shared.core.lock().await.machine.query_for([self.user_id()]);
        shared.query(&query).await?;
        // The socket was opened as an unverified device's.
        shared.caught_up.send_replace(false);
        shared.reconnect.notify_one();
        Ok(())
    }

    /// Ends this device's tokens and the client. The device stays in the account's list until it is revoked.
    pub async fn sign_out(&self) -> SdkResult<()> {
        let outcome = self.shared().http.logout().await;
        self.shut_down();
        outcome
    }
}
