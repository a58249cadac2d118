//! What goes into the two state machines, and what comes out of them.

use std::time::Duration;

use sotto_protocol::{
    ProblemCode,
    devices::NewDevice,
    keys::{QueryKeysRequest, UserIdentity},
    linking::{CompleteLinkRequest, CreateGrantRequest, GrantResponse, LinkHeadRequest, LinkHeadResponse},
};

use super::{codes::TypedCode, messages::HistoryPointer, qr::QrError};
use crate::error::E2eeError;

/// How long a linking may take, whatever the server says.
pub const LINK_LIFE: Duration = Duration::from_mins(5);

/// Both clocks.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// A clock that never steps back, from any beginning: what the five minutes are counted by.
    pub monotonic: Duration,
    /// Milliseconds since the Unix epoch: when keys were made.
    pub unix_ms: i64,
}

/// Something happened. What does not fit the moment is ignored, so that repeating an event does no harm.
/// No `Debug`: grants are secret.
pub enum LinkEvent {
    /// The rendezvous that was asked for is there.
    Opened {
        /// Its id.
        rendezvous: [u8; 16],
        /// The token of its first content.
        token: String,
        /// The characters that find it, if the server gave some.
        typed_code: Option<TypedCode>,
        /// How long it lives from now.
        life: Duration,
    },
    /// The typed code led to this rendezvous.
    Claimed {
        /// Its id.
        rendezvous: [u8; 16],
    },
    /// The slot holds what was last asked to be put there.
    Stored {
        /// The new content's token.
        token: String,
    },
    /// The slot was read.
    Slot {
        /// What it holds.
        content: Vec<u8>,
        /// The content's token.
        token: String,
        /// Whether the server saw both devices come from one network; `None` if it did not say.
        same_network: Option<bool>,
    },
    /// The rendezvous does not exist any more.
    Gone,
    /// The person typed digits that another device shows.
    Typed(String),
    /// The person wants this device.
    Approved {
        /// What it typed when a number was asked for.
        number: Option<String>,
        /// Whether the new device gets the history.
        history: bool,
    },
    /// The person does not want it, or not any more.
    Declined,
    /// The server gave a grant.
    Granted(GrantResponse),
    /// This account's identity as the server has it now.
    OwnIdentity(Box<UserIdentity>),
    /// The history is uploaded, or never will be.
    History(Option<HistoryPointer>),
    /// The account that the grant leads into.
    Head(Box<LinkHeadResponse>),
    /// The server took this device in.
    Completed,
    /// The server refused what was asked of it last, for good.
    Refused(ProblemCode),
    /// Time went by.
    Tick,
}

/// Something to do. Store the machine's dirty records before anything is sent.
/// No `Debug`: grants are secret.
pub enum LinkAction {
    /// `POST /api/rendezvous`; answer with [`LinkEvent::Opened`].
    Open {
        /// The slot's first content.
        content: Vec<u8>,
        /// Whether a typed code is wanted.
        with_code: bool,
    },
    /// Look the code up; answer with [`LinkEvent::Claimed`].
    Claim(TypedCode),
    /// Show these, with a countdown.
    Show {
        /// Bytes of a QR code, in its byte mode.
        qr: Vec<u8>,
        /// What a device without a camera types.
        typed_code: Option<TypedCode>,
        /// How long they are good for.
        life: Duration,
    },
    /// Read the slot again and again until its token is another one than this, or until a further [`LinkAction::Poll`],
    /// [`LinkAction::Put`] or [`LinkAction::Delete`]; answer with [`LinkEvent::Slot`] or [`LinkEvent::Gone`].
    Poll {
        /// The known token.
        after: Option<String>,
    },
    /// Put this into the slot, the same bytes again until it is answered; answer with [`LinkEvent::Stored`].
    Put {
        /// At most 4,096 bytes.
        content: Vec<u8>,
        /// The token of the content that it replaces.
        replaces: String,
    },
    /// Show digits that the person types into the other device.
    ShowDigits(String),
    /// Ask for so many digits that the other device shows; answer with [`LinkEvent::Typed`].
    AskDigits(u32),
    /// Ask whether this device may come in; answer with [`LinkEvent::Approved`] or [`LinkEvent::Declined`].
    AskApproval {
        /// What it calls itself.
        device: NewDevice,
        /// Whether both come from one network.
        same_network: Option<bool>,
        /// The person types the 3 digits that the new device shows.
        number: bool,
    },
    /// `POST /api/link/grants`; answer with [`LinkEvent::Granted`].
    CreateGrant(Box<CreateGrantRequest>),
    /// Export and upload the history; answer with [`LinkEvent::History`].
    ExportHistory,
    /// `POST /api/keys/query`; answer with [`LinkEvent::OwnIdentity`].
    ReadOwnIdentity(QueryKeysRequest),
    /// `POST /api/link/head`; answer with [`LinkEvent::Head`].
    FetchHead(LinkHeadRequest),
    /// Show the name of the account that this device is about to enter.
    ShowAccount {
        /// The username.
        username: String,
    },
    /// `POST /api/link/complete`; answer with [`LinkEvent::Completed`].
    Complete(Box<CompleteLinkRequest>),
    /// End the rendezvous; its answer does not matter.
    Delete,
    /// The end, and a good one.
    Done(LinkDone),
    /// The end; nothing that was kept for it is left.
    Failed(LinkFailure),
}

