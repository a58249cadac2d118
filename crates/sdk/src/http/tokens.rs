//! The tokens of a device in memory.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sotto_protocol::accounts::TokenPair;
use tokio::sync::watch;

/// Tokens as a device keeps them. No `Debug`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Tokens {
    /// The JWT.
    pub access_token: String,
    /// Newest refresh token.
    pub refresh_token: String,
    /// When the access token expires by this device's clock.
    pub expires_at_ms: i64,
}

impl Tokens {
    /// As they came at `now_ms`.
    pub fn of(pair: TokenPair, now_ms: i64) -> Self {
        Self {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            expires_at_ms: expiry(now_ms, pair.expires_in_ms),
        }
    }
}

/// When something that lives this long from now expires.
pub(super) fn expiry(now_ms: i64, expires_in_ms: u64) -> i64 {
    now_ms.saturating_add(i64::try_from(expires_in_ms).unwrap_or(i64::MAX))
}

/// The current tokens; whoever keeps them watches for changes.
pub(super) struct Holder {
    held: Mutex<Option<Tokens>>,
    changes: watch::Sender<u64>,
}

impl Holder {
    pub(super) fn new(tokens: Option<Tokens>) -> Self {
        Self { held: Mutex::new(tokens), changes: watch::Sender::new(0) }
    }

    pub(super) fn get(&self) -> Option<Tokens> {
        self.held.lock().clone()
    }

    pub(super) fn set(&self, tokens: Option<Tokens>) {
        *self.held.lock() = tokens;
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
