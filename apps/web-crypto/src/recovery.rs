//! The recovery key on its way between a person and the engine.

use sotto_e2ee::RecoveryKey;
use wasm_bindgen::prelude::*;

use crate::{codec::Js, error::mistyped};

/// 256 bits that open an account.
#[wasm_bindgen(js_name = RecoveryKey)]
pub struct JsRecoveryKey(pub(crate) RecoveryKey);

#[wasm_bindgen(js_class = RecoveryKey)]
impl JsRecoveryKey {
    /// Reads what a person typed. Errors: `WordCount`, `UnknownWord`, `Checksum`.
    pub fn parse(text: &str) -> Js<Self> {
        RecoveryKey::parse(text).map(Self).map_err(mistyped)
    }

    /// Its 24 words: a string, since a person has to read them.
    pub fn words(&self) -> String {
        self.0.to_text().to_string()
    }

    /// The word that a mistyped one was meant to be, if that is certain.
    pub fn suggest(mistyped: &str) -> Option<String> {
        RecoveryKey::suggest(mistyped).map(|word| word.to_string())
    }
}
