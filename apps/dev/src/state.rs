//! What the last `up` decided, kept in `state.json`: no secrets in it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cli::{PortArgs, Sticky, UpArgs};
use crate::error::{Context, Failure, Result};
use crate::files;
use crate::layout::Layout;

/// The most nodes that one machine is asked to run.
pub const MAX_NODES: u16 = 64;

/// The settings of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How nginx picks a node.
    pub sticky: Sticky,
    /// Worker processes of nginx; as many as all sockets need unless given.
    #[serde(default)]
    pub nginx_workers: Option<u16>,
    /// The address nginx listens on.
    pub bind: IpAddr,
    /// The folder `sotto-server` is started from.
    pub bin_dir: PathBuf,
    /// Whether the routes for tests are on.
    pub test_routes: bool,
    /// Drain time of a node, milliseconds.
    pub drain_ms: u64,
    /// Whether PostgreSQL is ours to run.
    pub private_postgres: bool,
    /// Whether Redis is ours to run.
    pub private_redis: bool,
    /// All ports.
    pub ports: Ports,
    /// The nodes, by number from 1.
    pub nodes: Vec<Node>,
    /// What breaks on purpose.
    #[serde(default)]
    pub faults: Faults,
}

/// What stands between the nodes and their services, and which build of the server runs: for fault runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    /// The port of the first node's way to PostgreSQL.
    pub via_postgres: Option<u16>,
    /// The port of the first node's way to Redis.
    pub via_redis: Option<u16>,
    /// Where the switches of the test build are.
    pub switches: Option<PathBuf>,
}

impl Faults {
    /// The server's program.
    pub fn program(&self) -> &'static str {
        if self.switches.is_some() { "sotto-server-faulty" } else { "sotto-server" }
    }
}

/// A node of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// From 1; ports and the name follow from it.
    pub number: u16,
    /// Taken out of nginx and stopped on purpose: `start` brings it back.
    pub drained: bool,
}

/// Where everything listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// nginx.
    pub http: u16,
    /// The first node.
    pub nodes: u16,
    /// Metrics of the first node.
    pub metrics: u16,
    /// The status page of nginx.
    pub nginx_status: u16,
    /// PostgreSQL.
    pub postgres: u16,
    /// Redis.
    pub redis: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { http: 8080, nodes: 3001, metrics: 9101, nginx_status: 8090, postgres: 15432, redis: 16379 }
    }
}

impl Ports {
    fn with(self, args: &PortArgs) -> Self {
        Self {
            http: args.port_http.unwrap_or(self.http),
            nodes: args.port_nodes.unwrap_or(self.nodes),
            metrics: args.port_metrics.unwrap_or(self.metrics),
            nginx_status: args.port_nginx_status.unwrap_or(self.nginx_status),
            postgres: args.port_postgres.unwrap_or(self.postgres),
            redis: args.port_redis.unwrap_or(self.redis),
        }
    }
}

impl Node {
    /// `node-<number>`.
    pub fn name(self) -> String {
        format!("node-{}", self.number)
    }

    /// The port of its API.
    pub fn port(self, ports: &Ports) -> u16 {
        ports.nodes + self.number - 1
    }

    /// The port of its metrics.
    pub fn metrics_port(self, ports: &Ports) -> u16 {
        ports.metrics + self.number - 1
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            sticky: Sticky::default(),
            nginx_workers: None,
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            bin_dir: PathBuf::new(),
            test_routes: false,
            drain_ms: 5_000,
            private_postgres: true,
            private_redis: true,
            ports: Ports::default(),
            nodes: (1..=3).map(|number| Node { number, drained: false }).collect(),
            faults: Faults::default(),
        }
    }
}

