//! How the cost of a direct message grows with what it has nothing to do with: nodes, idle connections, members who
//! are away, history. Curves that should be flat.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use sotto_protocol::membership::ConversationKind;

use super::{
    Common, dm, fill, opening,
    run::{self, Load, Run},
};
use crate::{
    error::Outcome,
    load::{
        Bench,
        clock::{self, now_ns},
        coordinator::Workers,
        house::{House, Seat, targets},
        plan::{Opening, Order},
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
    /// Messages a second.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub rate: u32,
    /// Of each point.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub seconds: u32,
    /// Conversations that talk.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub pairs: u32,
    /// The curves: nodes, connections, members, history.
    #[arg(long, value_delimiter = ',', default_value = "nodes,connections,members,history")]
    pub curves: Vec<String>,
    /// Nodes of that curve.
    #[arg(long, value_delimiter = ',', default_value = "2,4,8")]
    pub node_counts: Vec<u16>,
    /// Idle connections.
    #[arg(long, value_delimiter = ',', default_value = "0,5000,10000,20000,30000")]
    pub connections: Vec<usize>,
    /// Members of a conversation.
    #[arg(long, value_delimiter = ',', default_value = "2,10,100,1000")]
    pub members: Vec<usize>,
    /// Messages that a conversation has before.
    #[arg(long, value_delimiter = ',', default_value = "0,100,1000,10000")]
    pub history: Vec<i64>,
}

const CONNECT_RATE: f64 = 1_500.0;
const QUIET: Duration = Duration::from_secs(5);

/// A point of a curve.
struct Point {
    x: u64,
    run: Run,
    /// CPU seconds a second of all servers without the load.
    quiet: f64,
    more: Value,
}

impl Point {
    fn json(&self) -> Value {
        let last = self.run.figures.times_of("last");
        json!({
            "x": self.x, "cpu_s_per_1000": self.run.cpu(), "cpu_s_per_1000_net": self.net(), "p50_ms": last.ms(0.5),
            "p99_ms": last.ms(0.99), "quiet_cpu": self.quiet, "broken": self.run.figures.broken(), "more": self.more,
            "by_server": self.run.spent.per_thousand(self.run.figures.counted_acked),
        })
    }

    /// Without what the servers use when nothing is sent.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    fn net(&self) -> f64 {
        let spent = self.run.spent.servers() - self.quiet * self.run.seconds;
        spent * 1_000.0 / self.run.figures.counted_acked.max(1) as f64
    }

    fn sentence(&self, name: &str) -> String {
        let last = self.run.figures.times_of("last");
        format!(
            "{name} {}: {:.3} CPU seconds of servers for 1,000 messages ({:.3} without what they use at rest), p50 \
             {:.2} ms, p99 {:.2} ms; {}{}",
            self.x,
            self.run.cpu(),
            self.net(),
            last.ms(0.5),
            last.ms(0.99),
            self.run.figures.promises(),
            self.more["catch_up_p50_ms"].as_f64().map_or(String::new(), |ms| format!("; catch-up p50 {ms:.2} ms")),
        )
    }
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let mut curves: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
    for curve in &args.curves {
        match curve.as_str() {
            "nodes" => curves.insert("nodes", nodes(bench, args).await?),
            "connections" => curves.insert("connections", connections(bench, args).await?),
            "members" => curves.insert("members", members(bench, args).await?),
            "history" => curves.insert("history", history(bench, args).await?),
            other => return Err(crate::error::Failure::new(format!("there is no curve {other}"))),
        };
    }
    let mut lines = vec![format!("{} direct messages a second over {} conversations", args.rate, args.pairs)];
    lines.extend(curves.iter().flat_map(|(name, points)| points.iter().map(move |point| point.sentence(name))));
    let json: serde_json::Map<String, Value> =
        curves.iter().map(|(name, points)| ((*name).to_owned(), points.iter().map(Point::json).collect())).collect();
    Ok(Measured::new(args.common.name("scale"), lines, json!({ "rate": args.rate, "curves": json })))
}

/// Runs the load once on a house that is connected.
async fn point(bench: &Bench, args: &Args, house: &House, workers: &mut Workers, x: u64) -> Outcome<Point> {
    let watch = Watch::new(&bench.state().await?, &[]);
    let before = watch.look(false);
    tokio::time::sleep(QUIET).await;
    let quiet = watch.look(false).since(&before).servers() / QUIET.as_secs_f64();
    let load = Load::new(args.rate.into(), args.seconds, dm::senders(0..args.pairs as usize, 0));
    let (run, ()) = run::run(bench, workers, house, &load, run::alone).await?;
    let point = Point { x, run, quiet, more: Value::Null };
    eprintln!("  scale: {}", point.sentence("at"));
    Ok(point)
}

