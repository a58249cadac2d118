//! nginx before the nodes: its configuration is rendered from one template and checked before it is used.

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::accounts::{self, Account};
use crate::cli::Sticky;
use crate::error::{Context, Failure, Result};
use crate::layout::Layout;
use crate::processes::{self, Spec};
use crate::state::State;
use crate::{files, http, nodes, packages, progress};

/// The part's name.
pub const NAME: &str = "nginx";
const TEMPLATE: &str = include_str!("../../../deploy/nginx/nginx.conf.template");
/// Connections of one worker; a proxied client takes two. More would only cost memory.
const MOST_CONNECTIONS: u64 = 60_000;
const MOST_WORKERS: u64 = 64;
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts nginx, or reloads it if the nodes or settings changed.
pub fn up(layout: &Layout, state: &State, open_files: u64) -> Result<()> {
    let account = accounts::for_service(&["www-data"])?;
    prepare(layout, account.as_ref())?;
    let changed = configure(layout, state, open_files, account.as_ref())?;
    if processes::find(layout, NAME).is_some() {
        let what = if changed { "reloaded, now in front of" } else { "runs, in front of" };
        if changed {
            processes::signal(layout, NAME, Signal::HUP)?;
        }
        progress::line(NAME, &format!("{what} {} nodes", state.serving().count()));
        return Ok(());
    }
    let step = progress::begin(NAME, &format!("starting on {}:{}", state.bind, state.ports.http));
    let spec = Spec {
        name: NAME.into(),
        program: packages::find("nginx")?,
        args: arguments(layout, &config(layout)),
        env: Vec::new(),
        account,
    };
    processes::start(layout, &spec)?;
    processes::await_ready(layout, NAME, PATIENCE, || answers(state.ports.nginx_status))?;
    step.done("ready");
    Ok(())
}

/// Brings a running nginx up to date with the nodes that serve; does nothing when it does not run.
pub fn reload(layout: &Layout, state: &State, open_files: u64) -> Result<()> {
    if processes::find(layout, NAME).is_some() { up(layout, state, open_files) } else { Ok(()) }
}

/// Has a running nginx read the same configuration again.
pub fn reread(layout: &Layout) -> Result<()> {
    processes::signal(layout, NAME, Signal::HUP)
}

/// Ends it and every connection through it.
pub fn stop(layout: &Layout) -> Result<bool> {
    processes::stop(layout, NAME, Signal::TERM, PATIENCE)
}

/// Ends it as a crash would: master and workers at once, the master first so that it restarts none.
pub fn crash(layout: &Layout) -> Result<bool> {
    let Some(master) = processes::find(layout, NAME) else { return Ok(false) };
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", master.pid)).unwrap_or_default();
    let ended = processes::stop(layout, NAME, Signal::KILL, Duration::from_secs(2))?;
    for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
        if let Some(pid) = rustix::process::Pid::from_raw(child) {
            let _ = rustix::process::kill_process(pid, Signal::KILL);
        }
    }
    Ok(ended)
}

/// Whether the status page answers.
pub fn answers(port: u16) -> bool {
    matches!(http::get(port, "/health"), Some((200, _)))
}

fn config(layout: &Layout) -> PathBuf {
    layout.service(NAME).join("nginx.conf")
}

/// Folders and logs that nginx, which may run as somebody else, has to write.
fn prepare(layout: &Layout, account: Option<&Account>) -> Result<()> {
    files::folder(&layout.service(NAME), 0o700, account)?;
    for path in [layout.log("nginx"), layout.log("nginx-access")] {
        fs::OpenOptions::new().create(true).append(true).mode(0o640).open(&path).context(path.display())?;
        if let Some(account) = account {
            std::os::unix::fs::chown(&path, Some(account.uid), Some(account.gid)).context(path.display())?;
        }
    }
    Ok(())
}

