//! Signing this device out.

use std::sync::atomic::Ordering;

use sotto_protocol::{ProblemCode, accounts::LogoutRequest, keys::DeviceList};

use super::Client;
use crate::{SdkError, SdkResult, events::SignOutReason};

impl Client {
    /// Signs this device out for ever: it signs itself out of the account's list, its keys and messages are deleted here,
    /// and what waited to be sent is lost. The account's last device can't leave the list: its tokens end, its store stays,
    /// and it may [`Client::sign_in`] again. Gives which of both.
    ///
    /// # Errors
    /// The server can't be reached: nothing has changed.
    pub async fn sign_out(&self) -> SdkResult<SignOutReason> {
        let shared = self.shared();
        shared.leaving.store(true, Ordering::Relaxed);
        let reason = self.depart().await.inspect_err(|_| shared.leaving.store(false, Ordering::Relaxed))?;
        shared.sign_off(reason).await?;
        Ok(reason)
    }

    async fn depart(&self) -> SdkResult<SignOutReason> {
        let unverified = !self.shared().core.lock().await.machine.is_linked();
        let gone = if unverified { self.log_out(None).await.map(|()| true) } else { self.leave_list().await };
        match gone {
            Ok(true) => Ok(SignOutReason::SignedOut),
            Ok(false) => Ok(SignOutReason::TokensEnded),
            // An earlier attempt came through, only its answer did not; or another device was faster.
            Err(error) if error.code() == Some(ProblemCode::DeviceRevoked) => Ok(SignOutReason::SignedOut),
            // The same of a device that stays in the list: its tokens ended.
            Err(error) if error.code() == Some(ProblemCode::RefreshRejected) => Ok(SignOutReason::TokensEnded),
            Err(error) => Err(error),
        }
    }

    /// Whether the device is out of the list.
    async fn leave_list(&self) -> SdkResult<bool> {
        let own = self.device_id();
        let entry = |machine: &sotto_e2ee::Machine| {
            let alone = machine.devices_of(machine.user_id()).len() <= 1;
            let able = !alone && machine.holds_self_signing_key();
            able.then(|| machine.revoke_device(own)).transpose()
        };
        let send = async |list: Option<DeviceList>| {
            let leaves = list.is_some();
            self.log_out(list).await.map(|()| leaves)
        };
        match self.extend_list(entry, send).await {
            Err(SdkError::Problem(problem)) if problem.code == ProblemCode::LimitReached => {
                self.log_out(None).await.map(|()| false)
            }
            outcome => outcome,
        }
    }

    async fn log_out(&self, device_list: Option<DeviceList>) -> SdkResult<()> {
        self.shared().http.logout(&LogoutRequest { device_list }).await
    }
}
