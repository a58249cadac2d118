//! Devices linked by QR code, without the time that people take: from the scan to both devices having finished.

use std::{sync::Arc, time::Duration};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::json;
use sotto_protocol::devices::{DeviceType, NewDevice};
use sotto_sdk::{Client, ClientEvent, LinkStep, Linking, QrPicture, Running, Settings, Store, SystemEnvironment};
use tokio::sync::mpsc;

use super::Common;
use crate::{
    error::{Context, Failure, Outcome},
    load::{Bench, clock::now_ns, results::Measured, times::Times, worker::socket::address},
};

pub const PASSWORD: &str = "correct horse battery";
/// Devices that a person has, the first one among them, before the next person is linked.
const DEVICES: u32 = 10;

/// What is measured.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    /// Devices that are linked, one after the other.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    pub runs: u32,
}

/// Measures.
pub async fn run(bench: &Bench, args: &Args) -> Outcome<Measured> {
    bench.interruptible(Box::pin(measure(bench, args))).await
}

async fn measure(bench: &Bench, args: &Args) -> Outcome<Measured> {
    let ways = ways(bench, &args.common).await?;
    let (mut shown, mut linked) = (Times::default(), Times::default());
    let mut person = None;
    for at in 0..args.runs {
        let settings = |device: u32| settings(&ways, (at * 2 + device) as usize);
        if at % (DEVICES - 1) == 0 {
            person = Some(register(&settings(0), in_memory()?).await?);
        }
        let Some(client) = &person else { continue };
        let from = now_ns();
        let mut existing = client.link_by_showing(PASSWORD).await.context("beginning")?;
        let qr = qr(&mut existing).await?;
        let scanned = now_ns();
        shown.record(scanned - from);
        let new = Client::enter_by_scanning(&settings(1), in_memory()?, device(), qr.bytes()).context("scanning")?;
        let running = hands(existing, new, false, |_, _| {}).await?;
        linked.record(now_ns() - scanned);
        running.client.shut_down();
    }
    let lines = vec![
        format!("{} devices linked by QR code {}, one after the other", args.runs, args.common.way()),
        format!("scan to both devices done: {}", linked.sentence()),
        format!("password and code before that: {}", shown.sentence()),
    ];
    let figures = json!({
        "runs": args.runs, "nginx": !args.common.direct, "ms": { "linked": linked.json(), "shown": shown.json() },
    });
    Ok(Measured::new(args.common.name(format!("link-{}-{}", args.common.tag(), args.runs)), lines, figures))
}

/// Where clients go.
pub async fn ways(bench: &Bench, common: &Common) -> Outcome<Vec<String>> {
    let state = bench.state().await?;
    if common.direct {
        return Ok(state.nodes.iter().map(|node| node.url.clone()).collect());
    }
    Ok(vec![state.base_url.replace("localhost", "127.0.0.1")])
}

/// A device of a household of its own: limits count by address.
pub fn settings(ways: &[String], number: usize) -> Settings {
    let mut endpoints = ways.to_vec();
    endpoints.rotate_left(number % ways.len());
    let service = Some("https://load.test".to_owned());
    Settings { endpoints, service, local_address: Some(address(number * 50)), ..Settings::new(String::new()) }
}

pub fn device() -> NewDevice {
    NewDevice { name: "load".into(), device_type: DeviceType::Desktop }
}

fn in_memory() -> Outcome<Arc<Store>> {
    Store::in_memory([7; 32], &SystemEnvironment).context("a store")
}

/// A new person, whose events nobody looks at.
pub async fn register(settings: &Settings, store: Arc<Store>) -> Outcome<Client> {
    let name = format!("load-{:012x}", StdRng::from_rng(&mut rand::rng()).next_u64() >> 16);
    let made = Client::register(settings, store, &name, PASSWORD, device()).await.context("registering")?;
    tokio::spawn(drain(made.events));
    made.client.caught_up().await.context("catching up")?;
    Ok(made.client)
}

pub async fn drain(mut events: mpsc::Receiver<ClientEvent>) {
    while events.recv().await.is_some() {}
}

/// The code on the existing device's screen.
pub async fn qr<T>(existing: &mut Linking<T>) -> Outcome<QrPicture> {
    while let Some(step) = existing.next().await {
        if let LinkStep::Show { qr, .. } = step {
            return Ok(qr);
        }
    }
    Err(Failure::new("the existing device shows no code"))
}

/// Hands that need no time: what one device shows is typed into the other at once.
pub async fn hands(
    mut existing: Linking<sotto_sdk::Linked>,
    mut new: Linking<Running>,
    history: bool,
    mut tell: impl FnMut(u32, u32),
) -> Outcome<Running> {
    let (mut digits, mut asked, mut ends) = (None, false, (false, false));
    while ends != (true, true) {
        tokio::select! {
            step = existing.next(), if !ends.0 => match step {
                Some(LinkStep::AskDigits(_)) => asked = true,
                Some(LinkStep::AskApproval { .. }) => existing.approve(None, history),
                Some(_) => {}
                None => ends.0 = true,
            },
            step = new.next(), if !ends.1 => match step {
                Some(LinkStep::ShowDigits(shown)) => digits = Some(shown),
                Some(LinkStep::History { done, of }) => tell(done, of),
                Some(_) => {}
                None => ends.1 = true,
            },
        }
        if asked && let Some(shown) = digits.take() {
            existing.type_digits(&shown);
        }
    }
    let (linked, running) = tokio::join!(existing.finish(), new.finish());
    let (linked, mut running) = (linked.context("the existing device")?, running.context("the new device")?);
    if !linked.handed_over || linked.history != history {
        return Err(Failure::new(format!("not everything was handed over: {linked:?}")));
    }
    let events = std::mem::replace(&mut running.events, mpsc::channel(1).1);
    tokio::spawn(drain(events));
    Ok(running)
}

/// How long something took, for people.
#[expect(clippy::cast_precision_loss, reason = "for people")]
pub fn seconds(ns: u64) -> f64 {
    (Duration::from_nanos(ns).as_millis() as f64) / 1e3
}
