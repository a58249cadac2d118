//! The cluster of a run: its own folder and ports, the test build, a fault proxy on every way.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::json;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::process::Command;

use crate::{
    cluster::State,
    error::{Context, Failure, Outcome},
    proxy::Proxy,
};

/// Nodes at most: ports of one kind lie ten apart.
pub const MAX_NODES: u16 = 8;
/// Room for PostgreSQL where the disk is to fill.
const SMALL_DISK_MB: u32 = 1_024;
/// A node that drains need not take its time.
const DRAIN_MS: &str = "3000";

/// Where everything listens, counted from one port.
#[derive(Clone, Copy, Debug)]
pub struct Ports(pub u16);

impl Ports {
    fn edge(self) -> u16 {
        self.0
    }
    fn nginx(self) -> u16 {
        self.0 + 1
    }
    fn nginx_status(self) -> u16 {
        self.0 + 2
    }
    fn postgres(self) -> u16 {
        self.0 + 3
    }
    fn redis(self) -> u16 {
        self.0 + 4
    }
    /// Where a replica of Redis may listen.
    pub fn replica(self) -> u16 {
        self.0 + 5
    }
    fn nodes(self) -> u16 {
        self.0 + 10
    }
    fn metrics(self) -> u16 {
        self.0 + 20
    }
    fn via_postgres(self) -> u16 {
        self.0 + 30
    }
    fn via_redis(self) -> u16 {
        self.0 + 40
    }
    fn doors(self) -> u16 {
        self.0 + 50
    }
}

/// A cluster with a proxy on every way.
pub struct Place {
    /// As it was when it came up.
    pub state: State,
    /// Its ports.
    pub ports: Ports,
    /// Between each node and PostgreSQL.
    pub postgres: Vec<Proxy>,
    /// Between each node and Redis.
    pub redis: Vec<Proxy>,
    /// Between clients and each node.
    pub doors: Vec<Proxy>,
    /// Between clients and nginx.
    pub edge: Proxy,
    /// Straight to the database.
    pub pool: PgPool,
    /// A small file system of PostgreSQL's own, if there is one.
    pub small_disk: Option<PathBuf>,
    dev: PathBuf,
    dir: PathBuf,
}

impl Place {
    /// Brings it up. With `small_disk` PostgreSQL gets a file system that can be filled, which takes root.
    pub async fn set(dev: &Path, dir: &Path, ports: Ports, nodes: u16, small_disk: bool) -> Outcome<Self> {
        let local = |port: u16| format!("127.0.0.1:{port}");
        let each = |first: u16, target: u16, every: u16| async move {
            let mut proxies = Vec::new();
            for node in 0..nodes {
                let proxy = Proxy::on(first + node, local(target + node * every)).await;
                proxies.push(proxy.context(format!("port {}", first + node))?);
            }
            Ok::<_, Failure>(proxies)
        };
        let postgres = each(ports.via_postgres(), ports.postgres(), 0).await?;
        let redis = each(ports.via_redis(), ports.redis(), 0).await?;
        let doors = each(ports.doors(), ports.nodes(), 1).await?;
        let edge = Proxy::on(ports.edge(), local(ports.nginx())).await.context(format!("port {}", ports.edge()))?;
        std::fs::create_dir_all(dir.join("faults")).context(dir.display())?;
        // What an earlier run may have left.
        let _ = run(dev, dir, &["down"]).await;
        let small_disk = if small_disk { mount(&dir.join("postgres")).await } else { None };
        up(dev, dir, ports, nodes).await?;
        let state: State = serde_json::from_slice(&run(dev, dir, &["state"]).await?).context("sotto-dev state")?;
        let pool = PgPoolOptions::new().max_connections(2).connect_lazy(&state.database_url).context("the database")?;
        let (dev, dir) = (dev.to_owned(), dir.to_owned());
        Ok(Self { state, ports, postgres, redis, doors, edge, pool, small_disk, dev, dir })
    }

    /// Takes it down.
    pub async fn clear(&self) -> Outcome<()> {
        self.pool.close().await;
        self.dev(&["down"]).await?;
        if let Some(disk) = &self.small_disk {
            shell("umount", &[&disk.display().to_string()]).await?;
        }
        Ok(())
    }

    /// A command of `sotto-dev`.
    pub async fn dev(&self, args: &[&str]) -> Outcome<()> {
        run(&self.dev, &self.dir, args).await.map(drop)
    }

