//! sotto-dev: a whole cluster on one machine.

use std::process::ExitCode;

use clap::Parser;

mod accounts;
mod cli;
mod cluster;
mod error;
mod files;
mod http;
mod layout;
mod logs;
mod nginx;
mod nodes;
mod packages;
mod ports;
mod postgres;
mod processes;
mod progress;
mod redis;
mod services;
mod state;
mod status;
mod test_services;
mod web;

use cli::{Cli, Command, TestAction};
use error::Result;
use layout::Layout;
use state::State;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("sotto-dev: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let layout = Layout::at(&cli.dir)?;
    match &cli.command {
        Command::Status => {
            let well = status::table(&layout, &State::load_existing(&layout)?);
            return Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Logs { name, follow, lines } => logs::print(&layout, name.as_deref(), *lines, *follow)?,
        Command::Env => print!("{}", status::exports(&layout, &State::load_existing(&layout)?)?),
        Command::State => println!("{}", status::json(&layout, &State::load_existing(&layout)?)?),
        Command::TestServices { action: TestAction::Up } => print!("{}", test_services::up(&layout)?),
        Command::TestServices { action: TestAction::Down } => test_services::down(&layout)?,
        changing => change(&layout, changing)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The commands that change a cluster, one at a time.
fn change(layout: &Layout, command: &Command) -> Result<()> {
    let _lock = cluster::lock(layout)?;
    match command {
        Command::Up(args) => {
            let state = cluster::up(layout, args)?;
            status::summary(layout, &state);
        }
        Command::Down => cluster::down(layout)?,
        Command::Kill { name } => cluster::kill(layout, name)?,
        Command::Start { name } => cluster::start(layout, name)?,
        Command::Restart { name } => cluster::restart(layout, name)?,
        Command::Drain { node } => cluster::drain(layout, node)?,
        Command::Reload => cluster::reload(layout)?,
        Command::Scale { nodes } => drop(cluster::scale(layout, *nodes)?),
        Command::Status | Command::Logs { .. } | Command::Env | Command::State | Command::TestServices { .. } => {}
    }
    Ok(())
}
