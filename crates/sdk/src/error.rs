//! What can go wrong.

use sotto_e2ee::{E2eeError, VerifyError, linking::LinkFailure};
use sotto_protocol::{Problem, ProblemCode, UserId};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum SdkError {
    /// The server refused; match its `code`.
    #[error("{} ({}){}", .0.title, .0.code.as_str(), .0.detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default())]
    Problem(Box<Problem>),
    /// Something between client and node answered, not the node (a proxy whose upstreams are gone).
    #[error("the server answered with status {0}")]
    Status(u16),
    /// No answer: the outcome is unknown unless it never connected.
    #[error("no answer from the server: {source}")]
    Transport {
        /// Whether the request certainly never reached a node.
        never_sent: bool,
        /// What happened.
        source: reqwest::Error,
    },
    /// The answer is not what the protocol says.
    #[error("the answer can't be understood: {0}")]
    Answer(serde_json::Error),
    /// The answer comes in pages that do not end.
    #[error("the server's {0} has no end")]
    Endless(&'static str),
    /// The WebSocket could not be opened or broke.
    #[error("the socket failed: {0}")]
    Socket(String),
    /// The address of the server can't be used.
    #[error("{0:?} is not an http or https address")]
    Address(String),
    /// The local store failed.
    #[error("the local store failed: {0}")]
    Store(String),
    /// The crypto core refused.
    #[error(transparent)]
    E2ee(#[from] E2eeError),
    /// A scanned code verified nobody.
    #[error(transparent)]
    Verification(#[from] VerifyError),
    /// Nobody looked this person up yet, and no conversation is shared: see `Client::find_person`.
    #[error("the identity of user {0} is not known")]
    UnknownPerson(UserId),
    /// A linking came to nothing. The text is for the person in front of the device.
    #[error(transparent)]
    Linking(#[from] LinkFailure),
    /// A typed code that leads nowhere: mistyped, used before, or too old.
    #[error("no device shows this code; look at it again, or start again there")]
    NoSuchCode,
    /// This store holds a device that is in an account already.
    #[error("this device is linked already")]
    LinkedAlready,
    /// So many bytes do not fit into a QR code.
    #[error("{0} bytes do not fit into a QR code")]
    TooLargeForQr(usize),
    /// There are no tokens: sign in first.
    #[error("this device is not signed in")]
    SignedOut,
    /// The client was shut down.
    #[error("the client is closed")]
    Closed,
}

impl SdkError {
    /// The server's code, if it was the server that refused.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(
                problem.code,
                ProblemCode::RateLimited
                    | ProblemCode::Unavailable
                    | ProblemCode::NodeFull
                    | ProblemCode::Internal
                    | ProblemCode::RequestTimeout
            ),
            Self::Status(_) | Self::Transport { .. } | Self::Socket(_) => true,
            _ => false,
        }
    }

    /// Whether the server surely refused: what was asked for has not happened, and won't.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Problem(_)) && !self.is_temporary()
    }

    /// Whether the server surely did nothing, so that even a call that may not run twice can be made again.
    pub(crate) fn did_nothing(&self) -> bool {
        match self {
            Self::Problem(problem) => matches!(problem.code, ProblemCode::RateLimited | ProblemCode::NodeFull),
            Self::Transport { never_sent, .. } => *never_sent,
            _ => false,
        }
    }

    /// How long the server asks to wait, milliseconds.
    pub(crate) fn retry_after_ms(&self) -> u64 {
        match self {
            Self::Problem(problem) => problem.retry_after_ms.unwrap_or(0),
            _ => 0,
        }
    }
}

impl From<redb::Error> for SdkError {
    fn from(error: redb::Error) -> Self {
        Self::Store(error.to_string())
    }
}

/// What calls give.
pub type SdkResult<T> = Result<T, SdkError>;
