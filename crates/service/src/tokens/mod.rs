//! Tokens: access JWTs (RFC 9068 in shape), tickets for sockets and challenges for logins.
//!
//! All are EdDSA JWTs that differ in `typ`, so that none passes for another.

mod access;
mod files;
mod keys;
mod one_use;

pub use access::{ACCESS_TTL_MS, AccessClaims, FRESH_FOR_MS, IssuedToken};
pub use keys::{KeyError, KeyRing, KeySource, PublicKey};
pub use one_use::{CHALLENGE_TTL_MS, TICKET_TTL_MS};

use std::{sync::Arc, time::Duration};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, Header, Validation};
use parking_lot::RwLock;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use sotto_protocol::ProblemCode;

use crate::{Clock, Entropy, ServiceError, ServiceResult, bounded::BoundedMap};

/// Who the tokens are for.
const AUDIENCE: &str = "sotto";
/// How far the clocks of two nodes may be apart, seconds.
const CLOCK_SKEW_S: i64 = 5;
/// An unknown `kid` makes the node look for new keys, but not more often than this.
const RELOAD_INTERVAL: Duration = Duration::from_secs(5);
/// Verified access tokens that are remembered, so that a device's requests cost one signature check.
const CACHED_TOKENS: usize = 50_000;

/// Makes and checks tokens.
pub struct Tokens {
    issuer: String,
    source: KeySource,
    ring: RwLock<Arc<KeyRing>>,
    reloaded_at: RwLock<Duration>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    verified: BoundedMap<[u8; 32], access::Verified>,
}

impl Tokens {
    /// Loads the keys.
    ///
    /// # Errors
    /// The keys are missing (in production) or cannot be read.
    pub fn load(
        issuer: impl Into<String>,
        source: KeySource,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyError> {
        let ring = Arc::new(source.load(&*entropy)?);
        let reloaded_at = RwLock::new(clock.monotonic());
        let verified = BoundedMap::new(CACHED_TOKENS);
        Ok(Self { issuer: issuer.into(), source, ring: RwLock::new(ring), reloaded_at, clock, entropy, verified })
    }

    /// The keys that verify, newest first, for `/.well-known/jwks.json`.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.ring.read().public_keys()
    }

    /// HMAC-SHA-256 of length-prefixed `purpose` and `input` under the server's secret: the same on every node.
    ///
    /// # Errors
    /// Never in practice: HMAC takes keys of any length.
    pub fn derive(&self, purpose: &str, input: &[u8]) -> ServiceResult<[u8; 32]> {
        let ring = Arc::clone(&self.ring.read());
        let mut mac =
            Hmac::<Sha256>::new_from_slice(ring.secret()).map_err(|error| ServiceError::Internal(error.to_string()))?;
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(input);
        Ok(mac.finalize().into_bytes().into())
    }

    fn now_s(&self) -> i64 {
        self.clock.now().unix_timestamp()
    }

    fn sign<T: Serialize>(&self, typ: &str, claims: &T) -> ServiceResult<String> {
        let ring = Arc::clone(&self.ring.read());
        let (kid, key) = ring.signing();
        let header = Header { typ: Some(typ.to_owned()), kid: Some(kid.to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, key)
            .map_err(|error| ServiceError::Internal(format!("signing a token failed: {error}")))
    }

    /// Checks everything but the claims; `None` says nothing about why.
    fn open<T: DeserializeOwned>(&self, typ: &str, token: &str) -> Option<T> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(typ) || header.crit.is_some() {
            return None;
        }
        let ring = self.ring_with(header.kid.as_deref()?)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        // Issuer, audience and times are compared by the callers, with the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = ring.verifying(header.kid.as_deref()?)?;
        jsonwebtoken::decode(token, key, &validation).ok().map(|data| data.claims)
    }

    /// The ring that knows this key; a new key on disk is found within seconds.
    fn ring_with(&self, kid: &str) -> Option<Arc<KeyRing>> {
        let ring = Arc::clone(&self.ring.read());
        if ring.verifying(kid).is_some() {
            return Some(ring);
        }
        self.reload();
        let ring = Arc::clone(&self.ring.read());
        ring.verifying(kid).is_some().then_some(ring)
    }

    fn reload(&self) {
        let now = self.clock.monotonic();
        {
            let mut reloaded_at = self.reloaded_at.write();
            if now.saturating_sub(*reloaded_at) < RELOAD_INTERVAL {
                return;
            }
            *reloaded_at = now;
        }
        match self.source.load(&*self.entropy) {
            Ok(ring) => *self.ring.write() = Arc::new(ring),
            Err(error) => tracing::error!(%error, "the signing keys cannot be read again"),
        }
    }
}

/// The registered claims (RFC 7519 section 4.1) that every token has.
#[derive(Serialize, serde::Deserialize)]
struct Registered {
    iss: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: uuid::Uuid,
}

impl Tokens {
    /// Registered claims of a token that lives from now on.
    fn registered(&self, ttl_ms: i64) -> Registered {
        let now = self.now_s();
        let exp = now + ttl_ms / 1_000;
        Registered {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            iat: now,
            nbf: now,
            exp,
            jti: self.entropy.uuid(),
        }
    }

    /// Compares issuer, audience and times.
    fn check(&self, claims: &Registered) -> ServiceResult<()> {
        if claims.iss != self.issuer || claims.aud != AUDIENCE {
            return Err(ProblemCode::Unauthorized.into());
        }
        self.check_times(claims.nbf, claims.exp)
    }

    fn check_times(&self, nbf: i64, exp: i64) -> ServiceResult<()> {
        let now = self.now_s();
        // Not valid yet: of a node whose clock is ahead. A refresh helps, and the device must not take it for its end.
        if nbf.saturating_sub(CLOCK_SKEW_S) > now || exp <= now {
            return Err(ProblemCode::TokenExpired.into());
        }
        Ok(())
    }
}

fn fingerprint(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests;
