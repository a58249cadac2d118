//! Direct messages at a fixed rate: from the intended moment of sending to both devices of the receiver.
//!
//! An open loop: a message that can't leave in time is late, and its lateness counts. Several may be in flight.

use std::time::Duration;

use serde_json::json;

use super::{
    Common, fill,
    ladder::Ladder,
    run::{self, Load, Run},
};
use crate::{
    error::{Failure, Outcome},
    load::{
        Bench,
        coordinator::Workers,
        house::{House, Seat, targets},
        results::Measured,
        seed::{Seeded, Shape},
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Messages a second, over all pairs.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// Pairs of people; one device sends, two receive.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub pairs: u32,
    /// Bytes of ciphertext.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    pub bytes: u32,
    /// Runs the load so often; the median by p99 is the result.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    pub runs: u32,
    /// Raises the rate until it is not held any more.
    #[arg(long)]
    pub find_max: bool,
    /// A rate is held while p99 stays below this, milliseconds.
    #[arg(long, default_value_t = 50.0)]
    pub limit_ms: f64,
    /// A receiving device marks at a random moment of this time, milliseconds; 0: after every run of frames, as the SDK does.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub mark_ms: u64,
    /// Whole clients that encrypt, decrypt and store, instead of prepared ciphertexts.
    #[arg(long)]
    pub encrypt: bool,
}

/// Devices of a pair: one sends, two receive.
const SEATS: usize = 3;
const CONNECT_RATE: f64 = 1_500.0;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    if args.encrypt {
        return super::encrypted::run(bench, args).await;
    }
    let seeded = Seeded::plant(&bench.pool, Shape::pairs(args.pairs as usize, 2)).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

/// The seats of pairs: sender, then both devices of the receiver, in one worker.
pub fn seats(pairs: std::ops::Range<usize>, workers: usize) -> Vec<Seat> {
    pairs
        .flat_map(|pair| {
            let talks = vec![pair];
            let seat = move |person, device| Seat::new(pair % workers, person, device);
            [seat(2 * pair, 0), seat(2 * pair + 1, 0), seat(2 * pair + 1, 1)]
                .map(|seat| Seat { talks: talks.clone(), ..seat })
        })
        .collect()
}

/// The senders among [`seats`], which begin at this place.
pub fn senders(pairs: std::ops::Range<usize>, first: usize) -> Vec<(usize, usize)> {
    pairs.clone().map(|pair| (first + (pair - pairs.start) * SEATS, pair)).collect()
}

/// Connected pairs.
pub async fn open(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<(House, Workers)> {
    let pairs = args.pairs as usize;
    let workers = args.common.workers_for(pairs * SEATS);
    let targets = targets(&bench.state().await?, args.common.direct)?;
    let house = House::open(bench, seeded, seats(0..pairs, workers), targets).await?;
    let (workers, _) = fill(bench, "dm", &house, seeded, CONNECT_RATE).await?;
    Ok((house, workers))
}

/// A load of these arguments.
pub fn load(args: &Args, rate: f64, seconds: u32) -> Load {
    let mut load = Load::new(rate, seconds, senders(0..args.pairs as usize, 0));
    load.bytes = args.bytes as usize;
    load.mark_spread = Some(Duration::from_millis(args.mark_ms));
    load
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let (house, mut workers) = open(bench, seeded, args).await?;
    let measured = if args.find_max {
        let ladder = Ladder::climb(args.rate.into(), args.limit_ms, async |rate| {
            Ok(run::run(bench, &mut workers, &house, &load(args, rate, args.seconds), run::alone).await?.0)
        })
        .await?;
        limits(args, &ladder)?
    } else {
        let mut runs = Vec::new();
        for _ in 0..args.runs {
            let load = load(args, args.rate.into(), args.seconds);
            runs.push(run::run(bench, &mut workers, &house, &load, run::alone).await?.0);
        }
        fixed(args, runs)?
    };
    workers.stop().await?;
    Ok(measured)
}

fn fixed(args: &Args, mut runs: Vec<Run>) -> Outcome<Measured> {
    runs.sort_by(|one, two| one.p99().total_cmp(&two.p99()));
    let all: Vec<_> = runs.iter().map(|run| json!({ "p99_ms": run.p99(), "cpu_s_per_1000": run.cpu() })).collect();
    let count = runs.len();
    let (least, most) = (runs.first().map_or(0.0, Run::p99), runs.last().map_or(0.0, Run::p99));
    let run = runs.into_iter().nth(count / 2).ok_or_else(|| Failure::new("no run"))?;
    let mut lines = sentences(args, &run);
    if count > 1 {
        lines.push(format!("the median of {count} runs by p99, which went from {least:.2} to {most:.2} ms"));
    }
    let mut figures = run.json();
    figures["runs"] = all.into();
    figures["nginx"] = (!args.common.direct).into();
    Ok(Measured::new(args.common.name(format!("dm-{}-{}", args.common.tag(), args.rate)), lines, figures))
}

fn limits(args: &Args, ladder: &Ladder) -> Outcome<Measured> {
    let best = ladder.best().ok_or_else(|| Failure::new("no rate was held"))?;
    let mut lines = vec![format!(
        "{:.0} messages a second held {} with p99 below {} ms, in {} steps of {} s",
        best.rate,
        args.common.way(),
        args.limit_ms,
        ladder.steps.len(),
        args.seconds,
    )];
    lines.extend(sentences(args, best));
    let mut figures = best.json();
    figures["steps"] = ladder.json();
    figures["nginx"] = (!args.common.direct).into();
    Ok(Measured::new(args.common.name(format!("dm-{}-max", args.common.tag())), lines, figures))
}

fn sentences(args: &Args, run: &Run) -> Vec<String> {
    vec![
        format!(
            "{:.0} messages a second {} over {} pairs for {} s: {:.0} acknowledged a second",
            run.rate,
            args.common.way(),
            args.pairs,
            args.seconds,
            run.reached(),
        ),
        format!("intended send to both devices of the receiver: {}", run.figures.times_of("last").sentence()),
        format!("intended send to acknowledgement: {}", run.figures.times_of("acked").sentence()),
        format!("read on one device to shown on the person's other one: {}", run.figures.times_of("read").sentence()),
        run.figures.promises(),
        run.cost(),
    ]
}
