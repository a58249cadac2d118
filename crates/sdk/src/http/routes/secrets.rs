//! Recovery.

use reqwest::Method;
use sotto_protocol::{
    accounts::SessionResponse,
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
}
