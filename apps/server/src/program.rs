//! The command line: serve, migrate, admin, openapi, check-config.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use sotto_service::SystemClock;

use crate::{admin, config::Config, logging, metrics, serve};

/// A node of Sotto.
#[derive(Parser)]
#[command(name = "sotto-server", version)]
struct Cli {
    /// A TOML file (see deploy/sotto.sample.toml); `SOTTO_<SECTION>__<FIELD>` in the environment goes over it.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve clients until SIGTERM or SIGINT; then drain.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// What an operator does to the database by hand.
    #[command(subcommand)]
    Admin(Admin),
    /// Print the OpenAPI document.
    Openapi {
        /// Print the AsyncAPI document of the socket instead.
        #[arg(long)]
        asyncapi: bool,
    },
    /// Read the configuration, check it, print it without its secrets.
    CheckConfig,
}

#[derive(Subcommand)]
enum Admin {
    /// Keys of devices.
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Subcommand)]
enum Keys {
    /// After the database was restored from a dump, while no node runs: void all one-time keys and sync tokens, and let
    /// logs, inboxes and rosters go on above all numbers of before. Devices upload new keys when they connect next.
    BumpEpoch,
}

type Outcome = Result<(), Box<dyn Error>>;

/// Runs the program.
pub fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sotto-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Outcome {
    if let Command::Openapi { asyncapi } = cli.command {
        let document = if asyncapi { sotto_api::asyncapi::document() } else { sotto_api::openapi::document() };
        print!("{document}");
        return Ok(());
    }
    let config = Config::load(cli.config.as_deref(), std::env::vars())?;
    if matches!(cli.command, Command::CheckConfig) {
        println!("{config:#?}");
        return Ok(());
    }
    logging::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(work(&cli.command, &config));
    runtime.shutdown_background();
    outcome
}

async fn work(command: &Command, config: &Config) -> Outcome {
    if matches!(command, Command::Migrate) {
        serve::database(config)?.migrate().await?;
        tracing::info!("the schema is up to date");
        return Ok(());
    }
    if let Command::Admin(Admin::Keys(Keys::BumpEpoch)) = command {
        println!("{}", admin::bump_epoch(&serve::database(config)?, &SystemClock::new()).await?);
        return Ok(());
    }
    let render = metrics::install()?;
    Ok(serve::run(config, render).await?)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Admin, Cli, Command, Keys};

    #[test]
    fn the_command_line_is_sound_and_knows_the_key_epoch() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["sotto-server", "admin", "keys", "bump-epoch"]).unwrap();
        assert!(matches!(cli.command, Command::Admin(Admin::Keys(Keys::BumpEpoch))));
        for half in [&["sotto-server", "admin"][..], &["sotto-server", "admin", "keys"]] {
            assert!(Cli::try_parse_from(half).is_err(), "nothing is done by half a command");
        }
    }
}
