//! JSON in, JSON out.

use std::{fmt::Display, str::FromStr};

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

use crate::error::fail;

/// What an exported method gives.
pub(crate) type Js<T> = Result<T, JsValue>;

/// An argument of JSON text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Js<T> {
    sotto_json::from_str(text).map_err(|error| fail("Argument", &error))
}

/// An argument that is an id.
pub(crate) fn id<T: FromStr<Err: Display>>(text: &str) -> Js<T> {
    text.parse().map_err(|error| fail("Argument", &error))
}

/// A result as JSON text.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T) -> Js<String> {
    sotto_json::to_string(value).map_err(|error| fail("Json", &error))
}

/// A result that may be missing.
pub(crate) fn write_option<T: Serialize>(value: Option<&T>) -> Js<Option<String>> {
    value.map(write).transpose()
}

/// Milliseconds of a JavaScript clock.
#[expect(clippy::cast_possible_truncation, reason = "a clock's milliseconds are far below 2^53")]
pub(crate) fn ms(value: f64) -> i64 {
    value as i64
}
