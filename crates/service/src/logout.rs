//! Logging out: oneself, by revocation or by the end of one's tokens; and everybody else.

use sotto_protocol::{
    DeviceId,
    accounts::LogoutRequest,
    devices::{LogoutOthersRequest, LogoutOthersResponse, RevokeDeviceRequest},
    keys::ListAuthor,
};
use sotto_store::{PgConnection, audit, inbox, refresh, revocations, rosters, transaction};

use crate::{
    Service, ServiceResult,
    checks::invalid,
    devices::{Ended, Revoked, on, wake},
    enrolment::{Acting, append},
    tokens::AccessClaims,
};

/// What became of a device that logged out without an entry of the list.
enum LoggedOut {
    /// It is nothing without its tokens, and gone with them.
    Unverified(Vec<Ended>),
    /// Its tokens before this generation are void.
    Signed(i32),
}

impl Service {
    /// Logs the device out. With the entry that leaves it out it is revoked; without one its tokens end, everywhere
    /// within two seconds, and an unverified device goes with them.
    ///
    /// # Errors
    /// With an entry those of a revocation (`limit_reached` for the last device, which logs out without one).
    pub async fn logout(&self, caller: &AccessClaims, request: &LogoutRequest) -> ServiceResult<()> {
        if request.device_list.is_some() {
            let revoke = RevokeDeviceRequest { device_list: request.device_list.clone() };
            return self.revoke_device(caller, caller.device_id, &revoke).await.map(drop);
        }
        let now = self.clock.now();
        let logged_out = transaction!(self.database, "auth.logout", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            audit::record(conn, caller.user_id, Some(caller.device_id), "logout", serde_json::json!({}), now).await?;
            if !acting.device.verified {
                return self.end_devices(conn, caller.user_id, &[caller.device_id]).await.map(LoggedOut::Unverified);
            }
            let generation = refresh::end_session(conn, caller.device_id).await?;
            revocations::record_before(conn, caller.user_id, caller.device_id, generation, now).await?;
            Ok(LoggedOut::Signed(generation))
        })?;
        match logged_out {
            LoggedOut::Unverified(ended) => self.announce_ended(caller.user_id, &ended).await,
            // The others read it in the feed.
            LoggedOut::Signed(generation) => self.revocations.revoke_before(caller.device_id, generation),
        }
        Ok(())
    }

    /// Revokes all other devices of the account at once (step-up), by one entry of the list.
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `invalid_request` (entry missing, or for another
    /// change), `chain_conflict`, `invalid_signature`, `forbidden`.
    pub async fn logout_others(
        &self,
        caller: &AccessClaims,
        request: &LogoutOthersRequest,
    ) -> ServiceResult<LogoutOthersResponse> {
        caller.require_fresh(self.clock.now_ms())?;
        let revoked =
            transaction!(self.database, "auth.logout_others", |conn| { self.end_others(conn, caller, request).await })?;
        Ok(LogoutOthersResponse { receipts: self.announce_revoked(caller.user_id, &revoked).await })
    }

    async fn end_others(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        request: &LogoutOthersRequest,
    ) -> ServiceResult<Revoked> {
        let now = self.clock.now();
        let acting = Acting::lock(conn, caller).await?;
        acting.require_trusted(now)?;
        let others = |ids: Vec<DeviceId>| {
            let mut others: Vec<DeviceId> = ids.into_iter().filter(|id| *id != caller.device_id).collect();
            others.sort();
            others
        };
        let listed = others(acting.verified());
        let all = others(acting.devices.iter().map(|device| device.id).collect());
        let mut list_version = acting.account.list_version;
        let mut rosters = Vec::new();
        match &request.device_list {
            Some(entry) if !listed.is_empty() => {
                let extension = acting.check_entry(conn, entry, ListAuthor::Device(caller.device_id)).await?;
                extension.require_removed(&listed)?;
                if !extension.added.is_empty() {
                    return Err(invalid("the entry must add no device"));
                }
                append(conn, entry, now).await?;
                list_version = entry.version;
                rosters = rosters::bump_rosters(conn, caller.user_id).await?;
            }
            None if listed.is_empty() => {}
            Some(_) => return Err(invalid("device_list: no other device is in the list")),
            None => return Err(invalid("device_list: the entry with this device alone")),
        }
        inbox::lock(conn, &all).await?;
        for device_id in &all {
            audit::record(conn, caller.user_id, Some(caller.device_id), "device_revoked", on(*device_id), now).await?;
        }
        wake(conn, &rosters, &[]).await?;
        let ended = self.end_devices(conn, caller.user_id, &all).await?;
        Ok(Revoked { list_version, ended, notified: Vec::new(), rosters, at: now })
    }
}
