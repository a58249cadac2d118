//! What comes from the server.

use wasm_bindgen::prelude::*;

use crate::{
    codec::{Js, id, ms, read, write},
    machine::JsMachine,
};

#[wasm_bindgen(js_class = Machine)]
impl JsMachine {
    /// Takes in an `InboxItem`; gives an `InboxOutcome`. Feed items in order, before the events of the same catch-up.
    #[wasm_bindgen(js_name = receiveInbox)]
    pub fn receive_inbox(&mut self, item: &str, now_ms: f64) -> Js<String> {
        let item = read(item)?;
        write(&self.inner.receive_inbox(&item, ms(now_ms)))
    }

    /// Takes in an `Event`; gives an `EventOutcome`.
    #[wasm_bindgen(js_name = receiveEvent)]
    pub fn receive_event(&mut self, event: &str, now_ms: f64) -> Js<String> {
        let event = read(event)?;
        write(&self.inner.receive_event(&event, ms(now_ms)))
    }

    /// Positions of events that wait for a key: a JSON array.
    pub fn undecryptable(&self, conversation_id: &str) -> Js<String> {
        write(&self.inner.undecryptable(id(conversation_id)?))
    }
}
