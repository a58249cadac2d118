//! New connections at a fixed rate: token checked, greeted, caught up.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::json;
use tokio::{task::JoinSet, time::Instant};

use super::{
    Bench,
    link::{Link, address, target},
    planted::Seeded,
    results::{Measured, latency, milliseconds},
    tokens,
};
use crate::error::{Context, Outcome};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Connections in all.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(10..=50_000))]
    connections: u32,
    /// A second.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    rate: u32,
    /// Through nginx instead of straight to the nodes.
    #[arg(long)]
    nginx: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self { connections: 3_000, rate: 1_000, nginx: false }
    }
}

const CONVERSATIONS: usize = 20;
/// After the last one began, the others have this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let count = usize::try_from(args.connections).unwrap_or(usize::MAX);
    eprintln!("storm: {count} connections at {} a second", args.rate);
    let groups = (0..count * CONVERSATIONS / 10).map(|at| (0..10).map(|step| (at / 2 + step * 7) % count).collect());
    let seeded = Seeded::plant(&bench.pool, count, 1, "group", groups.collect()).await?;
    let outcome = measure(bench, &seeded, args).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let state = &bench.cluster.state;
    let targets = if args.nginx {
        vec![target(&state.base_url)?]
    } else {
        state.nodes.iter().map(|node| target(&node.url)).collect::<Outcome<_>>()?
    };
    let mut tokens = Vec::new();
    for person in &seeded.people {
        tokens.push(bench.minter.mint(person.user_id, person.devices[0], tokens::SHORT_S)?);
    }
    let (pilot, resume) = Link::open(targets[0], address(0), &tokens[0], None).await?;
    pilot.close().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut opening = JoinSet::new();
    let start = Instant::now() + Duration::from_millis(50);
    let every = Duration::from_secs(1) / args.rate;
    for (at, token) in tokens.into_iter().enumerate() {
        let intended = start + every * u32::try_from(at).unwrap_or(u32::MAX);
        let (to, resume) = (targets[at % targets.len()], resume.clone());
        opening.spawn(async move {
            tokio::time::sleep_until(intended).await;
            let link = Link::open(to, address(at), &token, Some(resume)).await;
            (intended.elapsed(), link)
        });
    }
    let mut times = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).context("histogram")?;
    let (mut failed, mut links) = (0_usize, Vec::new());
    let deadline = start + every * args.connections + PATIENCE;
    while let Ok(Some(done)) = tokio::time::timeout_at(deadline, opening.join_next()).await {
        match done.context("a connection")? {
            (took, Ok((link, _))) => {
                times.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
                links.push(link);
            }
            (_, Err(error)) => {
                failed += 1;
                if failed == 1 {
                    eprintln!("storm: a connection failed: {error}");
                }
            }
        }
    }
    let took = start.elapsed();
    failed += opening.len();
    let reached = f64::from(u32::try_from(links.len()).unwrap_or(u32::MAX)) / took.as_secs_f64();
    let way = if args.nginx { "through nginx" } else { "straight to the nodes" };
    Ok(Measured {
        name: "storm".into(),
        command: format!(
            "sotto-loadgen bench storm --connections {} --rate {}{}",
            args.connections,
            args.rate,
            if args.nginx { " --nginx" } else { "" }
        ),
        lines: vec![
            format!("{reached:.0} connections a second reached of {} intended, {way} (to reach: 1,000)", args.rate),
            format!("intended start to caught up: {}", latency(&times)),
            format!("{} opened, {failed} failed", links.len()),
        ],
        figures: json!({
            "connections": args.connections, "rate": args.rate, "nginx": args.nginx, "reached_per_s": reached,
            "failed": failed, "caught_up_ms": milliseconds(&times),
        }),
    })
}