/// How a linking ended well.
#[derive(Debug)]
pub enum LinkDone {
    /// The new device is in.
    Linked {
        /// Whether it said that it has its secrets; if not, [`crate::Machine::hand_over_later`] sends them.
        handed_over: bool,
    },
    /// This device is in.
    Entered(Entered),
}

/// What the new device got. No secret shows in `Debug`.
#[derive(Debug, Default)]
pub struct Entered {
    /// Whether this device holds the self-signing key; if not, it comes as an envelope.
    pub has_secrets: bool,
    /// Whether something else came in place of the secrets, or they can't be read: the history is lost, and the person
    /// has to know.
    pub unreadable: bool,
    /// Where the history lies.
    pub history: Option<HistoryPointer>,
}

/// Why a linking came to nothing, in words for the person in front of the device.
#[derive(Debug, thiserror::Error)]
pub enum LinkFailure {
    /// The five minutes are over.
    #[error("the code has expired; start again")]
    Expired,
    /// The other device ended it.
    #[error("the other device ended the linking; start again")]
    Ended,
    /// The person declined.
    #[error("the linking was cancelled")]
    Cancelled,
    /// Wrong digits: there is one try.
    #[error("the digits do not match; nothing was changed. Start again, with both devices in your hands")]
    WrongDigits,
    /// Somebody else wrote into the slot, or altered or replayed what was in it.
    #[error("somebody interfered with the linking; nothing was changed. Start again, in another network if it repeats")]
    Interfered,
    /// The other side's message is not what the format says.
    #[error("the other device sent something that this version does not understand; update both and start again")]
    Malformed,
    /// A message does not fit into the slot.
    #[error("a message is too large; give the new device a shorter name and start again")]
    TooLarge,
    /// The keys are not proven to be the new device's own.
    #[error("the new device could not prove that its keys are its own; nothing was changed. Start again")]
    NotPossessed,
    /// A code of something else.
    #[error(transparent)]
    Qr(#[from] QrError),
    /// The two devices use different services.
    #[error("the other device uses another service; choose the same address on both")]
    OtherService,
    /// This device is signed in to another account.
    #[error("the other device belongs to another account; sign out here or choose another device")]
    OtherAccount,
    /// The account is not what the other device said, or the server's list is not what was signed.
    #[error("the server's view of your account does not fit ({0}); nothing secret was sent. Check your devices")]
    Account(#[from] E2eeError),
    /// The server refused.
    #[error("the server refused: {}", .0.title())]
    Refused(ProblemCode),
}

impl LinkFailure {
    /// Whether somebody failed a check, which the server counts (`POST /api/link/failures`).
    pub fn is_failed_check(&self) -> bool {
        matches!(self, Self::WrongDigits | Self::Interfered | Self::NotPossessed)
    }
}
