//! Signing in and out, and proving again that it is oneself.

use sotto_identity::verify_login;
use sotto_protocol::{
    DeviceId, ProblemCode,
    accounts::{ChallengeResponse, KnownDevice, LoginRequest, SessionResponse, StepUpRequest, StepUpResponse},
    devices::{DeviceType, NewDevice},
    events::InboxBody,
    limits::MAX_UNVERIFIED_DEVICES_PER_USER,
};
use sotto_store::{
    PgConnection,
    accounts::{self, AccountRow},
    audit,
    devices::{self, DeviceRow},
    inbox, outbox, transaction,
};

use crate::{
    Service, ServiceResult, checks,
    checks::invalid,
    devices::{Ended, device_key},
    limits::Limit,
    refresh::RefreshToken,
    tokens::{AccessClaims, FRESH_FOR_MS},
};

/// A device that is signed in, to be announced after the commit.
struct SignedIn {
    claims: AccessClaims,
    ended: Vec<Ended>,
    notified: Vec<DeviceId>,
}

impl Service {
    /// A challenge for a known device to sign.
    ///
    /// # Errors
    /// A broken installation.
    pub fn create_challenge(&self) -> ServiceResult<ChallengeResponse> {
        let challenge = self.tokens.issue_challenge()?;
        Ok(ChallengeResponse { challenge: challenge.token, expires_in_ms: challenge.expires_in_ms })
    }

    /// Signs a known device in again, or a new one that stays unverified until it is linked or recovers.
    ///
    /// # Errors
    /// `wrong_credentials`, `rate_limited`, `invalid_request`.
    pub async fn login(&self, request: LoginRequest) -> ServiceResult<SessionResponse> {
        if request.known_device.is_some() && request.new_device.is_some() {
            return Err(invalid("either known_device or new_device"));
        }
        let device = request.new_device.unwrap_or_else(browser);
        checks::device(&device)?;
        // A name that can't exist costs and answers the same as one that does not.
        let username = request.username.to_lowercase();
        self.limits.take(Limit::LoginUsername, username.chars().take(64).collect::<String>(), 1).await?;
        let account = accounts::by_name(&mut *self.database.acquire().await?, &username).await?;
        self.passwords.verify(&request.password, account.as_ref().map(|account| &*account.password_hash)).await?;
        let account = account.ok_or(ProblemCode::WrongCredentials)?;
        if let Some(known) = &request.known_device {
            self.redeem_challenge(&known.challenge).await?;
        }
        let token = self.random_refresh_token();
        let known = request.known_device.as_ref();
        let signed_in = transaction!(self.database, "auth.login", |conn| {
            self.sign_in(conn, &account, known, &device, &token).await
        })?;
        self.announce_ended(signed_in.claims.user_id, &signed_in.ended).await;
        self.cluster.wake(&[], &signed_in.notified);
        let SignedIn { claims, .. } = signed_in;
        Ok(SessionResponse {
            user_id: claims.user_id,
            device_id: claims.device_id,
            verified: claims.verified,
            tokens: self.token_pair(claims, &token)?,
        })
    }

    async fn sign_in(
        &self,
        conn: &mut PgConnection,
        checked: &AccountRow,
        known: Option<&KnownDevice>,
        device: &NewDevice,
        token: &RefreshToken,
    ) -> ServiceResult<SignedIn> {
        let now = self.clock.now();
        // The password may have been changed since it was verified.
        let account = accounts::lock(conn, checked.id).await?.ok_or(ProblemCode::WrongCredentials)?;
        if account.password_hash != checked.password_hash {
            return Err(ProblemCode::WrongCredentials.into());
        }
        let all = devices::of_user(conn, account.id).await?;
        let signed_in = match known {
            Some(known) => self.sign_in_known(conn, &account, &all, known).await?,
            None => self.sign_in_new(conn, &account, &all, device).await?,
        };
        self.open_family(conn, account.id, signed_in.claims.device_id, token, now).await?;
        let detail = serde_json::json!({ "verified": signed_in.claims.verified });
        audit::record(conn, account.id, Some(signed_in.claims.device_id), "login", detail, now).await?;
        Ok(signed_in)
    }

