//! The measurements, and what they have in common.

pub mod claims;
pub mod dm;
pub mod encrypted;
pub mod failover;
pub mod garbage;
pub mod group;
pub mod history;
pub mod idle;
pub mod ladder;
pub mod link;
pub mod mixed;
pub mod reconnect;
pub mod revoke;
pub mod room;
pub mod run;
pub mod scale;
pub mod soak;
pub mod storm;

use std::time::Duration;

use super::{
    Bench,
    clock::{self, Pace, now_ns},
    coordinator::Workers,
    figures::Figures,
    house::House,
    plan::Opening,
    seed::Seeded,
};
use crate::error::{Failure, Outcome};

/// Seconds before a connection that does not come is given up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Connections on their way at once, of one worker, where only being there counts.
const AT_ONCE: usize = 64;

/// What all measurements take.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Straight to the nodes instead of through nginx.
    #[arg(long)]
    pub direct: bool,
    /// Runs the cluster with this many nodes first.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub nodes: Option<u16>,
    /// Generator processes; as few as possible unless given.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Name of the result.
    #[arg(long)]
    pub label: Option<String>,
}

impl Common {
    /// `straight to the nodes` or `through nginx`.
    pub fn way(&self) -> &'static str {
        if self.direct { "straight to the nodes" } else { "through nginx" }
    }

    /// The result's name.
    pub fn name(&self, default: impl Into<String>) -> String {
        self.label.clone().unwrap_or_else(|| default.into())
    }

    /// `direct` or `nginx`.
    pub fn tag(&self) -> &'static str {
        if self.direct { "direct" } else { "nginx" }
    }

    /// Workers for so many connections.
    pub fn workers_for(&self, connections: usize) -> usize {
        let least = connections.div_ceil(super::house::MOST_SEATS).max(1);
        self.workers.map_or(least, usize::from).max(least)
    }
}

/// Starts the workers of a house and connects everybody at a moderate pace.
pub async fn fill(bench: &Bench, what: &str, house: &House, seeded: &Seeded, rate: f64) -> Outcome<(Workers, Figures)> {
    let mut workers = Workers::start(what, house.plans(bench, seeded)).await?;
    let figures = workers.connect(opening(house, rate, AT_ONCE, usize::MAX)).await?;
    let missing = house.seats.len() as u64 - figures.live;
    if missing > 0 {
        return Err(Failure::new(format!("{missing} of {} did not connect: {:?}", house.seats.len(), figures.named)));
    }
    Ok((workers, figures))
}

/// Connections at this pace from in a moment on, `each` of every worker.
pub fn opening(house: &House, rate: f64, at_once: usize, each: usize) -> Opening {
    let from_ns = now_ns() + clock::ns(Duration::from_millis(200));
    let workers = house.workers as u64;
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let takes = Duration::from_secs_f64(house.seats.len() as f64 / rate);
    let until_ns = from_ns + clock::ns(takes + PATIENCE);
    Opening { pace: Pace { from_ns, rate, workers }, at_once, until_ns, each }
}
