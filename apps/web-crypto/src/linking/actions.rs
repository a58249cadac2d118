//! Actions as JSON: `{"type": .., "value": ..}`, bytes in unpadded base64.

use serde::Serialize;
use sotto_e2ee::linking::{HistoryPointer, LinkAction, LinkDone, LinkFailure};
use sotto_protocol::{
    Base64Bytes,
    devices::NewDevice,
    keys::QueryKeysRequest,
    linking::{CompleteLinkRequest, CreateGrantRequest, LinkHeadRequest},
    rendezvous::{ClaimCodeRequest, CreateRendezvousRequest, PutRendezvousRequest},
};

use crate::codec::{Js, write};

/// What to do; requests to the server as they are.
#[derive(Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
enum Action {
    Open(CreateRendezvousRequest),
    Claim(ClaimCodeRequest),
    Show { qr: Base64Bytes, typed_code: Option<String>, life_ms: u64 },
    Poll { after: Option<String> },
    Put(PutRendezvousRequest),
    ShowDigits(String),
    AskDigits(u32),
    AskApproval { device: NewDevice, same_network: Option<bool>, number: bool },
    CreateGrant(Box<CreateGrantRequest>),
    ExportHistory,
    ReadOwnIdentity(QueryKeysRequest),
    FetchHead(LinkHeadRequest),
    ShowAccount(String),
    Complete(Box<CompleteLinkRequest>),
    Delete,
    Linked { handed_over: bool },
    Entered { has_secrets: bool, unreadable: bool },
    Failed { name: &'static str, message: String, counts: bool },
}

/// Writes actions; the history's key stays here.
#[derive(Default)]
pub(super) struct Actions {
    pub(super) history: Option<HistoryPointer>,
}

impl Actions {
    pub(super) fn write(&mut self, actions: Vec<LinkAction>) -> Js<String> {
        let actions: Vec<Action> = actions.into_iter().map(|action| self.action(action)).collect();
        write(&actions)
    }

    fn action(&mut self, action: LinkAction) -> Action {
        match action {
            LinkAction::Open { content, with_code } => {
                Action::Open(CreateRendezvousRequest { data: Base64Bytes(content), with_code })
            }
            LinkAction::Claim(code) => Action::Claim(ClaimCodeRequest { code: code.as_str().to_owned() }),
            LinkAction::Show { qr, typed_code, life } => Action::Show {
                qr: Base64Bytes(qr),
                typed_code: typed_code.map(|code| code.to_string()),
                life_ms: u64::try_from(life.as_millis()).unwrap_or(u64::MAX),
            },
            LinkAction::Poll { after } => Action::Poll { after },
            LinkAction::Put { content, replaces } => {
                Action::Put(PutRendezvousRequest { sequence_token: replaces, data: Base64Bytes(content) })
            }
            LinkAction::ShowDigits(digits) => Action::ShowDigits(digits),
            LinkAction::AskDigits(count) => Action::AskDigits(count),
            LinkAction::AskApproval { device, same_network, number } => {
                Action::AskApproval { device, same_network, number }
            }
            LinkAction::CreateGrant(request) => Action::CreateGrant(request),
            LinkAction::ExportHistory => Action::ExportHistory,
            LinkAction::ReadOwnIdentity(request) => Action::ReadOwnIdentity(request),
            LinkAction::FetchHead(request) => Action::FetchHead(request),
            LinkAction::ShowAccount { username } => Action::ShowAccount(username),
            LinkAction::Complete(request) => Action::Complete(request),
            LinkAction::Delete => Action::Delete,
            LinkAction::Done(done) => self.done(done),
            LinkAction::Failed(failure) => {
                Action::Failed { name: name(&failure), message: failure.to_string(), counts: failure.is_failed_check() }
            }
        }
    }

    fn done(&mut self, done: LinkDone) -> Action {
        match done {
            LinkDone::Linked { handed_over } => Action::Linked { handed_over },
            LinkDone::Entered(entered) => {
                self.history = entered.history;
                Action::Entered { has_secrets: entered.has_secrets, unreadable: entered.unreadable }
            }
        }
    }
}

/// A failure's stable name.
pub(super) fn name(failure: &LinkFailure) -> &'static str {
    match failure {
        LinkFailure::Expired => "Expired",
        LinkFailure::Ended => "Ended",
        LinkFailure::Cancelled => "Cancelled",
        LinkFailure::WrongDigits => "WrongDigits",
        LinkFailure::Interfered => "Interfered",
        LinkFailure::Malformed => "Malformed",
        LinkFailure::TooLarge => "TooLarge",
        LinkFailure::NotPossessed => "NotPossessed",
        LinkFailure::Qr(_) => "Qr",
        LinkFailure::OtherService => "OtherService",
        LinkFailure::OtherAccount => "OtherAccount",
        LinkFailure::Account(_) => "Account",
        LinkFailure::Refused(_) => "Refused",
    }
}
