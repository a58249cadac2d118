//! One-time keys claimed through HTTP, none twice.

use std::{collections::HashSet, net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::{
    DeviceId, TxnId,
    keys::{ClaimKeysRequest, ClaimKeysResponse},
    membership::ConversationKind,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use super::Common;
use crate::{
    error::{Context, Failure, Outcome},
    load::{
        Bench,
        clock::{self, Pace, now_ns},
        house::targets,
        procs::Watch,
        results::Measured,
        seed::{self, Seeded, Shape, plant_keys},
        times::Times,
        worker::{socket::address, wire},
    },
};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Keys a second.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub rate: u32,
    /// For how long.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub seconds: u32,
    /// Devices of one claim: those of a small roster.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub devices: u32,
}

/// People of a group who claim, and those whose keys they claim.
const CLAIMERS: usize = 10;
const TARGETS: usize = 90;
/// Keys that a claimer gets of one device; the server allows six in a short time.
const EACH: usize = 5;
const TOKEN_LIFE_S: i64 = 3_600;

/// Everything that was seen.
#[derive(Default)]
struct Board {
    times: Times,
    keys: HashSet<String>,
    claimed: u64,
    twice: u64,
    fallback: u64,
    absent: u64,
    failed: u64,
    why: Option<String>,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let keys = (args.rate * args.seconds) as usize;
    let groups = keys.div_ceil(CLAIMERS * EACH * (TARGETS / args.devices as usize) * args.devices as usize);
    let size = CLAIMERS + TARGETS;
    let talks = (0..groups).map(|at| (ConversationKind::Group, (at * size..(at + 1) * size).collect())).collect();
    let seeded = Seeded::plant(&bench.pool, Shape { people: groups * size, devices: 1, talks }).await?;
    for group in 0..groups {
        plant_keys(&bench.pool, &seeded, group * size + CLAIMERS..(group + 1) * size, CLAIMERS * EACH).await?;
    }
    let outcome = bench.interruptible(measure(bench, &seeded, args, groups)).await;
    seeded.uproot().await?;
    outcome
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, groups: usize) -> Outcome<Measured> {
    let state = bench.state().await?;
    let targets = targets(&state, args.common.direct)?;
    let board = Arc::new(Mutex::new(Board::default()));
    let from_ns = now_ns() + clock::ns(Duration::from_millis(1_500));
    let claimers = groups * CLAIMERS;
    let pace = Pace { from_ns, rate: f64::from(args.rate) / f64::from(args.devices), workers: claimers as u64 };
    let until_ns = from_ns + clock::ns(Duration::from_secs(args.seconds.into()));
    let mut tasks = JoinSet::new();
    for claimer in 0..claimers {
        // Claimers of different groups in turn.
        let (group, place) = (claimer % groups, claimer / groups);
        let first = group * (CLAIMERS + TARGETS);
        let person = &seeded.people[first + place];
        let devices: Vec<DeviceId> = seeded.people[first + CLAIMERS..first + CLAIMERS + TARGETS]
            .iter()
            .map(|target| target.devices[0])
            .collect();
        let token = bench.minter.mint(person.user_id, person.devices[0], TOKEN_LIFE_S)?;
        let work =
            Work { to: targets[claimer % targets.len()], number: claimer, token, devices, each: args.devices as usize };
        tasks.spawn(work.claim(pace, until_ns, board.clone()));
    }
    let me = i32::try_from(std::process::id()).context("pid")?;
    let watch = Watch::new(&state, &[me]);
    tokio::time::sleep(clock::until(from_ns)).await;
    let before = watch.look(false);
    while let Some(done) = tasks.join_next().await {
        done.context("a claimer")??;
    }
    let took = Duration::from_nanos(now_ns() - from_ns).as_secs_f64();
    let spent = watch.look(false).since(&before);
    let board = board.lock();
    if let Some(why) = &board.why {
        eprintln!("  claims: {why}");
    }
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let reached = board.claimed as f64 / took.max(f64::from(args.seconds));
    let cost = spent.per_thousand(board.claimed);
    let lines = vec![
        format!(
            "{reached:.0} keys a second of {} intended, {} at a time, {}",
            args.rate,
            args.devices,
            args.common.way()
        ),
        format!(
            "{} keys, {} twice, {} fallback keys, {} absent, {} requests failed",
            board.claimed, board.twice, board.fallback, board.absent, board.failed
        ),
        format!("intended claim to answer: {}", board.times.sentence()),
        format!("{:.3} CPU seconds of servers for 1,000 keys", cost.get("servers").copied().unwrap_or(0.0)),
    ];
    Ok(Measured::new(
        args.common.name(format!("claims-{}-{}", args.common.tag(), args.rate)),
        lines,
        json!({
            "rate": args.rate, "devices": args.devices, "nginx": !args.common.direct, "reached_per_s": reached,
            "claimed": board.claimed, "twice": board.twice, "fallback": board.fallback, "absent": board.absent,
            "failed": board.failed, "answer_ms": board.times.json(), "cpu_s_per_1000": cost,
        }),
    ))
}

/// What one claimer does.
struct Work {
    to: SocketAddr,
    number: usize,
    token: String,
    devices: Vec<DeviceId>,
    each: usize,
}

impl Work {
    async fn claim(self, pace: Pace, until_ns: u64, board: Arc<Mutex<Board>>) -> Outcome<()> {
        let socket = TcpSocket::new_v4().context("a socket")?;
        socket.bind(SocketAddr::new(address(self.number), 0)).context("a source address")?;
        let mut stream = socket.connect(self.to).await.context("connecting")?;
        stream.set_nodelay(true).context("a socket")?;
        let mut rng = StdRng::from_rng(&mut rand::rng());
        let chunks: Vec<&[DeviceId]> = self.devices.chunks_exact(self.each).collect();
        for turn in 0..chunks.len() * EACH {
            let intended = pace.intended(self.number as u64, turn as u64);
            if intended >= until_ns {
                break;
            }
            tokio::time::sleep(clock::until(intended)).await;
            let devices = chunks[turn % chunks.len()].to_vec();
            let request = ClaimKeysRequest { claim_id: TxnId(seed::id(&mut rng)), devices };
            let answer = self.ask(&mut stream, &request).await;
            let mut board = board.lock();
            match answer {
                Ok(answer) => board.take(&answer, self.each, now_ns().saturating_sub(intended)),
                Err(error) => {
                    board.failed += 1;
                    board.why.get_or_insert(error.to_string());
                }
            }
        }
        Ok(())
    }

    async fn ask(&self, stream: &mut TcpStream, request: &ClaimKeysRequest) -> Outcome<ClaimKeysResponse> {
        let body = serde_json::to_string(request).context("a claim")?;
        let head = format!(
            "POST /api/keys/claim HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.to,
            self.token,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.context("a claim")?;
        let mut bytes = Vec::new();
        loop {
            if let Some(answer) = wire::answer(&bytes)
                && bytes.len() >= answer.body + answer.content_length
            {
                let body = &bytes[answer.body..];
                if answer.status != 200 {
                    return Err(Failure::new(format!("{}: {}", answer.status, String::from_utf8_lossy(body))));
                }
                return serde_json::from_slice(body).context("the answer to a claim");
            }
            if stream.read_buf(&mut bytes).await.context("the answer to a claim")? == 0 {
                return Err(Failure::new("the connection ended"));
            }
        }
    }
}

impl Board {
    fn take(&mut self, answer: &ClaimKeysResponse, asked: usize, ns: u64) {
        self.times.record(ns);
        self.absent += (asked - answer.keys.len().min(asked)) as u64;
        for claimed in &answer.keys {
            if claimed.key.fallback == Some(true) {
                self.fallback += 1;
                continue;
            }
            self.claimed += 1;
            if !self.keys.insert(claimed.key.key.clone()) {
                self.twice += 1;
            }
        }
    }
}
