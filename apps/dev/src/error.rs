//! One error for a command-line tool: a sentence for the person in front of it.

use std::fmt;

/// What went wrong and, where it helps, what to do about it.
#[derive(Debug)]
pub struct Failure(String);

/// Shorthand for everything in this program that can fail.
pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Wraps a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done to an error.
pub trait Context<T> {
    /// `<what>: <error>`.
    fn context(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for std::result::Result<T, E> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("{what}: {error}")))
    }
}
