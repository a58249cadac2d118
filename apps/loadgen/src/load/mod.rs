//! Load: a coordinator, workers that play thousands of devices, and what the servers use meanwhile. Everything has a
//! bound in count and time.

mod all;
mod clock;
mod coordinator;
mod figures;
mod house;
mod machine;
mod pilot;
mod plan;
mod procs;
mod results;
mod scenarios;
mod seed;
mod times;
mod tokens;
pub mod worker;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU16, Ordering},
    time::Duration,
};

use self::{
    results::{Measured, Results},
    scenarios::{
        claims, dm, failover, garbage, group, history, idle, link, mixed, reconnect, revoke, room, scale, soak, storm,
    },
};
use sotto_loadgen::interrupt::interrupted;

use crate::{
    cluster::{self, Cluster, State},
    error::{Context, Failure, Outcome},
};

/// What a measurement takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: cluster::Args,
    /// Where JSON and page go.
    #[arg(long, default_value = "loadtest/results")]
    results: PathBuf,
    #[command(subcommand)]
    which: Which,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Which {
    /// Writes people who stay into the database, and a file with their tokens for other load tools.
    Seed(seed::Args),
    /// Memory for each idle connection; pings answered.
    Idle(idle::Args),
    /// New connections at a fixed rate.
    Storm(storm::Args),
    /// Direct messages at a fixed rate, or the highest that is held.
    Dm(dm::Args),
    /// Messages to groups, to the last member.
    Group(group::Args),
    /// One message to thousands.
    Room(room::Args),
    /// Groups of all sizes, sessions that come and go.
    Mixed(mixed::Args),
    /// One-time keys claimed.
    Claims(claims::Args),
    /// Devices linked by QR code.
    Link(link::Args),
    /// A history handed over at linking.
    History(history::Args),
    /// Every connection cut at once.
    Reconnect(reconnect::Args),
    /// Devices revoked; when it is in force on every node, with Redis and without.
    Revoke(revoke::Args),
    /// Mixed load for long; what grows.
    Soak(soak::Args),
    /// A node killed under many connections.
    Failover(failover::Args),
    /// Cost over nodes, connections, members, history.
    Scale(scale::Args),
    /// Clients that do harm beside a steady load.
    Garbage(garbage::Args),
    /// Everything, at this machine's targets.
    All(all::Args),
}

/// Measures and writes the results.
pub async fn run(args: &Args) -> Outcome<()> {
    machine::raise_descriptors()?;
    let bench = Bench::open(&args.cluster, args.results.clone()).await?;
    match &args.which {
        Which::Seed(args) => seed::run(&bench, args).await,
        Which::All(args) => all::run(&bench, args).await,
        which => bench.measure(which, &command_line()).await.map(drop),
    }
}

/// What makes a result again: this program's own arguments, without where things are.
fn command_line() -> String {
    let mut words = vec!["sotto-loadgen bench".to_owned()];
    let mut all = std::env::args().skip_while(|word| word != "bench").skip(1);
    while let Some(word) = all.next() {
        match word.as_str() {
            "--dir" | "--dev" | "--results" => drop(all.next()),
            _ => words.push(word),
        }
    }
    words.join(" ")
}

/// What all measurements use.
pub struct Bench {
    cluster: Cluster,
    pool: sqlx::PgPool,
    minter: tokens::Minter,
    loads: AtomicU16,
    interrupted: AtomicBool,
    results: PathBuf,
}

impl Bench {
    async fn open(args: &cluster::Args, results: PathBuf) -> Outcome<Self> {
        let cluster = Cluster::find(args).await?;
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(6);
        let pool = options.connect(&cluster.state.database_url).await.context("the database")?;
        let bench = Self {
            minter: tokens::Minter::load(&cluster.state.dir.join("keys"))?,
            cluster,
            pool,
            loads: AtomicU16::new(0),
            interrupted: AtomicBool::new(false),
            results,
        };
        Ok(bench)
    }

    async fn measure(&self, which: &Which, command: &str) -> Outcome<Measured> {
        if let Some(nodes) = nodes_of(which).filter(|nodes| *nodes > 0) {
            self.scale_to(nodes).await?;
        }
        let results = Results::begin(&self.state().await?, command);
        eprintln!("{command}");
        let measured = Box::pin(self.dispatch(which)).await?;
        results.write(&self.results, &measured)?;
        Ok(measured)
    }

