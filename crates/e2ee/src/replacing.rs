//! Another recovery key in the place of the old one.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sotto_protocol::{
    Base64Bytes,
    backup::{PutRecoveryKeyRequest, RecoveryPublicKey},
};

use crate::{
    error::E2eeError,
    records::Key,
    recovery::{open_bundle, seal_bundle},
    secrets::{RecoveryKey, SecretKey},
    state::Machine,
};

/// A recovery key on its way to the server: kept, since the old one opens nothing once the server has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Replacement {
    request: PutRecoveryKeyRequest,
    recovery_key: SecretKey,
}

impl Machine {
    /// Moves the account's private keys from under one recovery key under a fresh one. `newest` is the version of the
    /// newest one ever published. Persist, put the key, then [`Machine::recovery_key_stored`], or
    /// [`Machine::replacement_given_up`] if the server refused it.
    pub fn replace_recovery_key(
        &mut self,
        old: &RecoveryKey,
        bundle: &Base64Bytes,
        newest: i64,
        rng: &mut impl CryptoRng,
    ) -> Result<PutRecoveryKeyRequest, E2eeError> {
        let opened = open_bundle(old, self.user_id(), bundle)?;
        if Some(opened.master.public().as_str()) != self.master_key(self.user_id()) {
            return Err(E2eeError::WrongMasterKey);
        }
        let fresh = RecoveryKey::random(rng);
        let known = self.account.recovery_public.as_ref().map_or(0, |known| known.version);
        let version = known.max(newest).checked_add(1).ok_or(E2eeError::BadSecret)?;
        let request = PutRecoveryKeyRequest {
            recovery_key: fresh.publish(self.user_id(), version, &opened.master)?,
            recovery_bundle: Some(seal_bundle(&fresh, self.user_id(), &opened.master, &opened.self_signing, rng)?),
        };
        let recovery_key = fresh.secret().clone();
        self.account.replacement = Some(Replacement { request: request.clone(), recovery_key });
        self.touch(Key::Account);
        Ok(request)
    }

    /// The server shows this recovery key: if it is the one that was on its way, it is the account's, and this gives it,
    /// once, for the person. Begin a new backup then: what the old key could open is void.
    pub fn recovery_key_stored(&mut self, published: &RecoveryPublicKey) -> Option<RecoveryKey> {
        let replacement = self.account.replacement.take_if(|known| known.request.recovery_key == *published)?;
        self.know_recovery_key(published.clone());
        Some(RecoveryKey::from_secret(replacement.recovery_key))
    }

    /// The server refused the recovery key: the old one stays.
    pub fn replacement_given_up(&mut self) {
        if self.account.replacement.take().is_some() {
            self.touch(Key::Account);
        }
    }
}
