//! Configuration: a TOML file, then `SOTTO_<SECTION>__<FIELD>` of the environment, one struct a section.

mod check;
mod environment;
mod flexible;
mod sections;
mod sizes;

use std::{fmt, fs, path::Path};

use serde::Deserialize;
use toml::Table;

pub use sections::{Accounts, Cors, Database, Environment, Keys, Limits, Log, LogFormat, Redis, Secret, Server};
pub use sizes::{Cluster, Http, Writer};

/// Everything that an operator decides. Unknown fields are refused; secrets have no `Debug`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The node.
    pub server: Server,
    /// HTTP connections.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// Redis.
    pub redis: Redis,
    /// The message writer.
    pub writer: Writer,
    /// What passes between nodes.
    pub cluster: Cluster,
    /// Keys that sign tokens.
    pub keys: Keys,
    /// Accounts and passwords.
    pub accounts: Accounts,
    /// Rate limits.
    pub limits: Limits,
    /// Logs.
    pub log: Log,
    /// Pages of other origins.
    pub cors: Cors,
}

/// Why a configuration is not accepted: a sentence that names the field.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file, if one is named, and the environment, and checks the whole.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let text = file.map_or(Ok(String::new()), |path| {
            fs::read_to_string(path).map_err(|error| ConfigError(format!("{}: {error}", path.display())))
        })?;
        Self::parse(&text, environment)
    }

    /// Like [`Self::load`], from the text of a file.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn parse(text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table: Table = text.parse().map_err(|error| unreadable(text, &error))?;
        environment::overlay(&mut table, environment)?;
        let config: Self = table.try_into().map_err(|error| refused(&error))?;
        config.check()?;
        Ok(config)
    }
}

/// The line is not shown: it may hold a secret.
fn unreadable(text: &str, error: &toml::de::Error) -> ConfigError {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    ConfigError(format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
}

fn refused(error: &toml::de::Error) -> ConfigError {
    ConfigError(error.to_string().trim().replace('\n', " "))
}

#[cfg(test)]
mod tests;
