//! Linking, on the device that comes in (`docs/API-DESIGN.md`, linking a device).

use std::time::Duration;

use sotto_protocol::{Base64Bytes, DeviceId, UserId, devices::NewDevice};
use vodozemac::{Curve25519PublicKey, hpke::HpkeRecipientChannel, sas::Sas};

mod entering;

use super::{
    base_url::normalize_base_url,
    channel::{Calling, Channel, answer, call, key_of, listen},
    codes::TypedCode,
    event::{Entered, LINK_LIFE, LinkAction, LinkDone, LinkEvent, LinkFailure, Now},
    messages::{Admission, Greeting, Introduction, bytes_32},
    qr::{LinkIntent, LinkQr},
    slot::{Slot, Step},
    transcript::{approval_number, possession_bytes, sas_commitment, sas_digits},
};
use crate::{E2eeError, state::Machine};

/// Who wants to come in.
pub enum Newcomer {
    /// A device without an account, under this fresh id.
    Fresh(DeviceId),
    /// A device that signed in with a password and waits to be linked.
    SignedIn(Box<Machine>),
}

/// One linking, on the new device. Everything secret in it goes with the state that holds it.
pub struct NewLink {
    base_url: String,
    deadline: Duration,
    slot: Option<Slot>,
    state: State,
    device: NewDevice,
    newcomer: Newcomer,
    /// Whether the machine was made for this linking, and goes when it fails.
    machine_is_ours: bool,
}

enum State {
    Opening,
    Claiming,
    /// Waits for the slot's first content; the key that a QR code gave, or none yet.
    Finding {
        key: Option<Curve25519PublicKey>,
    },
    /// Waits for m2; the key that m1 committed to, after a typed code.
    Calling {
        calling: Box<Calling>,
        sas: Option<Box<Sas>>,
    },
    /// Waits for m1.
    Showing {
        key: HpkeRecipientChannel,
    },
    /// Waits for the digits that the scanning device shows.
    Asking {
        channel: Box<Channel>,
    },
    /// Waits for m4.
    Introduced {
        channel: Box<Channel>,
    },
    /// Waits for the account's head.
    Checking {
        channel: Box<Channel>,
        admission: Box<Admission>,
    },
    /// Waits for the server to take this device in.
    Completing {
        channel: Box<Channel>,
        list_version: i64,
    },
    /// In. Waits for m6.
    Arrived {
        channel: Box<Channel>,
    },
    /// Has everything; m7 is on its way.
    Leaving {
        entered: Entered,
    },
    Ended,
}

type Next = Result<(State, Vec<LinkAction>), LinkFailure>;

impl NewLink {
    /// A linked device's QR code was scanned; the service is the one that it names.
    pub fn scan(
        qr: &[u8],
        newcomer: Newcomer,
        device: NewDevice,
        now: Now,
    ) -> Result<(Self, Vec<LinkAction>), LinkFailure> {
        let qr = LinkQr::parse(qr, LinkIntent::ExistingShows)?;
        let state = State::Finding { key: Some(qr.public_key) };
        let mut link = Self::new(&qr.base_url, newcomer, device, state, now)?;
        let slot = link.slot.insert(Slot::new(qr.base_url, qr.rendezvous, None));
        let actions = vec![slot.poll()];
        Ok((link, actions))
    }

    /// Shows a QR code, for a device without a camera.
    pub fn show(
        base_url: &str,
        newcomer: Newcomer,
        device: NewDevice,
        now: Now,
    ) -> Result<(Self, Vec<LinkAction>), LinkFailure> {
        Ok((
            Self::new(base_url, newcomer, device, State::Opening, now)?,
            vec![LinkAction::Open { content: Vec::new(), with_code: false }],
        ))
    }

    /// The person typed the eight characters that a linked device shows.
    pub fn typed(
        code: TypedCode,
        base_url: &str,
        newcomer: Newcomer,
        device: NewDevice,
        now: Now,
    ) -> Result<(Self, Vec<LinkAction>), LinkFailure> {
        Ok((Self::new(base_url, newcomer, device, State::Claiming, now)?, vec![LinkAction::Claim(code)]))
    }

    fn new(base_url: &str, newcomer: Newcomer, device: NewDevice, state: State, now: Now) -> Result<Self, LinkFailure> {
        let base_url = normalize_base_url(base_url).ok_or(LinkFailure::OtherService)?;
        let deadline = now.monotonic.saturating_add(LINK_LIFE);
        let machine_is_ours = matches!(newcomer, Newcomer::Fresh(_));
        Ok(Self { base_url, deadline, slot: None, state, device, newcomer, machine_is_ours })
    }