/// Everybody who talks is on the first two nodes; the others hold nobody.
async fn nodes(bench: &Bench, args: &Args) -> Outcome<Vec<Point>> {
    let found = bench.state().await?.nodes.len();
    let mut points = Vec::new();
    for count in &args.node_counts {
        bench.cluster.control("scale", &count.to_string()).await?;
        points.push(plain(bench, args, u64::from(*count), Shape::pairs(args.pairs as usize, 2), 0).await?);
    }
    bench.cluster.control("scale", &found.to_string()).await?;
    Ok(points)
}

/// A point with a crowd of its own.
async fn plain(bench: &Bench, args: &Args, x: u64, shape: Shape, history: i64) -> Outcome<Point> {
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(plain_point(bench, args, x, &seeded, history)).await;
    seeded.uproot().await?;
    outcome
}

async fn plain_point(bench: &Bench, args: &Args, x: u64, seeded: &Seeded, history: i64) -> Outcome<Point> {
    if history > 0 {
        seeded.write_history(history).await?;
    }
    let mut targets = targets(&bench.state().await?, true)?;
    targets.truncate(2);
    let mut house = House::open(bench, seeded, dm::seats(0..args.pairs as usize, 1), targets).await?;
    house.base = history;
    let (mut workers, _) = fill(bench, "scale", &house, seeded, CONNECT_RATE).await?;
    let mut point = point(bench, args, &house, &mut workers, x).await?;
    // What all of them missed since they connected is the same, however long the history is.
    let at_ns = now_ns();
    workers.tell(&Order::Drop { at_ns }).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let back = workers.back(at_ns + clock::ns(Duration::from_secs(30))).await?.times_of("caught_up");
    point.more = json!({ "catch_up_p50_ms": back.ms(0.5), "catch_up_p99_ms": back.ms(0.99) });
    workers.stop().await?;
    Ok(point)
}

/// Idle connections beside those who talk, more with each point.
async fn connections(bench: &Bench, args: &Args) -> Outcome<Vec<Point>> {
    let most = args.connections.iter().copied().max().unwrap_or(0);
    let pairs = args.pairs as usize;
    let mut shape = Shape::pairs(pairs, 2);
    let circles = Shape::circles(most.max(70), 2, 10);
    let moved =
        circles.talks.into_iter().map(|(kind, members)| (kind, members.iter().map(|at| at + 2 * pairs).collect()));
    shape.talks.extend(moved);
    shape.people += circles.people;
    let seeded = Seeded::plant(&bench.pool, shape).await?;
    let outcome = bench.interruptible(connection_points(bench, args, &seeded, most)).await;
    seeded.uproot().await?;
    outcome
}

async fn connection_points(bench: &Bench, args: &Args, seeded: &Seeded, most: usize) -> Outcome<Vec<Point>> {
    let pairs = args.pairs as usize;
    let count = args.common.workers_for(most);
    let mut seats = dm::seats(0..pairs, 1);
    seats.extend((0..most).map(|at| Seat::new(1 + at % count, 2 * pairs + at, 0)));
    let house = House::open(bench, seeded, seats, targets(&bench.state().await?, true)?).await?;
    let mut workers = Workers::start("scale", house.plans(bench, seeded)).await?;
    let (mut points, mut open) = (Vec::new(), 0);
    for (turn, idle) in args.connections.iter().enumerate() {
        let all = opening(&house, CONNECT_RATE, super::AT_ONCE, usize::MAX);
        let first = Opening { each: if turn == 0 { usize::MAX } else { 0 }, ..all };
        let more = Opening { each: (idle.saturating_sub(open)).div_ceil(count), ..all };
        open = open.max(*idle);
        workers.connect_each((0..house.workers).map(|worker| if worker == 0 { first } else { more }).collect()).await?;
        points.push(point(bench, args, &house, &mut workers, *idle as u64).await?);
    }
    workers.stop().await?;
    Ok(points)
}

/// Conversations with more and more members who are away; two of them are the ones who talk.
async fn members(bench: &Bench, args: &Args) -> Outcome<Vec<Point>> {
    let mut points = Vec::new();
    for count in &args.members {
        let pairs = args.pairs as usize;
        let mut shape = Shape::pairs(pairs, 2);
        for (kind, members) in &mut shape.talks {
            *kind = ConversationKind::Group;
            members.extend(2 * pairs..2 * pairs + count.saturating_sub(2));
        }
        shape.people += count.saturating_sub(2);
        points.push(plain(bench, args, *count as u64, shape, 0).await?);
    }
    Ok(points)
}

async fn history(bench: &Bench, args: &Args) -> Outcome<Vec<Point>> {
    let mut points = Vec::new();
    for messages in &args.history {
        let shape = Shape::pairs(args.pairs as usize, 2);
        points.push(plain(bench, args, messages.unsigned_abs(), shape, *messages).await?);
    }
    Ok(points)
}
