//! The sections and their defaults, which suit one machine.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use serde::Deserialize;
use sotto_service::{
    accounts::AccountsConfig,
    address::IpRange,
    limits::{Limit, Rate},
};
use sotto_store::DatabaseConfig;

use super::{
    flexible::{list, parsed},
    sizes::milliseconds,
};

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where clients (or the load balancer) connect.
    pub listen: SocketAddr,
    /// Where `/metrics` is; nowhere if absent.
    pub metrics_listen: Option<SocketAddr>,
    /// For people and metrics: letters, digits, `.`, `_`, `-`. The host's name unless given.
    pub node_name: String,
    /// `production` refuses whatever is for development only.
    pub environment: Environment,
    /// Proxies whose `X-Forwarded-For` is believed: address ranges.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<IpRange>,
    /// Routes that exist for tests only. Never in production.
    #[serde(deserialize_with = "parsed")]
    pub test_routes: bool,
    /// Whether sockets may be opened with `?token=<access token>`.
    #[serde(deserialize_with = "parsed")]
    pub query_tokens: bool,
    /// Over this time a node that drains tells its sessions to come back elsewhere, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub drain_ms: u64,
    /// Sockets that the node takes.
    #[serde(deserialize_with = "parsed")]
    pub max_connections: usize,
    /// How long a body may take to arrive, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub body_timeout_ms: u64,
    /// How long a request may take in all, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub request_timeout_ms: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3001)),
            metrics_listen: None,
            node_name: host_name(),
            environment: Environment::default(),
            trusted_proxies: Vec::new(),
            test_routes: false,
            query_tokens: true,
            drain_ms: 5_000,
            max_connections: 10_000,
            body_timeout_ms: 10_000,
            request_timeout_ms: 30_000,
        }
    }
}

fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "node".to_owned() } else { name.to_owned() }
}

/// What the node is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Makes keys that are missing.
    #[default]
    Development,
    /// Refuses to start without its own keys and passwords.
    Production,
}

/// `[database]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://user:password@host:port/name`.
    pub url: Secret,
    /// Connections of this process at most.
    #[serde(deserialize_with = "parsed")]
    pub max_connections: u32,
    /// How long a use case waits for a connection before it is answered 503, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub acquire_timeout_ms: u64,
    /// How long a statement waits for a lock, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub lock_timeout_ms: u64,
}

impl Default for Database {
    fn default() -> Self {
        let DatabaseConfig { url, max_connections, acquire_timeout, lock_timeout, .. } =
            DatabaseConfig::new("postgres://localhost/sotto");
        Self {
            url: Secret(url),
            max_connections,
            acquire_timeout_ms: milliseconds(acquire_timeout),
            lock_timeout_ms: milliseconds(lock_timeout),
        }
    }
}

/// `[redis]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://[user:password@]host:port/[db]`.
    pub url: Secret,
}

impl Default for Redis {
    fn default() -> Self {
        Self { url: Secret("redis://127.0.0.1:6379/".to_owned()) }
    }
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The folder with `signing-<kid>.pem` and `server-secret`, the same on all nodes.
    pub dir: PathBuf,
    /// `iss` of tokens, the same on all nodes.
    pub issuer: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self { dir: PathBuf::from(".sotto/keys"), issuer: "sotto".to_owned() }
    }
}

/// `[accounts]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// How long a linked device can't link, revoke others or change recovery, milliseconds.
    #[serde(deserialize_with = "parsed")]
    pub probation_ms: u64,
    /// What the hash of a password costs (Argon2id): memory in KiB.
    #[serde(deserialize_with = "parsed")]
    pub password_memory_kib: u32,
    /// And passes over it.
    #[serde(deserialize_with = "parsed")]
    pub password_passes: u32,
}

impl Default for Accounts {
    fn default() -> Self {
        let AccountsConfig { probation, passwords } = AccountsConfig::default();
        Self {
            probation_ms: milliseconds(probation),
            password_memory_kib: passwords.memory_kib,
            password_passes: passwords.passes,
        }
    }
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Address ranges that no limit counted by address applies to.
    #[serde(deserialize_with = "list")]
    pub exempt: Vec<IpRange>,
    /// Members that a group may have.
    #[serde(deserialize_with = "parsed")]
    pub group_members: usize,
    /// `[limits.rates.<name>]`: rates instead of the defaults.
    pub rates: BTreeMap<Limit, Rate>,
}

impl Default for Limits {
    fn default() -> Self {
        let group_members = sotto_protocol::limits::MAX_GROUP_MEMBERS;
        Self { exempt: Vec::new(), group_members, rates: BTreeMap::new() }
    }
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,sotto_api=debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: "info".to_owned() }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For machines.
    Json,
    /// For people.
    #[default]
    Text,
}

/// `[cors]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// Origins that browsers may call from: `https://chat.example.org`.
    #[serde(deserialize_with = "list")]
    pub origins: Vec<String>,
}

/// A value that is shown nowhere.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
