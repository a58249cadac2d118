//! What runs, for people (`status`), shells (`env`) and programs (`state`).

use serde_json::json;

use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::services;
use crate::state::State;
use crate::{nginx, nodes, postgres, processes, redis};

/// A part of the cluster as it is now.
struct Row {
    name: String,
    pid: Option<i32>,
    ports: String,
    state: &'static str,
    sockets: Option<u64>,
}

/// Prints the table. Says whether every part is as it should be.
pub fn table(layout: &Layout, state: &State) -> bool {
    let rows = rows(layout, state);
    println!("{:<10} {:>8}  {:<12} {:<13} {:>8}", "part", "pid", "ports", "state", "sockets");
    for row in &rows {
        let pid = row.pid.map_or("-".into(), |pid| pid.to_string());
        let sockets = row.sockets.map_or(String::new(), |count| count.to_string());
        println!("{:<10} {pid:>8}  {:<12} {:<13} {sockets:>8}", row.name, row.ports, row.state);
    }
    rows.iter().all(|row| matches!(row.state, "ready" | "drained" | "external"))
}

fn rows(layout: &Layout, state: &State) -> Vec<Row> {
    let ports = &state.ports;
    let mut rows = Vec::new();
    let mut add = |name: String, text: String, outside: &'static str, healthy: &dyn Fn() -> bool| {
        let found = processes::find(layout, &name);
        let pid = found.map(|identity| identity.pid);
        let condition = match (pid, outside) {
            (None, outside) => outside,
            (Some(_), _) if healthy() => "ready",
            (Some(_), _) => "not ready",
        };
        rows.push(Row { name, pid, ports: text, state: condition, sockets: None });
    };
    let absent = |private: bool| if private { "stopped" } else { "external" };
    add(postgres::NAME.into(), ports.postgres.to_string(), absent(state.private_postgres), &|| {
        postgres::answers(ports.postgres)
    });
    add(redis::NAME.into(), ports.redis.to_string(), absent(state.private_redis), &|| redis::answers(ports.redis));
    for node in &state.nodes {
        let text = format!("{} {}", node.port(ports), node.metrics_port(ports));
        let outside = if node.drained { "drained" } else { "stopped" };
        add(node.name(), text, outside, &|| nodes::is_ready(state, *node));
    }
    add(nginx::NAME.into(), format!("{} {}", ports.http, ports.nginx_status), "stopped", &|| {
        nginx::answers(ports.nginx_status)
    });
    for row in rows.iter_mut().filter(|row| row.pid.is_some()) {
        row.sockets = state.node(&row.name).ok().and_then(|node| nodes::sockets(state, node));
    }
    rows
}

/// What `up` says at its end.
pub fn summary(layout: &Layout, state: &State) {
    let ports = &state.ports;
    let base = base_url(state);
    println!("\nSotto runs.\n");
    if crate::web::is_there(layout) {
        println!("  web client   {base}");
    }
    println!("  API          {base}");
    println!("  API docs     {base}/docs");
    for node in &state.nodes {
        let (port, metrics) = (node.port(ports), node.metrics_port(ports));
        println!("  {:<12} http://localhost:{port}  metrics http://localhost:{metrics}/metrics", node.name());
    }
    println!("  nginx        status http://localhost:{}", ports.nginx_status);
    println!("  logs         {}", layout.logs().display());
    println!("\n  make demo    people talk through it while a node is killed");
    println!("  make status  what runs");
    println!("  make stop    ends it; data stay in {}\n", layout.dir.display());
}

fn base_url(state: &State) -> String {
    let host = if state.bind.is_loopback() || state.bind.is_unspecified() {
        "localhost".into()
    } else {
        state.bind.to_string()
    };
    format!("http://{host}:{}", state.ports.http)
}

fn node_urls(state: &State) -> Vec<String> {
    state.nodes.iter().map(|node| format!("http://127.0.0.1:{}", node.port(&state.ports))).collect()
}

fn metrics_urls(state: &State) -> Vec<String> {
    state.nodes.iter().map(|node| format!("http://127.0.0.1:{}/metrics", node.metrics_port(&state.ports))).collect()
}

/// Shell exports with the addresses.
pub fn exports(layout: &Layout, state: &State) -> Result<String> {
    let addresses = services::addresses(layout, state)?;
    let program = std::env::current_exe().context("this program's path")?;
    Ok(shell(&[
        ("SOTTO_DIR", &layout.dir.display().to_string()),
        ("SOTTO_DEV", &program.display().to_string()),
        ("SOTTO_BASE_URL", &base_url(state)),
        ("SOTTO_NODE_URLS", &node_urls(state).join(",")),
        ("SOTTO_METRICS_URLS", &metrics_urls(state).join(",")),
        ("SOTTO_NGINX_STATUS_URL", &format!("http://127.0.0.1:{}", state.ports.nginx_status)),
        ("SOTTO_LOG_DIR", &layout.logs().display().to_string()),
        ("DATABASE_URL", &addresses.database),
        ("REDIS_URL", &addresses.redis),
    ]))
}

/// `export NAME='value'` lines for a POSIX shell.
pub fn shell(pairs: &[(&str, &str)]) -> String {
    let lines = pairs.iter().map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', r"'\''")));
    lines.collect::<Vec<_>>().concat()
}

/// The cluster as JSON.
pub fn json(layout: &Layout, state: &State) -> Result<String> {
    let addresses = services::addresses(layout, state)?;
    let nodes: Vec<_> = state
        .nodes
        .iter()
        .map(|node| {
            json!({
                "name": node.name(),
                "url": format!("http://127.0.0.1:{}", node.port(&state.ports)),
                "metrics_url": format!("http://127.0.0.1:{}/metrics", node.metrics_port(&state.ports)),
                "drained": node.drained,
                "pid": processes::find(layout, &node.name()).map(|identity| identity.pid),
                "ready": nodes::is_ready(state, *node),
            })
        })
        .collect();
    let pid = |name| processes::find(layout, name).map(|identity| identity.pid);
    let all = json!({
        "dir": layout.dir, "log_dir": layout.logs(), "base_url": base_url(state), "sticky": state.sticky,
        "test_routes": state.test_routes, "drain_ms": state.drain_ms, "bin_dir": state.bin_dir,
        "database_url": addresses.database, "redis_url": addresses.redis, "nodes": nodes,
        "nginx_status_url": format!("http://127.0.0.1:{}", state.ports.nginx_status),
        "pids": { "postgres": pid(postgres::NAME), "redis": pid(redis::NAME), "nginx": pid(nginx::NAME) },
    });
    serde_json::to_string_pretty(&all).context("state")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_value_stays_inside_the_shells_quotes() {
        assert_eq!(shell(&[("A", "it's")]), "export A='it'\\''s'\n");
    }
}
