//! Direct messages between whole clients: encrypted, decrypted, checked and stored on both sides. Shows what the
//! encryption adds, since the servers do the same work as with prepared ciphertexts.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use parking_lot::Mutex;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::{
    ConversationId, TxnId,
    devices::{DeviceType, NewDevice},
};
use sotto_sdk::{Client, ClientEvent, MessageBody, Settings, Store, SystemEnvironment};
use tokio::{sync::mpsc, task::JoinSet};

use super::dm::Args;
use crate::{
    error::{Context, Outcome},
    load::{
        Bench,
        clock::{self, Pace, now_ns},
        procs::Watch,
        results::Measured,
        times::Times,
        worker::socket::address,
    },
};

/// Clients are heavy: they register, and they keep stores.
const MOST_PAIRS: u32 = 200;
const AT_ONCE: usize = 4;
const WARM_UP: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(15);
const PASSWORD: &str = "correct horse battery";

/// A sender, and both devices of a receiver.
struct Pair {
    sender: Client,
    conversation_id: ConversationId,
    others: Vec<Client>,
}

/// When each message was to leave, and how many devices showed it.
#[derive(Default)]
struct Board {
    intended: HashMap<TxnId, (u64, bool)>,
    /// Shown before the sender knew the id: by the id, when.
    shown: HashMap<TxnId, Vec<u64>>,
    acked: u64,
    unreadable: u64,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    bench.interruptible(measure(bench, args)).await
}

