//! Messages to groups whose members are all online: from the intended moment of sending to the last member.

use std::time::Duration;

use serde_json::json;
use sotto_protocol::{limits::mark_spread_ms, membership::ConversationKind};

use super::{
    Common, fill,
    ladder::Ladder,
    run::{self, Load, Run},
};
use crate::{
    error::{Failure, Outcome},
    load::{
        Bench,
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
    /// Members of a group, all online with one device.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub members: u32,
    /// Groups.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub groups: u32,
    /// Messages a second over all groups; members send in turn.
    #[arg(long, default_value_t = 100.0)]
    pub rate: f64,
    /// For how long.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// Raises the rate until it is not held any more.
    #[arg(long)]
    pub find_max: bool,
    /// A rate is held while p99 to the last member stays below this, milliseconds.
    #[arg(long, default_value_t = 100.0)]
    pub limit_ms: f64,
    /// A device marks at a random moment of this time, milliseconds; as the SDK does unless given.
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub mark_ms: Option<u64>,
}

const CONNECT_RATE: f64 = 1_500.0;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let (members, groups) = (args.members as usize, args.groups as usize);
    let talks = (0..groups).map(|group| (ConversationKind::Group, (group * members..(group + 1) * members).collect()));
    let shape = Shape { people: members * groups, devices: 1, talks: talks.collect() };
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let (members, groups) = (args.members as usize, args.groups as usize);
    let workers = args.common.workers_for(members * groups).min(groups.max(1));
    let seat = |at: usize| Seat { talks: vec![at / members], ..Seat::new(at / members % workers, at, 0) };
    let targets = targets(&bench.state().await?, args.common.direct)?;
    let house = House::open(bench, seeded, (0..members * groups).map(seat).collect(), targets).await?;
    let (mut workers, _) = fill(bench, "group", &house, seeded, CONNECT_RATE).await?;
    let load = |rate: f64| {
        // The first member of each group, then the second of each, ..
        let senders = (0..members).flat_map(|member| (0..groups).map(move |group| (group * members + member, group)));
        let mut load = Load::new(rate, args.seconds, senders.collect());
        load.mark_spread = Some(Duration::from_millis(args.mark_ms.unwrap_or_else(|| mark_spread_ms(members))));
        load
    };
    let mut step = async |rate| Ok(run::run(bench, &mut workers, &house, &load(rate), run::alone).await?.0);
    let measured = if args.find_max {
        let ladder = Ladder::climb(args.rate, args.limit_ms, step).await?;
        let best = ladder.best().ok_or_else(|| Failure::new("no rate was held"))?;
        let mut figures = best.json();
        figures["steps"] = ladder.json();
        let name = format!("group-{}-max", args.common.tag());
        result(args, name, best, figures)
    } else {
        let run = step(args.rate).await?;
        let name = format!("group-{}-{}x{:.0}", args.common.tag(), args.members, args.rate);
        result(args, name, &run, run.json())
    };
    workers.stop().await?;
    Ok(measured)
}

fn result(args: &Args, name: String, run: &Run, mut figures: serde_json::Value) -> Measured {
    let per_second = if run.spent.servers() > 0.0 { run.deliveries() * run.seconds / run.spent.servers() } else { 0.0 };
    figures["deliveries_per_server_cpu_s"] = json!(per_second.round());
    figures["members"] = args.members.into();
    figures["groups"] = args.groups.into();
    figures["nginx"] = (!args.common.direct).into();
    let lines = vec![
        format!(
            "{:.0} messages a second {} to {} groups of {} online: {:.0} deliveries a second",
            run.rate,
            args.common.way(),
            args.groups,
            args.members,
            run.deliveries()
        ),
        format!("intended send to the last member: {}", run.figures.times_of("last").sentence()),
        format!("intended send to each member: {}", run.figures.times_of("delivered").sentence()),
        format!("{per_second:.0} deliveries a CPU second of the servers"),
        run.figures.promises(),
        run.cost(),
    ];
    Measured::new(args.common.name(name), lines, figures)
}
