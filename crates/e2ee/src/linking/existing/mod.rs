//! Linking, on the device that is linked already (`docs/API-DESIGN.md`, linking a device).

use std::time::Duration;

use sotto_identity::hash;
use sotto_protocol::{
    DeviceId,
    linking::{CreateGrantRequest, GrantResponse},
};
use vodozemac::Curve25519PublicKey;

mod proving;

use super::{
    base_url::normalize_base_url,
    channel::{Calling, Channel, call},
    codes::{Digits, TypedCode},
    event::{LINK_LIFE, LinkAction, LinkDone, LinkEvent, LinkFailure, Now},
    messages::{Admission, Arrival, Greeting, HistoryPointer, Receipt, Secrets},
    qr::{LinkIntent, LinkQr},
    slot::{Slot, Step, content_of},
};
use crate::state::Machine;
use proving::{Candidate, Keys, Proof, ask_approval, called, introduced, typed};

/// One linking, on the existing device. Everything secret in it goes with the state that holds it.
pub struct ExistingLink {
    base_url: String,
    deadline: Duration,
    slot: Option<Slot>,
    state: State,
    history: History,
}

/// What became of the choice to hand the history over.
enum History {
    NotWanted,
    Exporting,
    Ready(Option<HistoryPointer>),
}

enum State {
    /// Waits for the rendezvous.
    Opening(Box<Keys>),
    /// Waits for m1.
    Showing(Box<Keys>),
    /// Waits for the slot's first content.
    Scanned {
        key: Curve25519PublicKey,
    },
    /// Waits for m2.
    Calling(Box<Calling>),
    /// Waits for m3 and the person's proof that the other side is the new device.
    Proving {
        channel: Box<Channel>,
        proof: Proof,
        candidate: Option<Box<Candidate>>,
    },
    /// Waits for the person.
    Approving {
        channel: Box<Channel>,
        candidate: Box<Candidate>,
        number: Option<Digits>,
    },
    /// Waits for the grant.
    Granting {
        channel: Box<Channel>,
        request: Box<CreateGrantRequest>,
    },
    /// Waits for m5.
    Admitted {
        channel: Box<Channel>,
        device_id: DeviceId,
        list_version: i64,
    },
    /// Waits for the server's list.
    Rereading {
        channel: Box<Channel>,
        device_id: DeviceId,
    },
    /// The list was as it should be; waits for the history.
    Exporting {
        channel: Box<Channel>,
        device_id: DeviceId,
    },
    /// Waits for m7.
    HandedOver {
        channel: Box<Channel>,
        device_id: DeviceId,
    },
    Ended,
}

type Next = Result<(State, Vec<LinkAction>), LinkFailure>;

impl ExistingLink {
    /// Shows a QR code and a typed code. Authenticate afresh first.
    pub fn show(base_url: &str, now: Now) -> Result<(Self, Vec<LinkAction>), LinkFailure> {
        let keys = Box::new(Keys::fresh());
        let content = content_of(Step::Key, LinkIntent::TypedCode, keys.typed.public_key().as_bytes());
        let link = Self::new(base_url, State::Opening(keys), now)?;
        Ok((link, vec![LinkAction::Open { content, with_code: true }]))
    }

    /// The new device's QR code was scanned. Authenticate afresh first.
    pub fn scan(qr: &[u8], base_url: &str, now: Now) -> Result<(Self, Vec<LinkAction>), LinkFailure> {
        let qr = LinkQr::parse(qr, LinkIntent::NewShows)?;
        let mut link = Self::new(base_url, State::Scanned { key: qr.public_key }, now)?;
        if qr.base_url != link.base_url {
            return Err(LinkFailure::OtherService);
        }
        let slot = Slot::new(qr.base_url, qr.rendezvous, None);
        let actions = vec![slot.poll()];
        link.slot = Some(slot);
        Ok((link, actions))
    }

    fn new(base_url: &str, state: State, now: Now) -> Result<Self, LinkFailure> {
        let base_url = normalize_base_url(base_url).ok_or(LinkFailure::OtherService)?;
        let deadline = now.monotonic.saturating_add(LINK_LIFE);
        Ok(Self { base_url, deadline, slot: None, state, history: History::NotWanted })
    }

