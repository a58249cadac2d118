//! A new account, a new device, and signing in again.

use sotto_e2ee::{Machine, RegistrationKeys};
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, ms, read, write},
    error::{engine, fail},
    machine::JsMachine,
    recovery::JsRecoveryKey,
};

/// A new account on its first device. Store the machine's records before registering.
#[wasm_bindgen(js_name = Registration)]
pub struct JsRegistration {
    machine: Option<JsMachine>,
    keys: RegistrationKeys,
    recovery_key: JsRecoveryKey,
}

#[wasm_bindgen(js_class = Registration)]
impl JsRegistration {
    /// The device's state; once.
    #[wasm_bindgen(js_name = takeMachine)]
    pub fn take_machine(&mut self) -> Js<JsMachine> {
        self.machine.take().ok_or_else(|| fail("Argument", &"the machine was taken before"))
    }

    /// The body of `POST /auth/register`. `device` is a `NewDevice`.
    pub fn request(&self, username: String, password: String, device: &str) -> Js<String> {
        write(&self.keys.clone().into_request(username, password, read(device)?))
    }

    /// The words to be shown to the person once.
    #[wasm_bindgen(js_name = recoveryWords)]
    pub fn recovery_words(&self) -> String {
        self.recovery_key.words()
    }
}

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Makes an account. Both ids are fresh UUIDs.
    pub fn register(user_id: &str, device_id: &str, now_ms: f64) -> Js<JsRegistration> {
        let mut rng = crate::rng::fresh()?;
        let made = Machine::register(&mut rng, id(user_id)?, id(device_id)?, ms(now_ms)).map_err(engine)?;
        let machine = Some(JsMachine { inner: made.machine, rng });
        Ok(JsRegistration { machine, keys: made.keys, recovery_key: JsRecoveryKey(made.recovery_key) })
    }

    /// A device of an existing account that is not linked to it yet.
    #[wasm_bindgen(js_name = newUnlinked)]
    pub fn new_unlinked(user_id: &str, device_id: &str) -> Js<JsMachine> {
        Self::of(Machine::new_unlinked(id(user_id)?, id(device_id)?).map_err(engine)?)
    }

    /// Signs a login challenge: a `KnownDevice`.
    #[wasm_bindgen(js_name = loginSignature)]
    pub fn login_signature(&self, challenge: &str) -> Js<String> {
        write(&self.inner.login_signature(challenge))
    }

    /// Makes this unverified device a full one: of a `RecoveryResponse` a `CompleteRecoveryRequest`. Errors:
    /// `WrongRecoveryKey`, `WrongMasterKey`.
    pub fn recover(&mut self, key: &JsRecoveryKey, response: &str, now_ms: f64) -> Js<String> {
        let response = read(response)?;
        write(&self.inner.recover(&key.0, &response, ms(now_ms)).map_err(engine)?)
    }

    /// The account's published recovery key, if it is known: a `RecoveryPublicKey`.
    #[wasm_bindgen(js_name = recoveryPublicKey)]
    pub fn recovery_public_key(&self) -> Js<Option<String>> {
        crate::codec::write_option(self.inner.recovery_public_key())
    }
}
