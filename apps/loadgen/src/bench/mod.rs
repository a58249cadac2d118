//! Load.

use crate::{cluster, error::Outcome};

/// What a measurement takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: cluster::Args,
}

/// Measures.
pub async fn run(args: &Args) -> Outcome<()> {
    cluster::Cluster::find(&args.cluster).await.map(drop)
}
