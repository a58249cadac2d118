//! Time and randomness, passed in so that tests can hold them.

use std::{
    fmt::Debug,
    sync::LazyLock,
    time::{Duration, Instant},
};

use rand::{CryptoRng, RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

/// Where a client takes time and randomness from.
pub trait Environment: Debug + Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;
    /// A clock that never steps back, from any beginning: what a linking's five minutes are counted by.
    fn monotonic(&self) -> Duration;
    /// A fresh, cryptographically secure generator.
    fn rng(&self) -> StdRng;
}

/// The machine's clock and its operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEnvironment;

impl Environment for SystemEnvironment {
    #[expect(clippy::disallowed_methods, reason = "the one home of the client's clock")]
    fn now_ms(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
        BEGINNING.elapsed()
    }

    fn rng(&self) -> StdRng {
        StdRng::from_rng(&mut rand::rng())
    }
}

/// A random UUID (version 4).
pub(crate) fn uuid(rng: &mut impl CryptoRng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Full jitter: uniform between zero and `first * 2^attempt`, at most `most`.
pub(crate) fn full_jitter(rng: &mut impl CryptoRng, first: Duration, most: Duration, attempt: u32) -> Duration {
    let ceiling = first.saturating_mul(2_u32.saturating_pow(attempt)).min(most);
    Duration::from_millis(rng.random_range(0..=u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_below_its_ceiling_and_the_ceiling_grows_to_the_most() {
        let mut rng = StdRng::seed_from_u64(7);
        let (first, most) = (Duration::from_millis(250), Duration::from_secs(5));
        let longest = |attempt, rng: &mut StdRng| (0..500).map(|_| full_jitter(rng, first, most, attempt)).max();
        assert!(longest(0, &mut rng) <= Some(first));
        assert!(longest(3, &mut rng) > Some(Duration::from_secs(1)));
        assert!(longest(60, &mut rng) <= Some(most));
    }
}
