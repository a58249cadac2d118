//! Access tokens: EdDSA JWTs of ten minutes that name user and device.

use serde::{Deserialize, Serialize};
use sotto_protocol::{DeviceId, ProblemCode, UserId};

use super::{AUDIENCE, Registered, Tokens, fingerprint};
use crate::ServiceResult;

/// Life of an access token.
pub const ACCESS_TTL_MS: i64 = 10 * 60 * 1000;
/// How long a step-up counts as fresh.
pub const FRESH_FOR_MS: i64 = 5 * 60 * 1000;

pub(super) const TYP: &str = "at+jwt";

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// Raised by whatever ends all tokens of the device.
    pub token_generation: i32,
    /// Whether the account signed the device.
    pub verified: bool,
    /// When the password was last given, if this token comes from a step-up (or registration, or login).
    pub fresh_at_ms: Option<i64>,
}

/// A token and its life.
#[derive(Clone)]
pub struct IssuedToken {
    /// The compact JWT.
    pub token: String,
    /// How long it lives, milliseconds.
    pub expires_in_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(flatten)]
    registered: Registered,
    sub: UserId,
    did: DeviceId,
    #[serde(rename = "gen")]
    generation: i32,
    ver: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fresh_at: Option<i64>,
}

/// A token whose signature was good; only time can end it.
#[derive(Clone, Copy)]
pub(super) struct Verified {
    claims: AccessClaims,
    nbf: i64,
    exp: i64,
}

impl AccessClaims {
    /// Whether the password was given within the last five minutes.
    pub fn is_fresh(&self, now_ms: i64) -> bool {
        self.fresh_at_ms.is_some_and(|at| now_ms.saturating_sub(at) < FRESH_FOR_MS)
    }

    /// For actions that need a fresh authentication.
    ///
    /// # Errors
    /// `step_up_required`.
    pub fn require_fresh(&self, now_ms: i64) -> ServiceResult<()> {
        if self.is_fresh(now_ms) { Ok(()) } else { Err(ProblemCode::StepUpRequired.into()) }
    }
}

impl Tokens {
    /// A new access token.
    ///
    /// # Errors
    /// Signing failed: a broken installation.
    pub fn issue_access(&self, claims: AccessClaims) -> ServiceResult<IssuedToken> {
        let wire = Wire {
            registered: self.registered(ACCESS_TTL_MS),
            sub: claims.user_id,
            did: claims.device_id,
            generation: claims.token_generation,
            ver: claims.verified,
            fresh_at: claims.fresh_at_ms,
        };
        Ok(IssuedToken { token: self.sign(TYP, &wire)?, expires_in_ms: ACCESS_TTL_MS.unsigned_abs() })
    }

    /// Checks an access token; whether it is revoked is another question.
    ///
    /// # Errors
    /// `token_expired` when that is all that is wrong, else `unauthorized`.
    pub fn verify_access(&self, token: &str) -> ServiceResult<AccessClaims> {
        let key = fingerprint(token);
        let verified = match self.verified.get(key) {
            Some(verified) => verified,
            None => self.check_signature(token)?,
        };
        self.check_times(verified.nbf, verified.exp)?;
        self.verified.insert(key, verified);
        Ok(verified.claims)
    }

    fn check_signature(&self, token: &str) -> ServiceResult<Verified> {
        let wire: Wire = self.open(TYP, token).ok_or(ProblemCode::Unauthorized)?;
        let Registered { iss, aud, nbf, exp, .. } = &wire.registered;
        if *iss != self.issuer || aud != AUDIENCE {
            return Err(ProblemCode::Unauthorized.into());
        }
        let claims = AccessClaims {
            user_id: wire.sub,
            device_id: wire.did,
            token_generation: wire.generation,
            verified: wire.ver,
            fresh_at_ms: wire.fresh_at,
        };
        Ok(Verified { claims, nbf: *nbf, exp: *exp })
    }
}
