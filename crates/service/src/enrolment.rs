//! What registering, linking and recovery share: a signed device comes in, and the list grows by its entry.

use sotto_identity::{
    CrossSigning, Curve25519Public, Ed25519Public, canonical, check_certified_device, check_cross_signing, verify_next,
};
use sotto_protocol::{
    Base64Bytes, DeviceId, ProblemCode,
    devices::NewDevice,
    events::InboxBody,
    keys::{DeviceKeys, DeviceList, ListAuthor, ListedDevice, OneTimeKeys},
};
use sotto_store::{
    PgConnection, StoreError,
    accounts::{self, AccountRow},
    devices::{self, DeviceRow},
    inbox, keys, lists,
};
use time::OffsetDateTime;

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{self, invalid, keys_refusal, list_refusal, refused},
    tokens::AccessClaims,
};

/// The device that acts, its account and the account's devices, held until the transaction ends.
pub(crate) struct Acting {
    pub account: AccountRow,
    pub device: DeviceRow,
    /// Not revoked ones, oldest first.
    pub devices: Vec<DeviceRow>,
}

/// What an entry changes.
pub(crate) struct Extension {
    pub added: Vec<ListedDevice>,
    pub removed: Vec<DeviceId>,
}

/// A signed device to be stored, all of it checked.
pub(crate) struct Enrolment<'a> {
    pub keys: &'a DeviceKeys,
    pub device: &'a NewDevice,
    pub one_time_keys: &'a OneTimeKeys,
    pub fallback_key: &'a OneTimeKeys,
    pub probation_until: Option<OffsetDateTime>,
}

impl Acting {
    /// Holds the caller's account.
    ///
    /// # Errors
    /// `device_revoked`.
    pub async fn lock(conn: &mut PgConnection, caller: &AccessClaims) -> ServiceResult<Self> {
        let account = accounts::lock(conn, caller.user_id).await?.ok_or(ProblemCode::DeviceRevoked)?;
        let devices = devices::of_user(conn, caller.user_id).await?;
        let device = devices.iter().find(|device| device.id == caller.device_id).cloned();
        let device = device.ok_or(ProblemCode::DeviceRevoked)?;
        if device.token_generation > caller.token_generation {
            return Err(ProblemCode::Unauthorized.into());
        }
        Ok(Self { account, device, devices })
    }

    /// # Errors
    /// `device_unverified`.
    pub fn require_verified(&self) -> ServiceResult<()> {
        if self.device.verified { Ok(()) } else { Err(ProblemCode::DeviceUnverified.into()) }
    }

    /// A device linked a short while ago can't change who else is in, unless there is nobody else who could.
    ///
    /// # Errors
    /// `device_unverified`, `device_on_probation`.
    pub fn require_trusted(&self, now: OffsetDateTime) -> ServiceResult<()> {
        self.require_verified()?;
        let on_probation = self.device.probation_until.is_some_and(|until| until > now);
        if on_probation && self.verified().len() > 1 {
            return Err(ProblemCode::DeviceOnProbation.into());
        }
        Ok(())
    }

    /// Ids of the verified devices.
    pub fn verified(&self) -> Vec<DeviceId> {
        self.devices.iter().filter(|device| device.verified).map(|device| device.id).collect()
    }

    /// The account's keys, checked when they were stored.
    pub fn cross_signing(&self) -> ServiceResult<CrossSigning> {
        check_cross_signing(self.account.id, &self.account.master_key, &self.account.self_signing_key)
            .map_err(|error| ServiceError::Internal(format!("stored keys of {}: {error}", self.account.id)))
    }

    /// Checks that an entry extends the list by this author, without storing it.
    ///
    /// # Errors
    /// `chain_conflict`, `forbidden`, `invalid_signature`, `invalid_key`, `invalid_request`, `limit_reached`.
    pub async fn check_entry(
        &self,
        conn: &mut PgConnection,
        entry: &DeviceList,
        author: ListAuthor,
    ) -> ServiceResult<Extension> {
        let head = lists::head(conn, self.account.id).await?;
        let head = head.ok_or_else(|| ServiceError::Internal(format!("{} has no list", self.account.id)))?;
        verify_next(&head, entry, &self.cross_signing()?).map_err(list_refusal)?;
        if entry.author != author {
            return Err(refused(ProblemCode::Forbidden, "the author of the entry is not who may extend the list here"));
        }
        let stays = |devices: &[ListedDevice], id| devices.iter().any(|device| device.device_id == id);
        let added = entry.devices.iter().filter(|device| !stays(&head.devices, device.device_id)).cloned().collect();
        let removed =
            head.devices.iter().map(|device| device.device_id).filter(|id| !stays(&entry.devices, *id)).collect();
        Ok(Extension { added, removed })
    }
}

