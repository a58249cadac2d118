//! Memory of nodes and nginx for each idle, authenticated, caught-up connection of an account with 20 conversations,
//! and whether every ping is answered.

use std::time::Duration;

use serde_json::json;

use super::{Common, opening};
use crate::{
    error::{Failure, Outcome},
    load::{
        Bench,
        coordinator::Workers,
        house::{House, Seat, targets},
        procs::{Look, Watch},
        results::Measured,
        seed::{Seeded, Shape},
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Connections; with --direct all to the first node.
    #[arg(long, default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(200..=1_000_000))]
    pub connections: u32,
    /// New ones a second.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// How long they are held, seconds: two pings come in 50.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub hold: u64,
    /// Conversations of an account.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub conversations: u32,
}

/// Members of a conversation.
const MEMBERS: usize = 10;
/// Of each worker, opened before the first look, so that what a node makes once is not counted.
const WARM_UP: usize = 100;
const AT_ONCE: usize = 128;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    // A node that did other things before would show less.
    let nodes = bench.state().await?.nodes;
    for node in nodes.iter().take(if args.common.direct { 1 } else { nodes.len() }) {
        bench.cluster.control("restart", &node.name).await?;
    }
    let connections = args.connections as usize;
    let shape = Shape::circles(connections, args.conversations as usize, MEMBERS);
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let connections = args.connections as usize;
    let state = bench.state().await?;
    let mut targets = targets(&state, args.common.direct)?;
    targets.truncate(1);
    let count = args.common.workers_for(connections);
    let seats = (0..connections).map(|at| Seat::new(at % count, at, 0)).collect();
    let house = House::open(bench, seeded, seats, targets).await?;
    let mut workers = Workers::start("idle", house.plans(bench, seeded)).await?;
    let watch = Watch::new(&state, &workers.pids());
    let rate = f64::from(args.rate);
    workers.connect(opening(&house, rate, AT_ONCE, WARM_UP)).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = watch.look(true);
    let opened = workers.connect(opening(&house, rate, AT_ONCE, usize::MAX)).await?;
    let missing = u64::from(args.connections).saturating_sub(opened.live);
    if missing > 0 {
        return Err(Failure::new(format!("{missing} of {connections} did not connect: {:?}", opened.named)));
    }
    let storm = watch.look(true);
    workers.hold(Duration::from_secs(args.hold)).await?;
    let after = watch.look(true);
    let figures = workers.report().await?;
    workers.stop().await?;
    let added = (connections - WARM_UP * house.workers) as u64;
    let each = |name: &str| after.of(name).rss.saturating_sub(before.of(name).rss) / added;
    let shared = |name: &str| after.of(name).pss.saturating_sub(before.of(name).pss) / added;
    let idle = after.since(&storm).0;
    let pings = figures.least_pings.unwrap_or(0);
    let lines = vec![
        format!(
            "{} bytes of resident memory of the nodes a connection, {} of nginx (proportional: {} and {})",
            each("nodes"),
            each("nginx"),
            shared("nodes"),
            shared("nginx")
        ),
        format!(
            "{connections} connections {} to {} nodes, opened at {} a second: {}",
            args.common.way(),
            if args.common.direct { 1 } else { state.nodes.len() },
            args.rate,
            opened.times_of("connected").sentence()
        ),
        format!(
            "held {} s: {} live at the end, {} lost on the way; {} pings answered, at least {pings} by each",
            args.hold, figures.live, figures.lost_connections, figures.pings
        ),
        format!("nodes {} MiB before, {} MiB after", before.of("nodes").rss >> 20, after.of("nodes").rss >> 20),
    ];
    let looks: Vec<&Look> = vec![&before, &storm, &after];
    Ok(Measured::new(
        args.common.name(format!("idle-{}-{connections}", args.common.tag())),
        lines,
        json!({
            "connections": connections, "conversations_each": args.conversations, "nginx": !args.common.direct,
            "nodes": if args.common.direct { 1 } else { state.nodes.len() },
            "rss_bytes_each": { "nodes": each("nodes"), "nginx": each("nginx") },
            "pss_bytes_each": { "nodes": shared("nodes"), "nginx": shared("nginx") },
            "live_at_the_end": figures.live, "lost": figures.lost_connections, "held_s": args.hold,
            "pings_answered": figures.pings, "least_pings": pings, "idle_cpu_s": idle,
            "connected_ms": opened.times_of("connected").json(), "looks": looks,
        }),
    ))
}
