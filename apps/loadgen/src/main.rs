//! sotto-loadgen: people who talk through a running cluster, load for it, and the checks of both.

mod canary;
mod demo;
mod load;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sotto_loadgen::{chaos, check, cluster, error};

use crate::error::{Context as _, Outcome};

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
    /// Writes one page with curves from the results.
    Report(report::Args),
    /// Plays devices for a coordinator, which writes its plan into the input.
    #[command(hide = true)]
    Worker,
    /// Judges the record of a run. The last line is JSON; a broken invariant makes it exit 1.
    Check(check::Args),
    /// Brings up a cluster of its own and breaks it by a seed while people talk; then judges as `check` does.
    Chaos(chaos::Args),
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let command = Cli::parse().command;
    // A worker is one thread without a runtime.
    let outcome = match command {
        Command::Worker => load::worker::main().map(|()| true),
        command => {
            tokio::runtime::Runtime::new().context("a runtime").and_then(|runtime| runtime.block_on(run(command)))
        }
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

async fn run(command: Command) -> Outcome<bool> {
    match command {
        Command::Worker => load::worker::main().map(|()| true),
        Command::Demo(args) => demo::run(&args).await,
        Command::Report(args) => report::run(&args).map(|()| true),
        Command::Bench(args) => load::run(&args).await.map(|()| true),
        Command::Check(args) => check::run(&args).await,
        Command::Chaos(args) => chaos::run(&args).await,
    }
}
