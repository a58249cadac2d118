//! One clock for all processes of a load, and the intended moments on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Nanoseconds of the machine's monotonic clock: the same for every process.
pub fn now_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Nanoseconds of a duration.
pub fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// How long it is until then.
pub fn until(at_ns: u64) -> Duration {
    Duration::from_nanos(at_ns.saturating_sub(now_ns()))
}

/// Evenly spaced moments, dealt out to workers in turn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// The first moment of all.
    pub from_ns: u64,
    /// A second, over all workers.
    pub rate: f64,
    /// How many share it.
    pub workers: u64,
}

impl Pace {
    /// When this worker's moment number `turn` is.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "2^53 ns are a hundred days"
    )]
    pub fn intended(&self, worker: u64, turn: u64) -> u64 {
        let place = (turn * self.workers + worker) as f64;
        self.from_ns + (place * 1e9 / self.rate) as u64
    }

    /// How many moments this worker has before `until_ns`.
    pub fn turns(&self, worker: u64, until_ns: u64) -> u64 {
        let (mut low, mut high) = (0, 1);
        while self.intended(worker, high) < until_ns {
            high *= 2;
        }
        while low < high {
            let middle = u64::midpoint(low, high);
            if self.intended(worker, middle) < until_ns { low = middle + 1 } else { high = middle }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_one_even_row_of_moments() {
        let pace = Pace { from_ns: 1_000, rate: 1_000_000.0, workers: 3 };
        let mut all: Vec<u64> =
            (0..3).flat_map(|worker| (0..10).map(move |turn| pace.intended(worker, turn))).collect();
        all.sort_unstable();
        let even: Vec<u64> = (0..30).map(|place| 2_000 + place * 1_000 - 1_000).collect();
        assert_eq!(all, even);
    }

    #[test]
    fn the_turns_of_all_workers_are_the_whole() {
        for workers in 1..=5 {
            let pace = Pace { from_ns: 77, rate: 1_000.0, workers };
            let until = 77 + 2_000_000_000;
            let sum: u64 = (0..workers).map(|worker| pace.turns(worker, until)).sum();
            assert_eq!(sum, 2_000);
            assert!((0..workers).all(|worker| pace.intended(worker, pace.turns(worker, until)) >= until));
        }
        assert_eq!(Pace { from_ns: 5, rate: 1.0, workers: 1 }.turns(0, 5), 0);
    }
}
