//! Mixed load for a long time: memory, descriptors and threads of every node must not grow.

use std::time::Duration;

use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;

use super::{mixed, run};
use crate::{
    error::Outcome,
    load::{
        Bench,
        clock::{self, now_ns},
        procs::{Look, Usage, Watch},
        results::Measured,
        seed::Seeded,
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "soak")]
pub struct Args {
    #[command(flatten)]
    pub mixed: mixed::Args,
    /// Between two looks at memory, seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub look_every: u64,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let workers = args.mixed.common.workers_for(args.mixed.people as usize * 2);
    let shape = mixed::shape(&args.mixed, workers, &mut StdRng::seed_from_u64(7));
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args, workers)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, count: usize) -> Outcome<Measured> {
    let (house, mut workers, load) = mixed::open(bench, seeded, &args.mixed, count).await?;
    let watch = Watch::new(&bench.state().await?, &[]);
    let looking = async |from_ns: u64| {
        let until = from_ns + clock::ns(load.counted);
        let mut looks = Vec::new();
        tokio::time::sleep(clock::until(from_ns)).await;
        while now_ns() < until {
            looks.push(watch.look(true));
            tokio::time::sleep(Duration::from_secs(args.look_every).min(clock::until(until))).await;
        }
        Ok(looks)
    };
    let (run, looks) = run::run(bench, &mut workers, &house, &load, looking).await?;
    workers.stop().await?;
    let slopes = slopes(&looks);
    let mut lines = mixed::sentences(&args.mixed, &run);
    lines.extend(slopes.iter().map(Slope::sentence));
    let mut figures = run.json();
    figures["slopes"] = slopes.iter().map(Slope::json).collect();
    figures["looks"] = json!(looks);
    Ok(Measured::new(args.mixed.common.name(format!("soak-{}s", args.mixed.seconds)), lines, figures))
}

/// How a part grew in the second half, when caches are full.
struct Slope {
    part: String,
    pss_kib_a_minute: f64,
    descriptors_a_minute: f64,
    threads_a_minute: f64,
    pss: u64,
}

impl Slope {
    fn sentence(&self) -> String {
        let Self { part, pss_kib_a_minute, descriptors_a_minute, threads_a_minute, pss } = self;
        format!(
            "{part}: {} MiB at the end; in the second half {pss_kib_a_minute:+.1} KiB, {descriptors_a_minute:+.2} \
             descriptors and {threads_a_minute:+.2} threads a minute",
            pss >> 20
        )
    }

    fn json(&self) -> serde_json::Value {
        json!({
            "part": self.part, "pss_kib_a_minute": self.pss_kib_a_minute, "pss": self.pss,
            "descriptors_a_minute": self.descriptors_a_minute, "threads_a_minute": self.threads_a_minute,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn slopes(looks: &[Look]) -> Vec<Slope> {
    let half = &looks[looks.len() / 2..];
    let Some(last) = looks.last() else { return Vec::new() };
    let rise = |part: &str, of: fn(&Usage) -> u64| {
        let points = half.iter().filter_map(|look| {
            let value = of(look.parts.get(part)?) as f64;
            Some((look.at_ns as f64 / 60e9, value))
        });
        slope(&points.collect::<Vec<_>>())
    };
    let parts = last.parts.iter().map(|(part, usage)| Slope {
        part: part.clone(),
        pss_kib_a_minute: rise(part, |usage| usage.pss) / 1024.0,
        descriptors_a_minute: rise(part, |usage| usage.descriptors),
        threads_a_minute: rise(part, |usage| usage.threads),
        pss: usage.pss,
    });
    parts.collect()
}

/// Least squares.
#[expect(clippy::cast_precision_loss, reason = "a count")]
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let below: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let above: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    if below > 0.0 { above / below } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_a_point_has_none() {
        let line: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), 7.0 - 3.0 * f64::from(x))).collect();
        assert!((slope(&line) + 3.0).abs() < 1e-9);
        assert!(slope(&[(1.0, 1.0)]).abs() < 1e-9 && slope(&[]).abs() < 1e-9);
    }

    #[test]
    fn growth_counts_in_the_second_half_only() {
        let look = |minute: u64| {
            let pss = if minute < 5 { minute * 1_000_000 } else { 5_000_000 + minute * 2_048 };
            let usage = Usage { pss, ..Usage::default() };
            Look { at_ns: minute * 60_000_000_000, parts: [("node-1".to_owned(), usage)].into() }
        };
        let looks: Vec<Look> = (0..10).map(look).collect();
        let slopes = slopes(&looks);
        assert!((slopes[0].pss_kib_a_minute - 2.0).abs() < 1e-6, "{}", slopes[0].pss_kib_a_minute);
    }
}
