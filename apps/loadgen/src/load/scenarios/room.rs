//! One message to thousands of online members.

use std::time::Duration;

use sotto_protocol::{limits::mark_spread_ms, membership::ConversationKind};

use super::{
    Common, fill,
    run::{self, Load},
};
use crate::{
    error::Outcome,
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
    /// Members, all online with one device.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=50_000))]
    pub members: u32,
    /// Messages, one after another.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub messages: u32,
    /// Time between two, milliseconds.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=60_000))]
    pub every_ms: u32,
    /// A device marks at a random moment of this time, milliseconds; as the SDK does unless given.
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub mark_ms: Option<u64>,
    /// Devices mark nothing.
    #[arg(long)]
    pub no_marks: bool,
}

const CONNECT_RATE: f64 = 1_500.0;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let members = args.members as usize;
    let talks = vec![(ConversationKind::Group, (0..members).collect())];
    let seeded = Seeded::plant(&bench.pool, Shape { people: members, devices: 1, talks }).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let members = args.members as usize;
    let workers = args.common.workers_for(members);
    let seat = |at: usize| Seat { talks: vec![0], ..Seat::new(at % workers, at, 0) };
    let targets = targets(&bench.state().await?, args.common.direct)?;
    let house = House::open(bench, seeded, (0..members).map(seat).collect(), targets).await?;
    let (mut workers, _) = fill(bench, "room", &house, seeded, CONNECT_RATE).await?;
    let every = Duration::from_millis(args.every_ms.into());
    let mut load = Load::new(1.0 / every.as_secs_f64(), 0, vec![(0, 0)]);
    load.warm_up = every * 2;
    load.counted = every * args.messages;
    let mark_ms = args.mark_ms.unwrap_or_else(|| mark_spread_ms(members));
    load.mark_spread = (!args.no_marks).then(|| Duration::from_millis(mark_ms));
    load.spread = true;
    let (run, ()) = run::run(bench, &mut workers, &house, &load, run::alone).await?;
    workers.stop().await?;
    let last = run.figures.times_of("last");
    let lines = vec![
        format!(
            "{} messages, one each {} ms, {} to {members} online members",
            args.messages,
            args.every_ms,
            args.common.way()
        ),
        format!(
            "intended send to the last member: p50 {:.1} ms, p95 {:.1} ms, most {:.1} ms",
            last.ms(0.5),
            last.ms(0.95),
            last.max_ms()
        ),
        format!("intended send to each member: {}", run.figures.times_of("delivered").sentence()),
        run.figures.promises(),
        format!("{:.1} CPU ms of servers a message", run.cpu()),
    ];
    let mut figures = run.json();
    figures["members"] = args.members.into();
    figures["nginx"] = (!args.common.direct).into();
    Ok(Measured::new(args.common.name(format!("room-{}-{members}", args.common.tag())), lines, figures))
}
