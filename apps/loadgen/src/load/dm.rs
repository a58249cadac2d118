//! Direct messages at a fixed rate: from the intended moment of sending to both devices of the receiver.
//!
//! An open loop: a message that can't leave in time is late, and its lateness counts. Payloads are random bytes of the
//! size of a short encrypted message; marks are on.

use std::{collections::HashMap, sync::Arc, time::Duration};

use hdrhistogram::Histogram;
use parking_lot::Mutex;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::{
    Base64Bytes, ConversationId, TxnId,
    events::EventBody,
    frames::{ClientFrame, ServerFrame},
    keys::ALGORITHM_MEGOLM,
    messages::{MegolmContent, SendMessage},
};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Bench,
    link::{Link, address, target},
    machine::cpu_seconds,
    planted::Seeded,
    results::{Measured, latency, milliseconds},
    tokens,
};
use crate::error::{Context, Outcome};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Messages a second, over all pairs.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Pairs of people.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pairs: u32,
    /// Straight to the nodes instead of through nginx.
    #[arg(long)]
    direct: bool,
}

impl Default for Args {
    fn default() -> Self {
        Self { rate: 500, seconds: 30, pairs: 100, direct: false }
    }
}

const CIPHERTEXT_BYTES: usize = 300;
/// Not counted: connections and caches are new.
const WARM_UP: Duration = Duration::from_secs(2);
/// After the last message, the others have this long.
const PATIENCE: Duration = Duration::from_secs(10);

/// When each message was to leave, and where it arrived.
#[derive(Default)]
struct Board(Mutex<HashMap<TxnId, Entry>>);

struct Entry {
    intended: Instant,
    counted: bool,
    /// When each device of the receiver had it.
    arrived: Vec<Instant>,
    acknowledged: Option<Instant>,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let way = if args.direct { "straight to the nodes" } else { "through nginx" };
    eprintln!("dm: {} messages a second for {} s, {way}", args.rate, args.seconds);
    let pairs = usize::try_from(args.pairs).unwrap_or(usize::MAX);
    let conversations = (0..pairs).map(|pair| vec![2 * pair, 2 * pair + 1]).collect();
    let seeded = Seeded::plant(&bench.pool, 2 * pairs, 2, "direct", conversations).await?;
    let outcome = measure(bench, &seeded, args, way).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, way: &str) -> Outcome<Measured> {
    let state = &bench.cluster.state;
    let targets = if args.direct {
        state.nodes.iter().map(|node| target(&node.url)).collect::<Outcome<Vec<_>>>()?
    } else {
        vec![target(&state.base_url)?]
    };
    let board = Arc::new(Board::default());
    let (start, when) = watch::channel(None::<Instant>);
    let mut tasks = JoinSet::new();
    let mut number = 0;
    let count = u32::try_from(seeded.conversations.len()).unwrap_or(1);
    for (pair, (conversation_id, members)) in seeded.conversations.iter().enumerate() {
        let [sender, receiver] = [members[0], members[1]].map(|at| &seeded.people[at]);
        for device_id in &receiver.devices {
            let token = bench.minter.mint(receiver.user_id, *device_id, tokens::SHORT_S)?;
            let link = Link::open(targets[number % targets.len()], address(number), &token, None).await?.0;
            number += 1;
            tasks.spawn(receive(link, board.clone()));
        }
        let token = bench.minter.mint(sender.user_id, sender.devices[0], tokens::SHORT_S)?;
        let link = Link::open(targets[number % targets.len()], address(number), &token, None).await?.0;
        number += 1;
        let plan = Plan {
            conversation_id: *conversation_id,
            every: Duration::from_secs(1) * count / args.rate,
            offset: Duration::from_secs(1) / args.rate * u32::try_from(pair).unwrap_or(0),
            until: WARM_UP + Duration::from_secs(u64::from(args.seconds)),
        };
        tasks.spawn(send(link, board.clone(), plan, when.clone()));
    }
    let roots: Vec<i32> =
        state.pids.values().flatten().copied().chain(state.nodes.iter().filter_map(|n| n.pid)).collect();
    let begin = Instant::now() + Duration::from_millis(500);
    start.send_replace(Some(begin));
    tokio::time::sleep_until(begin + WARM_UP).await;
    let cpu = cpu_seconds(&roots);
    tokio::time::sleep(Duration::from_secs(u64::from(args.seconds))).await;
    let cpu = cpu_seconds(&roots) - cpu;
    wait_for_the_rest(&board).await;
    tasks.abort_all();
    judge(&board, args, way, cpu)
}

struct Plan {
    conversation_id: ConversationId,
    every: Duration,
    offset: Duration,
    until: Duration,
}

