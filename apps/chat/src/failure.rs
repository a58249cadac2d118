//! What can go wrong, in words, and what to do about it.

use std::path::PathBuf;

use sotto_e2ee::{E2eeError, RecoveryKeyError};
use sotto_protocol::{Problem, ProblemCode};
use sotto_sdk::SdkError;

use crate::{clean, codes::CodeError};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The client.
    #[error("{}", sdk_text(.0))]
    Sdk(#[from] SdkError),
    /// A code that was to be scanned.
    #[error("the code could not be read: {0}")]
    Code(#[from] CodeError),
    /// The words of a recovery key.
    #[error("{0}")]
    RecoveryKey(#[from] RecoveryKeyError),
    /// The folder holds no device.
    #[error("there is no device in {}", .0.display())]
    NoDevice(PathBuf),
    /// The folder's device has forgotten its keys: it was thrown out.
    #[error("this device is not in its account any more")]
    ThrownOut,
    /// The folder holds one already.
    #[error("{} is a device already", .0.display())]
    Occupied(PathBuf),
    /// Another process has the folder.
    #[error("another sotto-chat uses {}", .0.display())]
    Busy(PathBuf),
    /// The key of the folder is damaged.
    #[error("{} is damaged", .0.display())]
    BadKey(PathBuf),
    /// A file.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// The input ended before it was answered.
    #[error("the input ended before the {0} was given")]
    NoAnswer(&'static str),
    /// Two passwords that had to be the same.
    #[error("the two passwords differ")]
    PasswordsDiffer,
    /// Nobody has this name.
    #[error("nobody is called {0}")]
    Nobody(String),
    /// One's own name.
    #[error("{0} is you")]
    Oneself(String),
    /// No device is called so.
    #[error("none of your devices is called {0}")]
    NoSuchDevice(String),
    /// No group is called so.
    #[error("you are in no group called {0}")]
    NoSuchGroup(String),
    /// More than one is called so.
    #[error("more than one is called {0}")]
    Ambiguous(String),
    /// There is no conversation with this person.
    #[error("you have no conversation with {0}")]
    NoConversation(String),
    /// Two people see different numbers.
    #[error("the numbers differ: somebody may be in between")]
    NumbersDiffer,
    /// The person said no.
    #[error("nothing was done")]
    Declined,
    /// A message was refused for good.
    #[error("{0} of your messages could not be sent")]
    Unsent(usize),
    /// Messages wait for a person to decide.
    #[error("{0} of your messages wait and are not sent")]
    Blocked(usize),
    /// Another process is this device.
    #[error("this device is connected from elsewhere: its folder was copied")]
    Replaced,
    /// The device has no connection.
    #[error("there is no connection to {0}")]
    Offline(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// What commands give.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A stable word for programs; the server's own code where it refused.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sdk(error) => sdk_code(error),
            Self::Code(_) => "code_unreadable",
            Self::RecoveryKey(_) => "recovery_key_mistyped",
            Self::NoDevice(_) => "no_device",
            Self::ThrownOut => ProblemCode::DeviceRevoked.as_str(),
            Self::Occupied(_) => "folder_occupied",
            Self::Busy(_) => "folder_busy",
            Self::BadKey(_) | Self::File { .. } => "file",
            Self::NoAnswer(_) => "no_answer",
            Self::PasswordsDiffer => "passwords_differ",
            Self::Nobody(_) => "no_such_person",
            Self::Oneself(_) => "oneself",
            Self::NoSuchDevice(_) => "no_such_device",
            Self::NoSuchGroup(_) => "no_such_group",
            Self::Ambiguous(_) => "ambiguous",
            Self::NoConversation(_) => "no_conversation",
            Self::NumbersDiffer => "numbers_differ",
            Self::Declined => "declined",
            Self::Unsent(_) => "unsent",
            Self::Blocked(_) => "blocked",
            Self::Replaced => "replaced",
            Self::Offline(_) => "offline",
            Self::Interrupted => "interrupted",
        }
    }

    /// What the person can do.
    pub fn next(&self) -> Option<String> {
        let next = match self {
            Self::Sdk(SdkError::Problem(problem)) => return problem_next(problem),
            Self::Sdk(error) => sdk_next(error)?,
            Self::Code(CodeError::Format | CodeError::Picture(_)) => "A screenshot as PNG can be read, or pasted text.",
            Self::Code(_) => "Copy the whole code with the empty margin around it, or give its bytes as hex or base64.",
            Self::RecoveryKey(_) => "Compare with what you wrote down, word by word.",
            Self::NoDevice(_) => {
                "`sotto-chat register <name>` makes an account, `sotto-chat link` joins one; --home names another folder."
            }
            Self::ThrownOut => THROWN_OUT,
            Self::Occupied(_) => "Name another folder with --home: one folder is one device.",
            Self::Busy(_) => "End it first (/quit), or name another folder with --home.",
            Self::BadKey(_) => "Without it the folder can't be opened: make a new device in another one (--home).",
            Self::NoAnswer(_) => "Answer on the terminal, or as a line of what is piped in.",
            Self::Nobody(_) => "Names are exact; ask the person for theirs.",
            Self::NoSuchDevice(_) => "`sotto-chat devices` lists them; the beginning of an id will do.",
            Self::NoSuchGroup(_) => "`sotto-chat groups` lists them; the beginning of an id will do.",
            Self::Ambiguous(_) => "Use the beginning of the id instead.",
            Self::NoConversation(_) => "`sotto-chat chat <name>` begins one.",
            Self::NumbersDiffer => "Write nothing secret; compare again in person.",
            Self::Unsent(_) => "They are not stored anywhere; send them again.",
            Self::Blocked(_) => "They go out once you have decided: `sotto-chat verify <name>`.",
            Self::Replaced => "One folder is one device: link the other one as a device of its own.",
            Self::Offline(_) => "Try again later; messages that you wrote are kept and sent then.",
            Self::PasswordsDiffer => "Try again.",
            Self::File { .. } | Self::Oneself(_) | Self::Declined | Self::Interrupted => return None,
        };
        Some(next.to_owned())
    }

    /// 2 where the command line was wrong, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Sdk(SdkError::Address(_))) { 2 } else { 1 }
    }

    /// Whether the server, or this device, surely refused: trying the same again is of no use.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Sdk(error) => matches!(error, SdkError::Problem(_) | SdkError::E2ee(_)) && !error.is_temporary(),
            _ => true,
        }
    }
}

