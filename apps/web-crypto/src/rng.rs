//! Randomness: a generator seeded from the browser's.

use rand::{SeedableRng as _, rngs::StdRng};
use wasm_bindgen::JsValue;

use crate::{codec::Js, error::fail};

/// A fresh generator.
pub(crate) fn fresh() -> Js<StdRng> {
    StdRng::try_from_rng(&mut rand::rngs::SysRng).map_err(|error| -> JsValue { fail("Randomness", &error) })
}
