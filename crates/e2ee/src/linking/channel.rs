//! The HPKE channel between the two devices, and what both know of it.

use sotto_identity::Curve25519Public;
use vodozemac::{
    Curve25519PublicKey,
    hpke::{
        BidirectionalCreationResult, EstablishedHpkeChannel, HpkeRecipientChannel, HpkeSenderChannel, InitialMessage,
        InitialResponse, Message, RecipientCreationResult, SenderCreationResult, UnidirectionalSenderChannel,
    },
};

use super::{
    codes::Digits,
    event::{LinkAction, LinkFailure},
    messages::{Greeting, decode, encode},
    qr::LinkIntent,
    slot::{Arrived, Slot, Step},
    transcript::{INFO, Transcript},
};

/// A channel that is established, though not proven yet. Its keys go when it is dropped.
pub(super) struct Channel {
    hpke: EstablishedHpkeChannel,
    pub(super) intent: LinkIntent,
    /// T.
    pub(super) transcript: [u8; 32],
}

/// Half a channel: m1 is on its way.
pub(super) struct Calling {
    hpke: UnidirectionalSenderChannel,
    intent: LinkIntent,
    recipient_key: [u8; 32],
    sender_key: [u8; 32],
    initial_message: Vec<u8>,
}

/// A fresh key that somebody may open a channel to.
pub(super) fn listen() -> HpkeRecipientChannel {
    HpkeRecipientChannel::with_info(INFO)
}

/// Takes a key that came over an unproven way.
pub(super) fn key_of(bytes: &[u8]) -> Result<Curve25519PublicKey, LinkFailure> {
    let bytes: &[u8; 32] = bytes.try_into().map_err(|_| LinkFailure::Malformed)?;
    let key = Curve25519Public::from_bytes(bytes).map_err(|_| LinkFailure::Malformed)?;
    Ok(Curve25519PublicKey::from_bytes(key.to_bytes()))
}

/// m1, on the side that scanned or typed.
pub(super) fn call(
    slot: &mut Slot,
    intent: LinkIntent,
    key: Curve25519PublicKey,
    greeting: &Greeting,
) -> Result<(Calling, LinkAction), LinkFailure> {
    let plaintext = encode(greeting)?;
    let SenderCreationResult { channel, message } = HpkeSenderChannel::with_info(INFO)
        .establish_channel(key, &plaintext, &slot.additional_data())
        .map_err(|_| LinkFailure::Interfered)?;
    let initial_message = message.to_bytes();
    let put = slot.put(Step::Initial, intent, &initial_message, Vec::new())?;
    let (recipient_key, sender_key) = (key.to_bytes(), message.encapsulated_key.to_bytes());
    Ok((Calling { hpke: channel, intent, recipient_key, sender_key, initial_message }, put))
}

impl Calling {
    /// m2 came: the other side holds the key that was called.
    pub(super) fn answered(self, slot: &Slot, arrived: &Arrived) -> Result<(Channel, Greeting), LinkFailure> {
        let response = InitialResponse::from_bytes(&arrived.payload).map_err(|_| LinkFailure::Malformed)?;
        let BidirectionalCreationResult { channel, message } = self
            .hpke
            .establish_bidirectional_channel(&response, &arrived.additional_data)
            .map_err(|_| LinkFailure::Interfered)?;
        if arrived.intent != self.intent {
            return Err(LinkFailure::Interfered);
        }
        let transcript = Transcript {
            intent: self.intent,
            base_url: &slot.base_url,
            rendezvous: &slot.rendezvous,
            recipient_key: &self.recipient_key,
            sender_key: &self.sender_key,
            initial_message: &self.initial_message,
            initial_response: &arrived.payload,
        };
        Ok((Channel { hpke: channel, intent: self.intent, transcript: transcript.hash() }, decode(message)?))
    }
}

/// m1 came, on the side that showed: opens it, and answers with what `greet` makes of it.
pub(super) fn answer(
    key: HpkeRecipientChannel,
    slot: &mut Slot,
    arrived: &Arrived,
    then: Vec<LinkAction>,
    greet: impl FnOnce(&Greeting) -> Result<Greeting, LinkFailure>,
) -> Result<(Channel, Greeting, LinkAction), LinkFailure> {
    let message = InitialMessage::from_bytes(&arrived.payload).map_err(|_| LinkFailure::Malformed)?;
    let recipient_key = key.public_key().to_bytes();
    let RecipientCreationResult { channel, message: plaintext } =
        key.establish_channel(&message, &arrived.additional_data).map_err(|_| LinkFailure::Interfered)?;
    let theirs: Greeting = decode(plaintext)?;
    let ours = encode(&greet(&theirs)?)?;
    let BidirectionalCreationResult { channel, message: response } =
        channel.establish_bidirectional_channel(&ours, &slot.additional_data());
    let initial_response = response.to_bytes();
    let transcript = Transcript {
        intent: arrived.intent,
        base_url: &slot.base_url,
        rendezvous: &slot.rendezvous,
        recipient_key: &recipient_key,
        sender_key: message.encapsulated_key.as_bytes(),
        initial_message: &arrived.payload,
        initial_response: &initial_response,
    };
    let transcript = transcript.hash();
    let put = slot.put(Step::Response, arrived.intent, &initial_response, then)?;
    Ok((Channel { hpke: channel, intent: arrived.intent, transcript }, theirs, put))
}

impl Channel {
    /// The 4 digits that one device shows and the other asks for.
    pub(super) fn check_code(&self) -> Digits {
        Digits::of(u16::from_be_bytes(*self.hpke.check_code().as_bytes()).into(), 4)
    }

    /// Seals a message into the slot.
    pub(super) fn send<T: serde::Serialize>(
        &mut self,
        slot: &mut Slot,
        step: Step,
        message: &T,
        then: Vec<LinkAction>,
    ) -> Result<LinkAction, LinkFailure> {
        let sealed = self.hpke.seal(&encode(message)?, &slot.additional_data());
        slot.put(step, self.intent, &sealed.ciphertext, then)
    }

    /// Opens what came.
    pub(super) fn receive<T: serde::de::DeserializeOwned>(&mut self, arrived: Arrived) -> Result<T, LinkFailure> {
        if arrived.intent != self.intent {
            return Err(LinkFailure::Interfered);
        }
        let message = Message { ciphertext: arrived.payload };
        decode(self.hpke.open(&message, &arrived.additional_data).map_err(|_| LinkFailure::Interfered)?)
    }
}
