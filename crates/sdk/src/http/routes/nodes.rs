//! Sockets and the state of a node.

use reqwest::Method;
use sotto_protocol::{health::Health, sync::TicketResponse};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `POST /api/ws-tickets`.
    pub async fn create_ws_ticket(&self) -> SdkResult<TicketResponse> {
        self.run(Call::bare(Method::POST, "/api/ws-tickets")).await
    }

    /// `GET /health`. An unhealthy node answers 503, which is an error here.
    pub async fn get_health(&self) -> SdkResult<Health> {
        self.run(Call::get("/health").anonymous()).await
    }
}
