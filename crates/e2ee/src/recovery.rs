//! Recovery: the bundle under the recovery key, and what an unverified device does with it.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_identity::{cross_key_id, next_entry, sign, verify_chain, verify_next};
use sotto_protocol::{
    Base64Bytes, UserId,
    backup::RecoveryPublicKey,
    keys::ListAuthor,
    limits::MAX_ONE_TIME_KEYS_PER_UPLOAD,
    recovery::{CompleteRecoveryRequest, RecoveryResponse},
};
use zeroize::Zeroizing;

use crate::{
    error::E2eeError,
    records::Key,
    sealed,
    secrets::{RecoveryKey, Seed},
    state::Machine,
};

/// What the bundle holds. No `Debug`: it is the account.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bundle {
    v: u8,
    user_id: UserId,
    pub(crate) master: Seed,
    pub(crate) self_signing: Seed,
}

const VERSION: u8 = 1;

fn context(user_id: UserId) -> Vec<u8> {
    format!("sotto-recovery-v{VERSION}:{user_id}").into_bytes()
}

pub(crate) fn seal_bundle(
    key: &RecoveryKey,
    user_id: UserId,
    master: &Seed,
    self_signing: &Seed,
    rng: &mut impl CryptoRng,
) -> Result<Base64Bytes, E2eeError> {
    let bundle = Bundle { v: VERSION, user_id, master: master.clone(), self_signing: self_signing.clone() };
    let plaintext = Zeroizing::new(sotto_json::to_vec(&bundle)?);
    Ok(Base64Bytes(sealed::seal(key.bundle_key().as_bytes(), &context(user_id), &plaintext, rng)?))
}

pub(crate) fn open_bundle(key: &RecoveryKey, user_id: UserId, bundle: &Base64Bytes) -> Result<Bundle, E2eeError> {
    let plaintext = sealed::open(key.bundle_key().as_bytes(), &context(user_id), &bundle.0);
    let plaintext = Zeroizing::new(plaintext.map_err(|_| E2eeError::WrongRecoveryKey)?);
    let bundle: Bundle = sotto_json::from_slice(&plaintext).map_err(|_| E2eeError::WrongRecoveryKey)?;
    if bundle.v != VERSION || bundle.user_id != user_id {
        return Err(E2eeError::WrongRecoveryKey);
    }
    Ok(bundle)
}

impl Machine {
    /// The account's recovery key is this one.
    pub(crate) fn know_recovery_key(&mut self, published: RecoveryPublicKey) {
        self.account.recovery_public = Some(published);
        self.account.recovery_version_unknown = false;
        self.touch(Key::Account);
    }

    /// Makes this unverified device a full one with the recovery key. Persist before sending; when the server has
    /// accepted it, query this account's own keys.
    pub fn recover(
        &mut self,
        recovery_key: &RecoveryKey,
        response: &RecoveryResponse,
        now_ms: i64,
    ) -> Result<CompleteRecoveryRequest, E2eeError> {
        let user_id = self.user_id();
        let bundle = open_bundle(recovery_key, user_id, &response.recovery_bundle)?;
        let account = self.check_own_identity(&response.identity, &bundle.master.public())?;
        if account.self_signing.to_base64() != bundle.self_signing.public() {
            return Err(E2eeError::WrongMasterKey);
        }
        let head = verify_chain(&response.identity.lists, &account)?;
        let mut device_keys = self.account.device_keys.clone();
        let self_signing_id = cross_key_id(&bundle.self_signing.public());
        sign(&mut device_keys, user_id, &self_signing_id, |bytes| bundle.self_signing.sign(bytes))?;
        let mut device_list = next_entry(head, Some(self.account.listed()), None, ListAuthor::Master)?;
        let master_id = cross_key_id(&bundle.master.public());
        sign(&mut device_list, user_id, &self_signing_id, |bytes| bundle.self_signing.sign(bytes))?;
        sign(&mut device_list, user_id, &master_id, |bytes| bundle.master.sign(bytes))?;
        verify_next(head, &device_list, &account)?;
        self.pin_own(&response.identity, head, &account);
        self.account.device_keys = device_keys.clone();
        // Version 1 if the server has none; whatever version it shows, until then no other key counts.
        self.know_recovery_key(recovery_key.publish(user_id, 1, &bundle.master)?);
        self.account.recovery_version_unknown = true;
        self.account.self_signing = Some(bundle.self_signing);
        self.touch(Key::Account);
        Ok(CompleteRecoveryRequest {
            device_keys,
            device_list,
            one_time_keys: self.account.make_one_time_keys(MAX_ONE_TIME_KEYS_PER_UPLOAD)?,
            fallback_key: self.account.make_fallback_key(now_ms)?,
        })
    }
}
