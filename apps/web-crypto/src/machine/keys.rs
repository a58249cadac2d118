//! One-time keys and the fallback key: keeping the server supplied.

use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, ms, read, write, write_option},
    error::engine,
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// What to upload when the server holds so many one-time keys: an `UploadKeysRequest`, the same until
    /// `keysUploaded`.
    #[wasm_bindgen(js_name = oneTimeKeysToUpload)]
    pub fn one_time_keys_to_upload(&mut self, server_count: i32) -> Js<Option<String>> {
        write_option(self.inner.one_time_keys_to_upload(server_count.into()).map_err(engine)?.as_ref())
    }

    /// What is persisted and not acknowledged.
    #[wasm_bindgen(js_name = unacknowledgedUpload)]
    pub fn unacknowledged_upload(&self) -> Js<Option<String>> {
        write_option(self.inner.unacknowledged_upload())
    }

    /// The server stored the upload.
    #[wasm_bindgen(js_name = keysUploaded)]
    pub fn keys_uploaded(&mut self) {
        self.inner.keys_uploaded();
    }

    /// The server holds these ids (a JSON array) with other bytes; gives what to send instead.
    #[wasm_bindgen(js_name = keysConflicted)]
    pub fn keys_conflicted(&mut self, key_ids: &str) -> Js<Option<String>> {
        let key_ids: Vec<String> = read(key_ids)?;
        write_option(self.inner.keys_conflicted(&key_ids).as_ref())
    }

    /// A `KeysDigestRequest`.
    #[wasm_bindgen(js_name = keysDigest)]
    pub fn keys_digest(&self) -> Js<String> {
        write(&self.inner.keys_digest())
    }

    /// Takes over the server's view (a `KeysDigestResponse`); gives an upload if one is needed.
    #[wasm_bindgen(js_name = receiveDigest)]
    pub fn receive_digest(&mut self, response: &str) -> Js<Option<String>> {
        let response = read(response)?;
        write_option(self.inner.receive_digest(&response).map_err(engine)?.as_ref())
    }

    /// The fallback key was handed out; gives the upload that replaces it, if it is time.
    #[wasm_bindgen(js_name = replaceFallbackKey)]
    pub fn replace_fallback_key(&mut self, now_ms: f64) -> Js<Option<String>> {
        write_option(self.inner.replace_fallback_key(ms(now_ms)).map_err(engine)?.as_ref())
    }
}