async fn send(
    mut link: Link,
    board: Arc<Board>,
    plan: Plan,
    mut when: watch::Receiver<Option<Instant>>,
) -> Outcome<()> {
    let begin = loop {
        if let Some(begin) = *when.borrow_and_update() {
            break begin;
        }
        when.changed().await.context("the start")?;
    };
    let mut rng = StdRng::from_rng(&mut rand::rng());
    let (mut next, mut previous) = (begin + plan.offset, None);
    while next < begin + plan.until {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {
                let message = message(&mut rng, previous);
                previous = Some(message.txn_id);
                let counted = next >= begin + WARM_UP;
                let entry = Entry { intended: next, counted, arrived: Vec::new(), acknowledged: None };
                board.0.lock().insert(message.txn_id, entry);
                link.say(&ClientFrame::Send { conversation_id: plan.conversation_id, message }).await?;
                next += plan.every;
            }
            frame = link.next() => note_answer(&board, frame?),
        }
    }
    loop {
        note_answer(&board, link.next().await?);
    }
}

fn message(rng: &mut StdRng, prev_txn_id: Option<TxnId>) -> SendMessage {
    let mut id = [0; 16];
    rng.fill_bytes(&mut id);
    let mut session_id = vec![0; 32];
    let mut ciphertext = vec![0; CIPHERTEXT_BYTES];
    rng.fill_bytes(&mut session_id);
    rng.fill_bytes(&mut ciphertext);
    SendMessage {
        txn_id: TxnId(uuid::Builder::from_random_bytes(id).into_uuid()),
        prev_txn_id,
        roster_version: 1,
        content: MegolmContent {
            algorithm: ALGORITHM_MEGOLM.into(),
            session_id: Base64Bytes(session_id),
            ciphertext: Base64Bytes(ciphertext),
        },
        envelopes: Vec::new(),
        expires_in_ms: None,
    }
}

fn note_answer(board: &Board, frame: ServerFrame) {
    match frame {
        ServerFrame::Sent { txn_id, .. } => {
            if let Some(entry) = board.0.lock().get_mut(&txn_id) {
                entry.acknowledged = Some(Instant::now());
            }
        }
        ServerFrame::Refused { problem, .. } => eprintln!("dm: refused: {}", problem.code.as_str()),
        _ => {}
    }
}

async fn receive(mut link: Link, board: Arc<Board>) -> Outcome<()> {
    loop {
        let ServerFrame::Event { event } = link.next().await? else { continue };
        let EventBody::Message { txn_id, .. } = event.body else { continue };
        let now = Instant::now();
        if let Some(entry) = board.0.lock().get_mut(&txn_id) {
            entry.arrived.push(now);
        }
        let delivered_seq = Some(event.seq);
        link.say(&ClientFrame::Mark { conversation_id: event.conversation_id, read_seq: None, delivered_seq }).await?;
    }
}

async fn wait_for_the_rest(board: &Board) {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if board.0.lock().values().all(|entry| entry.arrived.len() >= 2 && entry.acknowledged.is_some()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts, for people")]
fn judge(board: &Board, args: &Args, way: &str, cpu: f64) -> Outcome<Measured> {
    let mut both = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).context("histogram")?;
    let mut acks = both.clone();
    let micros = |from: Instant, to: Instant| u64::try_from((to - from).as_micros()).unwrap_or(u64::MAX);
    let (mut sent, mut lost, mut doubled) = (0_usize, 0_usize, 0_usize);
    for entry in board.0.lock().values().filter(|entry| entry.counted) {
        sent += 1;
        doubled += entry.arrived.len().saturating_sub(2);
        match (entry.arrived.iter().max(), entry.acknowledged) {
            (Some(last), Some(acknowledged)) if entry.arrived.len() >= 2 => {
                both.saturating_record(micros(entry.intended, *last));
                acks.saturating_record(micros(entry.intended, acknowledged));
            }
            _ => lost += 1,
        }
    }
    let per_thousand = cpu * 1_000.0 / (sent.max(1) as f64);
    Ok(Measured {
        name: "dm".into(),
        command: format!(
            "sotto-loadgen bench dm --rate {} --seconds {} --pairs {}{}",
            args.rate,
            args.seconds,
            args.pairs,
            if args.direct { " --direct" } else { "" }
        ),
        lines: vec![
            format!("{} messages a second for {} s {way}, {sent} counted", args.rate, args.seconds),
            format!("intended send to both devices: {} (to reach: p99 below 10 ms at 500 a second)", latency(&both)),
            format!("intended send to acknowledgement: {}", latency(&acks)),
            format!("{lost} without both deliveries and the acknowledgement, {doubled} delivered twice"),
            format!("{per_thousand:.3} CPU seconds of nodes, PostgreSQL, Redis and nginx for 1,000 messages"),
        ],
        figures: json!({
            "rate": args.rate, "seconds": args.seconds, "pairs": args.pairs, "nginx": !args.direct, "sent": sent,
            "lost": lost, "doubled": doubled, "both_devices_ms": milliseconds(&both), "acknowledged_ms": milliseconds(&acks),
            "server_cpu_s_per_1000": per_thousand,
        }),
    })
}
