//! The one slot of a rendezvous as a device sees it: who wrote last, and what each message is bound to.

use super::{
    event::{LinkAction, LinkFailure},
    qr::LinkIntent,
    transcript::additional_data,
};

/// Largest content, bytes.
pub const MAX_SLOT_BYTES: usize = 4_096;
/// Version of the content.
const VERSION: u8 = 1;
/// Version, step and intent.
const HEADER_BYTES: usize = 3;

/// Which message a content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// m0: the HPKE key that a typed code leads to, in the clear.
    Key = 0,
    Initial = 1,
    Response = 2,
    Introduction = 3,
    Admission = 4,
    Arrival = 5,
    Secrets = 6,
    Receipt = 7,
}

/// A content that came.
pub(super) struct Arrived {
    pub(super) intent: LinkIntent,
    pub(super) payload: Vec<u8>,
    /// What it must be bound to.
    pub(super) additional_data: Vec<u8>,
    pub(super) same_network: Option<bool>,
}

pub(super) struct Slot {
    pub(super) base_url: String,
    pub(super) rendezvous: [u8; 16],
    /// The token of the content that was last read or written; `None` before the first.
    pub(super) token: Option<String>,
    writing: bool,
    /// What to do when the slot holds what was put there.
    then: Vec<LinkAction>,
}

impl Slot {
    pub(super) fn new(base_url: String, rendezvous: [u8; 16], token: Option<String>) -> Self {
        Self { base_url, rendezvous, token, writing: false, then: Vec::new() }
    }

    /// What the next content written here is bound to.
    pub(super) fn additional_data(&self) -> Vec<u8> {
        additional_data(&self.base_url, &self.rendezvous, self.token.as_deref().unwrap_or_default())
    }

    pub(super) fn poll(&self) -> LinkAction {
        LinkAction::Poll { after: self.token.clone() }
    }

    /// Whether something is on its way into it.
    pub(super) fn is_writing(&self) -> bool {
        self.writing
    }

    /// Writes the next content; `then` comes once it is stored, and after it the slot is read.
    pub(super) fn put(
        &mut self,
        step: Step,
        intent: LinkIntent,
        payload: &[u8],
        then: Vec<LinkAction>,
    ) -> Result<LinkAction, LinkFailure> {
        let content = content_of(step, intent, payload);
        if content.len() > MAX_SLOT_BYTES {
            return Err(LinkFailure::TooLarge);
        }
        let replaces = self.token.clone().ok_or(LinkFailure::Interfered)?;
        self.writing = true;
        self.then = then;
        Ok(LinkAction::Put { content, replaces })
    }

    /// The content is stored. Nothing, if none was being written.
    pub(super) fn stored(&mut self, token: String) -> Vec<LinkAction> {
        if !std::mem::take(&mut self.writing) {
            return Vec::new();
        }
        self.token = Some(token);
        let mut actions = std::mem::take(&mut self.then);
        actions.push(self.poll());
        actions
    }

    /// Whether a content that was read is the next one, rather than the known one again.
    pub(super) fn is_news(&self, token: &str) -> bool {
        !self.writing && self.token.as_deref() != Some(token)
    }

    /// Takes in the next content, which has to be this step.
    pub(super) fn read(
        &mut self,
        content: &[u8],
        token: String,
        same_network: Option<bool>,
        step: Step,
    ) -> Result<Arrived, LinkFailure> {
        let additional_data = self.additional_data();
        self.token = Some(token);
        if content.len() > MAX_SLOT_BYTES {
            return Err(LinkFailure::Malformed);
        }
        let (header, payload) = content.split_first_chunk::<HEADER_BYTES>().ok_or(LinkFailure::Malformed)?;
        let [version, got, intent] = *header;
        if version != VERSION {
            return Err(LinkFailure::Malformed);
        }
        if got != step as u8 {
            return Err(LinkFailure::Interfered);
        }
        let intent = LinkIntent::of(intent).ok_or(LinkFailure::Malformed)?;
        Ok(Arrived { intent, payload: payload.to_vec(), additional_data, same_network })
    }
}

/// Version, step, intent, and what the step carries.
pub(super) fn content_of(step: Step, intent: LinkIntent, payload: &[u8]) -> Vec<u8> {
    [&[VERSION, step as u8, intent.byte()], payload].concat()
}
