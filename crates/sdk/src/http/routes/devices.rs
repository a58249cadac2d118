//! Devices.

use reqwest::Method;
use sotto_protocol::{
    DeviceId,
    devices::{Devices, RenameDeviceRequest, RevocationReceipt, RevokeDeviceRequest},
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `GET /api/devices`.
    pub async fn list_devices(&self) -> SdkResult<Devices> {
        self.run(Call::get("/api/devices")).await
    }

    /// `PATCH /api/devices/{device_id}`.
    pub async fn rename_device(&self, device_id: DeviceId, request: &RenameDeviceRequest) -> SdkResult<()> {
        let path = format!("/api/devices/{device_id}");
        self.run::<serde_json::Value>(Call::with(Method::PATCH, path, request)?.repeatable()).await.map(drop)
    }

    /// `POST /api/devices/{device_id}/revoke` (step-up, but for the device itself).
    pub async fn revoke_device(
        &self,
        device_id: DeviceId,
        request: &RevokeDeviceRequest,
    ) -> SdkResult<RevocationReceipt> {
        self.run(Call::post(format!("/api/devices/{device_id}/revoke"), request)?).await
    }
}
