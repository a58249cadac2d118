//! Linking, from both sides: state machines that take events and give actions, as JSON arrays.

mod actions;
mod events;

use std::time::Duration;

use sotto_e2ee::linking::{ExistingLink, HistoryPointer, LinkAction, LinkFailure, NewLink, Newcomer, Now, TypedCode};
use wasm_bindgen::prelude::*;

use self::actions::Actions;
use crate::{
    codec::{Js, id, ms, read},
    error::{engine, fail},
    machine::{JsMachine, history::JsManifest, records},
};

fn now(monotonic_ms: f64, now_ms: f64) -> Now {
    let monotonic = Duration::from_millis(u64::try_from(ms(monotonic_ms)).unwrap_or_default());
    Now { monotonic, unix_ms: ms(now_ms) }
}

fn failed(failure: &LinkFailure) -> JsValue {
    fail(actions::name(failure), failure)
}

fn hex(rendezvous: Option<[u8; 16]>) -> Option<String> {
    rendezvous.map(|bytes| uuid::Uuid::from_bytes(bytes).to_string())
}

fn newcomer(device_id: &str, signed_in: Option<JsMachine>) -> Js<Newcomer> {
    match signed_in {
        Some(machine) => Ok(Newcomer::SignedIn(Box::new(machine.inner))),
        None => Ok(Newcomer::Fresh(id(device_id)?)),
    }
}

/// The side of a device that is in the account.
#[wasm_bindgen(js_name = ExistingLink)]
pub struct JsExistingLink {
    inner: ExistingLink,
    first: Vec<LinkAction>,
}

#[wasm_bindgen(js_class = ExistingLink)]
impl JsExistingLink {
    /// Shows a QR code and a typed code. Authenticate afresh first; `takeActions` follows.
    pub fn show(base_url: &str, monotonic_ms: f64, now_ms: f64) -> Js<Self> {
        let started = ExistingLink::show(base_url, now(monotonic_ms, now_ms));
        started.map(|(inner, first)| Self { inner, first }).map_err(|failure| failed(&failure))
    }

    /// The new device's QR code was scanned. Authenticate afresh first; `takeActions` follows.
    pub fn scan(qr: &[u8], base_url: &str, monotonic_ms: f64, now_ms: f64) -> Js<Self> {
        let started = ExistingLink::scan(qr, base_url, now(monotonic_ms, now_ms));
        started.map(|(inner, first)| Self { inner, first }).map_err(|failure| failed(&failure))
    }

    /// The first actions.
    #[wasm_bindgen(js_name = takeActions)]
    pub fn take_actions(&mut self) -> Js<String> {
        Actions::default().write(std::mem::take(&mut self.first))
    }

    /// The rendezvous of `poll`, `put` and `delete`.
    pub fn rendezvous(&self) -> Option<String> {
        hex(self.inner.rendezvous())
    }

    /// Takes in an event; gives actions. Store the machine's dirty records before anything is sent.
    pub fn handle(&mut self, machine: &mut JsMachine, event: &str, monotonic_ms: f64, now_ms: f64) -> Js<String> {
        let event = read::<events::Event>(event)?.into_link()?;
        let actions = self.inner.handle(&mut machine.inner, event, now(monotonic_ms, now_ms));
        Actions::default().write(actions)
    }

    /// The history is uploaded under this address.
    #[wasm_bindgen(js_name = historyUploaded)]
    pub fn history_uploaded(
        &mut self,
        machine: &mut JsMachine,
        address: String,
        manifest: &JsManifest,
        monotonic_ms: f64,
        now_ms: f64,
    ) -> Js<String> {
        let pointer = HistoryPointer { address, manifest: manifest.0.clone() };
        let event = sotto_e2ee::linking::LinkEvent::History(Some(pointer));
        let actions = self.inner.handle(&mut machine.inner, event, now(monotonic_ms, now_ms));
        Actions::default().write(actions)
    }
}

/// The side of a device that wants to enter an account.
#[wasm_bindgen(js_name = NewLink)]
pub struct JsNewLink {
    inner: NewLink,
    first: Vec<LinkAction>,
    history: Option<HistoryPointer>,
}

