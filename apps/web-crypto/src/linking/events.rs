//! Events as JSON: `{"type": .., "value": ..}`, bytes in unpadded base64.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use sotto_e2ee::linking::{LinkEvent, TypedCode};
use sotto_protocol::{
    ids::RendezvousId,
    rendezvous::{CreateRendezvousResponse, Rendezvous},
};

use crate::{
    codec::{Js, read},
    error::fail,
};

/// The person wants this device.
#[derive(Deserialize)]
pub(super) struct Approval {
    number: Option<String>,
    history: bool,
}

/// What happened; answers of the server as they are. Not an enum of serde's: each value would be compiled twice.
#[derive(Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    kind: String,
    value: Option<Box<RawValue>>,
}

impl Event {
    fn value<T: DeserializeOwned>(&self) -> Js<T> {
        read(self.value.as_deref().map_or("null", RawValue::get))
    }

    pub(super) fn into_link(self) -> Js<LinkEvent> {
        Ok(match self.kind.as_str() {
            "opened" => {
                let opened: CreateRendezvousResponse = self.value()?;
                LinkEvent::Opened {
                    rendezvous: opened.rendezvous_id.0.into_bytes(),
                    token: opened.sequence_token,
                    typed_code: opened.code.map(|code| typed_code(&code)).transpose()?,
                    life: Duration::from_millis(opened.expires_in_ms),
                }
            }
            "claimed" => LinkEvent::Claimed { rendezvous: self.value::<RendezvousId>()?.0.into_bytes() },
            "stored" => LinkEvent::Stored { token: self.value()? },
            "slot" => {
                let slot: Rendezvous = self.value()?;
                LinkEvent::Slot { content: slot.data.0, token: slot.sequence_token, same_network: slot.same_network }
            }
            "gone" => LinkEvent::Gone,
            "typed" => LinkEvent::Typed(self.value()?),
            "approved" => {
                let approval: Approval = self.value()?;
                LinkEvent::Approved { number: approval.number, history: approval.history }
            }
            "declined" => LinkEvent::Declined,
            "granted" => LinkEvent::Granted(self.value()?),
            "own_identity" => LinkEvent::OwnIdentity(self.value()?),
            "no_history" => LinkEvent::History(None),
            "head" => LinkEvent::Head(self.value()?),
            "completed" => LinkEvent::Completed,
            "refused" => LinkEvent::Refused(self.value()?),
            "tick" => LinkEvent::Tick,
            _ => return Err(fail("Argument", &"no such event")),
        })
    }
}

fn typed_code(code: &str) -> Js<TypedCode> {
    TypedCode::parse(code).ok_or_else(|| fail("Code", &"the server's code is none"))
}
