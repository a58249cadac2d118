//! Refusals and failures of use cases.

use sotto_protocol::{Problem, ProblemCode};
use sotto_store::{RetryableError, StoreError};

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The caller is told exactly this.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// A statement failed; [`Self::into_problem`] tells the caller as little as is useful.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug or a broken installation.
    #[error("{0}")]
    Internal(String),
}

/// Result of a use case.
pub type ServiceResult<T> = Result<T, ServiceError>;

impl ServiceError {
    /// A refusal with nothing more to say than its code.
    pub fn refused(code: ProblemCode) -> Self {
        Problem::new(code).into()
    }

    /// What the caller is told. The cause of a 5xx goes to the log, where the problem is rendered.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Refused(problem) => *problem,
            Self::Store(StoreError::Unavailable(_) | StoreError::Overloaded) => {
                Problem { retry_after_ms: Some(1_000), ..Problem::new(ProblemCode::Unavailable) }
            }
            Self::Store(_) | Self::Internal(_) => Problem::new(ProblemCode::Internal),
        }
    }
}

impl From<Problem> for ServiceError {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<ProblemCode> for ServiceError {
    fn from(code: ProblemCode) -> Self {
        Self::refused(code)
    }
}

impl RetryableError for ServiceError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}
