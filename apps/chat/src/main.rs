//! sotto-chat: a client for the terminal. One folder is one device.

use std::process::ExitCode;

use clap::Parser as _;

mod alarms;
mod ask;
mod clean;
mod cli;
mod codes;
mod commands;
mod context;
mod device;
mod failure;
mod home;
mod linking;
mod notices;
mod people;
mod show;

use cli::Cli;
use context::Context;
use failure::{Failure, Outcome};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut context = Context::new(cli.options);
    match run(&mut context, cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            context.show.fail(failure.code(), &failure.to_string(), failure.next().as_deref());
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Ctrl-C drops what is under way, so that it can end in good order.
async fn run(context: &mut Context, command: cli::Command) -> Outcome<()> {
    tokio::select! {
        outcome = Box::pin(commands::run(context, command)) => outcome,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    }
}
