//! Rates step by step, up to the highest that is held.

use std::time::Duration;

use serde_json::{Value, json};

use super::run::Run;
use crate::error::Outcome;

/// Between two steps upwards.
const FACTOR: f64 = 1.3;
/// After a step that was not held.
const DRAIN: Duration = Duration::from_secs(3);
/// Steps up.
const UP: usize = 14;
/// Steps between the last that was held and the first that was not.
const BETWEEN: usize = 2;

/// What the steps showed.
pub struct Ladder {
    /// In the order in which they were run, with whether it was held.
    pub steps: Vec<(Run, bool)>,
}

impl Ladder {
    /// Runs steps from this rate on.
    pub async fn climb(from: f64, limit_ms: f64, mut step: impl AsyncFnMut(f64) -> Outcome<Run>) -> Outcome<Self> {
        let mut ladder = Self { steps: Vec::new() };
        let (mut held, mut failed, mut rate) = (None, None, from);
        for turn in 0..UP + BETWEEN {
            let run = step(rate).await?;
            let is_held = run.is_sustained(limit_ms);
            eprintln!(
                "  {rate:.0} a second: {} ({:.0} reached, p99 {:.1} ms, {:.3} CPU s for 1,000, {})",
                if is_held { "held" } else { "not held" },
                run.reached(),
                run.p99(),
                run.cpu(),
                run.figures.promises(),
            );
            ladder.steps.push((run, is_held));
            if is_held {
                held = Some(rate);
            } else {
                failed = Some(rate);
                // What is still on its way is not the next step's.
                tokio::time::sleep(DRAIN).await;
            }
            match next(held, failed, turn, ladder.between()) {
                Some(following) => rate = following,
                None => break,
            }
        }
        Ok(ladder)
    }

    /// Steps since the first one that was not held.
    fn between(&self) -> usize {
        let first = self.steps.iter().position(|(_, is_held)| !is_held);
        first.map_or(0, |first| self.steps.len() - first - 1)
    }

    /// The highest step that was held.
    pub fn best(&self) -> Option<&Run> {
        let held = self.steps.iter().filter(|(_, is_held)| *is_held).map(|(run, _)| run);
        held.max_by(|one, two| one.rate.total_cmp(&two.rate))
    }

    /// The curve, by rate.
    pub fn json(&self) -> Value {
        let mut steps: Vec<_> = self.steps.iter().collect();
        steps.sort_by(|(one, _), (two, _)| one.rate.total_cmp(&two.rate));
        let step = |(run, is_held): &&(Run, bool)| {
            let last = run.figures.times_of("last");
            json!({
                "rate": run.rate, "held": is_held, "reached_per_s": run.reached(), "p50_ms": last.ms(0.5),
                "p99_ms": last.ms(0.99), "cpu_s_per_1000": run.cpu(), "deliveries_per_s": run.deliveries(),
            })
        };
        steps.iter().map(step).collect()
    }
}

/// The next rate to try.
fn next(held: Option<f64>, failed: Option<f64>, turn: usize, between: usize) -> Option<f64> {
    match (held, failed) {
        (Some(held), None) => (turn + 1 < UP).then_some(held * FACTOR),
        (None, Some(failed)) => (between < 3).then_some(failed / FACTOR / FACTOR),
        (Some(held), Some(failed)) => (between < BETWEEN).then_some(f64::midpoint(held, failed)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_up_until_one_is_not_held_and_then_between() {
        assert_eq!(next(Some(100.0), None, 0, 0), Some(130.0));
        assert_eq!(next(Some(100.0), Some(130.0), 3, 0), Some(115.0));
        assert_eq!(next(Some(115.0), Some(130.0), 4, BETWEEN), None);
        assert_eq!(next(Some(100.0), None, UP, 0), None, "steps are bounded");
        assert!(next(None, Some(100.0), 0, 0).unwrap() < 100.0, "what fails at once is tried lower");
        assert_eq!(next(None, Some(10.0), 3, 3), None);
    }
}
