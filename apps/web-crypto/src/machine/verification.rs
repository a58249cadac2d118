//! How far people are trusted, and how they verify each other.

use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, read},
    error::unverified,
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// `unverified`, `first_use`, `verified` or `violated`.
    pub fn trust(&self, user_id: &str) -> Js<String> {
        let trust = match self.inner.trust(id(user_id)?) {
            sotto_e2ee::Trust::Unverified => "unverified",
            sotto_e2ee::Trust::FirstUse => "first_use",
            sotto_e2ee::Trust::Verified => "verified",
            sotto_e2ee::Trust::Violated => "violated",
        };
        Ok(trust.to_owned())
    }

    /// The pinned master key, unpadded base64.
    #[wasm_bindgen(js_name = masterKey)]
    pub fn master_key(&self, user_id: &str) -> Js<Option<String>> {
        Ok(self.inner.master_key(id(user_id)?).map(str::to_owned))
    }

    /// The master key that the server offers instead of the pinned one.
    #[wasm_bindgen(js_name = offeredMasterKey)]
    pub fn offered_master_key(&self, user_id: &str) -> Js<Option<String>> {
        Ok(self.inner.offered_master_key(id(user_id)?).map(str::to_owned))
    }

    /// Pins the `CrossSigningKey` of somebody who was looked up; `false` if it is malformed or another one is pinned.
    #[wasm_bindgen(js_name = pinMasterKey)]
    pub fn pin_master_key(&mut self, master_key: &str) -> Js<bool> {
        Ok(self.inner.pin_master_key(&read(master_key)?))
    }

    /// Two people compared this master key; `false` if another one is pinned.
    #[wasm_bindgen(js_name = markVerified)]
    pub fn mark_verified(&mut self, user_id: &str, master_key: &str) -> Js<bool> {
        Ok(self.inner.mark_verified(id(user_id)?, master_key))
    }

    /// A person takes it back that the pinned key was compared.
    #[wasm_bindgen(js_name = takeBackVerification)]
    pub fn take_back_verification(&mut self, user_id: &str) -> Js<()> {
        self.inner.take_back_verification(id(user_id)?);
        Ok(())
    }

    /// Tells the account's other devices what they were not told; `false`: nothing, or no conversation yet to say it in.
    #[wasm_bindgen(js_name = tellVerifications)]
    pub fn tell_verifications(&mut self) -> bool {
        self.inner.tell_verifications()
    }

    /// Whether the pinned key was compared, also while another one is offered.
    #[wasm_bindgen(js_name = isCompared)]
    pub fn is_compared(&self, user_id: &str) -> Js<bool> {
        Ok(self.inner.is_compared(id(user_id)?))
    }

    /// A person accepts the offered key that it was shown; `false` if it is not offered any more.
    #[wasm_bindgen(js_name = acceptNewMasterKey)]
    pub fn accept_new_master_key(&mut self, user_id: &str, shown: &str) -> Js<bool> {
        Ok(self.inner.accept_new_master_key(id(user_id)?, shown))
    }

    /// 60 digits in groups of five.
    #[wasm_bindgen(js_name = safetyNumber)]
    pub fn safety_number(&self, user_id: &str) -> Js<Option<String>> {
        Ok(self.inner.safety_number(id(user_id)?))
    }

    /// The number of the pinned key, also while another one is offered.
    #[wasm_bindgen(js_name = pinnedSafetyNumber)]
    pub fn pinned_safety_number(&self, user_id: &str) -> Js<Option<String>> {
        Ok(self.inner.pinned_safety_number(id(user_id)?))
    }

    /// The bytes of a QR code for the other person to scan.
    #[wasm_bindgen(js_name = verificationQr)]
    pub fn verification_qr(&self, user_id: &str) -> Js<Option<Vec<u8>>> {
        Ok(self.inner.verification_qr(id(user_id)?))
    }

    /// The other person's code was scanned. Errors: `Qr`, `OtherPerson`, `KeysDiffer`, `Unknown`.
    #[wasm_bindgen(js_name = verifyByQr)]
    pub fn verify_by_qr(&mut self, user_id: &str, qr: &[u8]) -> Js<()> {
        self.inner.verify_by_qr(id(user_id)?, qr).map_err(unverified)
    }
}
