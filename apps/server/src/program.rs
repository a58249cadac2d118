//! The command line: serve, migrate, openapi, check-config.

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{config::Config, logging, metrics, serve};

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
    /// Print the OpenAPI document.
    Openapi {
        /// Print the AsyncAPI document of the socket instead.
        #[arg(long)]
        asyncapi: bool,
    },
    /// Read the configuration, check it, print it without its secrets.
    CheckConfig,
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
    let render = metrics::install()?;
    Ok(serve::run(config, render).await?)
}
