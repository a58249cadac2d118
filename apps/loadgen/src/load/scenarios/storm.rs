//! New connections at a fixed rate: token checked, greeted, caught up.

use serde_json::json;

use super::{Common, opening};
use crate::{
    error::Outcome,
    load::{
        Bench,
        coordinator::Workers,
        house::{House, Seat, targets},
        procs::Watch,
        results::Measured,
        seed::{Seeded, Shape},
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Connections in all.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(10..=200_000))]
    pub connections: u32,
    /// A second.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub rate: u32,
    /// Conversations of an account.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub conversations: u32,
}

const MEMBERS: usize = 10;
/// Of each worker, before the storm: plans and pools are new.
const WARM_UP: usize = 200;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let connections = args.connections as usize + WARM_UP * args.common.workers_for(args.connections as usize);
    let shape = Shape::circles(connections, args.conversations as usize, MEMBERS);
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let count = args.common.workers_for(args.connections as usize);
    let seats: Vec<Seat> = (0..seeded.people.len()).map(|at| Seat::new(at % count, at, 0)).collect();
    let state = bench.state().await?;
    let house = House::open(bench, seeded, seats, targets(&state, args.common.direct)?).await?;
    let mut workers = Workers::start("storm", house.plans(bench, seeded)).await?;
    let watch = Watch::new(&state, &workers.pids());
    workers.connect(opening(&house, 200.0, usize::MAX, WARM_UP)).await?;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let before = watch.look(false);
    let plan = opening(&house, args.rate.into(), usize::MAX, usize::MAX);
    let figures = workers.connect(plan).await?;
    let took = clock_seconds(plan.pace.from_ns);
    let spent = watch.look(false).since(&before);
    workers.stop().await?;
    let times = figures.times_of("connected");
    let failed = figures.failed;
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let reached = times.len() as f64 / took;
    let cost = spent.per_thousand(times.len());
    let lines = vec![
        format!("{reached:.0} connections a second reached of {} intended, {}", args.rate, args.common.way()),
        format!("intended start to caught up: {}", times.sentence()),
        format!("{} opened, {failed} attempts failed: {:?}", times.len(), figures.named),
        format!("{:.3} CPU seconds of servers for 1,000 connections", cost.get("servers").copied().unwrap_or(0.0)),
    ];
    Ok(Measured::new(
        args.common.name(format!("storm-{}-{}", args.common.tag(), args.rate)),
        lines,
        json!({
            "connections": args.connections, "rate": args.rate, "nginx": !args.common.direct, "reached_per_s": reached,
            "failed_attempts": failed, "other": figures.named, "caught_up_ms": times.json(),
            "cpu_s_per_1000": cost,
        }),
    ))
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn clock_seconds(from_ns: u64) -> f64 {
    crate::load::clock::now_ns().saturating_sub(from_ns) as f64 / 1e9
}
