//! The demo: people talk through a running cluster while it is mistreated, and every promise is checked.

mod cast;
mod chapters;
mod finale;
mod stage;
mod talk;
mod verdict;
mod words;

use std::path::PathBuf;

use rand::{SeedableRng as _, rngs::StdRng};

use sotto_loadgen::record::Recording;

use crate::{canary::Canary, cluster, error::Outcome};

/// What the demo takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    cluster: cluster::Args,
    /// Messages in all, roughly.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(100..=50_000))]
    messages: u32,
    /// Leave the nodes and Redis alone.
    #[arg(long)]
    gentle: bool,
    /// Write everything that devices see into this folder, for `check`.
    #[arg(long)]
    record: Option<PathBuf>,
}

/// Plays all chapters. `false`: a promise was broken.
pub async fn run(args: &Args) -> Outcome<bool> {
    let cluster = cluster::Cluster::find(&args.cluster).await?;
    let canary = Canary::random(&mut StdRng::from_rng(&mut rand::rng()));
    let recording = match &args.record {
        Some(folder) => Recording::in_folder(folder)?,
        None => Recording::in_memory(),
    };
    let stage = stage::Stage::new(cluster, canary, recording.actor("demo")?);
    stage.say(&format!("{} nodes behind {}", stage.cluster.state.nodes.len(), stage.cluster.state.base_url));
    let messages = usize::try_from(args.messages).unwrap_or(usize::MAX);
    let problems = chapters::play(&stage, messages, args.gentle).await?;
    finale::judge(&stage, problems).await
}
