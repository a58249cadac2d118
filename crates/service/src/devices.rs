//! Devices of an account: listing, renaming, revoking.

use std::collections::HashMap;

use sotto_protocol::{
    ConversationId, DeviceId, ProblemCode, UserId,
    devices::{Device, Devices, RenameDeviceRequest, RevocationReceipt, RevokeDeviceRequest},
    keys::ListAuthor,
};
use sotto_store::{
    PgConnection, audit,
    devices::{self, DeviceRow},
    inbox, last_seen, outbox,
    revocations::{self, Destroyed},
    rosters, transaction,
};
use time::OffsetDateTime;

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{device_name, invalid},
    clock::millis,
    enrolment::{Acting, append, tell_own},
    tokens::AccessClaims,
};

/// A device that was ended, with its position in the feed.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    pub device_id: DeviceId,
    pub seq: i64,
    pub destroyed: Destroyed,
}

/// Revocations, to be announced after the commit.
pub(crate) struct Revoked {
    pub list_version: i64,
    pub ended: Vec<Ended>,
    pub notified: Vec<DeviceId>,
    pub rosters: Vec<(ConversationId, i64)>,
    pub at: OffsetDateTime,
}

impl Service {
    /// Devices of the caller's account.
    ///
    /// # Errors
    /// The database is not available.
    pub async fn devices(&self, caller: &AccessClaims) -> ServiceResult<Devices> {
        let mut conn = self.database.acquire().await?;
        let rows = devices::of_user(&mut conn, caller.user_id).await?;
        let ids: Vec<DeviceId> = rows.iter().map(|row| row.id).collect();
        let seen = last_seen::get(&mut conn, &ids).await?;
        Ok(Devices { devices: rows.iter().map(|row| shown(row, &seen, caller)).collect() })
    }