#[wasm_bindgen(js_class = NewLink)]
impl JsNewLink {
    /// A linked device's QR code was scanned. `device` is a `NewDevice`; here and below `signed_in` is the machine of a
    /// device that signed in and is not linked, if there is one.
    pub fn scan(
        qr: &[u8],
        device_id: &str,
        device: &str,
        monotonic_ms: f64,
        now_ms: f64,
        signed_in: Option<JsMachine>,
    ) -> Js<Self> {
        Self::started(NewLink::scan(qr, newcomer(device_id, signed_in)?, read(device)?, now(monotonic_ms, now_ms)))
    }

    /// Shows a QR code, for a device without a camera.
    pub fn show(
        base_url: &str,
        device_id: &str,
        device: &str,
        monotonic_ms: f64,
        now_ms: f64,
        signed_in: Option<JsMachine>,
    ) -> Js<Self> {
        let newcomer = newcomer(device_id, signed_in)?;
        Self::started(NewLink::show(base_url, newcomer, read(device)?, now(monotonic_ms, now_ms)))
    }

    /// The person typed the characters that a linked device shows. Errors: `Code`.
    pub fn typed(
        code: &str,
        base_url: &str,
        device_id: &str,
        device: &str,
        monotonic_ms: f64,
        now_ms: f64,
        signed_in: Option<JsMachine>,
    ) -> Js<Self> {
        let code = TypedCode::parse(code).ok_or_else(|| fail("Code", &"a code has eight letters and digits"))?;
        let newcomer = newcomer(device_id, signed_in)?;
        Self::started(NewLink::typed(code, base_url, newcomer, read(device)?, now(monotonic_ms, now_ms)))
    }

    fn started(started: Result<(NewLink, Vec<LinkAction>), LinkFailure>) -> Js<Self> {
        let (inner, first) = started.map_err(|failure| failed(&failure))?;
        Ok(Self { inner, first, history: None })
    }

    /// The first actions.
    #[wasm_bindgen(js_name = takeActions)]
    pub fn take_actions(&mut self) -> Js<String> {
        let first = std::mem::take(&mut self.first);
        self.write(first)
    }

    fn write(&mut self, actions: Vec<LinkAction>) -> Js<String> {
        let mut written = Actions::default();
        let text = written.write(actions);
        self.history = written.history.or(self.history.take());
        text
    }

    /// The service that the requests go to.
    #[wasm_bindgen(js_name = baseUrl)]
    pub fn base_url(&self) -> String {
        self.inner.base_url().to_owned()
    }

    /// The rendezvous of `poll`, `put` and `delete`.
    pub fn rendezvous(&self) -> Option<String> {
        hex(self.inner.rendezvous())
    }

    /// Takes in an event; gives actions. Store `takeDirty` before anything is sent.
    pub fn handle(&mut self, event: &str, monotonic_ms: f64, now_ms: f64) -> Js<String> {
        let event = read::<events::Event>(event)?.into_link()?;
        let actions = self.inner.handle(event, now(monotonic_ms, now_ms));
        self.write(actions)
    }

    /// Records of this device's state that changed, once the account is known; as `Machine.takeDirty`.
    #[wasm_bindgen(js_name = takeDirty)]
    pub fn take_dirty(&mut self) -> Js<js_sys::Array> {
        match self.inner.machine() {
            Some(machine) => machine.take_dirty().map(records).map_err(engine),
            None => Ok(js_sys::Array::new()),
        }
    }

    /// Where the handed over history lies; `takeHistory` gives what is needed to read it.
    #[wasm_bindgen(js_name = historyAddress)]
    pub fn history_address(&self) -> Option<String> {
        self.history.as_ref().map(|pointer| pointer.address.clone())
    }

    /// What is needed to read the handed over history.
    #[wasm_bindgen(js_name = takeHistory)]
    pub fn take_history(&mut self) -> Option<JsManifest> {
        self.history.take().map(|pointer| JsManifest(pointer.manifest))
    }

    /// This device's state once it is in.
    #[wasm_bindgen(js_name = intoMachine)]
    pub fn into_machine(self) -> Js<JsMachine> {
        let machine = self.inner.into_machine().ok_or_else(|| fail("Argument", &"the account is not known yet"))?;
        JsMachine::of(machine)
    }
}