    /// The rendezvous of [`LinkAction::Poll`], [`LinkAction::Put`] and [`LinkAction::Delete`].
    pub fn rendezvous(&self) -> Option<[u8; 16]> {
        self.slot.as_ref().map(|slot| slot.rendezvous)
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// Whether nothing secret is left.
    #[cfg(test)]
    pub(super) fn keeps_nothing(&self) -> bool {
        matches!((&self.state, &self.history), (State::Ended, History::NotWanted))
    }

    /// Takes in what happened and says what to do. The machine is that of this device.
    pub fn handle(&mut self, machine: &mut Machine, event: LinkEvent, now: Now) -> Vec<LinkAction> {
        if self.is_ended() {
            return Vec::new();
        }
        if let (LinkEvent::Declined, Some(device_id)) = (&event, self.certified()) {
            // The grant may be used nevertheless: then its use is an alarm, and nothing is owed.
            machine.forget_granted(device_id);
        }
        let is_in = matches!(self.state, State::Exporting { .. } | State::HandedOver { .. });
        let is_late = now.monotonic >= self.deadline;
        match if is_late { Err(LinkFailure::Expired) } else { self.step(machine, event, now) } {
            Ok(actions) => actions,
            // The list was as it should be: the new device is in, whatever becomes of the rest.
            Err(_) if is_in => self.linked(false).1,
            Err(failure) => self.fail(failure),
        }
    }

    /// The device that may get a grant, or has one.
    fn certified(&self) -> Option<DeviceId> {
        match &self.state {
            State::Granting { request, .. } => Some(request.device_keys.device_id),
            State::Admitted { device_id, .. }
            | State::Rereading { device_id, .. }
            | State::Exporting { device_id, .. }
            | State::HandedOver { device_id, .. } => Some(*device_id),
            _ => None,
        }
    }

    fn linked(&mut self, handed_over: bool) -> (State, Vec<LinkAction>) {
        self.state = State::Ended;
        self.history = History::NotWanted;
        (State::Ended, vec![LinkAction::Delete, LinkAction::Done(LinkDone::Linked { handed_over })])
    }

    fn fail(&mut self, failure: LinkFailure) -> Vec<LinkAction> {
        self.state = State::Ended;
        self.history = History::NotWanted;
        let delete = self.slot.is_some().then_some(LinkAction::Delete);
        delete.into_iter().chain([LinkAction::Failed(failure)]).collect()
    }

    fn step(&mut self, machine: &mut Machine, event: LinkEvent, now: Now) -> Result<Vec<LinkAction>, LinkFailure> {
        match event {
            LinkEvent::Tick => return Ok(Vec::new()),
            LinkEvent::Declined => return Err(LinkFailure::Cancelled),
            LinkEvent::Gone => return Err(LinkFailure::Ended),
            LinkEvent::Refused(code) => return Err(LinkFailure::Refused(code)),
            LinkEvent::Stored { token } => {
                return Ok(self.slot.as_mut().map(|slot| slot.stored(token)).unwrap_or_default());
            }
            _ => {}
        }
        // Taken out, so that a failure leaves nothing behind.
        let state = std::mem::replace(&mut self.state, State::Ended);
        let (state, actions) = match event {
            LinkEvent::Opened { rendezvous, token, typed_code, life } => {
                self.opened(state, rendezvous, token, typed_code, life, now)
            }
            LinkEvent::Slot { content, token, same_network } => {
                self.read(machine, state, &content, token, same_network)
            }
            LinkEvent::Typed(digits) => typed(state, &digits),
            LinkEvent::Approved { number, history } => self.approved(machine, state, number.as_deref(), history),
            LinkEvent::Granted(grant) => self.granted(machine, state, grant),
            LinkEvent::OwnIdentity(identity) => match state {
                State::Rereading { channel, device_id } => {
                    machine.after_link(*identity, device_id)?;
                    self.hand_over(machine, channel, device_id)
                }
                state => unmoved(state),
            },
            LinkEvent::History(pointer) => {
                if matches!(self.history, History::Exporting) {
                    self.history = History::Ready(pointer);
                }
                match state {
                    State::Exporting { channel, device_id } => self.hand_over(machine, channel, device_id),
                    state => unmoved(state),
                }
            }
            _ => unmoved(state),
        }?;
        self.state = state;
        Ok(actions)
    }

    fn opened(
        &mut self,
        state: State,
        rendezvous: [u8; 16],
        token: String,
        typed_code: Option<TypedCode>,
        life: Duration,
        now: Now,
    ) -> Next {
        let State::Opening(keys) = state else { return unmoved(state) };
        self.deadline = self.deadline.min(now.monotonic.saturating_add(life));
        let qr = LinkQr {
            intent: LinkIntent::ExistingShows,
            public_key: keys.scanned.public_key(),
            rendezvous,
            base_url: self.base_url.clone(),
        };
        let slot = self.slot.insert(Slot::new(self.base_url.clone(), rendezvous, Some(token)));
        let life = self.deadline.saturating_sub(now.monotonic);
        Ok((State::Showing(keys), vec![LinkAction::Show { qr: qr.to_bytes(), typed_code, life }, slot.poll()]))
    }

    fn read(
        &mut self,
        machine: &mut Machine,
        state: State,
        content: &[u8],
        token: String,
        same_network: Option<bool>,
    ) -> Next {
        let Some(slot) = self.slot.as_mut().filter(|slot| slot.is_news(&token)) else { return unmoved(state) };
        match state {
            State::Scanned { key } => {
                slot.token = Some(token);
                let greeting = Greeting { user_id: Some(machine.user_id()), ..Greeting::default() };
                let (calling, put) = call(slot, LinkIntent::NewShows, key, &greeting)?;
                Ok((State::Calling(Box::new(calling)), vec![put]))
            }
            State::Calling(calling) => {
                let arrived = slot.read(content, token, same_network, Step::Response)?;
                let (channel, _) = calling.answered(slot, &arrived)?;
                let actions = vec![LinkAction::ShowDigits(channel.check_code().as_str().to_owned()), slot.poll()];
                let channel = Box::new(channel);
                Ok((State::Proving { channel, proof: Proof::Scanned, candidate: None }, actions))
            }
            State::Showing(keys) => {
                let arrived = slot.read(content, token, same_network, Step::Initial)?;
                called(machine, slot, &arrived, *keys)
            }
            State::Proving { channel, proof, candidate: None } => {
                let arrived = slot.read(content, token, same_network, Step::Introduction)?;
                introduced(machine, channel, proof, arrived)
            }
            State::Admitted { mut channel, device_id, list_version } => {
                let arrived = slot.read(content, token, same_network, Step::Arrival)?;
                let arrival: Arrival = channel.receive(arrived)?;
                if arrival.list_version != list_version {
                    return Err(LinkFailure::Malformed);
                }
                let query = machine.query_for([machine.user_id()]);
                Ok((State::Rereading { channel, device_id }, vec![LinkAction::ReadOwnIdentity(query)]))
            }
            State::HandedOver { mut channel, device_id } => {
                let arrived = slot.read(content, token, same_network, Step::Receipt)?;
                let Receipt {} = channel.receive(arrived)?;
                machine.secrets_arrived(device_id);
                Ok(self.linked(true))
            }
            state => unmoved(state),
        }
    }

    fn approved(&mut self, machine: &mut Machine, state: State, number: Option<&str>, history: bool) -> Next {
        let State::Approving { channel, candidate, number: expected } = state else { return unmoved(state) };
        if let Some(expected) = expected {
            match expected.matches(number.unwrap_or_default()) {
                Some(true) => {}
                Some(false) => return Err(LinkFailure::WrongDigits),
                None => return Ok(ask_approval(channel, candidate, Some(expected))),
            }
        }
        let rendezvous = self.rendezvous().ok_or(LinkFailure::Malformed)?;
        let request = Box::new(machine.prepare_grant(&candidate.device_keys, channel.transcript, &rendezvous)?);
        let mut actions = vec![LinkAction::CreateGrant(request.clone())];
        if history {
            self.history = History::Exporting;
            actions.push(LinkAction::ExportHistory);
        }
        Ok((State::Granting { channel, request }, actions))
    }

    fn granted(&mut self, machine: &Machine, state: State, grant: GrantResponse) -> Next {
        let State::Granting { mut channel, request } = state else { return unmoved(state) };
        let slot = self.slot.as_mut().ok_or(LinkFailure::Malformed)?;
        let (_, account) = machine.own_list().ok_or(crate::E2eeError::NotLinked)?;
        let list_version = request.device_list.version;
        let device_id = request.device_keys.device_id;
        let admission = Admission {
            base_url: self.base_url.clone(),
            user_id: machine.user_id(),
            master_key: account.master.to_base64(),
            self_signing_key: account.self_signing.to_base64(),
            list_version,
            list_hash: hash(&request.device_list).map_err(crate::E2eeError::from)?,
            device_keys: request.device_keys,
            grant: grant.grant,
        };
        let put = channel.send(slot, Step::Admission, &admission, Vec::new())?;
        Ok((State::Admitted { channel, device_id, list_version }, vec![put]))
    }

    /// m6, once the server's list holds what this device signed and the history, if wanted, is there.
    fn hand_over(&mut self, machine: &Machine, mut channel: Box<Channel>, device_id: DeviceId) -> Next {
        let history = match std::mem::replace(&mut self.history, History::NotWanted) {
            History::NotWanted => None,
            History::Ready(pointer) => pointer,
            History::Exporting => {
                self.history = History::Exporting;
                return Ok((State::Exporting { channel, device_id }, Vec::new()));
            }
        };
        let slot = self.slot.as_mut().ok_or(LinkFailure::Malformed)?;
        let self_signing = machine.account.self_signing.clone().ok_or(crate::E2eeError::NoSelfSigningKey)?;
        let secrets = Secrets { self_signing, backup_key: machine.backup_key().cloned(), history };
        let put = channel.send(slot, Step::Secrets, &secrets, Vec::new())?;
        Ok((State::HandedOver { channel, device_id }, vec![put]))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "an arm among others that can fail")]
fn unmoved(state: State) -> Next {
    Ok((state, Vec::new()))
}
