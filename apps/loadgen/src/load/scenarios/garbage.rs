//! What clients that do harm cost the others: some send garbage at full speed, some stop reading. A steady load of
//! direct messages is measured without and with them.

use std::time::Duration;

use serde_json::json;
use sotto_protocol::membership::ConversationKind;

use super::{
    AT_ONCE, Common, dm, opening,
    run::{self, Load, Run},
};
use crate::{
    error::Outcome,
    load::{
        Bench,
        coordinator::Workers,
        house::{House, Seat, targets},
        plan::{Opening, Role},
        results::Measured,
        seed::{Seeded, Shape},
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Clients that send garbage.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=1_000))]
    pub garbage: u32,
    /// Clients that stop reading, in a group where much is said.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(..=1_000))]
    pub frozen: u32,
    /// Direct messages a second of the others.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// Pairs of the others.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub pairs: u32,
    /// How long without, and how long with; a client that reads nothing is cut off after ten.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=300))]
    pub seconds: u32,
}

const CONNECT_RATE: f64 = 1_000.0;
/// What is said in the group of the frozen: more than sockets and mailboxes hold.
const NOISE_RATE: f64 = 60.0;
const NOISE_BYTES: usize = 40_000;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let (pairs, frozen, garbage) = (args.pairs as usize, args.frozen as usize, args.garbage as usize);
    let mut shape = Shape::pairs(pairs, 2);
    // The noisy one, those who freeze, those who send garbage.
    let others = 1 + frozen + garbage;
    shape.talks.push((ConversationKind::Group, (2 * pairs..2 * pairs + 1 + frozen.max(1)).collect()));
    shape.people += others.max(2);
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(measure(bench, &seeded, args)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args) -> Outcome<Measured> {
    let (pairs, frozen, garbage) = (args.pairs as usize, args.frozen as usize, args.garbage as usize);
    let mut seats = dm::seats(0..pairs, 1);
    // In workers of their own: the noisy one, and those who do harm.
    let noisy = seats.len();
    seats.push(Seat { talks: vec![pairs], ..Seat::new(1, 2 * pairs, 0) });
    let harm = |at: usize, role| Seat { role, ..Seat::new(2, 2 * pairs + 1 + at, 0) };
    seats.extend((0..frozen).map(|at| harm(at, Role::Frozen)));
    seats.extend((frozen..frozen + garbage).map(|at| harm(at, Role::Garbage)));
    let house = House::open(bench, seeded, seats, targets(&bench.state().await?, args.common.direct)?).await?;
    let mut workers = Workers::start("garbage", house.plans(bench, seeded)).await?;
    let all = opening(&house, CONNECT_RATE, AT_ONCE, usize::MAX);
    let none = Opening { each: 0, ..all };
    workers.connect_each(vec![all, all, none]).await?;
    let mut load = Load::new(args.rate.into(), args.seconds, dm::senders(0..pairs, 0));
    let mut noise = Load::new(NOISE_RATE, args.seconds, vec![(noisy, pairs)]);
    (noise.bytes, noise.mark_spread) = (NOISE_BYTES, None);
    load.beside = Some(Box::new(noise));
    let (without, ()) = run::run(bench, &mut workers, &house, &load, run::alone).await?;
    let closes = bench.closes().await;
    let all = opening(&house, CONNECT_RATE, AT_ONCE, usize::MAX);
    let none = Opening { each: 0, ..all };
    workers.connect_each(vec![none, none, all]).await?;
    let (with, ()) = run::run(bench, &mut workers, &house, &load, run::alone).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let cut: std::collections::BTreeMap<String, u64> = bench
        .closes()
        .await
        .into_iter()
        .map(|(reason, count)| (reason.clone(), count - closes.get(&reason).copied().unwrap_or(0)))
        .filter(|(_, count)| *count > 0)
        .collect();
    workers.stop().await?;
    Ok(result(args, &without, &with, &cut))
}

fn result(args: &Args, without: &Run, with: &Run, cut: &std::collections::BTreeMap<String, u64>) -> Measured {
    let last = |run: &Run| run.figures.times_of("last");
    let mut harm = with.figures.named.clone();
    harm.retain(|name, _| !name.starts_with("cut"));
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let megabytes = with.figures.garbage_bytes as f64 / 1e6;
    let lines = vec![
        format!("{} direct messages a second {}, both devices of the receiver", args.rate, args.common.way()),
        format!("without harm: {}", last(without).sentence()),
        format!(
            "with {} clients that send garbage and {} that stop reading: {}",
            args.garbage,
            args.frozen,
            last(with).sentence()
        ),
        format!(
            "{megabytes:.1} MB of garbage written; what its senders met: {harm:?}; sockets that nodes closed: {cut:?}"
        ),
        format!("the others with harm: {}", with.figures.promises()),
        format!("CPU seconds of servers: {:.1} without, {:.1} with", without.spent.servers(), with.spent.servers()),
    ];
    Measured::new(
        args.common.name(format!("garbage-{}", args.common.tag())),
        lines,
        json!({
            "garbage": args.garbage, "frozen": args.frozen, "nginx": !args.common.direct, "without": without.json(),
            "with": with.json(), "garbage_bytes": with.figures.garbage_bytes, "closed_by_nodes": cut,
        }),
    )
}
