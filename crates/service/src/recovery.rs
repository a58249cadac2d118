//! Recovery: the encrypted bundle, and an unverified device that becomes a full one with what it holds.

use sotto_protocol::{
    ConversationId, DeviceId, ProblemCode,
    accounts::SessionResponse,
    devices::NewDevice,
    keys::ListAuthor,
    recovery::{CompleteRecoveryRequest, PutRecoveryRequest, RecoveryResponse},
};
use sotto_store::{PgConnection, accounts, audit, backup, inbox, lists, recovery, rosters, transaction};

use crate::{
    Service, ServiceResult,
    backup::recovery_replaced,
    checks,
    checks::invalid,
    devices::{Ended, on, wake},
    enrolment::{Acting, Enrolment, append, tell_own},
    refresh::RefreshToken,
    tokens::AccessClaims,
};

/// A recovery, to be announced after the commit.
struct Recovered {
    claims: AccessClaims,
    rosters: Vec<(ConversationId, i64)>,
    ended: Vec<Ended>,
    notified: Vec<DeviceId>,
}

impl Service {
    /// The encrypted bundle and the account's identity (step-up), for a device that is signed or not.
    ///
    /// # Errors
    /// `step_up_required`, `device_revoked`.
    pub async fn recovery(&self, caller: &AccessClaims) -> ServiceResult<RecoveryResponse> {
        caller.require_fresh(self.clock.now_ms())?;
        transaction!(self.database, "recovery.get", |conn| {
            accounts::share(conn, &[caller.user_id]).await?;
            let bundle = recovery::get(conn, caller.user_id).await?.ok_or(ProblemCode::DeviceRevoked)?;
            let identity = lists::identity(conn, caller.user_id).await?.ok_or(ProblemCode::DeviceRevoked)?;
            Ok(RecoveryResponse { recovery_bundle: bundle.into(), identity })
        })
    }

    /// Replaces the bundle (step-up): the old recovery key opens nothing any more, and the key backup that was sealed to
    /// it is void.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `invalid_request`.
    pub async fn put_recovery(&self, caller: &AccessClaims, request: &PutRecoveryRequest) -> ServiceResult<()> {
        caller.require_fresh(self.clock.now_ms())?;
        checks::recovery_bundle(&request.recovery_bundle.0)?;
        let now = self.clock.now();
        let notified = transaction!(self.database, "recovery.put", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_trusted(now)?;
            recovery::put(conn, caller.user_id, &request.recovery_bundle.0).await?;
            // What was sealed to the old key is void, and the new one has published nothing.
            backup::put_recovery_key(conn, caller.user_id, None).await?;
            let version = backup::get(conn, caller.user_id).await?.recovery_version;
            recovery_replaced(conn, &acting, version, now).await
        })?;
        self.cluster.wake(&[], &notified);
        Ok(())
    }

    /// Makes the calling unverified device a full one, by an entry that the master key signed (step-up). Devices that
    /// the entry leaves out are revoked.
    ///
    /// # Errors
    /// `step_up_required`, `already_exists` (it is a full one), `invalid_request`, `invalid_key`, `invalid_signature`,
    /// `chain_conflict`, `forbidden`, `limit_reached`.
    pub async fn complete_recovery(
        &self,
        caller: &AccessClaims,
        request: &CompleteRecoveryRequest,
    ) -> ServiceResult<SessionResponse> {
        caller.require_fresh(self.clock.now_ms())?;
        let token = self.random_refresh_token();
        let recovered = transaction!(self.database, "recovery.complete", |conn| {
            self.recover(conn, caller, request, &token).await
        })?;
        let Recovered { claims, .. } = recovered;
        self.announce_ended(claims.user_id, &recovered.ended).await;
        self.announce_rosters(&recovered.rosters, &recovered.notified);
        Ok(SessionResponse {
            user_id: claims.user_id,
            device_id: claims.device_id,
            verified: true,
            tokens: self.token_pair(claims, &token)?,
        })
    }

    async fn recover(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        request: &CompleteRecoveryRequest,
        token: &RefreshToken,
    ) -> ServiceResult<Recovered> {
        let now = self.clock.now();
        let acting = Acting::lock(conn, caller).await?;
        if acting.device.verified {
            return Err(ProblemCode::AlreadyExists.into());
        }
        if request.device_keys.device_id != caller.device_id {
            return Err(invalid("device_keys: of the calling device"));
        }
        let device = NewDevice { name: acting.device.name.clone(), device_type: acting.device.device_type.0 };
        let enrolment = Enrolment {
            keys: &request.device_keys,
            device: &device,
            one_time_keys: &request.one_time_keys,
            fallback_key: &request.fallback_key,
            // Whoever holds the recovery key holds the account.
            probation_until: None,
        };
        let listed = enrolment.check(&acting.cross_signing()?)?;
        let extension = acting.check_entry(conn, &request.device_list, ListAuthor::Master).await?;
        extension.require_added(&listed)?;
        append(conn, &request.device_list, now).await?;
        let rosters = rosters::bump_rosters(conn, caller.user_id).await?;
        enrolment.store(conn, &listed, now).await?;
        // No start of its own: it has a right to all that the account has, and reads it with keys out of the backup.
        self.open_family(conn, caller.user_id, caller.device_id, token, now).await?;
        let mut notified = acting.verified();
        notified.retain(|device| !extension.removed.contains(device));
        inbox::lock(conn, &[&*notified, &*extension.removed].concat()).await?;
        tell_own(conn, &notified, request.device_list.version, now).await?;
        audit::record(conn, caller.user_id, Some(caller.device_id), "recovered", on(caller.device_id), now).await?;
        wake(conn, &rosters, &notified).await?;
        let ended = self.end_devices(conn, caller.user_id, &extension.removed).await?;
        let claims = AccessClaims { verified: true, fresh_at_ms: Some(self.clock.now_ms()), ..*caller };
        Ok(Recovered { claims, rosters, ended, notified })
    }
}
