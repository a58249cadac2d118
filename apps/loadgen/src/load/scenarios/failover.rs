//! A node is killed under many connections while messages flow: when everybody is back, and that nothing is lost.

use std::time::Duration;

use serde_json::json;

use super::{
    Common, dm, fill,
    run::{self, Load},
};
use crate::{
    error::{Failure, Outcome},
    load::{
        Bench,
        clock::{self, now_ns},
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
    /// Connections in all.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=200_000))]
    pub connections: u32,
    /// Conversations of an idle account.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub conversations: u32,
    /// Pairs among them that talk.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub pairs: u32,
    /// Their messages a second.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rate: u32,
    /// For how long; the node is killed after a third of it.
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u32).range(15..=600))]
    pub seconds: u32,
    /// New connections a second while filling.
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub fill_rate: u32,
}

const MEMBERS: usize = 10;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let idle = (args.connections as usize).saturating_sub(args.pairs as usize * 3);
    let pairs = args.pairs as usize;
    let mut shape = Shape::pairs(pairs, 2);
    let circles = Shape::circles(idle.max(MEMBERS * 7), args.conversations as usize, MEMBERS);
    let moved =
        circles.talks.into_iter().map(|(kind, members)| (kind, members.iter().map(|at| at + 2 * pairs).collect()));
    shape.talks.extend(moved);
    shape.people += circles.people;
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args, idle)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, idle: usize) -> Outcome<Measured> {
    let pairs = args.pairs as usize;
    let count = args.common.workers_for(args.connections as usize);
    let mut seats = dm::seats(0..pairs, count);
    seats.extend((0..idle).map(|at| Seat::new(at % count, 2 * pairs + at, 0)));
    let state = bench.state().await?;
    let victim = state.nodes.get(1).ok_or_else(|| Failure::new("failover needs two nodes or more: --nodes 8"))?;
    let house = House::open(bench, seeded, seats, targets(&state, args.common.direct)?).await?;
    let (mut workers, opened) = fill(bench, "failover", &house, seeded, args.fill_rate.into()).await?;
    let mut load = Load::new(args.rate.into(), args.seconds, dm::senders(0..pairs, 0));
    load.patience = Duration::from_mins(1);
    let kill = async |from_ns: u64| {
        tokio::time::sleep(clock::until(from_ns) + Duration::from_secs((args.seconds / 3).into())).await;
        let before = bench.sockets(&victim.metrics_url).await;
        eprintln!("  failover: killing {} under {before} connections", victim.name);
        let at = now_ns();
        bench.cluster.control("kill", &victim.name).await?;
        Ok((at, before))
    };
    let (run, (killed_ns, on_victim)) = run::run(bench, &mut workers, &house, &load, kill).await?;
    let late = workers.back(now_ns() + clock::ns(Duration::from_mins(1))).await?;
    workers.stop().await?;
    bench.cluster.control("start", &victim.name).await?;
    let figures = &run.figures;
    let mut times = figures.times_of("back");
    times.merge(&late.times_of("back"));
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let all_back = figures.last_back_ns.max(late.last_back_ns).saturating_sub(killed_ns) as f64 / 1e9;
    let connected = opened.times_of("connected");
    let lines = vec![
        format!(
            "{} connections of accounts with {} conversations, {} on {} nodes; {} killed with -9 under {on_victim} of them",
            args.connections,
            args.conversations,
            args.common.way(),
            state.nodes.len(),
            victim.name
        ),
        format!("all back and caught up {all_back:.2} s after the kill; each after it noticed: {}", times.sentence()),
        format!(
            "{} connections lost, {} attempts failed: {:?}",
            figures.lost_connections, figures.failed, figures.named
        ),
        format!(
            "meanwhile {} messages a second: {}; {} repeated by catch-up",
            args.rate,
            figures.promises(),
            figures.repeated
        ),
        format!("intended send to both devices, the kill included: {}", figures.times_of("last").sentence()),
        format!("while filling at {} a second: {}", args.fill_rate, connected.sentence()),
    ];
    let mut all = run.json();
    all["connections"] = args.connections.into();
    all["nodes"] = state.nodes.len().into();
    all["on_the_killed_node"] = on_victim.into();
    all["all_back_s"] = all_back.into();
    all["back_ms"] = times.json();
    all["live_at_the_end"] = late.live.into();
    all["connected_ms"] = connected.json();
    all["failed_attempts"] = json!(figures.failed);
    Ok(Measured::new(args.common.name(format!("failover-{}", args.connections)), lines, all))
}