    /// The service that the requests go to.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The rendezvous of [`LinkAction::Poll`], [`LinkAction::Put`] and [`LinkAction::Delete`].
    pub fn rendezvous(&self) -> Option<[u8; 16]> {
        self.slot.as_ref().map(|slot| slot.rendezvous)
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// This device's crypto state, once the account is known.
    pub fn machine(&mut self) -> Option<&mut Machine> {
        match &mut self.newcomer {
            Newcomer::SignedIn(machine) => Some(machine),
            Newcomer::Fresh(_) => None,
        }
    }

    /// This device's crypto state: after a failure only that of a device that had signed in before.
    pub fn into_machine(self) -> Option<Machine> {
        match self.newcomer {
            Newcomer::SignedIn(machine) => Some(*machine),
            Newcomer::Fresh(_) => None,
        }
    }

    /// Takes in what happened and says what to do.
    pub fn handle(&mut self, event: LinkEvent, now: Now) -> Vec<LinkAction> {
        let is_late = now.monotonic >= self.deadline;
        let failure = match &mut self.state {
            State::Ended => return Vec::new(),
            State::Leaving { entered } => {
                let Some(entered) = has_left(&event, is_late).then(|| std::mem::take(entered)) else {
                    return Vec::new();
                };
                self.state = State::Ended;
                return vec![LinkAction::Done(LinkDone::Entered(entered))];
            }
            // What the server was asked for last may have happened: only its answer tells.
            State::Completing { .. } if matches!(event, LinkEvent::Gone | LinkEvent::Declined) => return Vec::new(),
            State::Completing { .. } => None,
            _ => is_late.then_some(LinkFailure::Expired),
        };
        let is_in = matches!(self.state, State::Arrived { .. });
        let failure = match failure {
            Some(failure) => failure,
            None => match self.step(event, now) {
                Ok(actions) => return actions,
                Err(failure) => failure,
            },
        };
        let is_in = is_in || matches!(self.state, State::Arrived { .. });
        self.state = State::Ended;
        if is_in {
            // Linked whatever came after; the secrets come as an envelope.
            let unreadable = matches!(failure, LinkFailure::Malformed | LinkFailure::Interfered);
            return vec![LinkAction::Done(LinkDone::Entered(Entered { unreadable, ..Entered::default() }))];
        }
        if self.machine_is_ours
            && let Some(device_id) = self.machine().map(|machine| machine.device_id())
        {
            self.newcomer = Newcomer::Fresh(device_id);
        }
        let delete = self.slot.is_some().then_some(LinkAction::Delete);
        delete.into_iter().chain([LinkAction::Failed(failure)]).collect()
    }

    fn step(&mut self, event: LinkEvent, now: Now) -> Result<Vec<LinkAction>, LinkFailure> {
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
            LinkEvent::Opened { rendezvous, token, life, .. } => self.opened(state, rendezvous, token, life, now),
            LinkEvent::Claimed { rendezvous } => match state {
                State::Claiming => {
                    let slot = self.slot.insert(Slot::new(self.base_url.clone(), rendezvous, None));
                    Ok((State::Finding { key: None }, vec![slot.poll()]))
                }
                state => unmoved(state),
            },
            LinkEvent::Slot { content, token, .. } => self.read(state, &content, token),
            LinkEvent::Typed(digits) => self.asked(state, &digits),
            LinkEvent::Head(head) => self.check(state, &head, now.unix_ms),
            LinkEvent::Completed => self.completed(state),
            _ => unmoved(state),
        }?;
        self.state = state;
        Ok(actions)
    }

    fn opened(&mut self, state: State, rendezvous: [u8; 16], token: String, life: Duration, now: Now) -> Next {
        let State::Opening = state else { return unmoved(state) };
        self.deadline = self.deadline.min(now.monotonic.saturating_add(life));
        let key = listen();
        let qr = LinkQr {
            intent: LinkIntent::NewShows,
            public_key: key.public_key(),
            rendezvous,
            base_url: self.base_url.clone(),
        };
        let slot = self.slot.insert(Slot::new(self.base_url.clone(), rendezvous, Some(token)));
        let life = self.deadline.saturating_sub(now.monotonic);
        let show = LinkAction::Show { qr: qr.to_bytes(), typed_code: None, life };
        Ok((State::Showing { key }, vec![show, slot.poll()]))
    }

