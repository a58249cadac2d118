//! The nodes: how `sotto-server` is started, asked and drained.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::error::{Context, Failure, Result};
use crate::files;
use crate::http;
use crate::layout::Layout;
use crate::processes::{self, Spec};
use crate::services::Addresses;
use crate::state::{Node, State};

/// How long a node may take to be ready; a debug build on a busy machine needs some.
const PATIENCE: Duration = Duration::from_mins(1);
/// What the server's `max_connections` is unless set.
const DEFAULT_SOCKETS: u64 = 10_000;

/// Where the server's program is, or what to do about its absence.
pub fn program(state: &State) -> Result<PathBuf> {
    let program = state.bin_dir.join(state.faults.program());
    if program.is_file() {
        return Ok(program);
    }
    let text = format!("{} does not exist: build it with `cargo build -p sotto-server`", program.display());
    Err(Failure::new(text))
}

/// Runs the migrations; harmless when there are none to run.
pub fn migrate(layout: &Layout, state: &State, addresses: &Addresses) -> Result<()> {
    let mut command = Command::new(program(state)?);
    processes::scrub(&mut command);
    let output = command
        .arg("migrate")
        .envs(settings(layout, state, addresses, None)?)
        .current_dir("/")
        .output()
        .context("sotto-server migrate")?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).join("\n");
    Err(Failure::new(format!("the migrations failed:\n{}", said.trim())))
}

/// Starts a node unless it runs. Says whether it had to.
pub fn start(layout: &Layout, state: &State, addresses: &Addresses, node: Node) -> Result<bool> {
    let spec = Spec {
        name: node.name(),
        program: program(state)?,
        args: vec!["serve".into()],
        env: settings(layout, state, addresses, Some(node))?.into_iter().collect(),
        account: None,
    };
    processes::start(layout, &spec)
}

/// Waits until a node takes clients.
pub fn await_ready(layout: &Layout, state: &State, node: Node) -> Result<()> {
    processes::await_ready(layout, &node.name(), PATIENCE, || is_ready(state, node))
}

/// Whether a node takes clients.
pub fn is_ready(state: &State, node: Node) -> bool {
    matches!(http::get(node.port(&state.ports), "/health/ready"), Some((200, _)))
}

/// The sockets a node holds, from its metrics.
pub fn sockets(state: &State, node: Node) -> Option<u64> {
    let (_, text) = http::get(node.metrics_port(&state.ports), "/metrics").filter(|(status, _)| *status == 200)?;
    sum_of(&text, "ws_connections_active")
}

/// Asks nodes to drain, all at once, and waits for each.
pub fn stop(layout: &Layout, state: &State, names: &[String]) -> Result<()> {
    for name in names {
        processes::signal(layout, name, Signal::TERM)?;
    }
    let patience = Duration::from_millis(state.drain_ms) + Duration::from_secs(10);
    // A second signal would end them at once.
    names.iter().try_for_each(|name| processes::await_end(layout, name, patience).map(drop))
}

/// Settings of the server that were in the environment of `up`: `SOTTO_<SECTION>__<FIELD>`, and `WEB_ORIGIN`.
pub fn remember_overrides(layout: &Layout) -> Result<()> {
    let found = overrides_of(std::env::vars());
    let text = serde_json::to_vec(&found).context("settings")?;
    files::replace(&layout.secret("overrides.json"), &text, 0o600)
}

fn overrides_of(environment: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut web_origin = None;
    for (name, value) in environment {
        if name == "WEB_ORIGIN" {
            web_origin = Some(value);
        } else if name.starts_with("SOTTO_") && name.contains("__") {
            found.insert(name, value);
        }
    }
    if let Some(origin) = web_origin {
        found.entry("SOTTO_CORS__ORIGINS".to_owned()).or_insert(origin);
    }
    found
}

/// Sockets that a node takes.
pub fn most_sockets(layout: &Layout) -> Result<u64> {
    let set = overrides(layout)?.remove("SOTTO_SERVER__MAX_CONNECTIONS");
    Ok(set.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_SOCKETS))
}

fn overrides(layout: &Layout) -> Result<BTreeMap<String, String>> {
    let kept = files::read(&layout.secret("overrides.json"))?.unwrap_or_else(|| "{}".into());
    serde_json::from_str(&kept).context("overrides.json")
}

