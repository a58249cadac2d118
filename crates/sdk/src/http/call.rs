//! One call: attempts, waits, and how an answer is read.

use std::time::Duration;

use reqwest::{Method, header};
use serde::{Serialize, de::DeserializeOwned};
use sotto_protocol::Problem;

use super::{Http, wants_refresh};
use crate::{SdkError, SdkResult, environment::full_jitter};

/// A quarter of a mebibyte on a line of 32 kbit/s.
const LARGE_TIMEOUT: Duration = Duration::from_mins(2);
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// Asked to wait longer than this, the caller decides.
const LONGEST_RETRY_AFTER_MS: u64 = 15_000;

/// What a call is.
pub(super) struct Call {
    method: Method,
    path: String,
    body: Option<Vec<u8>>,
    signed_in: bool,
    repeatable: bool,
    /// Instead of [`super::REQUEST_TIMEOUT`].
    timeout: Option<Duration>,
}

impl Call {
    /// Reading: can be repeated.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), body: None, signed_in: true, repeatable: true, timeout: None }
    }

    /// A body whose bytes are the same in every attempt. Not repeated unless said so.
    pub(super) fn with(method: Method, path: impl Into<String>, body: &impl Serialize) -> SdkResult<Self> {
        let body = serde_json::to_vec(body).map_err(SdkError::Answer)?;
        Ok(Self { method, path: path.into(), body: Some(body), signed_in: true, repeatable: false, timeout: None })
    }

    /// As [`Call::with`] by POST.
    pub(super) fn post(path: impl Into<String>, body: &impl Serialize) -> SdkResult<Self> {
        Self::with(Method::POST, path, body)
    }

    /// Without a body. Not repeated unless said so.
    pub(super) fn bare(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, signed_in: true, repeatable: false, timeout: None }
    }

    /// The same call again does no more than the first.
    pub(super) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Moves so much that a slow line needs longer.
    pub(super) fn large(mut self) -> Self {
        self.timeout = Some(LARGE_TIMEOUT);
        self
    }

    /// Needs no token.
    pub(super) fn anonymous(mut self) -> Self {
        self.signed_in = false;
        self
    }
}

impl Http {
    pub(super) async fn run<T: DeserializeOwned>(&self, call: Call) -> SdkResult<T> {
        let mut refreshed = false;
        let mut attempt = 0;
        loop {
            let token = if call.signed_in { Some(self.tokens.get().ok_or(SdkError::SignedOut)?) } else { None };
            let token = token.map(|tokens| tokens.access_token);
            let error = match self.attempt(&call, token.as_deref()).await {
                Ok(bytes) => return read(&bytes),
                Err(error) => error,
            };
            if let Some(used) = token.filter(|_| !refreshed && wants_refresh(&error)) {
                refreshed = true;
                Box::pin(self.refresh(&used)).await?;
                continue;
            }
            attempt += 1;
            let again = error.did_nothing() || (call.repeatable && error.is_temporary());
            if !again || attempt >= ATTEMPTS || error.retry_after_ms() > LONGEST_RETRY_AFTER_MS {
                return Err(error);
            }
            tracing::debug!(path = call.path, attempt, %error, "calling again");
            let jitter = full_jitter(&mut self.environment.rng(), FIRST_WAIT, LONGEST_WAIT, attempt);
            tokio::time::sleep(Duration::from_millis(error.retry_after_ms()) + jitter).await;
        }
    }

    async fn attempt(&self, call: &Call, token: Option<&str>) -> SdkResult<Vec<u8>> {
        let endpoint = self.endpoints.current().to_owned();
        let mut request = self.client.request(call.method.clone(), format!("{endpoint}{}", call.path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        let answer = async {
            let response = request.send().await?;
            let status = response.status();
            Ok::<_, reqwest::Error>((status, response.bytes().await?))
        };
        let (status, bytes) = answer.await.map_err(|source| {
            let never_sent = source.is_connect();
            if never_sent {
                self.endpoints.leave(&endpoint);
            }
            SdkError::Transport { never_sent, source: source.without_url() }
        })?;
        if status.is_success() {
            return Ok(bytes.to_vec());
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(SdkError::Problem(Box::new(problem))),
            Err(_) => Err(SdkError::Status(status.as_u16())),
        }
    }
}

/// An empty answer (204) reads as `()`.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> SdkResult<T> {
    serde_json::from_slice(if bytes.is_empty() { b"null" } else { bytes }).map_err(SdkError::Answer)
}
