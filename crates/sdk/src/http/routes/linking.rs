//! Linking a device.

use sotto_protocol::{
    accounts::SessionResponse,
    linking::{CompleteLinkRequest, CreateGrantRequest, GrantResponse, LinkHeadRequest, LinkHeadResponse},
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `POST /api/link/grants` (step-up).
    pub async fn create_grant(&self, request: &CreateGrantRequest) -> SdkResult<GrantResponse> {
        self.run(Call::post("/api/link/grants", request)?).await
    }

    /// `POST /api/link/head`.
    pub async fn get_link_head(&self, request: &LinkHeadRequest) -> SdkResult<LinkHeadResponse> {
        self.run(Call::post("/api/link/head", request)?.anonymous().repeatable()).await
    }

    /// `POST /api/link/complete`: the same request again within 5 minutes gives the same answer.
    pub async fn complete_link(&self, request: &CompleteLinkRequest) -> SdkResult<SessionResponse> {
        self.run(Call::post("/api/link/complete", request)?.anonymous().repeatable()).await
    }
}