/// Renders, checks by `nginx -t`, and only then puts the file in place. Says whether it differs from the one before.
fn configure(layout: &Layout, state: &State, open_files: u64, account: Option<&Account>) -> Result<bool> {
    let sockets = nodes::most_sockets(layout)?;
    if let Some(module) = brotli_module() {
        // A module of another nginx than this one is refused.
        let text = render(layout, state, open_files, sockets, Some(&module));
        if let Ok(changed) = put(layout, &text, account) {
            return Ok(changed);
        }
        progress::line(NAME, "refuses its brotli module: files are sent gzipped only");
    }
    put(layout, &render(layout, state, open_files, sockets, None), account)
}

/// Debian's `libnginx-mod-http-brotli-static`, if it is there.
fn brotli_module() -> Option<PathBuf> {
    let path = PathBuf::from(packages::BROTLI_MODULE);
    path.is_file().then_some(path)
}

fn put(layout: &Layout, text: &str, account: Option<&Account>) -> Result<bool> {
    let path = config(layout);
    if files::read(&path)?.as_deref() == Some(text) {
        return Ok(false);
    }
    let draft = path.with_extension("draft");
    files::replace_for(&draft, text.as_bytes(), 0o600, account)?;
    let mut check = Command::new(packages::find("nginx")?);
    check.arg("-t").args(arguments(layout, &draft)).current_dir("/");
    if let Some(account) = account {
        check.uid(account.uid).gid(account.gid);
    }
    let output = check.output().context("nginx -t")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("nginx refuses its configuration {}:\n{}", draft.display(), said.trim())));
    }
    fs::rename(&draft, &path).context(path.display())?;
    Ok(true)
}

fn arguments(layout: &Layout, config: &Path) -> Vec<std::ffi::OsString> {
    vec!["-p".into(), layout.service(NAME).into(), "-c".into(), config.into(), "-e".into(), layout.log(NAME).into()]
}

/// The configuration for these nodes, of which each takes so many sockets; with the module that sends `.br` files.
pub fn render(layout: &Layout, state: &State, open_files: u64, sockets: u64, brotli: Option<&Path>) -> String {
    let connections = open_files.saturating_sub(200).clamp(256, MOST_CONNECTIONS);
    let all = sockets.saturating_mul(state.nodes.len() as u64);
    // Two descriptors a socket, and room for an uneven spread.
    let needed = all.saturating_mul(21).div_ceil(connections * 10).clamp(2, MOST_WORKERS);
    let workers = state.nginx_workers.map_or(needed, u64::from);
    let (balance, cookie) = match state.sticky {
        Sticky::Cookie => ("hash $sticky_key consistent;", "add_header Set-Cookie $sticky_cookie always;"),
        Sticky::Address => ("hash $binary_remote_addr consistent;", ""),
        Sticky::LeastConn => ("least_conn;", ""),
    };
    let bind = if state.bind.is_ipv6() { format!("[{}]", state.bind) } else { state.bind.to_string() };
    let module = brotli.map(|path| format!("load_module {};", path.display()));
    let values = [
        ("MODULES", module.unwrap_or_default()),
        ("BROTLI", brotli.map_or("", |_| "brotli_static on;").to_owned()),
        ("HOME", layout.service(NAME).display().to_string()),
        ("WEB", crate::web::root(layout).display().to_string()),
        ("LOGS", layout.logs().display().to_string()),
        ("WORKERS", workers.to_string()),
        ("OPEN_FILES", open_files.to_string()),
        ("CONNECTIONS", connections.to_string()),
        ("BALANCE", balance.to_owned()),
        ("API_SERVERS", servers(state, "max_fails=3 fail_timeout=5s")),
        ("SOCKET_SERVERS", servers(state, "max_fails=0")),
        ("TRIES", state.serving().count().max(1).to_string()),
        ("COOKIE_HEADER", cookie.to_owned()),
        ("BIND", bind),
        ("HTTP_PORT", state.ports.http.to_string()),
        ("STATUS_PORT", state.ports.nginx_status.to_string()),
    ];
    let rendered =
        values.iter().fold(TEMPLATE.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value));
    // What is left has no value in this mode; the comment that explains the notation goes with it.
    let lines: Vec<&str> = rendered.lines().filter(|line| !line.contains("{{NAME}}")).map(str::trim_end).collect();
    lines.join(
        "
",
    ) + "
"
}

