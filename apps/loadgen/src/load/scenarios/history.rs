//! A history handed over at linking: how fast, and how much memory both ends take for it. Both ends are in this process,
//! their stores are files.

use std::{fs, path::Path, sync::Arc, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use sotto_protocol::ConversationId;
use sotto_sdk::{Client, MessageBody, Store, SystemEnvironment};

use super::{
    Common,
    link::{PASSWORD, device, hands, qr, register, seconds, settings, ways},
};
use crate::{
    error::{Context, Failure, Outcome},
    load::{Bench, clock::now_ns, results::Measured},
};

/// A device may send a hundred messages a second: so many people fill the history together.
const FRIENDS: usize = 40;
const AT_ONCE: usize = 4;
const PAGE: usize = 1_000;
/// How long the messages may take on their way into the first device, for each thousand.
const PATIENCE_A_THOUSAND: Duration = Duration::from_secs(20);

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Messages that are handed over.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub messages: u32,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let folder = std::env::temp_dir().join(format!("sotto-history-{}", std::process::id()));
    fs::create_dir_all(&folder).context(folder.display())?;
    let outcome = bench.interruptible(Box::pin(measure(bench, args, &folder))).await;
    fs::remove_dir_all(&folder).context(folder.display())?;
    outcome
}

async fn measure(bench: &Bench, args: &Args, folder: &Path) -> Outcome<Measured> {
    let ways = ways(bench, &args.common).await?;
    let open = |name: &str| Store::open(folder.join(name), [7; 32], &SystemEnvironment).context("a store");
    let existing_store = open("existing.redb")?;
    let client = register(&settings(&ways, 0), existing_store).await?;
    let chats = fill(&client, &ways, args.messages).await?;

    let mut linking = client.link_by_showing(PASSWORD).await.context("beginning")?;
    let qr = qr(&mut linking).await?;
    let new_store: Arc<Store> = open("new.redb")?;
    forget_peak();
    let (before, from) = (memory("VmRSS:"), now_ns());
    let new = Client::enter_by_scanning(&settings(&ways, 1), new_store, device(), qr.bytes()).context("scanning")?;
    let mut chunks = 0;
    let running = hands(linking, new, true, |_, of| chunks = of).await?;
    let took = seconds(now_ns() - from);
    let grew = memory("VmHWM:").saturating_sub(before);
    let arrived = count(&running.client, &chats).await?;
    let sent = count(&client, &chats).await?;
    if arrived != sent || arrived < args.messages as usize {
        return Err(Failure::new(format!("{arrived} of {sent} messages arrived")));
    }
    running.client.shut_down();
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = arrived as f64 / took.max(1e-3);
    let lines = vec![
        format!("{arrived} messages in {chunks} chunks handed over {} in {took:.1} s", args.common.way()),
        format!("{rate:.0} messages a second, the linking itself included, without the people's time"),
        format!("memory of both ends grew by {} MiB at most, from {} MiB", grew >> 20, before >> 20),
    ];
    let figures = json!({
        "messages": arrived, "chunks": chunks, "nginx": !args.common.direct, "seconds": took, "messages_a_second": rate,
        "grew_bytes": grew, "before_bytes": before,
    });
    Ok(Measured::new(args.common.name(format!("history-{}-{}", args.common.tag(), args.messages)), lines, figures))
}

/// Friends write until the device has so many messages.
async fn fill(client: &Client, ways: &[String], messages: u32) -> Outcome<Vec<ConversationId>> {
    let each = (messages as usize).div_ceil(FRIENDS);
    eprintln!("  history: {FRIENDS} people write {each} messages each");
    let friends: Vec<(Client, ConversationId)> = stream::iter((0..FRIENDS).map(|at| befriend(client, ways, at + 2)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let chats: Vec<ConversationId> = friends.iter().map(|(_, chat)| *chat).collect();
    let writing = friends.iter().map(|(friend, chat)| async move {
        for n in 0..each {
            let body = MessageBody::text(format!("message {n} of a history, about as long as people write them"));
            friend.send(*chat, &body).await.context("a send")?;
        }
        Ok::<_, Failure>(())
    });
    futures_util::future::try_join_all(writing).await?;
    let until = now_ns() + u64::from(messages.div_ceil(1_000)) * 1_000_000_000 * PATIENCE_A_THOUSAND.as_secs();
    while count(client, &chats).await? < each * FRIENDS {
        if now_ns() > until {
            return Err(Failure::new("the messages never arrived"));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    for (friend, _) in friends {
        friend.shut_down();
    }
    Ok(chats)
}

async fn befriend(client: &Client, ways: &[String], number: usize) -> Outcome<(Client, ConversationId)> {
    let store = Store::in_memory([7; 32], &SystemEnvironment).context("a store")?;
    let friend = register(&settings(ways, number), store).await?;
    let name = client.http().get_account().await.context("the account")?.username;
    let user_id = friend.find_person(&name).await.context("finding a person")?.user_id;
    let chat = friend.create_direct(user_id).await.context("a conversation")?;
    friend.send(chat, &MessageBody::text("hello")).await.context("the first message")?;
    client.accept(chat).await.context("accepting")?;
    Ok((friend, chat))
}

/// Messages that a device has.
async fn count(client: &Client, chats: &[ConversationId]) -> Outcome<usize> {
    let mut all = 0;
    for chat in chats {
        let mut after = 0;
        loop {
            let page = client.messages(*chat, after, PAGE).await.context("messages")?;
            all += page.len();
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.seq,
                _ => break,
            }
        }
    }
    Ok(all)
}

/// The highest memory is counted anew from here on: proc(5), `clear_refs`.
fn forget_peak() {
    drop(fs::write("/proc/self/clear_refs", "5"));
}

/// A line of this process's status, bytes.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
