//! The HTTP API, typed: bearer token, refresh, retries with back-off and full jitter, problem documents.

mod call;
mod routes;
mod tokens;

use std::{net::IpAddr, sync::Arc, time::Duration};

use sotto_protocol::{ProblemCode, accounts::RefreshRequest};
use tokio::sync::watch;

use crate::{Environment, SdkError, SdkResult, endpoints::Endpoints};

pub use tokens::Tokens;

/// A request's time, the answer's body included. Registering costs the server an Argon2id.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A token that expires sooner is refreshed before a socket is opened with it.
const REFRESH_AHEAD_MS: i64 = 10_000;

/// A client of every route, for one device (or none yet). Calls that are safe to repeat are repeated.
pub struct Http {
    client: reqwest::Client,
    endpoints: Endpoints,
    tokens: tokens::Holder,
    refreshing: tokio::sync::Mutex<()>,
    environment: Arc<dyn Environment>,
    local_address: Option<IpAddr>,
}

impl Http {
    /// A client of the cluster at these addresses.
    ///
    /// # Errors
    /// [`SdkError::Address`]; or the TLS set-up failed.
    pub fn new(
        endpoints: Vec<String>,
        tokens: Option<Tokens>,
        environment: Arc<dyn Environment>,
        local_address: Option<IpAddr>,
    ) -> SdkResult<Self> {
        let client = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .no_proxy()
            .local_address(local_address)
            .build()
            .map_err(|source| SdkError::Transport { never_sent: true, source })?;
        let endpoints = Endpoints::new(endpoints)?;
        let tokens = tokens::Holder::new(tokens);
        Ok(Self { client, endpoints, tokens, refreshing: tokio::sync::Mutex::new(()), environment, local_address })
    }

    /// The addresses, shared with the socket.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The address that connections come from, if it was chosen.
    pub(crate) fn local_address(&self) -> Option<IpAddr> {
        self.local_address
    }

    /// The current tokens.
    pub fn tokens(&self) -> Option<Tokens> {
        self.tokens.get()
    }

    /// Takes over tokens (after a login), or forgets them.
    pub fn set_tokens(&self, tokens: Option<Tokens>) {
        self.tokens.set(tokens);
    }

    /// Wakes whoever stores the tokens when they change.
    pub(crate) fn token_changes(&self) -> watch::Receiver<u64> {
        self.tokens.changes()
    }

    /// An access token that is good for a while, refreshed if need be.
    pub(crate) async fn access_token(&self) -> SdkResult<String> {
        let held = self.tokens.get().ok_or(SdkError::SignedOut)?;
        if held.expires_at_ms > self.environment.now_ms() + REFRESH_AHEAD_MS {
            return Ok(held.access_token);
        }
        self.refresh(&held.access_token).await
    }

    /// Exchanges the refresh token, one call at a time: whoever waited uses what the first one got.
    ///
    /// # Errors
    /// `refresh_rejected`, `device_revoked`: sign in again. [`SdkError::SignedOut`] without tokens.
    pub async fn refresh(&self, used: &str) -> SdkResult<String> {
        let _one = self.refreshing.lock().await;
        let held = self.tokens.get().ok_or(SdkError::SignedOut)?;
        if held.access_token != used {
            return Ok(held.access_token);
        }
        let pair = self.refresh_tokens(&RefreshRequest { refresh_token: held.refresh_token }).await?;
        let fresh = Tokens::of(pair, self.environment.now_ms());
        let access_token = fresh.access_token.clone();
        self.tokens.set(Some(fresh));
        Ok(access_token)
    }
}

/// Whether the answer says that the access token alone is the trouble.
fn wants_refresh(error: &SdkError) -> bool {
    error.code() == Some(ProblemCode::TokenExpired)
}
