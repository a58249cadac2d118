//! Resident memory of a node for each idle, authenticated, caught-up connection of an account with 20 conversations.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tokio::{task::JoinSet, time::Instant};

use super::{
    Bench,
    link::{Link, address, target},
    machine::{pid, resident},
    planted::Seeded,
    results::Measured,
    tokens,
};
use crate::error::{Context, Failure, Outcome};

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Connections to one node.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=60_000))]
    connections: u32,
    /// How long they are held before the measurement, seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    hold: u64,
}

impl Default for Args {
    fn default() -> Self {
        Self { connections: 10_000, hold: 10 }
    }
}

/// Conversations of one account, and members of one conversation.
const CONVERSATIONS: usize = 20;
const MEMBERS: usize = 10;
/// Opened before the first look, so that what a node makes once is not counted.
const WARM_UP: usize = 100;
const AT_ONCE: usize = 64;

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let connections = usize::try_from(args.connections).unwrap_or(usize::MAX);
    let node = bench.cluster.state.nodes.first().ok_or_else(|| Failure::new("no node"))?;
    eprintln!("idle: {connections} connections of accounts with {CONVERSATIONS} conversations on {}", node.name);
    // A node that did other things before would show less.
    bench.cluster.control("restart", &node.name).await?;
    let now = bench.cluster.refresh().await?;
    let pid = pid(now.nodes.iter().find(|other| other.name == node.name).and_then(|other| other.pid), &node.name)?;
    let groups = (0..connections * CONVERSATIONS / MEMBERS).map(|group| circle(group, connections)).collect();
    let seeded = Seeded::plant(&bench.pool, connections, 1, "group", groups).await?;
    let outcome = measure(bench, &seeded, args, target(&node.url)?, pid).await;
    seeded.uproot().await?;
    outcome
}

/// Members of a group: neighbours, so that everybody is in the same number of groups.
fn circle(group: usize, people: usize) -> Vec<usize> {
    let first = group * people / (people * CONVERSATIONS / MEMBERS);
    (0..MEMBERS).map(|step| (first + step * 7) % people).collect()
}

async fn measure(bench: &Bench, seeded: &Seeded, args: &Args, to: std::net::SocketAddr, pid: i32) -> Outcome<Measured> {
    let token_of = |at: usize| {
        let person = &seeded.people[at];
        bench.minter.mint(person.user_id, person.devices[0], tokens::SHORT_S)
    };
    let (first, resume) = Link::open(to, address(0), &token_of(0)?, None).await?;
    let resume = Arc::new(resume);
    let mut held = JoinSet::new();
    hold(&mut held, first);
    let open = async |held: &mut JoinSet<()>, from: usize, until: usize| -> Outcome<()> {
        let mut opening = stream::iter(from..until)
            .map(|at| {
                let (token, resume) = (token_of(at), resume.clone());
                async move { Link::open(to, address(at), &token?, Some(String::clone(&resume))).await }
            })
            .buffer_unordered(AT_ONCE);
        while let Some(link) = opening.next().await {
            hold(held, link?.0);
        }
        Ok(())
    };
    open(&mut held, 1, WARM_UP).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = resident(pid)?;
    let begun = Instant::now();
    open(&mut held, WARM_UP, seeded.people.len()).await?;
    let took = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(args.hold)).await;
    let after = resident(pid)?;
    let lost = held.try_join_next().is_some();
    held.abort_all();
    if lost {
        return Err(Failure::new("a connection ended before the measurement did"));
    }
    let added = seeded.people.len() - WARM_UP;
    let each = after.saturating_sub(before) / u64::try_from(added).context("count")?;
    Ok(Measured {
        name: "idle".into(),
        command: format!("sotto-loadgen bench idle --connections {}", seeded.people.len()),
        lines: vec![
            format!("{} bytes of resident memory a connection (to reach: 10,240)", each),
            format!("{} connections, opened in {:.1} s, held {} s", seeded.people.len(), took.as_secs_f64(), args.hold),
            format!("the node: {} MiB before, {} MiB after", before >> 20, after >> 20),
        ],
        figures: json!({
            "connections": seeded.people.len(), "conversations_each": CONVERSATIONS, "bytes_each": each,
            "resident_before": before, "resident_after": after, "opened_in_s": took.as_secs_f64(),
        }),
    })
}

/// Keeps a connection alive until it ends.
fn hold(held: &mut JoinSet<()>, mut link: Link) {
    held.spawn(async move { while link.next().await.is_ok() {} });
}
