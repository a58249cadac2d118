//! Recovery, the key backup, and a new identity.

use reqwest::Method;
use sotto_protocol::{
    accounts::SessionResponse,
    backup::{Backup, BackupCount, BackupPage, PutBackupRequest, PutBackupSessionsRequest, PutRecoveryKeyRequest},
    identity::{ResetIdentityRequest, ResetIdentityResponse},
    recovery::{CompleteRecoveryRequest, PutRecoveryRequest, RecoveryResponse},
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `GET /api/recovery` (step-up).
    pub async fn get_recovery(&self) -> SdkResult<RecoveryResponse> {
        self.run(Call::get("/api/recovery")).await
    }

    /// `PUT /api/recovery` (step-up).
    pub async fn put_recovery(&self, request: &PutRecoveryRequest) -> SdkResult<()> {
        self.run(Call::with(Method::PUT, "/api/recovery", request)?.repeatable()).await
    }

    /// `POST /api/recovery/complete` (step-up).
    pub async fn complete_recovery(&self, request: &CompleteRecoveryRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/api/recovery/complete", request)?).await
    }

    /// `PUT /api/recovery/key` (step-up, but for the first one): the same key again is accepted.
    pub async fn put_recovery_key(&self, request: &PutRecoveryKeyRequest) -> SdkResult<()> {
        self.run(Call::with(Method::PUT, "/api/recovery/key", request)?.repeatable()).await
    }

    /// `GET /api/backup`.
    pub async fn get_backup(&self) -> SdkResult<Backup> {
        self.run(Call::get("/api/backup")).await
    }

    /// `PUT /api/backup` (step-up, unless the one before counts no more): the same descriptor again is accepted.
    pub async fn put_backup(&self, request: &PutBackupRequest) -> SdkResult<Backup> {
        self.run(Call::with(Method::PUT, "/api/backup", request)?.repeatable()).await
    }

    /// `GET /api/backup/{version}/sessions?after=`: a page.
    pub async fn list_backup_sessions(&self, version: i64, after: Option<&str>) -> SdkResult<BackupPage> {
        let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
        self.run(Call::get(format!("/api/backup/{version}/sessions{query}"))).await
    }

    /// `POST /api/backup/{version}/sessions`: at most 200; the same again changes nothing.
    pub async fn put_backup_sessions(
        &self,
        version: i64,
        request: &PutBackupSessionsRequest,
    ) -> SdkResult<BackupCount> {
        self.run(Call::post(format!("/api/backup/{version}/sessions"), request)?.repeatable()).await
    }

    /// `POST /api/account/identity` (step-up).
    pub async fn reset_identity(&self, request: &ResetIdentityRequest) -> SdkResult<ResetIdentityResponse> {
        self.run(Call::post("/api/account/identity", request)?).await
    }
}
