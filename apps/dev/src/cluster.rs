//! The whole: up, down, and one part at a time.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use rustix::fs::FlockOperation;

use crate::cli::{Profile, UpArgs};
use crate::error::{Context, Failure, Result};
use crate::layout::Layout;
use crate::packages::{self, Package};
use crate::services::{self, Addresses};
use crate::state::{Node, State};
use crate::{nginx, nodes, ports, postgres, processes, progress, redis, web};

/// One command at a time changes a cluster; the lock ends with this value.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] fs::File);

/// Waits for other commands on this cluster to end.
pub fn lock(layout: &Layout) -> Result<Lock> {
    layout.create()?;
    let path = layout.dir.join("lock");
    let file = fs::OpenOptions::new().create(true).append(true).open(&path).context(path.display())?;
    if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        progress::line("waiting", "for another sotto-dev command on this cluster");
        rustix::fs::flock(&file, FlockOperation::LockExclusive).context(path.display())?;
    }
    Ok(Lock(file))
}

/// Starts what is not running.
pub fn up(layout: &Layout, args: &UpArgs) -> Result<State> {
    let before = State::load(layout)?;
    let mut state = before.clone().unwrap_or_default().with(args, bin_dir(args)?);
    services::choose(layout, &mut state)?;
    state.check()?;
    if !state.nodes.is_empty() {
        nodes::program(&state)?;
    }
    refuse_to_move(layout, before.as_ref(), &state)?;
    packages::ensure(&needed(&state))?;
    require_free_ports(layout, &state)?;
    state.save(layout)?;
    nodes::remember_overrides(layout)?;

    let open_files = processes::raise_open_files();
    let addresses = services::up(layout, &state)?;
    retire(layout, &state)?;
    start_nodes(layout, &state, &addresses)?;
    web::publish(layout, args.web.as_deref())?;
    nginx::up(layout, &state, open_files)?;
    Ok(state)
}

/// Ends everything, clients first, data last.
pub fn down(layout: &Layout) -> Result<()> {
    let state = State::load(layout)?.unwrap_or_default();
    let running: Vec<String> = processes::names(layout);
    let nodes: Vec<String> = running.iter().filter(|name| name.starts_with("node-")).cloned().collect();
    say(nginx::NAME, nginx::stop(layout)?);
    if !nodes.is_empty() {
        let step = progress::begin("nodes", &format!("draining {}", nodes.len()));
        nodes::stop(layout, &state, &nodes)?;
        step.done("stopped");
    }
    say(redis::NAME, redis::stop(layout)?);
    say(postgres::NAME, postgres::stop(layout)?);
    Ok(())
}

/// Ends one part as a crash would.
pub fn kill(layout: &Layout, name: &str) -> Result<()> {
    let state = State::load_existing(layout)?;
    let (name, ended) = match name {
        nginx::NAME => (name.to_owned(), nginx::crash(layout)?),
        postgres::NAME => (name.to_owned(), postgres::crash(layout)?),
        redis::NAME => (name.to_owned(), crash(layout, name)?),
        node => {
            let name = state.node(node)?.name();
            let ended = crash(layout, &name)?;
            (name, ended)
        }
    };
    progress::line(&name, if ended { "killed" } else { "was not running" });
    Ok(())
}

/// Starts one part under the settings of the last `up`.
pub fn start(layout: &Layout, name: &str) -> Result<()> {
    let mut state = State::load_existing(layout)?;
    let open_files = processes::raise_open_files();
    match name {
        nginx::NAME => nginx::up(layout, &state, open_files),
        postgres::NAME if state.private_postgres => services::postgres(layout, &state).up(),
        redis::NAME if state.private_redis => services::redis(layout, &state).up(),
        postgres::NAME | redis::NAME => {
            Err(Failure::new(format!("{name} is not ours: the environment of `up` named it")))
        }
        node => {
            let node = state.node(node)?;
            let addresses = services::addresses(layout, &state)?;
            start_batch(layout, &state, &addresses, &[node])?;
            state.set_drained(node.number, false);
            state.save(layout)?;
            nginx::reload(layout, &state, open_files)
        }
    }
}

/// Stops one part in good order and starts it again. A node is not taken out of nginx first: `drain` does that.
pub fn restart(layout: &Layout, name: &str) -> Result<()> {
    let state = State::load_existing(layout)?;
    match name {
        nginx::NAME => say(name, nginx::stop(layout)?),
        postgres::NAME => say(name, postgres::stop(layout)?),
        redis::NAME => say(name, redis::stop(layout)?),
        node => nodes::stop(layout, &state, &[state.node(node)?.name()])?,
    }
    start(layout, name)
}

/// Takes a node out of nginx, then lets it say goodbye to its clients and end.
pub fn drain(layout: &Layout, name: &str) -> Result<()> {
    let mut state = State::load_existing(layout)?;
    let node = state.node(name)?;
    state.set_drained(node.number, true);
    state.save(layout)?;
    nginx::reload(layout, &state, processes::raise_open_files())?;
    let step = progress::begin(&node.name(), &format!("draining, about {} s", state.drain_ms / 1000));
    nodes::stop(layout, &state, &[node.name()])?;
    step.done("drained and stopped");
    Ok(())
}

