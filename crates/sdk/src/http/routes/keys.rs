//! Keys.

use sotto_protocol::keys::{
    ClaimKeysRequest, ClaimKeysResponse, KeysDigestRequest, KeysDigestResponse, OneTimeKeyCount, QueryKeysRequest,
    QueryKeysResponse, UploadKeysRequest,
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

impl Http {
    /// `POST /api/keys/one-time`: the same set again is accepted.
    pub async fn upload_keys(&self, request: &UploadKeysRequest) -> SdkResult<OneTimeKeyCount> {
        self.run(Call::post("/api/keys/one-time", request)?.repeatable()).await
    }

    /// `POST /api/keys/digest`.
    pub async fn compare_keys_digest(&self, request: &KeysDigestRequest) -> SdkResult<KeysDigestResponse> {
        self.run(Call::post("/api/keys/digest", request)?.repeatable()).await
    }

    /// `POST /api/keys/query`.
    pub async fn query_keys(&self, request: &QueryKeysRequest) -> SdkResult<QueryKeysResponse> {
        self.run(Call::post("/api/keys/query", request)?.repeatable()).await
    }

    /// `POST /api/keys/claim`: idempotent by its claim id.
    pub async fn claim_keys(&self, request: &ClaimKeysRequest) -> SdkResult<ClaimKeysResponse> {
        self.run(Call::post("/api/keys/claim", request)?.repeatable()).await
    }
}