/// The server's settings as environment: what the person set, then what the cluster has to decide.
fn settings(
    layout: &Layout,
    state: &State,
    addresses: &Addresses,
    node: Option<Node>,
) -> Result<BTreeMap<String, String>> {
    let mut all = overrides(layout)?;
    let mut set = |name: &str, value: String| all.insert(name.to_owned(), value);
    set("SOTTO_DATABASE__URL", addresses.database.clone());
    set("SOTTO_REDIS__URL", addresses.redis.clone());
    set("SOTTO_KEYS__DIR", layout.keys().display().to_string());
    set("SOTTO_SERVER__ENVIRONMENT", "development".into());
    set("SOTTO_SERVER__TRUSTED_PROXIES", "127.0.0.0/8".into());
    set("SOTTO_SERVER__DRAIN_MS", state.drain_ms.to_string());
    set("SOTTO_LOG__FORMAT", "json".into());
    if state.test_routes {
        set("SOTTO_SERVER__TEST_ROUTES", "true".into());
    }
    if let Some(node) = node {
        // More threads than processors make each message wake another one.
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get) / state.nodes.len().max(1);
        set("TOKIO_WORKER_THREADS", threads.max(1).to_string());
        set("SOTTO_SERVER__NODE_NAME", node.name());
        set("SOTTO_SERVER__LISTEN", format!("127.0.0.1:{}", node.port(&state.ports)));
        set("SOTTO_SERVER__METRICS_LISTEN", format!("127.0.0.1:{}", node.metrics_port(&state.ports)));
        let faults = &state.faults;
        set("SOTTO_DATABASE__URL", via(&addresses.database, state.ports.postgres, faults.via_postgres, node));
        set("SOTTO_REDIS__URL", via(&addresses.redis, state.ports.redis, faults.via_redis, node));
        if let Some(switches) = &faults.switches {
            set("SOTTO_FAULTS", switches.join(format!("{}.json", node.name())).display().to_string());
        }
    }
    Ok(all)
}

/// The address of a service of ours, by way of the node's fault proxy if there is one.
fn via(address: &str, port: u16, first: Option<u16>, node: Node) -> String {
    match first {
        Some(first) => {
            address.replace(&format!("127.0.0.1:{port}/"), &format!("127.0.0.1:{}/", first + node.number - 1))
        }
        None => address.to_owned(),
    }
}

/// The sum over all labels of a metric in the Prometheus text format.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, written as a float")]
fn sum_of(text: &str, metric: &str) -> Option<u64> {
    let values = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (name, value) = line.rsplit_once(' ')?;
        let bare = name.split('{').next()?;
        bare.ends_with(metric).then(|| value.parse::<f64>().ok())?
    });
    values.map(|value| value.max(0.0) as u64).reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_web_client_is_served_from_may_call_unless_a_list_says_more() {
        let of = |pairs: &[(&str, &str)]| {
            overrides_of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
        };
        let web = ("WEB_ORIGIN", "https://chat.test");
        let origins = |found: BTreeMap<String, String>| found.get("SOTTO_CORS__ORIGINS").cloned();
        assert_eq!(origins(of(&[("SOTTO_DIR", "x")])), None);
        assert_eq!(origins(of(&[web])).as_deref(), Some("https://chat.test"));
        assert_eq!(origins(of(&[web, ("SOTTO_CORS__ORIGINS", "https://a.test")])).as_deref(), Some("https://a.test"));
    }

    #[test]
    fn each_node_has_its_own_way_to_a_service() {
        let address = "postgres://sotto:secret@127.0.0.1:15432/sotto";
        let node = Node { number: 2, drained: false };
        assert_eq!(via(address, 15432, None, node), address);
        assert_eq!(via(address, 15432, Some(7000), node), "postgres://sotto:secret@127.0.0.1:7001/sotto");
    }

    #[test]
    fn sockets_are_summed_over_labels_and_absent_without_the_metric() {
        let text = "# TYPE ws_connections_active gauge\nws_connections_active{endpoint=\"ws\"} 3\n\
                    sotto_ws_connections_active{endpoint=\"calls\"} 2\nother 9\n";
        assert_eq!(sum_of(text, "ws_connections_active"), Some(5));
        assert_eq!(sum_of("other 9\n", "ws_connections_active"), None);
    }
}
