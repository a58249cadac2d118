//! Every connection is cut at once; the clients come back as the SDK does.

use std::time::Duration;

use serde_json::json;

use super::{Common, fill};
use crate::{
    error::Outcome,
    load::{
        Bench,
        clock::{self, now_ns},
        house::{House, Seat, targets},
        plan::Order,
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
    /// Connections.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=200_000))]
    pub connections: u32,
}

const CONVERSATIONS: usize = 20;
const MEMBERS: usize = 10;
const CONNECT_RATE: f64 = 2_000.0;
const PATIENCE: Duration = Duration::from_mins(1);

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let shape = Shape::circles(args.connections as usize, CONVERSATIONS, MEMBERS);
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let connections = args.connections as usize;
    let count = args.common.workers_for(connections);
    let state = bench.state().await?;
    let seats = (0..connections).map(|at| Seat::new(at % count, at, 0)).collect();
    let house = House::open(bench, seeded, seats, targets(&state, args.common.direct)?).await?;
    let (mut workers, _) = fill(bench, "reconnect", &house, seeded, CONNECT_RATE).await?;
    let watch = Watch::new(&state, &workers.pids());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = watch.look(false);
    let at_ns = now_ns() + clock::ns(Duration::from_millis(500));
    workers.tell(&Order::Drop { at_ns }).await?;
    tokio::time::sleep(clock::until(at_ns) + Duration::from_millis(100)).await;
    let figures = workers.back(at_ns + clock::ns(PATIENCE)).await?;
    let spent = watch.look(false).since(&before);
    workers.stop().await?;
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let all_back = figures.last_back_ns.saturating_sub(at_ns) as f64 / 1e9;
    let times = figures.times_of("back");
    let missing = u64::from(args.connections).saturating_sub(figures.live);
    let lines = vec![
        format!(
            "{connections} connections cut at once {}: all back and caught up after {all_back:.2} s",
            args.common.way()
        ),
        format!("each: {}", times.sentence()),
        format!("{missing} not back, {} attempts failed: {:?}", figures.failed, figures.named),
    ];
    Ok(Measured::new(
        args.common.name(format!("reconnect-{}-{connections}", args.common.tag())),
        lines,
        json!({
            "connections": connections, "nginx": !args.common.direct, "all_back_s": all_back, "missing": missing,
            "failed_attempts": figures.failed, "other": figures.named, "back_ms": times.json(), "cpu_s": spent.0,
        }),
    ))
}
