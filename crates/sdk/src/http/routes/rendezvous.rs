//! The rendezvous of two devices. Of the device that is in an account the token goes along; a new one has none.

use reqwest::Method;
use sotto_protocol::{
    RendezvousId,
    rendezvous::{
        ClaimCodeRequest, ClaimCodeResponse, CreateRendezvousRequest, CreateRendezvousResponse, LinkFailureRequest,
        PutRendezvousRequest, PutRendezvousResponse, Rendezvous,
    },
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

/// Longest that a read is held: shorter than a request may take.
const WAIT_MS: u64 = 12_000;

fn rendezvous(id: RendezvousId, rest: &str) -> String {
    format!("/api/rendezvous/{id}{rest}")
}

impl Http {
    /// `POST /api/rendezvous` (step-up, with a token). An answer that was lost leaves one open for its five minutes.
    pub async fn create_rendezvous(&self, request: &CreateRendezvousRequest) -> SdkResult<CreateRendezvousResponse> {
        self.run(self.as_party(Call::post("/api/rendezvous", request)?.repeatable())).await
    }

    /// `POST /api/rendezvous/claim`: a code leads to its rendezvous once, so an answer that was lost is lost.
    pub async fn claim_code(&self, request: &ClaimCodeRequest) -> SdkResult<ClaimCodeResponse> {
        self.run(self.as_party(Call::post("/api/rendezvous/claim", request)?)).await
    }

    /// `GET /api/rendezvous/{rendezvous_id}?after=`: with `after` it is held for some seconds, and answers the same
    /// again when nothing came.
    pub async fn get_rendezvous(&self, id: RendezvousId, after: Option<&str>) -> SdkResult<Rendezvous> {
        let query = after.map(|after| format!("?after={after}&wait_ms={WAIT_MS}")).unwrap_or_default();
        self.run(self.as_party(Call::get(rendezvous(id, &query)))).await
    }

    /// `PUT /api/rendezvous/{rendezvous_id}`: the same again answers the same.
    pub async fn put_rendezvous(
        &self,
        id: RendezvousId,
        request: &PutRendezvousRequest,
    ) -> SdkResult<PutRendezvousResponse> {
        self.run(self.as_party(Call::with(Method::PUT, rendezvous(id, ""), request)?.repeatable())).await
    }

    /// `DELETE /api/rendezvous/{rendezvous_id}`.
    pub async fn end_rendezvous(&self, id: RendezvousId) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, rendezvous(id, "")).repeatable().anonymous()).await
    }

    /// `POST /api/link/failures`: counted once a rendezvous.
    pub async fn report_link_failure(&self, request: &LinkFailureRequest) -> SdkResult<()> {
        self.run(Call::post("/api/link/failures", request)?.repeatable()).await
    }

    fn as_party(&self, call: Call) -> Call {
        if self.tokens().is_some() { call } else { call.anonymous() }
    }
}
