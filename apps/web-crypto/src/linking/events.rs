//! Events as JSON: `{"type": .., "value": ..}`, bytes in unpadded base64.

use std::time::Duration;

use serde::Deserialize;
use sotto_e2ee::linking::{LinkEvent, TypedCode};
use sotto_protocol::{
    ProblemCode,
    ids::RendezvousId,
    keys::UserIdentity,
    linking::{GrantResponse, LinkHeadResponse},
    rendezvous::{CreateRendezvousResponse, Rendezvous},
};

use crate::{codec::Js, error::fail};

/// The person wants this device.
#[derive(Deserialize)]
pub(super) struct Approval {
    number: Option<String>,
    history: bool,
}

/// What happened; answers of the server as they are.
#[derive(Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub(super) enum Event {
    Opened(CreateRendezvousResponse),
    Claimed(RendezvousId),
    Stored(String),
    Slot(Rendezvous),
    Gone,
    Typed(String),
    Approved(Approval),
    Declined,
    Granted(GrantResponse),
    OwnIdentity(Box<UserIdentity>),
    NoHistory,
    Head(Box<LinkHeadResponse>),
    Completed,
    Refused(ProblemCode),
    Tick,
}

impl Event {
    pub(super) fn into_link(self) -> Js<LinkEvent> {
        Ok(match self {
            Self::Opened(opened) => LinkEvent::Opened {
                rendezvous: opened.rendezvous_id.0.into_bytes(),
                token: opened.sequence_token,
                typed_code: opened.code.map(|code| typed_code(&code)).transpose()?,
                life: Duration::from_millis(opened.expires_in_ms),
            },
            Self::Claimed(id) => LinkEvent::Claimed { rendezvous: id.0.into_bytes() },
            Self::Stored(token) => LinkEvent::Stored { token },
            Self::Slot(slot) => {
                LinkEvent::Slot { content: slot.data.0, token: slot.sequence_token, same_network: slot.same_network }
            }
            Self::Gone => LinkEvent::Gone,
            Self::Typed(digits) => LinkEvent::Typed(digits),
            Self::Approved(approval) => LinkEvent::Approved { number: approval.number, history: approval.history },
            Self::Declined => LinkEvent::Declined,
            Self::Granted(grant) => LinkEvent::Granted(grant),
            Self::OwnIdentity(identity) => LinkEvent::OwnIdentity(identity),
            Self::NoHistory => LinkEvent::History(None),
            Self::Head(head) => LinkEvent::Head(head),
            Self::Completed => LinkEvent::Completed,
            Self::Refused(code) => LinkEvent::Refused(code),
            Self::Tick => LinkEvent::Tick,
        })
    }
}

fn typed_code(code: &str) -> Js<TypedCode> {
    TypedCode::parse(code).ok_or_else(|| fail("Code", &"the server's code is none"))
}