    /// Gives a device of the caller's account another name.
    ///
    /// # Errors
    /// `not_found`, `invalid_request`.
    pub async fn rename_device(
        &self,
        caller: &AccessClaims,
        device_id: DeviceId,
        request: &RenameDeviceRequest,
    ) -> ServiceResult<Device> {
        device_name(&request.name)?;
        transaction!(self.database, "devices.rename", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_verified()?;
            let mut row = own_device(&acting, device_id)?.clone();
            devices::rename(conn, device_id, &request.name).await?;
            row.name.clone_from(&request.name);
            Ok(shown(&row, &last_seen::get(conn, &[device_id]).await?, caller))
        })
    }

    /// Revokes a device of the caller's account: it is out of every roster, its tokens, keys and inbox are gone.
    ///
    /// # Errors
    /// `not_found`, `step_up_required`, `device_on_probation`, `invalid_request` (entry missing, or for another change),
    /// `chain_conflict`, `invalid_signature`, `forbidden`.
    pub async fn revoke_device(
        &self,
        caller: &AccessClaims,
        device_id: DeviceId,
        request: &RevokeDeviceRequest,
    ) -> ServiceResult<RevocationReceipt> {
        if device_id != caller.device_id {
            caller.require_fresh(self.clock.now_ms())?;
        }
        let revoked = transaction!(self.database, "devices.revoke", |conn| {
            self.revoke(conn, caller, device_id, request).await
        })?;
        let receipts = self.announce_revoked(caller.user_id, &revoked).await;
        receipts.into_iter().next().ok_or_else(|| ServiceError::Internal("nothing was revoked".to_owned()))
    }

    async fn revoke(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        device_id: DeviceId,
        request: &RevokeDeviceRequest,
    ) -> ServiceResult<Revoked> {
        let now = self.clock.now();
        let acting = Acting::lock(conn, caller).await?;
        let is_own = device_id == caller.device_id;
        if !is_own {
            acting.require_trusted(now)?;
        }
        let verified = own_device(&acting, device_id)?.verified;
        let mut notified = acting.verified();
        notified.retain(|id| *id != device_id);
        let mut list_version = acting.account.list_version;
        let mut rosters = Vec::new();
        match (&request.device_list, verified) {
            (Some(entry), true) => {
                let author = ListAuthor::Device(caller.device_id);
                let extension = acting.check_entry(conn, entry, author).await?;
                extension.require_removed(&[device_id])?;
                if !extension.added.is_empty() {
                    return Err(invalid("the entry must add no device"));
                }
                append(conn, entry, now).await?;
                list_version = entry.version;
                rosters = rosters::bump_rosters(conn, caller.user_id).await?;
                inbox::lock(conn, &acting.verified()).await?;
                tell_own(conn, &notified, list_version, now).await?;
            }
            (None, false) => notified.clear(),
            (None, true) => return Err(invalid("device_list: the entry without the device")),
            (Some(_), false) => return Err(invalid("device_list: the device is in no list")),
        }
        audit::record(conn, caller.user_id, Some(caller.device_id), "device_revoked", on(device_id), now).await?;
        wake(conn, &rosters, &notified).await?;
        let ended = self.end_devices(conn, caller.user_id, &[device_id]).await?;
        Ok(Revoked { list_version, ended, notified, rosters, at: now })
    }

    /// Ends devices within the caller's transaction, which holds their account and bumped its rosters.
    ///
    /// The last thing in a transaction: the feed's row is the one that everybody waits for.
    pub(crate) async fn end_devices(
        &self,
        conn: &mut PgConnection,
        user_id: UserId,
        device_ids: &[DeviceId],
    ) -> ServiceResult<Vec<Ended>> {
        let now = self.clock.now();
        inbox::lock(conn, device_ids).await?;
        let mut ended = Vec::with_capacity(device_ids.len());
        for device_id in device_ids {
            let destroyed = revocations::end_device(conn, *device_id, now).await?;
            ended.push(Ended { device_id: *device_id, seq: 0, destroyed });
        }
        for device in &mut ended {
            device.seq = revocations::record(conn, user_id, device.device_id, now).await?;
        }
        Ok(ended)
    }

    /// After the commit: closes the sockets of ended devices, here and on the other nodes.
    pub(crate) async fn announce_ended(&self, user_id: UserId, ended: &[Ended]) {
        for device in ended {
            self.cluster.revoked(user_id, device.device_id, device.seq).await;
        }
    }

    /// After the commit: tells members of the new rosters and wakes the account's devices.
    pub(crate) fn announce_rosters(&self, rosters: &[(ConversationId, i64)], notified: &[DeviceId]) {
        self.cluster.rosters_changed(rosters);
        self.cluster.wake(&[], notified);
    }
}

/// Leaves the row by which nodes that miss the announcement learn of it.
pub(crate) async fn wake(
    conn: &mut PgConnection,
    rosters: &[(ConversationId, i64)],
    notified: &[DeviceId],
) -> ServiceResult<()> {
    let conversations: Vec<ConversationId> = rosters.iter().map(|(id, _)| *id).collect();
    Ok(outbox::wake(conn, &conversations, notified).await?)
}

/// `detail` of an audit entry about a device.
pub(crate) fn on(device_id: DeviceId) -> serde_json::Value {
    serde_json::json!({ "device_id": device_id })
}

/// The Ed25519 key of a verified device.
pub(crate) fn device_key(device: &DeviceRow) -> Option<&str> {
    let keys = device.device_keys.as_ref()?;
    keys.keys.get(&sotto_identity::device_key_id(device.id)).map(String::as_str)
}

fn own_device(acting: &Acting, device_id: DeviceId) -> ServiceResult<&DeviceRow> {
    let found = acting.devices.iter().find(|device| device.id == device_id);
    found.ok_or_else(|| ProblemCode::NotFound.into())
}

fn shown(row: &DeviceRow, seen: &HashMap<DeviceId, OffsetDateTime>, caller: &AccessClaims) -> Device {
    Device {
        device_id: row.id,
        name: row.name.clone(),
        device_type: row.device_type.0,
        current: row.id == caller.device_id,
        verified: row.verified,
        created_at_ms: millis(row.created_at),
        last_seen_at_ms: seen.get(&row.id).map(|at| millis(*at)),
    }
}
