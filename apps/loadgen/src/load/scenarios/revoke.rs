//! Revoking a device: when it is in force on every node, with Redis and without.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::{
    CloseCode,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, ClientEvent, Environment as _, Settings, Store, SystemEnvironment};
use tokio::{sync::mpsc, task::JoinSet};

use super::Common;
use crate::{
    cluster::State,
    error::{Context, Failure, Outcome},
    load::{Bench, results::Measured, times::Times, worker::socket::address},
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Devices revoked one after another, with Redis and again without.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub runs: u32,
}

/// Accounts that register at the same time.
const AT_ONCE: usize = 4;
/// How often a node is asked whether the token is good still: what is measured is late by this much at most.
const ASK_EVERY: Duration = Duration::from_millis(5);
/// The nodes notice that Redis is gone.
const NOTICING: Duration = Duration::from_secs(3);
/// How often nodes read the feed.
const POLL: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "correct horse battery";

/// An account: the device that revokes, and the one that goes.
struct Pair {
    revoker: Client,
    lost: Client,
    events: mpsc::Receiver<ClientEvent>,
    token: String,
}

/// Times from the revocation on.
#[derive(Default)]
struct Board {
    closed: Times,
    refused: Times,
    all: Times,
    pending: u64,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    bench.interruptible(measure(bench, args)).await
}

async fn measure(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let state = bench.state().await?;
    eprintln!("  revoke: {} accounts with two devices register", 2 * args.runs);
    let mut pairs: Vec<Pair> = stream::iter((0..2 * args.runs as usize).map(|at| pair(at, &state)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let without_redis = pairs.split_off(args.runs as usize);
    let with = revoke_all(&state, pairs).await?;
    bench.cluster.control("kill", "redis").await?;
    tokio::time::sleep(NOTICING).await;
    let outcome = revoke_all(&state, without_redis).await;
    bench.cluster.control("start", "redis").await?;
    let without = outcome?;
    let lines = vec![
        format!("{} devices revoked one after another, {} nodes, each asked every 5 ms", args.runs, state.nodes.len()),
        format!("with Redis, revoked to refused on all nodes and socket closed: {}", with.all.sentence()),
        format!("without Redis: {}", without.all.sentence()),
        format!(
            "socket closed with 4502: with Redis {}; without {}",
            with.closed.sentence(),
            without.closed.sentence()
        ),
        format!("token refused: with Redis {}; without {}", with.refused.sentence(), without.refused.sentence()),
        format!("receipts with a socket pending: {} with Redis, {} without", with.pending, without.pending),
    ];
    let figures =
        json!({ "runs": args.runs, "nodes": state.nodes.len(), "redis": with.json(), "no_redis": without.json() });
    Ok(Measured::new(args.common.name(format!("revoke-{}", args.runs)), lines, figures))
}

impl Board {
    fn json(&self) -> serde_json::Value {
        json!({
            "in_force_ms": self.all.json(), "closed_ms": self.closed.json(), "refused_ms": self.refused.json(),
            "pending": self.pending,
        })
    }
}

/// An account whose devices live on different nodes, other ones each time.
async fn pair(at: usize, state: &State) -> Outcome<Pair> {
    let settings = |place: usize| {
        let mut settings = Settings::new(state.nodes[(at + place) % state.nodes.len()].url.clone());
        // A household each: limits count by address.
        settings.local_address = Some(address((at * 2 + place) * 50));
        settings
    };
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let device = || NewDevice { name: "load".into(), device_type: DeviceType::Desktop };
    let name = format!("load-r{:012x}", rng.next_u64() >> 16);
    let mut made =
        Client::register(&settings(0), store(&mut rng)?, &name, PASSWORD, device()).await.context("registering")?;
    let revoker = made.client;
    tokio::spawn(async move { while made.events.recv().await.is_some() {} });
    let lost = revoker.link_new_device(&settings(1), store(&mut rng)?, PASSWORD, device()).await.context("linking")?;
    lost.client.caught_up().await.context("catching up")?;
    let token = lost.client.http().tokens().ok_or_else(|| Failure::new("no token"))?.access_token;
    Ok(Pair { revoker, lost: lost.client, events: lost.events, token })
}

fn store(rng: &mut StdRng) -> Outcome<Arc<Store>> {
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    Store::in_memory(key, &SystemEnvironment).context("a store")
}

async fn revoke_all(state: &State, pairs: Vec<Pair>) -> Outcome<Board> {
    let mut board = Board::default();
    let mut rng = StdRng::from_rng(&mut rand::rng());
    for pair in pairs {
        // The end of one revocation is a moment at which a poll was made; the next one begins at any moment.
        tokio::time::sleep(rng.random_range(Duration::ZERO..POLL)).await;
        tokio::time::timeout(PATIENCE, revoke(state, pair, &mut board)).await.context("a revocation")??;
    }
    Ok(board)
}

/// Watches the socket and every node from before the revocation on; all clocks are this machine's.
async fn revoke(state: &State, pair: Pair, board: &mut Board) -> Outcome<()> {
    let http = reqwest::Client::builder().no_proxy().build().context("a client")?;
    let mut asking = JoinSet::new();
    for node in &state.nodes {
        asking.spawn(refused(http.clone(), format!("{}/api/devices", node.url), pair.token.clone()));
    }
    let closing = tokio::spawn(closed(pair.events));
    let receipt = pair.revoker.revoke_device(pair.lost.device_id(), PASSWORD).await.context("revoking")?;
    let since = |at_ms: i64| u64::try_from(at_ms - receipt.revoked_at_ms).unwrap_or(0) * 1_000_000;
    let mut last = since(closing.await.context("the socket")??);
    board.closed.record(last);
    let mut slowest = 0;
    while let Some(at_ms) = asking.join_next().await {
        slowest = slowest.max(since(at_ms.context("a node")??));
    }
    board.refused.record(slowest);
    last = last.max(slowest);
    board.all.record(last);
    board.pending += u64::from(receipt.sockets_pending);
    pair.revoker.shut_down();
    Ok(())
}

/// When this node refused the token.
async fn refused(http: reqwest::Client, url: String, token: String) -> Outcome<i64> {
    loop {
        let answer = http.get(&url).bearer_auth(&token).send().await.context("asking a node")?;
        match answer.status().as_u16() {
            401 => return Ok(SystemEnvironment.now_ms()),
            200 => tokio::time::sleep(ASK_EVERY).await,
            other => return Err(Failure::new(format!("a node answered {other}"))),
        }
    }
}

/// When the socket was closed for good.
async fn closed(mut events: mpsc::Receiver<ClientEvent>) -> Outcome<i64> {
    while let Some(event) = events.recv().await {
        if let ClientEvent::Disconnected { code: Some(code) } = event {
            let at_ms = SystemEnvironment.now_ms();
            let revoked = code == CloseCode::Revoked.code();
            return if revoked { Ok(at_ms) } else { Err(Failure::new(format!("closed with {code}"))) };
        }
    }
    Err(Failure::new("the socket was never closed"))
}
