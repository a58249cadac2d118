//! Histories that are handed over at linking.

use reqwest::Method;
use sotto_protocol::{
    HistoryId,
    history::{CreateHistoryRequest, History, HistoryChunk, HistoryProgress, PutHistoryChunkRequest},
};

use crate::{
    SdkResult,
    http::{Http, call::Call},
};

fn history(id: HistoryId, rest: &str) -> String {
    format!("/api/history/{id}{rest}")
}

impl Http {
    /// `POST /api/history`. An answer that was lost leaves an empty one, which counts for three days.
    pub async fn create_history(&self, request: &CreateHistoryRequest) -> SdkResult<History> {
        self.run(Call::post("/api/history", request)?).await
    }

    /// `GET /api/history/{history_id}`: how far it is.
    pub async fn get_history(&self, id: HistoryId) -> SdkResult<History> {
        self.run(Call::get(history(id, ""))).await
    }

    /// `DELETE /api/history/{history_id}`.
    pub async fn delete_history(&self, id: HistoryId) -> SdkResult<()> {
        self.run(Call::bare(Method::DELETE, history(id, "")).repeatable()).await
    }

    /// `GET /api/history/{history_id}/chunks/{index}`: `not_found` also while it is not uploaded yet.
    pub async fn get_history_chunk(&self, id: HistoryId, index: u32) -> SdkResult<HistoryChunk> {
        self.run(Call::get(history(id, &format!("/chunks/{index}"))).large()).await
    }

    /// `PUT /api/history/{history_id}/chunks/{index}`: the same again changes nothing.
    pub async fn put_history_chunk(
        &self,
        id: HistoryId,
        index: u32,
        request: &PutHistoryChunkRequest,
    ) -> SdkResult<HistoryProgress> {
        let path = history(id, &format!("/chunks/{index}"));
        self.run(Call::with(Method::PUT, path, request)?.repeatable().large()).await
    }
}
