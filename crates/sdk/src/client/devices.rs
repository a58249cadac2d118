//! Devices of one's own account: listing them, and putting them out.

use sotto_e2ee::Machine;
use sotto_protocol::{
    DeviceId, ProblemCode,
    devices::{Devices, LogoutOthersRequest, RevocationReceipt, RevokeDeviceRequest},
    keys::DeviceList,
};

use super::Client;
use crate::{SdkError, SdkResult};

/// Times that an entry of the list is signed again because another device was first.
const ATTEMPTS: usize = 4;

impl Client {
    /// Devices of this account, unverified ones too.
    pub async fn devices(&self) -> SdkResult<Devices> {
        self.shared().http.list_devices().await
    }

    /// Revokes another device of this account: signed out everywhere, out of every roster, its keys and queue destroyed.
    /// It had the key of the account's backup, so a new one is begun.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`, `not_found`.
    pub async fn revoke_device(&self, device_id: DeviceId, password: &str) -> SdkResult<RevocationReceipt> {
        self.shared().http.step_up(password).await?;
        let entry = |machine: &Machine| {
            let listed = machine.devices_of(machine.user_id()).iter().any(|device| device.device_id == device_id);
            listed.then(|| machine.revoke_device(device_id)).transpose()
        };
        let revoke = async |device_list: Option<DeviceList>| {
            self.shared().http.revoke_device(device_id, &RevokeDeviceRequest { device_list }).await
        };
        let receipt = self.extend_list(entry, revoke).await?;
        self.others_left().await;
        Ok(receipt)
    }

    /// Revokes all other devices of this account at once, unverified ones too.
    ///
    /// # Errors
    /// `wrong_credentials`, `device_on_probation`.
    pub async fn sign_out_others(&self, password: &str) -> SdkResult<Vec<RevocationReceipt>> {
        self.shared().http.step_up(password).await?;
        let revoke = async |device_list: Option<DeviceList>| {
            self.shared().http.logout_others(&LogoutOthersRequest { device_list }).await
        };
        let receipts = self.extend_list(Machine::revoke_others, revoke).await?.receipts;
        self.others_left().await;
        Ok(receipts)
    }

    /// They are out, whatever fails from here on; it is done again in the background.
    async fn others_left(&self) {
        if let Err(error) = self.shared().query_user(self.user_id()).await {
            tracing::warn!(%error, "the new list was not read");
        }
        self.renew_backup().await;
    }

    /// Signs the next entry and sends it; if another device extended the list meanwhile, signs again on top of that.
    pub(super) async fn extend_list<T>(
        &self,
        entry: impl Fn(&Machine) -> Result<Option<DeviceList>, sotto_e2ee::E2eeError>,
        send: impl AsyncFn(Option<DeviceList>) -> SdkResult<T>,
    ) -> SdkResult<T> {
        let shared = self.shared();
        let mut attempt = 0;
        loop {
            shared.query_user(self.user_id()).await?;
            let list = entry(&shared.core.lock().await.machine)?;
            match send(list).await {
                Err(error) if conflicts(&error) && attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }
}

fn conflicts(error: &SdkError) -> bool {
    error.code() == Some(ProblemCode::ChainConflict)
}
