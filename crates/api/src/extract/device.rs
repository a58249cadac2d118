//! Who asks: a device, by its access token. Nothing in a body is believed about it.

use std::ops::Deref;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use sotto_protocol::{DeviceId, ProblemCode, UserId};
use sotto_service::{Service, limits::Limit, revocations::Ended, tokens::AccessClaims};

use crate::{ApiError, ApiResult, ApiState};

/// A device whose token is valid and not revoked; perhaps not signed by its account yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthedDevice {
    /// The account.
    pub user_id: UserId,
    /// The device.
    pub device_id: DeviceId,
    /// Whether the account signed the device.
    pub verified: bool,
    /// When the password was last given, if the token says so.
    pub fresh_at_ms: Option<i64>,
    /// The generation of its tokens.
    pub token_generation: i32,
}

/// A device that its account signed; others get `device_unverified`.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedDevice(pub AuthedDevice);

/// A device whose password was given within five minutes; others get `step_up_required`.
#[derive(Clone, Copy, Debug)]
pub struct FreshDevice(pub AuthedDevice);

/// A device with a token, or somebody without one; a token that is there has to be valid.
#[derive(Clone, Copy, Debug)]
pub struct MaybeDevice(pub Option<AuthedDevice>);

impl AuthedDevice {
    /// Checks an access token, from wherever it came.
    ///
    /// # Errors
    /// `unauthorized`, `token_expired`, `device_revoked`.
    pub fn of_token(service: &Service, token: &str) -> ApiResult<Self> {
        Self::of_claims(service, service.tokens.verify_access(token)?)
    }

    /// Checks that what a valid token or ticket says was not revoked since.
    ///
    /// # Errors
    /// `device_revoked`; `token_expired` where only the tokens ended: the device would forget its keys otherwise.
    pub fn of_claims(service: &Service, claims: AccessClaims) -> ApiResult<Self> {
        match service.revocations.ended(claims.device_id, claims.token_generation) {
            Some(Ended::Device) => return Err(ProblemCode::DeviceRevoked.into()),
            Some(Ended::Tokens) => return Err(ProblemCode::TokenExpired.into()),
            None => {}
        }
        let AccessClaims { user_id, device_id, token_generation, verified, fresh_at_ms } = claims;
        Ok(Self { user_id, device_id, verified, fresh_at_ms, token_generation })
    }

    /// What the token said.
    pub fn claims(&self) -> AccessClaims {
        let Self { user_id, device_id, verified, fresh_at_ms, token_generation } = *self;
        AccessClaims { user_id, device_id, token_generation, verified, fresh_at_ms }
    }

    /// For actions that need a fresh authentication.
    ///
    /// # Errors
    /// `step_up_required`.
    pub fn require_fresh(&self, service: &Service) -> ApiResult<()> {
        Ok(self.claims().require_fresh(service.clock.now_ms())?)
    }

    /// For actions of devices that their account signed.
    ///
    /// # Errors
    /// `device_unverified`.
    pub fn require_verified(self) -> ApiResult<VerifiedDevice> {
        if self.verified { Ok(VerifiedDevice(self)) } else { Err(ProblemCode::DeviceUnverified.into()) }
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 section 2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<ApiState> for AuthedDevice {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> ApiResult<Self> {
        if let Some(device) = parts.extensions.get::<Self>() {
            return Ok(*device);
        }
        let token = bearer(&parts.headers).ok_or(ProblemCode::Unauthorized)?;
        let device = Self::of_token(&state.service, token)?;
        state.service.limits.by_device(Limit::ApiDevice, device.device_id).await?;
        parts.extensions.insert(device);
        Ok(device)
    }
}

impl FromRequestParts<ApiState> for VerifiedDevice {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> ApiResult<Self> {
        AuthedDevice::from_request_parts(parts, state).await?.require_verified()
    }
}

impl FromRequestParts<ApiState> for FreshDevice {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> ApiResult<Self> {
        let device = AuthedDevice::from_request_parts(parts, state).await?;
        device.require_fresh(&state.service)?;
        Ok(Self(device))
    }
}

impl FromRequestParts<ApiState> for MaybeDevice {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> ApiResult<Self> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self(None));
        }
        AuthedDevice::from_request_parts(parts, state).await.map(|device| Self(Some(device)))
    }
}

impl Deref for VerifiedDevice {
    type Target = AuthedDevice;

    fn deref(&self) -> &AuthedDevice {
        &self.0
    }
}

impl Deref for FreshDevice {
    type Target = AuthedDevice;

    fn deref(&self) -> &AuthedDevice {
        &self.0
    }
}
