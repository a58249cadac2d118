//! Load: idle connections, direct messages at a fixed rate, a storm of connections. Everything has a bound.

mod dm;
mod idle;
mod link;
mod machine;
mod planted;
mod results;
mod seed;
mod storm;
mod tokens;

use std::path::PathBuf;

use crate::{
    cluster,
    error::{Context, Outcome},
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
    which: Option<Which>,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Which {
    /// Memory of a node for each idle connection.
    Idle(idle::Args),
    /// Latency of direct messages at a fixed rate.
    Dm(dm::Args),
    /// New connections at a fixed rate.
    Storm(storm::Args),
    /// Writes people who stay into the database, and a file with their tokens for other load tools.
    Seed(seed::Args),
    /// All of them, as the issue names them.
    All,
}

/// Measures and writes the results.
pub async fn run(args: &Args) -> Outcome<()> {
    machine::raise_descriptors()?;
    let cluster = cluster::Cluster::find(&args.cluster).await?;
    let bench = Bench::open(cluster).await?;
    let mut report = results::Report::begin(&bench.cluster.state);
    match args.which.clone().unwrap_or(Which::All) {
        Which::Idle(args) => report.add(idle::run(&bench, &args).await?),
        Which::Dm(args) => report.add(dm::run(&bench, &args).await?),
        Which::Storm(args) => report.add(storm::run(&bench, &args).await?),
        Which::Seed(args) => return seed::run(&bench, &args).await,
        Which::All => {
            report.add(idle::run(&bench, &idle::Args::default()).await?);
            report.add(dm::run(&bench, &dm::Args::default()).await?);
            report.add(storm::run(&bench, &storm::Args::default()).await?);
        }
    }
    report.write(&args.results)
}

/// What all measurements use.
struct Bench {
    cluster: cluster::Cluster,
    pool: sqlx::PgPool,
    minter: tokens::Minter,
}

impl Bench {
    async fn open(cluster: cluster::Cluster) -> Outcome<Self> {
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(6);
        let pool = options.connect(&cluster.state.database_url).await.context("the database")?;
        let minter = tokens::Minter::load(&cluster.state.dir.join("keys"))?;
        Ok(Self { cluster, pool, minter })
    }
}
