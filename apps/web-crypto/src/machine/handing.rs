//! What this device hands over: a history for a device that is linked, and secrets that a linking left owing.

use rand::rngs::StdRng;
use sotto_e2ee::history::{HistoryChunk, HistoryMessage, HistorySealer, Manifest, SessionExport, runs};
use sotto_protocol::DeviceId;
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, read, write},
    error::{engine, fail},
    machine::{JsMachine, history::JsManifest},
    rng,
};

/// A history of so many chunks: first the sessions that the machine has now, if they are wanted, then runs of messages.
#[wasm_bindgen(js_name = HistoryWriter)]
pub struct JsHistoryWriter {
    sealer: HistorySealer,
    sessions: Vec<Vec<SessionExport>>,
    rng: StdRng,
}

#[wasm_bindgen(js_class = HistoryWriter)]
impl JsHistoryWriter {
    /// `message_runs` is how many runs of messages there are; without `whole` there are no sessions. Errors: `E2ee`, too
    /// many chunks.
    #[wasm_bindgen(constructor)]
    pub fn new(machine: &JsMachine, message_runs: u32, whole: bool) -> Js<JsHistoryWriter> {
        let most = if whole { usize::MAX } else { 0 };
        let sessions = runs(machine.inner.export_sessions(None, most)).map_err(engine)?;
        let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX).saturating_add(message_runs);
        let mut rng = rng::fresh()?;
        let sealer = HistorySealer::new(machine.inner.user_id(), count, &mut rng).map_err(engine)?;
        Ok(Self { sealer, sessions, rng })
    }

    /// How many chunks there are.
    pub fn count(&self) -> u32 {
        self.sealer.count()
    }

    /// How many of them, the first ones, hold sessions.
    #[wasm_bindgen(js_name = sessionChunks)]
    pub fn session_chunks(&self) -> usize {
        self.sessions.len()
    }

    /// The chunk that stands at this place, encrypted. `messages` is a JSON array of `HistoryMessage`, empty for sessions.
    pub fn seal(&mut self, index: u32, messages: &str) -> Js<Vec<u8>> {
        let messages: Vec<HistoryMessage> = read(messages)?;
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let sessions = self.sessions.get(at).cloned().unwrap_or_default();
        self.sealer.seal(index, &HistoryChunk { sessions, messages }, &mut self.rng).map_err(engine)
    }

    /// What the new device needs. `bytes`: about how many all chunks have.
    pub fn manifest(&self, bytes: u32) -> JsManifest {
        JsManifest(self.sealer.manifest(bytes.into()))
    }
}

#[wasm_bindgen(js_class = HistoryManifest)]
impl JsManifest {
    /// Its bytes, to be kept sealed until the history is read.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Js<Vec<u8>> {
        Ok(write(&self.0)?.into_bytes())
    }

    /// What `toBytes` gave.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(bytes: &[u8]) -> Js<JsManifest> {
        let text = str::from_utf8(bytes).map_err(|error| fail("Argument", &error))?;
        Ok(Self(read::<Manifest>(text)?))
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> u32 {
        self.0.chunks
    }
}

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Whether this device can link and revoke others.
    #[wasm_bindgen(js_name = holdsSelfSigningKey)]
    pub fn holds_self_signing_key(&self) -> bool {
        self.inner.holds_self_signing_key()
    }

    /// Devices that this one linked and owes the account's secrets: a JSON array of ids.
    #[wasm_bindgen(js_name = devicesOwed)]
    pub fn devices_owed(&self) -> Js<String> {
        write::<Vec<DeviceId>>(&self.inner.devices_owed())
    }

    /// Sends it the secrets as envelopes; gives the conversation to work on, if there is one yet.
    #[wasm_bindgen(js_name = handOverLater)]
    pub fn hand_over_later(&mut self, device_id: &str) -> Js<Option<String>> {
        Ok(self.inner.hand_over_later(id(device_id)?).map_err(engine)?.map(|id| id.to_string()))
    }
}