impl State {
    /// The state of the last `up`, if there was one.
    pub fn load(layout: &Layout) -> Result<Option<Self>> {
        let path = layout.state_file();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).context(path.display()).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context(path.display()),
        }
    }

    /// As [`State::load`], but a missing one is an error that says what to do.
    pub fn load_existing(layout: &Layout) -> Result<Self> {
        Self::load(layout)?
            .ok_or_else(|| Failure::new(format!("no cluster in {}: start one with `make run`", layout.dir.display())))
    }

    /// Writes it, whole or not at all.
    pub fn save(&self, layout: &Layout) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).context("state")?;
        files::replace(&layout.state_file(), &text, 0o644)
    }

    /// This state with what the command line asks for. A drained node comes back.
    pub fn with(mut self, args: &UpArgs, bin_dir: PathBuf) -> Self {
        self.bin_dir = bin_dir;
        self.sticky = args.sticky.unwrap_or(self.sticky);
        self.nginx_workers = args.nginx_workers.or(self.nginx_workers);
        self.bind = args.bind.unwrap_or(self.bind);
        self.drain_ms = args.drain_ms.unwrap_or(self.drain_ms);
        self.test_routes = args.test_routes;
        self.ports = self.ports.with(&args.ports);
        self.faults =
            Faults { via_postgres: args.via_postgres, via_redis: args.via_redis, switches: args.faults.clone() };
        let wanted = args.nodes.unwrap_or_else(|| u16::try_from(self.nodes.len()).unwrap_or(MAX_NODES));
        self.nodes = (1..=wanted).map(|number| Node { number, drained: false }).collect();
        self
    }

    /// The nodes that nginx sends clients to.
    pub fn serving(&self) -> impl Iterator<Item = Node> + '_ {
        self.nodes.iter().copied().filter(|node| !node.drained)
    }

    /// A node by `node-2` or `2`.
    pub fn node(&self, name: &str) -> Result<Node> {
        let number = name.strip_prefix("node-").unwrap_or(name).parse::<u16>().ok();
        self.nodes.iter().copied().find(|node| Some(node.number) == number).ok_or_else(|| {
            let names: Vec<_> = self.nodes.iter().map(|node| node.name()).collect();
            Failure::new(format!("there is no node {name:?}; there are {}", names.join(", ")))
        })
    }

    /// Marks a node as drained or serving.
    pub fn set_drained(&mut self, number: u16, drained: bool) {
        for node in self.nodes.iter_mut().filter(|node| node.number == number) {
            node.drained = drained;
        }
    }

    /// Every port with what it is for and the setting that changes it; our own services only.
    pub fn listeners(&self) -> Vec<Listener> {
        let ports = &self.ports;
        let mut all = Vec::new();
        if self.private_postgres {
            all.push(Listener::new("postgres", ports.postgres, "SOTTO_PORT_POSTGRES"));
        }
        if self.private_redis {
            all.push(Listener::new("redis", ports.redis, "SOTTO_PORT_REDIS"));
        }
        for node in &self.nodes {
            all.push(Listener::new(node.name(), node.port(ports), "SOTTO_PORT_NODES"));
            all.push(Listener::new(node.name(), node.metrics_port(ports), "SOTTO_PORT_METRICS"));
        }
        all.push(Listener::new("nginx", ports.http, "SOTTO_PORT_HTTP"));
        all.push(Listener::new("nginx", ports.nginx_status, "SOTTO_PORT_NGINX_STATUS"));
        all
    }

    /// Refuses settings that can't work.
    pub fn check(&self) -> Result<()> {
        let count = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        if count > MAX_NODES {
            return Err(Failure::new(format!("{count} nodes are too many for one machine: at most {MAX_NODES}")));
        }
        for (first, setting) in [(self.ports.nodes, "SOTTO_PORT_NODES"), (self.ports.metrics, "SOTTO_PORT_METRICS")] {
            if first.checked_add(count).is_none() {
                return Err(Failure::new(format!("{setting}={first} leaves no room for {count} nodes")));
            }
        }
        let listeners = self.listeners();
        for (index, one) in listeners.iter().enumerate() {
            if one.port == 0 {
                return Err(Failure::new(format!("{} can't be 0", one.setting)));
            }
            if let Some(other) = listeners[..index].iter().find(|other| other.port == one.port) {
                let text = format!("port {} is asked for twice: {} and {}", one.port, other.setting, one.setting);
                return Err(Failure::new(text));
            }
        }
        Ok(())
    }
}

/// A port that a part of the cluster listens on.
#[derive(Debug, PartialEq, Eq)]
pub struct Listener {
    /// The part: `postgres`, `node-1`, ...
    pub name: String,
    /// Its port.
    pub port: u16,
    /// The environment variable that changes it.
    pub setting: &'static str,
}

impl Listener {
    fn new(name: impl Into<String>, port: u16, setting: &'static str) -> Self {
        Self { name: name.into(), port, setting }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_stays_as_it_was() {
        let first = State::default().with(&UpArgs { nodes: Some(5), ..UpArgs::default() }, "/a".into());
        let args = UpArgs { ports: PortArgs { port_http: Some(8181), ..PortArgs::default() }, ..UpArgs::default() };
        let second = first.with(&args, "/b".into());
        assert_eq!((second.nodes.len(), second.ports.http, second.ports.nodes), (5, 8181, 3001));
    }

    #[test]
    fn two_parts_on_one_port_are_refused_by_the_names_of_their_settings() {
        let mut state = State::default();
        state.ports.redis = 3002;
        let text = state.check().unwrap_err().to_string();
        assert!(
            text.contains("3002") && text.contains("SOTTO_PORT_REDIS") && text.contains("SOTTO_PORT_NODES"),
            "{text}"
        );
    }

    #[test]
    fn ports_past_the_last_one_are_refused() {
        let mut state = State::default();
        state.ports.nodes = 65_534;
        assert!(state.check().is_err());
    }

    #[test]
    fn a_node_answers_to_its_name_and_its_number() {
        let state = State::default();
        assert_eq!(state.node("2").unwrap().name(), "node-2");
        assert_eq!(state.node("node-2").unwrap().number, 2);
        assert!(state.node("node-9").unwrap_err().to_string().contains("node-3"));
    }
}
