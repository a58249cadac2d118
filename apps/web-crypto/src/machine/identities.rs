//! People and their devices.

use sotto_protocol::UserId;
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, read, write, write_option},
    error::engine,
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// What to ask so that these people (a JSON array of ids) are current: a `QueryKeysRequest`.
    #[wasm_bindgen(js_name = queryFor)]
    pub fn query_for(&self, users: &str) -> Js<String> {
        write(&self.inner.query_for(read::<Vec<UserId>>(users)?))
    }

    /// Verifies and takes over a JSON array of `UserIdentity`.
    #[wasm_bindgen(js_name = receiveIdentities)]
    pub fn receive_identities(&mut self, identities: &str) -> Js<()> {
        self.inner.receive_identities(read(identities)?);
        Ok(())
    }

    /// Active devices of a person in the highest list seen: a JSON array of `ListedDevice`.
    #[wasm_bindgen(js_name = devicesOf)]
    pub fn devices_of(&self, user_id: &str) -> Js<String> {
        write(&self.inner.devices_of(id(user_id)?))
    }

    /// The version of the highest list seen; 0 if none.
    #[wasm_bindgen(js_name = listVersion)]
    pub fn list_version(&self, user_id: &str) -> Js<f64> {
        let version = self.inner.list_version(id(user_id)?);
        Ok(f64::from(u32::try_from(version).unwrap_or(u32::MAX)))
    }

    /// The next entry of the account's list, without this device: a `DeviceList`. Errors: `UnknownDevice`.
    #[wasm_bindgen(js_name = revokeDevice)]
    pub fn revoke_device(&self, device_id: &str) -> Js<String> {
        write(&self.inner.revoke_device(id(device_id)?).map_err(engine)?)
    }

    /// The next entry of the account's list, with this device alone: a `DeviceList`; nothing if it is alone already.
    #[wasm_bindgen(js_name = revokeOthers)]
    pub fn revoke_others(&self) -> Js<Option<String>> {
        write_option(self.inner.revoke_others().map_err(engine)?.as_ref())
    }
}
