//! Life: groups of all sizes, sessions that end and begin, typing, marks.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sotto_protocol::membership::ConversationKind;

use super::{
    Common, fill,
    run::{self, Load, Run},
};
use crate::{
    error::Outcome,
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
    /// People, with two devices each.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..=50_000))]
    pub people: u32,
    /// Messages a second.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=86_400))]
    pub seconds: u32,
    /// Mean length of a session, seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub on: u64,
    /// Mean time between two, seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub off: u64,
    /// Members of the largest group.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(3..=10_000))]
    pub largest: u32,
}

const DEVICES: usize = 2;
const CONNECT_RATE: f64 = 1_000.0;
/// Exponents of Zipf's law for sizes and for how much is said.
const SIZES: f64 = 0.9;
const TALK: f64 = 0.8;
const TYPING: f64 = 0.3;
const MARK_SPREAD: Duration = Duration::from_millis(250);

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let workers = args.common.workers_for(args.people as usize * DEVICES);
    let shape = shape(args, workers, &mut StdRng::seed_from_u64(7));
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args, workers)).await;
    seeded.uproot().await?;
    outcome
}

/// As many conversations as people; the first is the largest, most are of two. Members are of one worker.
pub fn shape(args: &Args, workers: usize, rng: &mut StdRng) -> Shape {
    let people = args.people as usize;
    let talks = (0..people).map(|rank| {
        let size = size(rank, args.largest as usize).min(people / workers);
        let mut members = Vec::with_capacity(size);
        let first = rng.random_range(0..people / workers);
        let step = 1 + rng.random_range(0..3);
        for at in 0..size {
            // Of this worker's people, who are every `workers`th.
            members.push(((first + at * step) % (people / workers)) * workers + rank % workers);
        }
        members.sort_unstable();
        members.dedup();
        (if size == 2 { ConversationKind::Direct } else { ConversationKind::Group }, members)
    });
    Shape { people, devices: DEVICES, talks: talks.filter(|(_, members)| members.len() > 1).collect() }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
fn size(rank: usize, largest: usize) -> usize {
    ((largest as f64 / ((rank + 1) as f64).powf(SIZES)) as usize).max(2)
}

/// Everybody connected, and the load.
pub async fn open(bench: &Bench, seeded: &Seeded, args: &Args, count: usize) -> Outcome<(House, Workers, Load)> {
    let mut talks_of = vec![Vec::new(); seeded.people.len()];
    for (at, talk) in seeded.talks.iter().enumerate() {
        talk.members.iter().for_each(|member| talks_of[*member].push(at));
    }
    let seats = (0..seeded.people.len() * DEVICES).map(|at| {
        let (person, device) = (at / DEVICES, at % DEVICES);
        Seat { talks: talks_of[person].clone(), ..Seat::new(person % count, person, device) }
    });
    let targets = targets(&bench.state().await?, args.common.direct)?;
    let house = House::open(bench, seeded, seats.collect(), targets).await?;
    let (workers, _) = fill(bench, "mixed", &house, seeded, CONNECT_RATE).await?;
    let (mut senders, mut weights) = (Vec::new(), Vec::new());
    for (rank, talk) in seeded.talks.iter().enumerate() {
        for member in &talk.members {
            for device in 0..DEVICES {
                senders.push((member * DEVICES + device, rank));
                #[expect(clippy::cast_precision_loss, reason = "a weight")]
                weights.push(1.0 / ((rank + 1) as f64).powf(TALK) / (talk.members.len() * DEVICES) as f64);
            }
        }
    }
    let mut load = Load::new(args.rate.into(), args.seconds, senders);
    load.weights = weights;
    load.typing = TYPING;
    load.mark_spread = Some(MARK_SPREAD);
    load.churn = Some((Duration::from_secs(args.on), Duration::from_secs(args.off)));
    // Until everybody is back; a full machine takes a while.
    load.patience = Duration::from_mins(3);
    Ok((house, workers, load))
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, count: usize) -> Outcome<Measured> {
    let (house, mut workers, load) = open(bench, seeded, args, count).await?;
    let (run, ()) = run::run(bench, &mut workers, &house, &load, run::alone).await?;
    workers.stop().await?;
    let mut figures = run.json();
    figures["people"] = args.people.into();
    figures["nginx"] = (!args.common.direct).into();
    let name = args.common.name(format!("mixed-{}-{}", args.common.tag(), args.rate));
    Ok(Measured::new(name, sentences(args, &run), figures))
}

/// For people.
pub fn sentences(args: &Args, run: &Run) -> Vec<String> {
    vec![
        format!(
            "{} messages a second {} by {} people with two devices each, sessions of {} s and {} s between, for {} s",
            args.rate,
            args.common.way(),
            args.people,
            args.on,
            args.off,
            args.seconds
        ),
        format!(
            "{:.0} deliveries a second; intended send to each device that was there: {}",
            run.deliveries(),
            run.figures.times_of("delivered").sentence()
        ),
        format!("intended send to acknowledgement: {}", run.figures.times_of("acked").sentence()),
        format!(
            "{} sessions opened; {} events were to be fetched from the history after a long absence",
            run.figures.opened, run.figures.skipped
        ),
        run.figures.promises(),
        run.cost(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_few_and_large_or_many_and_small_and_stay_in_one_worker() {
        let common = Common { direct: false, nodes: None, workers: None, label: None };
        let args = Args { common, people: 300, rate: 1, seconds: 5, on: 1, off: 1, largest: 100 };
        let shape = shape(&args, 3, &mut StdRng::seed_from_u64(1));
        let sizes: Vec<usize> = shape.talks.iter().map(|(_, members)| members.len()).collect();
        assert!(sizes[0] > 50 && sizes.iter().filter(|size| **size == 2).count() > 200, "{sizes:?}");
        for (_, members) in &shape.talks {
            assert!(members.iter().all(|member| member % 3 == members[0] % 3));
        }
    }
}