/// The server's words are its own: what it adds is made harmless for the terminal.
fn sdk_text(error: &SdkError) -> String {
    match error {
        SdkError::Problem(problem) => {
            let detail = problem.detail.as_deref().map(|detail| format!(" ({})", clean::line(detail)));
            format!("{}{}", problem.code.title(), detail.unwrap_or_default())
        }
        other => clean::line(&other.to_string()),
    }
}

fn sdk_code(error: &SdkError) -> &'static str {
    match error {
        SdkError::Problem(problem) => problem.code.as_str(),
        SdkError::E2ee(E2eeError::WrongRecoveryKey) => "wrong_recovery_key",
        SdkError::Linking(_) => "linking_failed",
        SdkError::Verification(_) => "not_verified",
        SdkError::NoSuchCode => "no_such_code",
        SdkError::E2ee(_) => "refused_by_this_device",
        SdkError::Status(_) | SdkError::Transport { .. } | SdkError::Socket(_) => "no_answer_from_server",
        SdkError::Address(_) => "bad_address",
        SdkError::Store(_) => "store",
        SdkError::SignedOut => "signed_out",
        SdkError::Closed => "closed",
        _ => "failed",
    }
}

fn sdk_next(error: &SdkError) -> Option<&'static str> {
    Some(match error {
        SdkError::Status(_) | SdkError::Transport { .. } | SdkError::Socket(_) => {
            "Is the server running? `make run` starts one here; --server names another."
        }
        SdkError::SignedOut => "`sotto-chat sign-in` signs this device in again.",
        SdkError::Address(_) => "An address looks like http://localhost:8080.",
        SdkError::E2ee(E2eeError::WrongRecoveryKey) => "It may have been replaced by a newer one; use that.",
        SdkError::E2ee(E2eeError::NotLinked) => NOT_LINKED,
        _ => return None,
    })
}

const THROWN_OUT: &str = "It is out for good. Delete its folder; link or recover in another one (--home).";
const NOT_LINKED: &str = "Link it from one of your other devices, or use `sotto-chat recover <name>`.";

fn problem_next(problem: &Problem) -> Option<String> {
    let seconds = problem.retry_after_ms.map(|ms| ms.div_ceil(1000).max(1));
    let next = match problem.code {
        ProblemCode::UsernameTaken => "Choose another name.",
        ProblemCode::WrongCredentials => "Check the name and the password, then try again.",
        ProblemCode::DeviceRevoked => THROWN_OUT,
        ProblemCode::DeviceUnverified => NOT_LINKED,
        ProblemCode::DeviceOnProbation => "Use a device that is in for longer than a day, or wait.",
        ProblemCode::Unauthorized | ProblemCode::RefreshRejected | ProblemCode::TokenExpired => {
            "`sotto-chat sign-in` signs this device in again."
        }
        ProblemCode::RecoveryKeyReplaced => "Use the newer recovery key.",
        ProblemCode::RateLimited | ProblemCode::LinkingLocked => {
            return Some(format!("Wait {}, then try again.", waiting(seconds)));
        }
        ProblemCode::Unavailable | ProblemCode::NodeFull | ProblemCode::LinkingUnavailable | ProblemCode::Internal => {
            "Try again in a moment."
        }
        _ => return None,
    };
    Some(next.to_owned())
}

fn waiting(seconds: Option<u64>) -> String {
    match seconds {
        None => "a while".to_owned(),
        Some(1) => "a second".to_owned(),
        Some(seconds @ ..120) => format!("{seconds} seconds"),
        Some(seconds) => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: ProblemCode) -> Failure {
        SdkError::Problem(Box::new(Problem::new(code).with_detail("bad\x1b[2J"))).into()
    }

    #[test]
    fn a_refusal_is_plain_harmless_for_the_terminal_and_says_what_to_do() {
        let failure = refused(ProblemCode::UsernameTaken);
        assert_eq!(failure.to_string(), "The username is taken (bad\u{fffd}[2J)");
        assert_eq!((failure.code(), failure.exit_code(), failure.is_refusal()), ("username_taken", 1, true));
        assert_eq!(failure.next().as_deref(), Some("Choose another name."));
        assert!(!refused(ProblemCode::Unavailable).is_refusal());
    }

    #[test]
    fn waiting_is_told_in_words() {
        let mut problem = Problem::new(ProblemCode::RateLimited);
        problem.retry_after_ms = Some(61_200);
        assert_eq!(problem_next(&problem).as_deref(), Some("Wait 62 seconds, then try again."));
        problem.retry_after_ms = Some(3_500_000);
        assert_eq!(problem_next(&problem).as_deref(), Some("Wait 59 minutes, then try again."));
    }

    #[test]
    fn a_wrong_address_is_wrong_usage() {
        let failure = Failure::from(SdkError::Address("ftp://x".into()));
        assert_eq!((failure.exit_code(), failure.code()), (2, "bad_address"));
    }
}
