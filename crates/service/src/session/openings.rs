//! What opens and catches up on this node at once: bounded, so that a storm leaves the database to those who are live.

use std::{sync::Arc, time::Duration};

use sotto_protocol::DeviceId;
use sotto_store::{
    Database, Kept,
    sessions::{self, Moment, Resumed, Standing},
};

use super::{gather::Gatherer, turns::Gate};

/// Sockets that are let in at once; each asks Redis, and the database together with the others.
const ENTERING: usize = 64;
/// Sockets that may wait to be let in; the next is refused before its upgrade.
const LONGEST_LINE: usize = 8_192;
/// Longer than a client waits.
const PATIENCE: Duration = Duration::from_secs(15);
/// Live sessions that wait to read what they missed; beyond it they start over.
const MOST_REPAIRS: usize = 100_000;
const LEAVING: usize = 64;
/// Those who leave wait as long as it takes.
const NO_HURRY: Duration = Duration::from_hours(1);
/// Questions that one statement answers.
const TOGETHER: usize = 128;

/// The gates and gatherers of a node.
pub struct Openings {
    /// To come in: from the upgrade to the greeting.
    pub entering: Gate,
    /// To catch up.
    pub catching_up: Gate,
    /// To read what a live session missed.
    pub repairing: Gate,
    /// To take a session out of the registry.
    pub(crate) leaving: Gate,
    pub(super) standings: Gatherer<DeviceId, Option<Standing>>,
    pub(super) moments: Gatherer<Resumed, Moment>,
}

impl Openings {
    /// Gates for this pool: catching up takes half of it, repairs a sixth. Starts tasks on the current runtime.
    pub fn start(database: &Database) -> Self {
        let size = database.size();
        Self {
            entering: Gate::new(ENTERING, LONGEST_LINE, PATIENCE),
            catching_up: Gate::new(size / 2, usize::MAX, PATIENCE),
            repairing: Gate::new(size / 6, MOST_REPAIRS, PATIENCE),
            leaving: Gate::new(LEAVING, usize::MAX, NO_HURRY),
            standings: standings(database.keep()),
            moments: moments(database.keep()),
        }
    }
}

fn standings(kept: Kept) -> Gatherer<DeviceId, Option<Standing>> {
    let kept = Arc::new(kept);
    Gatherer::start(TOGETHER, move |devices: Vec<DeviceId>| {
        let kept = Arc::clone(&kept);
        async move {
            let mut connection = kept.take().await?;
            let found = sessions::standings(&mut connection, &devices).await?;
            kept.put(connection);
            Ok(devices.iter().map(|device| found.get(device).cloned()).collect())
        }
    })
}

fn moments(kept: Kept) -> Gatherer<Resumed, Moment> {
    let kept = Arc::new(kept);
    Gatherer::start(TOGETHER, move |resumed: Vec<Resumed>| {
        let kept = Arc::clone(&kept);
        async move {
            let mut connection = kept.take().await?;
            let moments = sessions::moments(&mut connection, &resumed).await?;
            kept.put(connection);
            Ok(moments)
        }
    })
}
