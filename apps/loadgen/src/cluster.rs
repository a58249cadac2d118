//! The running cluster, as `sotto-dev` tells it, and what can be done to it.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use tokio::process::Command;

use crate::error::{Context, Failure, Outcome};

/// What `sotto-dev state` prints.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    pub dir: PathBuf,
    pub log_dir: PathBuf,
    pub base_url: String,
    pub database_url: String,
    pub redis_url: String,
    pub nodes: Vec<Node>,
    /// Where the programs of the nodes come from.
    pub bin_dir: PathBuf,
    /// PostgreSQL, Redis, nginx.
    pub pids: BTreeMap<String, Option<i32>>,
}

/// A node of the cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct Node {
    pub name: String,
    pub url: String,
    pub metrics_url: String,
    pub pid: Option<i32>,
    pub ready: bool,
}

/// How the cluster is found.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "cluster")]
pub struct Args {
    /// The folder of the cluster, as `sotto-dev` was told.
    #[arg(long, env = "SOTTO_DIR", default_value = ".sotto")]
    pub dir: PathBuf,
    /// The program `sotto-dev`; by default the one beside this program.
    #[arg(long, env = "SOTTO_DEV")]
    pub dev: Option<PathBuf>,
}

/// A cluster that runs.
#[derive(Clone, Debug)]
pub struct Cluster {
    dev: PathBuf,
    dir: PathBuf,
    /// As it was when it was found.
    pub state: State,
}

impl Cluster {
    /// Asks `sotto-dev`; every node must be ready.
    pub async fn find(args: &Args) -> Outcome<Self> {
        let dev = match &args.dev {
            Some(dev) => dev.clone(),
            None => std::env::current_exe().context("this program's path")?.with_file_name("sotto-dev"),
        };
        let dir = std::path::absolute(&args.dir).context(args.dir.display())?;
        let state = read(&dev, &dir).await?;
        if let Some(node) = state.nodes.iter().find(|node| !node.ready) {
            return Err(Failure::new(format!("{} is not ready: `make run` first", node.name)));
        }
        if state.nodes.is_empty()
            || !state.nodes.iter().map(|n| &n.url).chain([&state.base_url]).all(|url| is_local(url))
        {
            return Err(Failure::new("only clusters on this machine are driven"));
        }
        Ok(Self { dev, dir, state })
    }

    /// As it is now.
    pub async fn refresh(&self) -> Outcome<State> {
        read(&self.dev, &self.dir).await
    }

    /// `kill`, `start` or `restart` of one part.
    pub async fn control(&self, action: &str, part: &str) -> Outcome<()> {
        run(&self.dev, &self.dir, &[action, part]).await.map(drop)
    }
}

fn is_local(url: &str) -> bool {
    url.starts_with("http://127.") || url.starts_with("http://localhost:")
}

async fn read(dev: &PathBuf, dir: &PathBuf) -> Outcome<State> {
    let bytes = run(dev, dir, &["state"]).await?;
    serde_json::from_slice(&bytes).context("sotto-dev state")
}

async fn run(dev: &PathBuf, dir: &PathBuf, args: &[&str]) -> Outcome<Vec<u8>> {
    let output = Command::new(dev).arg("--dir").arg(dir).args(args).output().await.context(dev.display())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("sotto-dev {}: {}", args.join(" "), said.trim())))
}
