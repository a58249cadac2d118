//! Durations in a histogram (HDR), which travels as the counts that are not zero.

use hdrhistogram::Histogram;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// Longest duration that is told apart from longer ones, microseconds.
const LONGEST_US: u64 = 600_000_000;

/// Durations, to three digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Times(Histogram<u64>);

impl Default for Times {
    fn default() -> Self {
        let made = Histogram::new_with_bounds(1, LONGEST_US, 3).or_else(|_| Histogram::new(3));
        Self(made.unwrap_or_else(|_| unreachable!("three digits are allowed")))
    }
}

impl Times {
    /// Counts one.
    pub fn record(&mut self, ns: u64) {
        self.0.saturating_record((ns / 1_000).max(1));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for step in other.0.iter_recorded() {
            self.0.saturating_record_n(step.value_iterated_to(), step.count_at_value());
        }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Milliseconds that this part (0 to 1) of them stays within.
    pub fn ms(&self, quantile: f64) -> f64 {
        ms(self.0.value_at_quantile(quantile))
    }

    /// The longest, milliseconds.
    pub fn max_ms(&self) -> f64 {
        ms(self.0.max())
    }

    /// `p50 .. ms, p99 .. ms, ...`
    pub fn sentence(&self) -> String {
        let at = |quantile| self.ms(quantile);
        let (p50, p99, p999, most) = (at(0.5), at(0.99), at(0.999), self.max_ms());
        format!("p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms, most {most:.2} ms")
    }

    /// Percentiles and the curve of them.
    pub fn json(&self) -> Value {
        let curve: Vec<(f64, f64)> = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999]
            .into_iter()
            .map(|quantile| (quantile, self.ms(quantile)))
            .collect();
        json!({
            "count": self.len(), "p50": self.ms(0.5), "p90": self.ms(0.9), "p95": self.ms(0.95), "p99": self.ms(0.99),
            "p999": self.ms(0.999), "max": self.max_ms(), "curve": curve,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn ms(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())))
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut times = Self::default();
        for (value, count) in Vec::<(u64, u64)>::deserialize(deserializer)? {
            times.0.saturating_record_n(value, count);
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_travelled_and_was_merged_is_what_one_would_have_counted() {
        let (mut all, mut parts) = (Times::default(), [Times::default(), Times::default()]);
        for step in 1..5_000_u64 {
            let ns = step * step * 37_000;
            all.record(ns);
            parts[usize::try_from(step % 2).unwrap()].record(ns);
        }
        let mut merged = Times::default();
        for part in &parts {
            let text = serde_json::to_string(part).unwrap();
            merged.merge(&serde_json::from_str(&text).unwrap());
        }
        assert_eq!(merged.len(), all.len());
        for quantile in [0.0, 0.5, 0.99, 0.999, 1.0] {
            assert!((merged.ms(quantile) - all.ms(quantile)).abs() <= f64::EPSILON, "{quantile}");
        }
    }

    #[test]
    fn what_takes_too_long_counts_as_the_longest() {
        let mut times = Times::default();
        times.record(u64::MAX);
        assert!(times.len() == 1 && times.max_ms() >= 600_000.0);
    }
}
