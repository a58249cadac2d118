//! History that another device of the account handed over. Session keys stay in here.

use serde::Serialize;
use sotto_e2ee::{
    EventOutcome,
    history::{HistoryMessage, HistoryReader, Manifest},
};
use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, ms, write},
    error::engine,
    machine::JsMachine,
};

/// What a chunk brought.
#[derive(Serialize)]
struct Taken {
    sessions: usize,
    messages: Vec<HistoryMessage>,
    events: Vec<EventOutcome>,
}

/// What a device needs to read a history; opaque.
#[wasm_bindgen(js_name = HistoryManifest)]
pub struct JsManifest(pub(crate) Manifest);

/// Reads a history.
#[wasm_bindgen(js_name = HistoryReader)]
pub struct JsHistoryReader(HistoryReader);

#[wasm_bindgen(js_class = HistoryReader)]
impl JsHistoryReader {
    /// `read` are the chunks that were taken in before a break.
    #[wasm_bindgen(constructor)]
    pub fn new(user_id: &str, manifest: &JsManifest, read: Vec<u32>) -> Js<JsHistoryReader> {
        HistoryReader::new(id(user_id)?, manifest.0.clone(), read).map(Self).map_err(engine)
    }

    /// The next chunk to fetch; `undefined` when all are read.
    #[wasm_bindgen(js_name = nextMissing)]
    pub fn next_missing(&self) -> Option<u32> {
        self.0.next_missing()
    }

    /// Takes a chunk into the machine: `{sessions, messages, events}`.
    pub fn import(&mut self, machine: &mut JsMachine, index: u32, sealed: &[u8], now_ms: f64) -> Js<String> {
        let chunk = self.0.open(index, sealed).map_err(engine)?;
        let (sessions, events) = machine.inner.import_history(&chunk.sessions, ms(now_ms));
        write(&Taken { sessions, messages: chunk.messages, events })
    }
}