    /// The cluster as it is now.
    pub async fn refresh(&self) -> Outcome<State> {
        serde_json::from_slice(&run(&self.dev, &self.dir, &["state"]).await?).context("sotto-dev state")
    }

    /// The ways of a device: through nginx or straight to a node, then the others.
    pub fn ways(&self, person: usize, device: usize) -> Vec<String> {
        let mut ways: Vec<String> =
            std::iter::once(&self.edge).chain(&self.doors).map(|proxy| format!("http://{}", proxy.address)).collect();
        let count = ways.len();
        ways.rotate_left((person * 2 + device) % count);
        ways
    }

    /// Switches the test build of a node.
    pub fn switch(&self, node: usize, switches: &Switches) -> Outcome<()> {
        let path = self.dir.join("faults").join(format!("{}.json", node_name(node)));
        let draft = path.with_extension("draft");
        let text = json!({
            "mutation": switches.mutation, "armed": switches.armed.map(|point| (point, "die")),
            "clock_ms": switches.clock_ms,
        });
        std::fs::write(&draft, text.to_string()).context(draft.display())?;
        std::fs::rename(&draft, &path).context(path.display())
    }
}

/// What the test build of a node does.
#[derive(Clone, Debug, Default)]
pub struct Switches {
    /// A promise that it breaks, by its name.
    pub mutation: Option<String>,
    /// Where it dies.
    pub armed: Option<super::schedule::Point>,
    /// How wrong its clock is.
    pub clock_ms: i64,
}

/// `node-1` is the first.
pub fn node_name(node: usize) -> String {
    format!("node-{}", node + 1)
}

async fn up(dev: &Path, dir: &Path, ports: Ports, nodes: u16) -> Outcome<()> {
    for entry in std::fs::read_dir(dir.join("faults")).context("switches")?.flatten() {
        let _ = std::fs::remove_file(entry.path());
    }
    let faults = dir.join("faults").display().to_string();
    let numbers = [
        ("--nodes", nodes),
        ("--port-http", ports.nginx()),
        ("--port-nginx-status", ports.nginx_status()),
        ("--port-postgres", ports.postgres()),
        ("--port-redis", ports.redis()),
        ("--port-nodes", ports.nodes()),
        ("--port-metrics", ports.metrics()),
        ("--via-postgres", ports.via_postgres()),
        ("--via-redis", ports.via_redis()),
    ];
    let mut args: Vec<String> = vec!["up".into(), "--faults".into(), faults, "--drain-ms".into(), DRAIN_MS.into()];
    args.extend(numbers.iter().flat_map(|(name, number)| [(*name).to_owned(), number.to_string()]));
    run(dev, dir, &args.iter().map(String::as_str).collect::<Vec<_>>()).await.map(drop)
}

async fn run(dev: &Path, dir: &Path, args: &[&str]) -> Outcome<Vec<u8>> {
    let mut command = Command::new(dev);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("SOTTO_") || name == "DATABASE_URL" || name == "REDIS_URL" {
            command.env_remove(&*name);
        }
    }
    // All virtual people share one address.
    command.env("SOTTO_LIMITS__EXEMPT", "127.0.0.0/8").env("SOTTO_ACCOUNTS__PASSWORD_MEMORY_KIB", "8192");
    let output = command.arg("--dir").arg(dir).args(args).stdin(Stdio::null()).output().await;
    let output = output.context(dev.display())?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("sotto-dev {}: {}", args.join(" "), said.trim())))
}

/// A file system in memory at this place; `None`, with a word why, where that is not allowed.
async fn mount(at: &Path) -> Option<PathBuf> {
    let place = at.display().to_string();
    let mounted = std::fs::read_to_string("/proc/mounts").unwrap_or_default().contains(&format!(" {place} "));
    if mounted {
        return Some(at.to_owned());
    }
    let size = format!("size={SMALL_DISK_MB}m,mode=0711");
    let made = std::fs::create_dir_all(at).context(&place);
    match made.and(shell("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", &place]).await) {
        Ok(()) => Some(at.to_owned()),
        Err(failure) => {
            println!("the disk is never full in this run: {failure}");
            None
        }
    }
}

async fn shell(program: &str, args: &[&str]) -> Outcome<()> {
    let output = Command::new(program).args(args).output().await.context(program)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
