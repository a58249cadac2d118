//! Claiming one-time keys to make Olm sessions.

use sotto_identity::{SortedMap, SortedSet, check_one_time_key, devices::one_time_key_kind};
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    keys::{ClaimKeysRequest, ClaimKeysResponse, ClaimedKey, ListedDevice},
    limits::MAX_CLAIM_DEVICES,
};
use vodozemac::{Curve25519PublicKey, olm::SessionConfig};

use crate::{error::E2eeError, state::Machine, trust::Alarm};

/// A device without any key is asked again after this time.
const RETRY_EMPTY_MS: i64 = 60_000;
/// A device with a forged key is asked again after this time.
const RETRY_FORGED_MS: i64 = 600_000;

type Owners = SortedMap<DeviceId, (UserId, ListedDevice)>;

impl Machine {
    /// The claim for those of the devices that have no session; the same one until it is answered.
    pub(crate) fn claim_for(
        &mut self,
        conversation_id: ConversationId,
        devices: impl Iterator<Item = DeviceId>,
        rng: &mut impl rand::CryptoRng,
        now_ms: i64,
    ) -> Option<ClaimKeysRequest> {
        if let Some(open) = self.claims.get(&conversation_id) {
            return Some(open.clone());
        }
        let lacking = |device_id: &DeviceId| {
            !self.can_encrypt_to(*device_id) && self.unclaimable.get(device_id).is_none_or(|until| now_ms >= *until)
        };
        let mut once = SortedSet::new();
        let devices = devices.filter(|device_id| once.insert(*device_id));
        let devices: Vec<DeviceId> = devices.filter(lacking).take(MAX_CLAIM_DEVICES).collect();
        if devices.is_empty() {
            return None;
        }
        let claim = ClaimKeysRequest { claim_id: Self::txn_id(rng), devices };
        self.claims.insert(conversation_id, claim.clone());
        Some(claim)
    }

    /// The claim that makes a session with one device of one's own account, for [`Machine::export_self_signing_for`].
    pub fn claim_for_device(&self, device_id: DeviceId, rng: &mut impl rand::CryptoRng) -> Option<ClaimKeysRequest> {
        let lacking = !self.can_encrypt_to(device_id);
        lacking.then(|| ClaimKeysRequest { claim_id: Self::txn_id(rng), devices: vec![device_id] })
    }

    /// Makes sessions with claimed keys. A key that its device did not sign raises an [`Alarm`]; a device without a
    /// key is left out of the next sends and can ask for theirs later.
    pub fn receive_claims(&mut self, request: &ClaimKeysRequest, response: &ClaimKeysResponse, now_ms: i64) {
        self.claims.retain(|_, open| open.claim_id != request.claim_id);
        let owners = self.owners(&request.devices);
        for device_id in &request.devices {
            let retry_ms = match response.keys.iter().find(|claimed| claimed.device_id == *device_id) {
                None => RETRY_EMPTY_MS,
                Some(claimed) if self.receive_claim(claimed, &owners, now_ms).is_ok() => continue,
                Some(_) => {
                    self.alarms.push(Alarm::ForgedOneTimeKey { device_id: *device_id });
                    RETRY_FORGED_MS
                }
            };
            self.unclaimable.insert(*device_id, now_ms + retry_ms);
        }
    }

    fn receive_claim(&mut self, claimed: &ClaimedKey, owners: &Owners, now_ms: i64) -> Result<(), E2eeError> {
        let device_id = claimed.device_id;
        let (user_id, device) = owners.get(&device_id).ok_or(E2eeError::UnknownDevice(device_id))?;
        let bad = || E2eeError::KeyExchange(device_id);
        let kind = one_time_key_kind(&claimed.key).ok_or_else(bad)?;
        let one_time_key =
            check_one_time_key(&claimed.key_id, &claimed.key, kind, *user_id, device).map_err(|_| bad())?;
        let identity = Curve25519PublicKey::from_base64(&device.curve25519).map_err(|_| bad())?;
        let one_time_key = Curve25519PublicKey::from_bytes(one_time_key.to_bytes());
        let session = self
            .account
            .olm
            .create_outbound_session(SessionConfig::version_1(), identity, one_time_key)
            .map_err(|_| bad())?;
        self.unclaimable.remove(&device_id);
        self.keep_session(device_id, session, now_ms);
        Ok(())
    }

    /// Whose active devices these are.
    fn owners(&self, devices: &[DeviceId]) -> Owners {
        let wanted: SortedSet<_> = devices.iter().collect();
        let active =
            self.users.iter().flat_map(|(user_id, user)| user.active().iter().map(|device| (*user_id, device)));
        let known = active.filter(|(_, device)| wanted.contains(&device.device_id));
        known.map(|(user_id, device)| (device.device_id, (user_id, device.clone()))).collect()
    }
}
