//! Time and randomness, passed in so that tests can hold them.

use std::time::{Duration, Instant};

use time::OffsetDateTime;
use uuid::Uuid;

/// Time.
pub trait Clock: Send + Sync {
    /// Wall-clock time, UTC. May jump.
    fn now(&self) -> OffsetDateTime;
    /// Monotonic time since some start. Never jumps; deadlines use it.
    fn monotonic(&self) -> Duration;

    /// Wall-clock time in milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64 {
        millis(self.now())
    }
}

/// Milliseconds since the Unix epoch.
pub fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// A time in milliseconds as others may know it of a person: the minute that it is in.
pub fn to_the_minute(at_ms: i64) -> i64 {
    at_ms / 60_000 * 60_000
}

/// Randomness for ids, tokens and grants.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with cryptographically secure random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// A random UUID (RFC 9562, version 4).
    fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// The machine's clock.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the real clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// The machine's random generator.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}