/// The nodes of a group.
fn servers(state: &State, judged: &str) -> String {
    let servers: Vec<String> =
        state.serving().map(|node| format!("server 127.0.0.1:{} {judged};", node.port(&state.ports))).collect();
    // A group may not be empty; port 9 (discard) is never asked because it is marked as down.
    if servers.is_empty() { "server 127.0.0.1:9 down;".to_owned() } else { servers.join("\n        ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::scratch;

    fn layout(name: &str) -> Layout {
        let dir = scratch(name);
        let layout = Layout { runtime: dir.clone(), dir };
        layout.create().unwrap();
        layout
    }

    #[test]
    fn every_placeholder_is_filled_in_every_mode_and_nginx_accepts_it() {
        let layout = layout("nginx");
        fs::create_dir_all(layout.service(NAME)).unwrap();
        for sticky in [Sticky::Cookie, Sticky::Address, Sticky::LeastConn] {
            for nodes in [0, 1, 8] {
                let args = crate::cli::UpArgs { nodes: Some(nodes), ..crate::cli::UpArgs::default() };
                let mut state = State::default().with(&args, "/".into());
                state.sticky = sticky;
                state.ports.http = crate::ports::any_free().unwrap();
                state.ports.nginx_status = crate::ports::any_free().unwrap();
                let text = render(&layout, &state, 1024, 10_000, brotli_module().as_deref());
                assert!(!text.contains("{{"), "{text}");
                fs::write(config(&layout), text).unwrap();
                let nginx = packages::find("nginx").expect("nginx is needed: make test installs it");
                let output = Command::new(nginx).arg("-t").args(arguments(&layout, &config(&layout))).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
        }
    }

    #[test]
    fn a_drained_node_gets_no_clients() {
        let mut state = State::default();
        state.set_drained(2, true);
        let text = render(&layout("drained"), &state, 1024, 10_000, None);
        assert!(text.contains("127.0.0.1:3001 ") && text.contains("127.0.0.1:3003 "));
        assert!(!text.contains("127.0.0.1:3002"));
    }

    #[test]
    fn workers_are_enough_for_all_sockets_of_the_nodes() {
        let layout = layout("workers");
        let mut state = State::default();
        let workers = |state: &State, sockets| {
            let text = render(&layout, state, 20_000, sockets, None);
            let line = text.lines().find_map(|line| line.strip_prefix("worker_processes ")).unwrap();
            line.trim_end_matches(';').parse::<u64>().unwrap()
        };
        assert_eq!(workers(&state, 100), 2);
        // Each holds 19,800 descriptors, of which a proxied socket takes two.
        assert_eq!(workers(&state, 18_000), 6);
        state.nginx_workers = Some(3);
        assert_eq!(workers(&state, 18_000), 3);
    }

    #[test]
    fn the_page_runs_no_script_but_its_own() {
        let policy =
            TEMPLATE.split("Content-Security-Policy \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'") && !policy.contains('*'));
    }

    #[test]
    fn queries_and_credentials_are_in_no_log_format() {
        for variable in
            ["$request ", "$request\"", "$request_uri", "$args", "$query_string", "$http_", "$arg_", "$cookie_"]
        {
            let log = TEMPLATE.split("log_format").nth(1).and_then(|rest| rest.split(';').next()).unwrap();
            assert!(!log.contains(variable), "{variable}");
        }
    }

    #[test]
    fn every_way_to_the_nodes_says_who_asks() {
        let says = |block: &str| -> Vec<String> {
            let lines = block.lines().map(str::trim).filter_map(|line| line.strip_prefix("proxy_set_header "));
            let mut names: Vec<String> = lines.filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect();
            names.sort();
            names
        };
        let (outside, inside) = TEMPLATE.split_once("server {\n").unwrap();
        let general = says(outside);
        assert!(general.iter().any(|name| name == "X-Forwarded-For"));
        // nginx passes on the general ones only where a location sets none of its own.
        for location in inside.split("location ").map(says).filter(|names| !names.is_empty()) {
            let missing: Vec<_> = general.iter().filter(|name| !location.contains(name)).collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }
}