    fn read(&mut self, state: State, content: &[u8], token: String) -> Next {
        let Some(slot) = self.slot.as_mut().filter(|slot| slot.is_news(&token)) else { return unmoved(state) };
        match state {
            State::Finding { key: Some(key) } => {
                slot.token = Some(token);
                let (calling, put) = call(slot, LinkIntent::ExistingShows, key, &Greeting::default())?;
                Ok((State::Calling { calling: Box::new(calling), sas: None }, vec![put]))
            }
            State::Finding { key: None } => {
                let arrived = slot.read(content, token, None, Step::Key)?;
                if arrived.intent != LinkIntent::TypedCode {
                    return Err(LinkFailure::Interfered);
                }
                let key = key_of(&arrived.payload)?;
                let sas = Box::new(Sas::new());
                let commitment = sas_commitment(sas.public_key().as_bytes()).to_vec();
                let greeting = Greeting { commitment: Some(commitment.into()), ..Greeting::default() };
                let (calling, put) = call(slot, LinkIntent::TypedCode, key, &greeting)?;
                Ok((State::Calling { calling: Box::new(calling), sas: Some(sas) }, vec![put]))
            }
            State::Calling { calling, sas } => {
                let arrived = slot.read(content, token, None, Step::Response)?;
                let (channel, greeting) = calling.answered(slot, &arrived)?;
                self.know_account(greeting.user_id)?;
                let mut channel = Box::new(channel);
                let put = match sas {
                    None => {
                        let show = LinkAction::ShowDigits(channel.check_code().as_str().to_owned());
                        self.introduce(&mut channel, None, vec![show])
                    }
                    Some(sas) => {
                        let ours = Base64Bytes(sas.public_key().to_vec());
                        let theirs = key_of(&bytes_32(greeting.sas_key.as_ref())?)?;
                        let sas = sas.diffie_hellman(theirs).map_err(|_| LinkFailure::Interfered)?;
                        let digits = sas_digits(&sas, &channel.transcript).ok_or(LinkFailure::Malformed)?;
                        let show = LinkAction::ShowDigits(digits.as_str().to_owned());
                        self.introduce(&mut channel, Some(ours), vec![show])
                    }
                }?;
                Ok((State::Introduced { channel }, vec![put]))
            }
            State::Showing { key } => {
                let arrived = slot.read(content, token, None, Step::Initial)?;
                if arrived.intent != LinkIntent::NewShows {
                    return Err(LinkFailure::Interfered);
                }
                let ask = vec![LinkAction::AskDigits(4)];
                let (channel, greeting, put) = answer(key, slot, &arrived, ask, |_| Ok(Greeting::default()))?;
                self.know_account(greeting.user_id)?;
                Ok((State::Asking { channel: Box::new(channel) }, vec![put]))
            }
            State::Introduced { channel } => {
                let arrived = slot.read(content, token, None, Step::Admission)?;
                self.admitted(channel, arrived)
            }
            State::Arrived { mut channel } => {
                let arrived = slot.read(content, token, None, Step::Secrets);
                match arrived.and_then(|arrived| channel.receive(arrived)) {
                    Ok(secrets) => self.take(&mut channel, secrets),
                    // Put back for the end of it: this device is linked.
                    Err(failure) => {
                        self.state = State::Arrived { channel };
                        Err(failure)
                    }
                }
            }
            state => unmoved(state),
        }
    }

    /// The other device named the account: there is a machine for it from here on.
    fn know_account(&mut self, user_id: Option<UserId>) -> Result<(), LinkFailure> {
        let user_id = user_id.ok_or(LinkFailure::Malformed)?;
        match &self.newcomer {
            Newcomer::SignedIn(machine) if machine.user_id() != user_id => Err(LinkFailure::OtherAccount),
            Newcomer::SignedIn(_) => Ok(()),
            Newcomer::Fresh(device_id) => {
                self.newcomer = Newcomer::SignedIn(Box::new(Machine::new_unlinked(user_id, *device_id)?));
                Ok(())
            }
        }
    }

    /// m3.
    fn introduce(
        &mut self,
        channel: &mut Channel,
        sas_key: Option<Base64Bytes>,
        then: Vec<LinkAction>,
    ) -> Result<LinkAction, LinkFailure> {
        let (Newcomer::SignedIn(machine), Some(slot)) = (&self.newcomer, self.slot.as_mut()) else {
            return Err(LinkFailure::Malformed);
        };
        let device_keys = machine.self_signed_keys();
        let signed = possession_bytes(&channel.transcript, &device_keys).map_err(E2eeError::from)?;
        let pop = machine.account.sign_bytes(&signed).to_vec().into();
        let introduction = Introduction { device_keys, device: self.device.clone(), pop, sas_key };
        channel.send(slot, Step::Introduction, &introduction, then)
    }

    /// The person typed the digits of the device that scanned this one: there is one try.
    fn asked(&mut self, state: State, digits: &str) -> Next {
        let State::Asking { mut channel } = state else { return unmoved(state) };
        if self.slot.as_ref().is_none_or(Slot::is_writing) {
            // While m2 is on its way nobody can know them.
            return unmoved(State::Asking { channel });
        }
        match channel.check_code().matches(digits) {
            None => Ok((State::Asking { channel }, vec![LinkAction::AskDigits(4)])),
            Some(false) => Err(LinkFailure::WrongDigits),
            Some(true) => {
                let keys = self.machine().ok_or(LinkFailure::Malformed)?.device_keys();
                let number = approval_number(&channel.transcript, keys).map_err(E2eeError::from)?;
                let show = LinkAction::ShowDigits(number.as_str().to_owned());
                let put = self.introduce(&mut channel, None, vec![show])?;
                Ok((State::Introduced { channel }, vec![put]))
            }
        }
    }
}

/// m7 is stored, or never will be: the secrets are here either way.
fn has_left(event: &LinkEvent, is_late: bool) -> bool {
    use LinkEvent::{Declined, Gone, Refused, Stored};
    is_late || matches!(event, Stored { .. } | Gone | Declined | Refused(_))
}

#[expect(clippy::unnecessary_wraps, reason = "an arm among others that can fail")]
fn unmoved(state: State) -> Next {
    Ok((state, Vec::new()))
}
