//! sotto-loadgen: people who talk through a running cluster, load for it, and the checks of both.

mod canary;
mod checker;
mod demo;
mod load;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sotto_loadgen::{check, cluster, error};

/// Drives a running Sotto cluster; 127.0.0.0/8 only.
#[derive(Parser)]
#[command(name = "sotto-loadgen", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Six people with two devices each talk while a node is killed. The last line is JSON; what is lost, doubled,
    /// out of order, unreadable or leaked makes it exit 1.
    Demo(demo::Args),
    /// Measures the cluster and writes JSON and a readable page into loadtest/results.
    Bench(load::Args),
    /// Judges the record of a run. The last line is JSON; a broken invariant makes it exit 1.
    Check(check::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let outcome = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args).await,
        Command::Bench(args) => load::run(&args).await.map(|()| true),
        Command::Check(args) => check::run(&args).await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("sotto-loadgen: {failure}");
            ExitCode::FAILURE
        }
    }
}
