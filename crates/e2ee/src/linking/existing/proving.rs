//! Who is at the other end: which key m1 came to, what m3 proves, and what the person types.

use sotto_identity::{Ed25519Public, check_self_signed_device};
use sotto_protocol::{devices::NewDevice, keys::DeviceKeys};
use vodozemac::{hpke::HpkeRecipientChannel, sas::Sas};

use super::{Next, State, unmoved};
use crate::{
    linking::{
        channel::{Channel, answer, key_of, listen},
        codes::Digits,
        event::{LinkAction, LinkFailure},
        messages::{Greeting, Introduction, bytes_32},
        qr::LinkIntent,
        slot::{Arrived, Slot},
        transcript::{approval_number, possession_bytes, sas_commitment, sas_digits},
    },
    state::Machine,
};

/// Two keys that a channel may be opened to.
pub(super) struct Keys {
    /// The one in the QR code, which the server never sees.
    pub(super) scanned: HpkeRecipientChannel,
    /// The one in the slot, where a typed code leads.
    pub(super) typed: HpkeRecipientChannel,
}

impl Keys {
    pub(super) fn fresh() -> Self {
        Self { scanned: listen(), typed: listen() }
    }
}

/// How the person proves which device is at the other end.
pub(super) enum Proof {
    /// Types the 4 digits that it shows.
    CheckCode { typed: bool },
    /// Its key for the short authentication string is not revealed yet.
    Commitment { sas: Box<Sas>, commitment: [u8; 32] },
    /// Types the 6 digits that it shows.
    Sas(Digits),
    /// Scanned it; types the 3 digits that it shows when approving.
    Scanned,
}

/// The new device, proven to own its keys.
pub(super) struct Candidate {
    pub(super) device_keys: DeviceKeys,
    device: NewDevice,
    same_network: Option<bool>,
}

/// m1 came to one of the two keys; which of them says how the person proves the rest.
pub(super) fn called(machine: &Machine, slot: &mut Slot, arrived: &Arrived, keys: Keys) -> Next {
    let user_id = Some(machine.user_id());
    if arrived.intent == LinkIntent::ExistingShows {
        let ask = vec![LinkAction::AskDigits(4)];
        let greet = |_: &Greeting| Ok(Greeting { user_id, ..Greeting::default() });
        let (channel, _, put) = answer(keys.scanned, slot, arrived, ask, greet)?;
        let proof = Proof::CheckCode { typed: false };
        return Ok((State::Proving { channel: Box::new(channel), proof, candidate: None }, vec![put]));
    }
    if arrived.intent != LinkIntent::TypedCode {
        return Err(LinkFailure::Interfered);
    }
    let sas = Sas::new();
    let sas_key = Some(sas.public_key().to_vec().into());
    let greet = |_: &Greeting| Ok(Greeting { user_id, sas_key, commitment: None });
    let (channel, theirs, put) = answer(keys.typed, slot, arrived, Vec::new(), greet)?;
    let commitment = bytes_32(theirs.commitment.as_ref())?;
    let proof = Proof::Commitment { sas: Box::new(sas), commitment };
    Ok((State::Proving { channel: Box::new(channel), proof, candidate: None }, vec![put]))
}

/// m3 came: whoever sent it has to own the keys that it names.
pub(super) fn introduced(machine: &Machine, mut channel: Box<Channel>, proof: Proof, arrived: Arrived) -> Next {
    let same_network = arrived.same_network;
    let introduction: Introduction = channel.receive(arrived)?;
    if !introduction.has_readable_name() {
        return Err(LinkFailure::Malformed);
    }
    let keys = &introduction.device_keys;
    let listed =
        check_self_signed_device(keys, machine.user_id(), keys.device_id).map_err(|_| LinkFailure::NotPossessed)?;
    let signed = possession_bytes(&channel.transcript, keys).map_err(|_| LinkFailure::NotPossessed)?;
    let key = Ed25519Public::parse(&listed.ed25519).map_err(|_| LinkFailure::NotPossessed)?;
    if !key.verifies(&signed, &introduction.pop.0) {
        return Err(LinkFailure::NotPossessed);
    }
    let sas_key = introduction.sas_key;
    let candidate =
        Box::new(Candidate { device_keys: introduction.device_keys, device: introduction.device, same_network });
    match proof {
        Proof::CheckCode { typed: true } => Ok(ask_approval(channel, candidate, None)),
        Proof::CheckCode { typed: false } => {
            let candidate = Some(candidate);
            Ok((State::Proving { channel, proof: Proof::CheckCode { typed: false }, candidate }, Vec::new()))
        }
        Proof::Commitment { sas, commitment } => {
            let revealed = bytes_32(sas_key.as_ref())?;
            if sas_commitment(&revealed) != commitment {
                return Err(LinkFailure::Interfered);
            }
            let sas = sas.diffie_hellman(key_of(&revealed)?).map_err(|_| LinkFailure::Interfered)?;
            let digits = sas_digits(&sas, &channel.transcript).ok_or(LinkFailure::Malformed)?;
            let state = State::Proving { channel, proof: Proof::Sas(digits), candidate: Some(candidate) };
            Ok((state, vec![LinkAction::AskDigits(6)]))
        }
        Proof::Scanned => {
            let number = approval_number(&channel.transcript, &candidate.device_keys);
            Ok(ask_approval(channel, candidate, Some(number.map_err(|_| LinkFailure::Malformed)?)))
        }
        // The digits were asked for after m3, which comes once.
        Proof::Sas(_) => Err(LinkFailure::Interfered),
    }
}

/// The person typed what the new device shows: there is one try.
pub(super) fn typed(state: State, digits: &str) -> Next {
    let State::Proving { channel, proof, candidate } = state else { return unmoved(state) };
    let shown = match &proof {
        Proof::CheckCode { typed: false } => channel.check_code(),
        Proof::Sas(digits) => digits.clone(),
        _ => return unmoved(State::Proving { channel, proof, candidate }),
    };
    match (shown.matches(digits), candidate) {
        (Some(false), _) => Err(LinkFailure::WrongDigits),
        (None, candidate) => {
            let again = vec![LinkAction::AskDigits(shown.count())];
            Ok((State::Proving { channel, proof, candidate }, again))
        }
        (Some(true), Some(candidate)) => Ok(ask_approval(channel, candidate, None)),
        (Some(true), None) => {
            Ok((State::Proving { channel, proof: Proof::CheckCode { typed: true }, candidate: None }, Vec::new()))
        }
    }
}

pub(super) fn ask_approval(
    channel: Box<Channel>,
    candidate: Box<Candidate>,
    number: Option<Digits>,
) -> (State, Vec<LinkAction>) {
    let ask = LinkAction::AskApproval {
        device: candidate.device.clone(),
        same_network: candidate.same_network,
        number: number.is_some(),
    };
    (State::Approving { channel, candidate, number }, vec![ask])
}
