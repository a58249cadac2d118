//! Errors as JavaScript sees them: an `Error` whose `name` is stable and whose message is for people.

use std::fmt::Display;

use sotto_e2ee::{E2eeError, RecoveryKeyError, VerifyError};
use wasm_bindgen::JsValue;

/// An `Error` of this name.
pub(crate) fn fail(name: &str, message: &impl Display) -> JsValue {
    let error = js_sys::Error::new(&message.to_string());
    error.set_name(name);
    error.into()
}

/// What the engine refused.
pub(crate) fn engine(error: impl Into<E2eeError>) -> JsValue {
    let error = error.into();
    let name = match &error {
        E2eeError::UnknownConversation(_) => "UnknownConversation",
        E2eeError::UnknownUser(_) => "UnknownUser",
        E2eeError::UnknownDevice(_) => "UnknownDevice",
        E2eeError::NotLinked => "NotLinked",
        E2eeError::NoSelfSigningKey => "NoSelfSigningKey",
        E2eeError::BodyTooLarge { .. } => "BodyTooLarge",
        E2eeError::DuplicateTxn(_) => "DuplicateTxn",
        E2eeError::WrongRecoveryKey => "WrongRecoveryKey",
        E2eeError::WrongMasterKey => "WrongMasterKey",
        E2eeError::NoRecoveryKey => "NoRecoveryKey",
        E2eeError::NoBackupKey => "NoBackupKey",
        E2eeError::Record { .. } => "Record",
        E2eeError::NoAccount => "NoAccount",
        _ => "E2ee",
    };
    fail(name, &error)
}

/// What a person typed is no recovery key.
pub(crate) fn mistyped(error: RecoveryKeyError) -> JsValue {
    let name = match error {
        RecoveryKeyError::WordCount { .. } => "WordCount",
        RecoveryKeyError::UnknownWord { .. } => "UnknownWord",
        RecoveryKeyError::Checksum => "Checksum",
    };
    fail(name, &error)
}

/// A scanned code verified nobody.
pub(crate) fn unverified(error: VerifyError) -> JsValue {
    let name = match error {
        VerifyError::Qr(_) => "Qr",
        VerifyError::OtherPerson => "OtherPerson",
        VerifyError::KeysDiffer => "KeysDiffer",
        VerifyError::Unknown => "Unknown",
    };
    fail(name, &error)
}