impl Extension {
    /// The entry adds exactly this device.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn require_added(&self, device: &ListedDevice) -> ServiceResult<()> {
        if self.added == [device.clone()] { Ok(()) } else { Err(invalid("the entry must add exactly the new device")) }
    }

    /// The entry removes exactly these devices.
    ///
    /// # Errors
    /// `invalid_request`.
    pub fn require_removed(&self, devices: &[DeviceId]) -> ServiceResult<()> {
        if self.removed == devices { Ok(()) } else { Err(invalid("the entry must remove exactly the revoked device")) }
    }
}

impl Enrolment<'_> {
    /// Checks everything that needs no lock. Answers the device as its list must name it.
    ///
    /// # Errors
    /// `invalid_request`, `invalid_key`, `invalid_signature`.
    pub fn check(&self, account: &CrossSigning) -> ServiceResult<ListedDevice> {
        checks::device(self.device)?;
        let device_id = self.keys.device_id;
        checks::fresh_id(device_id.0)?;
        let listed = check_certified_device(self.keys, device_id, account).map_err(keys_refusal)?;
        if self.fallback_key.len() != 1 {
            return Err(invalid("fallback_key: exactly one"));
        }
        checks::uploaded_keys(account.user_id, &listed, self.one_time_keys, self.fallback_key)?;
        Ok(listed)
    }

    /// Stores the device with its keys and inbox.
    ///
    /// # Errors
    /// `already_exists` (the id), `invalid_key` (an identity key seen before).
    pub async fn store(
        &self,
        conn: &mut PgConnection,
        listed: &ListedDevice,
        now: OffsetDateTime,
    ) -> ServiceResult<()> {
        if !devices::put_verified(conn, self.keys, self.device, now, self.probation_until).await? {
            return Err(ProblemCode::AlreadyExists.into());
        }
        let device_id = listed.device_id;
        note_keys(conn, device_id.0, &identity_keys(listed)?).await?;
        inbox::create(conn, device_id).await?;
        keys::insert_one_time(conn, device_id, self.one_time_keys, now).await?;
        for (key_id, key) in self.fallback_key {
            keys::put_fallback(conn, device_id, key_id, key, now).await?;
        }
        Ok(())
    }
}

/// Makes a checked entry the head of its list.
pub(crate) async fn append(conn: &mut PgConnection, entry: &DeviceList, now: OffsetDateTime) -> ServiceResult<()> {
    let hash = canonical::hash(entry).map_err(invalid)?;
    Ok(lists::append(conn, entry, &hash, now).await?)
}

/// Tells the account's own devices that its list has a new head.
pub(crate) async fn tell_own(
    conn: &mut PgConnection,
    devices: &[DeviceId],
    list_version: i64,
    now: OffsetDateTime,
) -> ServiceResult<()> {
    Ok(inbox::push_notice(conn, devices, &InboxBody::DeviceListChanged { list_version }, now).await?)
}

/// Notes identity keys for ever.
///
/// # Errors
/// `invalid_key`: one was seen before.
pub(crate) async fn note_keys(conn: &mut PgConnection, owner: uuid::Uuid, keys: &[Vec<u8>]) -> ServiceResult<()> {
    devices::note_identity_keys(conn, owner, keys).await.map_err(|error| match error {
        StoreError::Conflict { .. } => refused(ProblemCode::InvalidKey, "an identity key was used before"),
        error => error.into(),
    })
}

/// The bytes of a device's identity keys.
pub(crate) fn identity_keys(device: &ListedDevice) -> ServiceResult<[Vec<u8>; 2]> {
    let refusal = |error: sotto_identity::KeyError| refused(ProblemCode::InvalidKey, error);
    Ed25519Public::parse(&device.ed25519).map_err(refusal)?;
    let curve25519 = Curve25519Public::parse(&device.curve25519).map_err(refusal)?.to_bytes().to_vec();
    let ed25519 = Base64Bytes::from_base64(&device.ed25519).unwrap_or_default().0;
    Ok([ed25519, curve25519])
}

impl Service {
    /// Until when a device that is linked now is on probation.
    pub(crate) fn probation_until(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let probation = self.accounts.probation;
        (!probation.is_zero()).then(|| now + probation)
    }
}