/// Has nginx read its configuration again, as after a change of certificates: its workers are replaced.
pub fn reload(layout: &Layout) -> Result<()> {
    nginx::reread(layout)?;
    progress::line(nginx::NAME, "reloaded");
    Ok(())
}

/// Runs this many nodes.
pub fn scale(layout: &Layout, count: u16) -> Result<State> {
    let mut state = State::load_existing(layout)?;
    state.nodes = (1..=count).map(|number| Node { number, drained: false }).collect();
    state.check()?;
    require_free_ports(layout, &state)?;
    let open_files = processes::raise_open_files();
    let addresses = services::addresses(layout, &state)?;
    start_nodes(layout, &state, &addresses)?;
    state.save(layout)?;
    nginx::reload(layout, &state, open_files)?;
    retire(layout, &state)?;
    Ok(state)
}

/// Migrates, then starts the nodes that do not run. The first one goes ahead when keys have still to be made.
fn start_nodes(layout: &Layout, state: &State, addresses: &Addresses) -> Result<()> {
    if state.nodes.is_empty() {
        return Ok(());
    }
    let step = progress::begin("migrations", "running");
    nodes::migrate(layout, state, addresses)?;
    step.done("done");
    let ahead = usize::from(!layout.keys().exists());
    start_batch(layout, state, addresses, &state.nodes[..ahead])?;
    start_batch(layout, state, addresses, &state.nodes[ahead..])
}

/// Starts nodes together, then waits for each.
fn start_batch(layout: &Layout, state: &State, addresses: &Addresses, batch: &[Node]) -> Result<()> {
    for node in batch {
        let fresh = nodes::start(layout, state, addresses, *node)?;
        let verb = if fresh { "starting" } else { "runs" };
        progress::line(&node.name(), &format!("{verb} on 127.0.0.1:{}", node.port(&state.ports)));
    }
    for node in batch {
        let step = progress::begin(&node.name(), "waiting until it is ready");
        nodes::await_ready(layout, state, *node)?;
        step.done("ready");
    }
    Ok(())
}

/// Drains nodes that run and are not wanted any more.
fn retire(layout: &Layout, state: &State) -> Result<()> {
    let wanted: Vec<String> = state.nodes.iter().map(|node| node.name()).collect();
    let gone: Vec<String> = processes::names(layout)
        .into_iter()
        .filter(|name| name.starts_with("node-") && !wanted.contains(name))
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    nginx::reload(layout, state, processes::raise_open_files())?;
    let step = progress::begin("nodes", &format!("draining {}", gone.join(", ")));
    nodes::stop(layout, state, &gone)?;
    step.done("stopped");
    Ok(())
}

fn crash(layout: &Layout, name: &str) -> Result<bool> {
    processes::stop(layout, name, rustix::process::Signal::KILL, std::time::Duration::from_secs(5))
}

fn say(name: &str, stopped: bool) {
    progress::line(name, if stopped { "stopped" } else { "was not running" });
}

fn needed(state: &State) -> Vec<Package> {
    let mut needed = vec![Package::Nginx, Package::Brotli];
    if state.private_postgres {
        needed.push(Package::Postgres);
    }
    if state.private_redis {
        needed.push(Package::Redis);
    }
    needed
}

/// Where the server is: as told, else beside this program.
fn bin_dir(args: &UpArgs) -> Result<PathBuf> {
    let told = args.bin_dir.clone().or_else(|| {
        args.profile
            .map(|profile| PathBuf::from(if profile == Profile::Debug { "target/debug" } else { "target/release" }))
    });
    if let Some(folder) = told {
        return std::path::absolute(&folder).context(folder.display());
    }
    let program = std::env::current_exe().context("this program's path")?;
    program.parent().map(PathBuf::from).ok_or_else(|| Failure::new("this program has no folder"))
}

/// Parts that run keep their ports: asking for others is an error, not a surprise.
fn refuse_to_move(layout: &Layout, before: Option<&State>, after: &State) -> Result<()> {
    let Some(before) = before.filter(|before| before.ports != after.ports || before.bind != after.bind) else {
        return Ok(());
    };
    let moves = |listener: &&crate::state::Listener| {
        !after.listeners().contains(listener) || (listener.name == nginx::NAME && before.bind != after.bind)
    };
    let wanted: Vec<String> = after.listeners().into_iter().map(|listener| listener.name).collect();
    let old = before.listeners();
    let stuck = old
        .iter()
        .filter(moves)
        .find(|listener| wanted.contains(&listener.name) && processes::find(layout, &listener.name).is_some());
    stuck.map_or(Ok(()), |listener| {
        let text =
            format!("{} runs on port {} and can't move while it does: `make stop` first", listener.name, listener.port);
        Err(Failure::new(text))
    })
}

fn require_free_ports(layout: &Layout, state: &State) -> Result<()> {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for listener in state.listeners() {
        if processes::find(layout, &listener.name).is_none() {
            let address = if listener.port == state.ports.http { state.bind } else { local };
            ports::require_free(&listener, address)?;
        }
    }
    Ok(())
}
