//! All crypto state of one device, as a class.

mod backup;
mod conversations;
mod handing;
pub(crate) mod history;
mod identities;
mod keys;
mod receiving;
mod registering;
mod resetting;
mod sending;
mod tending;
mod verification;

use js_sys::{Array, Uint8Array};
use rand::rngs::StdRng;
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, write},
    error::{engine, fail},
    rng,
};

/// All crypto state of one device.
#[wasm_bindgen(js_name = Machine)]
pub struct JsMachine {
    pub(crate) inner: sotto_e2ee::Machine,
    pub(crate) rng: StdRng,
}

impl JsMachine {
    pub(crate) fn of(inner: sotto_e2ee::Machine) -> Js<Self> {
        Ok(Self { inner, rng: rng::fresh()? })
    }
}

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Loads a machine from all its records: pairs of a key and bytes. Errors: `NoAccount`, `Record`.
    pub fn load(records: &Array) -> Js<Self> {
        let pairs: Js<Vec<(String, Vec<u8>)>> = records.iter().map(|pair| record(&pair)).collect();
        Self::of(sotto_e2ee::Machine::load(pairs?).map_err(engine)?)
    }

    /// The records that changed since the last call: pairs of a key and its bytes, or `undefined` where it is deleted.
    /// Store them, sealed, in one transaction before anything is sent, shown or acknowledged.
    #[wasm_bindgen(js_name = takeDirty)]
    pub fn take_dirty(&mut self) -> Js<Array> {
        self.inner.take_dirty().map(records).map_err(engine)
    }

    /// What was noticed since the last call: a JSON array of alarms.
    #[wasm_bindgen(js_name = takeAlarms)]
    pub fn take_alarms(&mut self) -> Js<String> {
        write(&self.inner.take_alarms())
    }

    /// The account.
    #[wasm_bindgen(js_name = userId)]
    pub fn user_id(&self) -> String {
        self.inner.user_id().to_string()
    }

    /// This device.
    #[wasm_bindgen(js_name = deviceId)]
    pub fn device_id(&self) -> String {
        self.inner.device_id().to_string()
    }

    /// Whether this device is in its account's list.
    #[wasm_bindgen(js_name = isLinked)]
    pub fn is_linked(&self) -> bool {
        self.inner.is_linked()
    }
}

/// Records as pairs.
pub(crate) fn records(records: Vec<sotto_e2ee::Record>) -> Array {
    let pair = |(key, bytes): sotto_e2ee::Record| {
        let bytes = bytes.map_or(JsValue::UNDEFINED, |bytes| Uint8Array::from(bytes.as_slice()).into());
        Array::of2(&key.into(), &bytes)
    };
    records.into_iter().map(pair).collect()
}

fn record(value: &JsValue) -> Js<(String, Vec<u8>)> {
    let pair = Array::from(value);
    let key = pair.get(0).as_string().ok_or_else(|| fail("Argument", &"a record's key is a string"))?;
    let bytes: Uint8Array = pair.get(1).dyn_into().map_err(|_| fail("Argument", &"a record is a Uint8Array"))?;
    Ok((key, bytes.to_vec()))
}