    async fn sign_in_known(
        &self,
        conn: &mut PgConnection,
        account: &AccountRow,
        all: &[DeviceRow],
        known: &KnownDevice,
    ) -> ServiceResult<SignedIn> {
        let signed = |device: &DeviceRow| {
            device_key(device).is_some_and(|key| verify_login(key, &known.challenge, &known.signature.0))
        };
        let Some(device) = all.iter().find(|device| device.id == known.device_id) else {
            // Only who has the password and the device's key is told what became of it.
            let once = devices::get(conn, known.device_id).await?;
            let once = once.is_some_and(|device| device.user_id == account.id && signed(&device));
            return Err(if once { ProblemCode::DeviceRevoked } else { ProblemCode::WrongCredentials }.into());
        };
        if !signed(device) {
            return Err(ProblemCode::WrongCredentials.into());
        }
        let claims = AccessClaims {
            user_id: device.user_id,
            device_id: device.id,
            token_generation: device.token_generation,
            verified: device.verified,
            fresh_at_ms: Some(self.clock.now_ms()),
        };
        Ok(SignedIn { claims, ended: Vec::new(), notified: Vec::new() })
    }

    async fn sign_in_new(
        &self,
        conn: &mut PgConnection,
        account: &AccountRow,
        all: &[DeviceRow],
        device: &NewDevice,
    ) -> ServiceResult<SignedIn> {
        let now = self.clock.now();
        let (verified, unverified): (Vec<_>, Vec<_>) = all.iter().partition(|device| device.verified);
        let surplus = (unverified.len() + 1).saturating_sub(MAX_UNVERIFIED_DEVICES_PER_USER);
        let oldest: Vec<DeviceId> = unverified.iter().take(surplus).map(|device| device.id).collect();
        let device_id = DeviceId(self.entropy.uuid());
        devices::insert_unverified(conn, account.id, device_id, device, now).await?;
        inbox::create(conn, device_id).await?;
        let notified: Vec<DeviceId> = verified.iter().map(|device| device.id).collect();
        inbox::lock(conn, &[&*notified, &*oldest].concat()).await?;
        let notice = InboxBody::LoginSeen { device_id, name: device.name.clone() };
        inbox::push_notice(conn, &notified, &notice, now).await?;
        outbox::wake(conn, &[], &notified).await?;
        let ended = self.end_devices(conn, account.id, &oldest).await?;
        let claims = AccessClaims {
            user_id: account.id,
            device_id,
            token_generation: 0,
            verified: false,
            fresh_at_ms: Some(self.clock.now_ms()),
        };
        Ok(SignedIn { claims, ended, notified })
    }

    /// Checks the password again; the new access token counts as fresh for five minutes.
    ///
    /// # Errors
    /// `wrong_credentials`, `rate_limited`, `device_revoked`.
    pub async fn step_up(&self, caller: &AccessClaims, request: &StepUpRequest) -> ServiceResult<StepUpResponse> {
        self.limits.by_user(Limit::StepUpUser, caller.user_id).await?;
        let account = accounts::get(&mut *self.database.acquire().await?, caller.user_id).await?;
        self.passwords.verify(&request.password, account.as_ref().map(|account| &*account.password_hash)).await?;
        let device = devices::get(&mut *self.database.acquire().await?, caller.device_id).await?;
        let device = device.filter(|device| device.revoked_at.is_none()).ok_or(ProblemCode::DeviceRevoked)?;
        let access = self.tokens.issue_access(AccessClaims {
            token_generation: caller.token_generation,
            verified: device.verified,
            fresh_at_ms: Some(self.clock.now_ms()),
            ..*caller
        })?;
        Ok(StepUpResponse {
            access_token: access.token,
            expires_in_ms: access.expires_in_ms,
            fresh_for_ms: FRESH_FOR_MS.unsigned_abs(),
        })
    }
}

/// Who says nothing about its device.
fn browser() -> NewDevice {
    NewDevice { name: "login".into(), device_type: DeviceType::Web }
}
