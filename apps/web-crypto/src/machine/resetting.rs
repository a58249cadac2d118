//! A new identity for who lost the recovery key.

use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, ms, write},
    error::engine,
    machine::JsMachine,
    recovery::JsRecoveryKey,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Makes a new identity with this device alone: a `ResetIdentityRequest`, the same until its outcome is known. `newest`
    /// is the version of the newest key ever published. Store before sending. Errors: `NotLinked`.
    #[wasm_bindgen(js_name = resetIdentity)]
    pub fn reset_identity(&mut self, newest: f64) -> Js<String> {
        write(&self.inner.reset_identity(ms(newest), &mut self.rng).map_err(engine)?)
    }

    /// Whether a new identity is on its way and its outcome unknown: query this account's own keys.
    #[wasm_bindgen(js_name = isResetting)]
    pub fn is_resetting(&self) -> bool {
        self.inner.is_resetting()
    }

    /// The server has the new identity.
    #[wasm_bindgen(js_name = identityReset)]
    pub fn identity_reset(&mut self) {
        self.inner.identity_reset();
    }

    /// The server refused it: everything stays as it is.
    #[wasm_bindgen(js_name = resetGivenUp)]
    pub fn reset_given_up(&mut self) {
        self.inner.reset_given_up();
    }

    /// The recovery key of a new identity that the server has, once.
    #[wasm_bindgen(js_name = takeResetKey)]
    pub fn take_reset_key(&mut self) -> Option<JsRecoveryKey> {
        self.inner.take_reset_key().map(JsRecoveryKey)
    }
}
