//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

/// A whole Sotto cluster on one machine: private PostgreSQL and Redis, nodes, nginx.
#[derive(Debug, Parser)]
#[command(name = "sotto-dev", version)]
pub struct Cli {
    /// Where the cluster lives; another folder and other ports make a second cluster beside the first.
    #[arg(long, env = "SOTTO_DIR", default_value = ".sotto", global = true)]
    pub dir: PathBuf,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start what is not running: PostgreSQL, Redis, nodes, nginx. Harmless when everything runs.
    Up(UpArgs),
    /// Stop everything; data stays.
    Down,
    /// Show what runs, where, and how it is.
    Status,
    /// End one part at once (SIGKILL; PostgreSQL: immediate shutdown): node-1, redis, postgres, nginx.
    Kill { name: String },
    /// Start one part again, under the settings of the last `up`.
    Start { name: String },
    /// Stop one part in good order and start it again.
    Restart { name: String },
    /// Take a node out of nginx, then let it finish its sessions and end.
    Drain { node: String },
    /// Have nginx read its configuration again.
    Reload,
    /// Run this many nodes: starts more or drains the highest.
    Scale { nodes: u16 },
    /// Print the logs, all or of one part.
    Logs {
        name: Option<String>,
        /// Keep printing what comes.
        #[arg(short, long)]
        follow: bool,
        /// How many lines of the past.
        #[arg(short = 'n', long, default_value_t = 40)]
        lines: usize,
    },
    /// Print shell exports with the addresses of the cluster (they hold passwords).
    Env,
    /// Print the cluster as JSON for other programs (it holds passwords).
    State,
    /// PostgreSQL and Redis alone, fast and forgetful, for `make test`.
    TestServices {
        #[command(subcommand)]
        action: TestAction,
    },
}

/// What to do with the services for tests.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum TestAction {
    /// Start them and print shell exports: `DATABASE_URL`, `REDIS_URL`.
    Up,
    /// Stop them and throw their data away.
    Down,
}

/// Settings of `up`. What is not given stays as the last `up` left it.
#[derive(Debug, Default, Args)]
pub struct UpArgs {
    /// How many nodes [3].
    #[arg(long, env = "SOTTO_NODES")]
    pub nodes: Option<u16>,
    /// How nginx picks the node of a client [cookie].
    #[arg(long, env = "SOTTO_STICKY")]
    pub sticky: Option<Sticky>,
    /// Worker processes of nginx [as many as all sockets of the nodes need, at least 2].
    #[arg(long, env = "SOTTO_NGINX_WORKERS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub nginx_workers: Option<u16>,
    /// Take sotto-server from target/debug or target/release instead of from beside this program.
    #[arg(long)]
    pub profile: Option<Profile>,
    /// Take sotto-server from this folder.
    #[arg(long, conflicts_with = "profile")]
    pub bin_dir: Option<PathBuf>,
    /// Switch on the routes that exist for tests only, such as POST /test/broadcast.
    #[arg(long)]
    pub test_routes: bool,
    /// How long a node that drains spreads the goodbyes, milliseconds [5000].
    #[arg(long, env = "SOTTO_DRAIN_MS")]
    pub drain_ms: Option<u64>,
    /// The built web client [web/dist].
    #[arg(long, env = "SOTTO_WEB")]
    pub web: Option<PathBuf>,
    /// The address nginx listens on; 0.0.0.0 shows the cluster to your network [127.0.0.1].
    #[arg(long, env = "SOTTO_BIND")]
    pub bind: Option<std::net::IpAddr>,
    /// Nodes reach PostgreSQL through this port of 127.0.0.1, the second node through the next one, and so on: for
    /// fault proxies.
    #[arg(long)]
    pub via_postgres: Option<u16>,
    /// The same for Redis.
    #[arg(long)]
    pub via_redis: Option<u16>,
    /// Run sotto-server-faulty, the test build; its switches are files in this folder, named after the nodes.
    #[arg(long)]
    pub faults: Option<PathBuf>,
    #[command(flatten)]
    pub ports: PortArgs,
}

/// Ports; all but nginx listen on 127.0.0.1 only.
#[derive(Debug, Default, Args)]
#[expect(clippy::struct_field_names, reason = "they name the options: --port-http")]
pub struct PortArgs {
    /// nginx, where clients go [8080].
    #[arg(long, env = "SOTTO_PORT_HTTP")]
    pub port_http: Option<u16>,
    /// The first node; the others follow [3001].
    #[arg(long, env = "SOTTO_PORT_NODES")]
    pub port_nodes: Option<u16>,
    /// Metrics of the first node; the others follow [9101].
    #[arg(long, env = "SOTTO_PORT_METRICS")]
    pub port_metrics: Option<u16>,
    /// The status page of nginx [8090].
    #[arg(long, env = "SOTTO_PORT_NGINX_STATUS")]
    pub port_nginx_status: Option<u16>,
    /// PostgreSQL [15432].
    #[arg(long, env = "SOTTO_PORT_POSTGRES")]
    pub port_postgres: Option<u16>,
    /// Redis [16379].
    #[arg(long, env = "SOTTO_PORT_REDIS")]
    pub port_redis: Option<u16>,
}

/// How nginx picks the node of a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Sticky {
    /// By a cookie that nginx sets.
    #[default]
    Cookie,
    /// By the client's whole address.
    Address,
    /// The node with the fewest connections; a client may reach another one every time.
    LeastConn,
}

/// Which build of the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// `target/debug`.
    Debug,
    /// `target/release`.
    Release,
}
