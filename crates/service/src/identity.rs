//! A new identity: another master key and a list that begins anew. Contacts learn of it by the rosters' versions, and
//! their clients block until a person accepts the new key.

use sotto_identity::{CrossSigning, check_certified_device, check_cross_signing, check_recovery_key, verify_first};
use sotto_protocol::{
    Base64Bytes, DeviceId, ProblemCode,
    identity::{ResetIdentityRequest, ResetIdentityResponse},
};
use sotto_store::{PgConnection, audit, backup, identity, inbox, recovery, rosters, transaction};

use crate::{
    Service, ServiceResult,
    backup::refusal,
    checks::{self, invalid, keys_refusal, list_refusal, refused},
    devices::{Revoked, wake},
    enrolment::{Acting, append, note_keys},
    tokens::AccessClaims,
};

impl Service {
    /// Gives the account a new identity with the calling device alone (step-up). All other devices are revoked; recovery
    /// key and key backup of before are void.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `invalid_request`, `invalid_key` (a key was used
    /// before), `invalid_signature`, `chain_conflict`, `forbidden`.
    pub async fn reset_identity(
        &self,
        caller: &AccessClaims,
        request: &ResetIdentityRequest,
    ) -> ServiceResult<ResetIdentityResponse> {
        caller.require_fresh(self.clock.now_ms())?;
        checks::recovery_bundle(&request.recovery_bundle.0)?;
        let account = check_cross_signing(caller.user_id, &request.master_key, &request.self_signing_key)
            .map_err(keys_refusal)?;
        verify_first(&request.device_list, &account).map_err(list_refusal)?;
        let revoked = transaction!(self.database, "identity.reset", |conn| {
            self.replace_identity(conn, caller, request, &account).await
        })?;
        let receipts = self.announce_revoked(caller.user_id, &revoked).await;
        let conversations_bumped = i64::try_from(revoked.rosters.len()).unwrap_or(i64::MAX);
        Ok(ResetIdentityResponse { list_version: revoked.list_version, conversations_bumped, receipts })
    }

    async fn replace_identity(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        request: &ResetIdentityRequest,
        account: &CrossSigning,
    ) -> ServiceResult<Revoked> {
        let (now, user_id) = (self.clock.now(), caller.user_id);
        let acting = Acting::lock(conn, caller).await?;
        acting.require_trusted(now)?;
        let listed = check_certified_device(&request.device_keys, caller.device_id, account).map_err(keys_refusal)?;
        let before = acting.device.device_keys.as_ref();
        if before.is_none_or(|before| before.keys != request.device_keys.keys) {
            return Err(invalid("device_keys: the device keeps its keys"));
        }
        if request.device_list.devices != [listed] {
            return Err(invalid("device_list: exactly the calling device"));
        }
        let rosters = rosters::bump_rosters(conn, user_id).await?;
        note_keys(conn, user_id.0, &cross_keys(account)).await?;
        identity::replace(conn, user_id, &request.master_key, &request.self_signing_key).await?;
        append(conn, &request.device_list, now).await?;
        identity::certify_again(conn, &request.device_keys).await?;
        recovery::put(conn, user_id, &request.recovery_bundle.0).await?;
        if let Some(key) = &request.recovery_key {
            check_recovery_key(key, account).map_err(refusal)?;
            if key.version != backup::get(conn, user_id).await?.recovery_version + 1 {
                return Err(refused(ProblemCode::ChainConflict, "recovery_key.version: one more than the one before"));
            }
        }
        backup::put_recovery_key(conn, user_id, request.recovery_key.as_ref()).await?;
        audit::record(conn, user_id, Some(caller.device_id), "identity_reset", serde_json::json!({}), now).await?;
        wake(conn, &rosters, &[]).await?;
        let all = acting.devices.iter().map(|device| device.id);
        let mut others: Vec<DeviceId> = all.filter(|id| *id != caller.device_id).collect();
        others.sort();
        inbox::lock(conn, &others).await?;
        let ended = self.end_devices(conn, user_id, &others).await?;
        Ok(Revoked { list_version: request.device_list.version, ended, notified: Vec::new(), rosters, at: now })
    }
}

/// The bytes of an account's keys, which are noted like those of devices.
pub(crate) fn cross_keys(account: &CrossSigning) -> Vec<Vec<u8>> {
    let bytes = |key: &sotto_identity::Ed25519Public| Base64Bytes::from_base64(&key.to_base64()).unwrap_or_default().0;
    [account.master, account.self_signing].iter().map(bytes).collect()
}