async fn measure(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let count = args.pairs.min(MOST_PAIRS);
    let board = Arc::new(Mutex::new(Board::default()));
    let state = bench.state().await?;
    let mut ways: Vec<String> = state.nodes.iter().map(|node| node.url.clone()).collect();
    if !args.common.direct {
        ways = vec![state.base_url.replace("localhost", "127.0.0.1")];
    }
    eprintln!("  dm: {count} pairs register");
    let pairs: Vec<Pair> = stream::iter((0..count as usize).map(|at| pair(at, &ways, &board)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let from_ns = now_ns() + clock::ns(Duration::from_millis(500));
    let count_from_ns = from_ns + clock::ns(WARM_UP);
    let until_ns = count_from_ns + clock::ns(Duration::from_secs(args.seconds.into()));
    let pace = Pace { from_ns, rate: args.rate.into(), workers: pairs.len() as u64 };
    let mut tasks = JoinSet::new();
    for (at, pair) in (0..).zip(&pairs) {
        let (sender, conversation_id, board) = (pair.sender.clone(), pair.conversation_id, board.clone());
        tasks.spawn(async move {
            for turn in 0..pace.turns(at, until_ns) {
                let intended = pace.intended(at, turn);
                tokio::time::sleep(clock::until(intended)).await;
                let body = MessageBody::text(format!("message {turn} of a load, about as long as people write them"));
                let txn_id = sender.send(conversation_id, &body).await.context("a send")?;
                board.lock().intended.insert(txn_id, (intended, intended >= count_from_ns));
            }
            Ok::<_, crate::error::Failure>(())
        });
    }
    let me = i32::try_from(std::process::id()).context("pid")?;
    let watch = Watch::new(&state, &[me]);
    tokio::time::sleep(clock::until(count_from_ns)).await;
    let before = watch.look(false);
    tokio::time::sleep(clock::until(until_ns)).await;
    let spent = watch.look(false).since(&before);
    while let Some(sent) = tasks.join_next().await {
        sent.context("a sender")??;
    }
    wait(&board).await;
    for client in pairs.iter().flat_map(|pair| pair.others.iter().chain([&pair.sender])) {
        client.shut_down();
    }
    let board = board.lock();
    let mut times = Times::default();
    let (mut counted, mut missing, mut doubled) = (0_u64, 0_u64, 0_u64);
    for (txn_id, (intended, counts)) in &board.intended {
        let shown = board.shown.get(txn_id).map_or(&[][..], Vec::as_slice);
        missing += u64::from(shown.len() < 2);
        doubled += shown.len().saturating_sub(2) as u64;
        if *counts {
            counted += 1;
            times.record(shown.iter().max().map_or(u64::MAX, |at| at.saturating_sub(*intended)));
        }
    }
    let cost = spent.per_thousand(counted);
    let one = |name: &str| cost.get(name).copied().unwrap_or(0.0);
    let lines = vec![
        format!(
            "{} encrypted messages a second {} between {} pairs of whole clients",
            args.rate,
            args.common.way(),
            pairs.len()
        ),
        format!("intended send to shown on both devices of the receiver: {}", times.sentence()),
        format!("{missing} lost, {doubled} doubled, {} unreadable of {}", board.unreadable, board.intended.len()),
        format!(
            "{:.3} CPU seconds of servers and {:.3} of all clients for 1,000 messages",
            one("servers"),
            one("generators")
        ),
    ];
    Ok(Measured::new(
        args.common.name(format!("dm-{}-{}-encrypted", args.common.tag(), args.rate)),
        lines,
        json!({
            "rate": args.rate, "pairs": pairs.len(), "nginx": !args.common.direct, "lost": missing, "doubled": doubled,
            "unreadable": board.unreadable, "acknowledged": board.acked, "ms": { "last": times.json() },
            "cpu_s_per_1000_messages": cost,
        }),
    ))
}

/// Two people: one with a device, one with two. A first message makes the sessions.
async fn pair(at: usize, ways: &[String], board: &Arc<Mutex<Board>>) -> Outcome<Pair> {
    let settings = |place: usize| {
        let mut settings = Settings::new(ways[place % ways.len()].clone());
        settings.endpoints = ways.to_vec();
        settings.endpoints.rotate_left(place % ways.len());
        // A household each: limits count by address.
        settings.local_address = Some(address((at * 3 + place) * 50));
        settings
    };
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let device = || NewDevice { name: "load".into(), device_type: DeviceType::Desktop };
    let mut name = |who: &str| format!("load-{who}{:012x}", rng.next_u64() >> 16);
    let (ana, ben) = (name("a"), name("b"));
    let ana =
        Client::register(&settings(0), store(&mut rng)?, &ana, PASSWORD, device()).await.context("registering")?;
    let first =
        Client::register(&settings(1), store(&mut rng)?, &ben, PASSWORD, device()).await.context("registering")?;
    let second = first
        .client
        .link_new_device(&settings(2), store(&mut rng)?, PASSWORD, device())
        .await
        .context("linking a second device")?;
    let (sender, others) = (ana.client, vec![first.client, second.client]);
    tokio::spawn(listen(ana.events, board.clone(), false));
    tokio::spawn(listen(first.events, board.clone(), true));
    tokio::spawn(listen(second.events, board.clone(), true));
    for client in others.iter().chain([&sender]) {
        client.caught_up().await.context("catching up")?;
    }
    sender.find_person(&ben).await.context("finding a person")?;
    let conversation_id = sender.create_direct(others[0].user_id()).await.context("a conversation")?;
    sender.send(conversation_id, &MessageBody::text("hello")).await.context("the first message")?;
    others[0].accept(conversation_id).await.context("accepting")?;
    Ok(Pair { sender, conversation_id, others })
}

fn store(rng: &mut StdRng) -> Outcome<Arc<Store>> {
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    Store::in_memory(key, &SystemEnvironment).context("a store")
}

async fn listen(mut events: mpsc::Receiver<ClientEvent>, board: Arc<Mutex<Board>>, receives: bool) {
    while let Some(event) = events.recv().await {
        let now = now_ns();
        match event {
            ClientEvent::Shown { message, .. } if receives => {
                board.lock().shown.entry(message.txn_id).or_default().push(now);
            }
            ClientEvent::Sent { .. } => board.lock().acked += 1,
            ClientEvent::Undecryptable { .. } | ClientEvent::EventRefused { .. } => board.lock().unreadable += 1,
            _ => {}
        }
    }
}

async fn wait(board: &Mutex<Board>) {
    let until = now_ns() + clock::ns(PATIENCE);
    while now_ns() < until {
        let done = {
            let board = board.lock();
            board.intended.keys().all(|id| board.shown.get(id).is_some_and(|shown| shown.len() >= 2))
        };
        if done {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