    async fn dispatch(&self, which: &Which) -> Outcome<Measured> {
        match which {
            Which::Idle(args) => idle::run(self, args).await,
            Which::Storm(args) => storm::run(self, args).await,
            Which::Dm(args) => dm::run(self, args).await,
            Which::Group(args) => group::run(self, args).await,
            Which::Room(args) => room::run(self, args).await,
            Which::Mixed(args) => mixed::run(self, args).await,
            Which::Claims(args) => claims::run(self, args).await,
            Which::Link(args) => link::run(self, args).await,
            Which::History(args) => history::run(self, args).await,
            Which::Reconnect(args) => reconnect::run(self, args).await,
            Which::Revoke(args) => revoke::run(self, args).await,
            Which::Soak(args) => soak::run(self, args).await,
            Which::Failover(args) => failover::run(self, args).await,
            Which::Scale(args) => scale::run(self, args).await,
            Which::Garbage(args) => garbage::run(self, args).await,
            Which::Seed(_) | Which::All(_) => Err(Failure::new("this is no measurement")),
        }
    }

    async fn scale_to(&self, nodes: u16) -> Outcome<()> {
        if self.state().await?.nodes.len() == usize::from(nodes) {
            return Ok(());
        }
        self.cluster.control("scale", &nodes.to_string()).await
    }

    /// The cluster as it is now.
    async fn state(&self) -> Outcome<State> {
        self.cluster.refresh().await
    }

    /// Where the signing keys are.
    fn keys(&self) -> PathBuf {
        self.cluster.state.dir.join("keys")
    }

    /// A number for the next load.
    fn next_load(&self) -> u16 {
        self.loads.fetch_add(1, Ordering::Relaxed) & 0xfff
    }

    /// Ends what is under way when it is to stop, so that what was seeded is still taken out.
    async fn interruptible<T>(&self, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        tokio::select! {
            outcome = work => outcome,
            () = interrupted() => {
                self.interrupted.store(true, Ordering::Relaxed);
                Err(Failure::new("interrupted"))
            }
        }
    }

    /// Sockets that a node holds, as it says itself; none if it does not answer.
    async fn sockets(&self, metrics_url: &str) -> u64 {
        sum(&metrics(metrics_url).await, "ws_connections_active", "endpoint").into_values().sum()
    }

    /// Sockets that all nodes closed, by reason.
    async fn closes(&self) -> BTreeMap<String, u64> {
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for node in self.state().await.map(|state| state.nodes).unwrap_or_default() {
            for (reason, count) in sum(&metrics(&node.metrics_url).await, "ws_closes_total", "reason") {
                *all.entry(reason).or_default() += count;
            }
        }
        all
    }
}

async fn metrics(url: &str) -> String {
    let get = async { reqwest::Client::builder().no_proxy().build()?.get(url).send().await?.text().await };
    let answer = tokio::time::timeout(Duration::from_secs(5), get).await;
    answer.ok().and_then(Result::ok).unwrap_or_default()
}

/// Values of a metric by a label, in the Prometheus text format.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, written as a float")]
fn sum(text: &str, metric: &str, label: &str) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, value)) = line.rsplit_once(' ') else { continue };
        let Some((name, labels)) = name.split_once('{') else { continue };
        let value = value.parse::<f64>().unwrap_or(0.0).max(0.0) as u64;
        let key = labels.split(['{', ',', '}']).find_map(|pair| pair.strip_prefix(label)?.strip_prefix("=\""));
        if let Some(key) = key.filter(|_| name.ends_with(metric)) {
            *all.entry(key.trim_end_matches('"').to_owned()).or_default() += value;
        }
    }
    all
}

fn nodes_of(which: &Which) -> Option<u16> {
    match which {
        Which::Idle(args) => args.common.nodes,
        Which::Storm(args) => args.common.nodes,
        Which::Dm(args) => args.common.nodes,
        Which::Group(args) => args.common.nodes,
        Which::Room(args) => args.common.nodes,
        Which::Mixed(args) => args.common.nodes,
        Which::Claims(args) => args.common.nodes,
        Which::Link(args) => args.common.nodes,
        Which::History(args) => args.common.nodes,
        Which::Reconnect(args) => args.common.nodes,
        Which::Revoke(args) => args.common.nodes,
        Which::Soak(args) => args.mixed.common.nodes,
        Which::Failover(args) => args.common.nodes,
        Which::Scale(args) => args.common.nodes,
        Which::Garbage(args) => args.common.nodes,
        Which::Seed(_) | Which::All(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_by_its_label() {
        let text = "# TYPE ws_closes_total counter\nws_closes_total{reason=\"slow\"} 2\n\
                    ws_closes_total{node=\"a\",reason=\"drain\"} 3\nother{reason=\"slow\"} 9\n";
        let expected = BTreeMap::from([("slow".to_owned(), 2), ("drain".to_owned(), 3)]);
        assert_eq!(sum(text, "ws_closes_total", "reason"), expected);
    }
}
