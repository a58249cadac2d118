//! What opens and catches up on this node at once: bounded, so that a storm leaves the database to those who are live.

use std::{collections::HashSet, time::Duration};

use sotto_protocol::{ConversationId, DeviceId, UserId};
use sotto_store::{
    Database,
    sessions::{self, Moment, News, Resumed, Standing},
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
    pub(super) conversations: Gatherer<UserId, Vec<ConversationId>>,
    pub(super) moments: Gatherer<Vec<ConversationId>, Moment>,
    pub(super) news: Gatherer<Resumed, News>,
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
            standings: standings(database.clone()),
            conversations: conversations(database.clone()),
            moments: moments(database.clone()),
            news: news(database.clone()),
        }
    }
}

fn standings(database: Database) -> Gatherer<DeviceId, Option<Standing>> {
    Gatherer::start(TOGETHER, move |devices: Vec<DeviceId>| {
        let database = database.clone();
        async move {
            let found = sessions::standings(&mut *database.acquire().await?, &devices).await?;
            Ok(devices.iter().map(|device| found.get(device).copied()).collect())
        }
    })
}

fn conversations(database: Database) -> Gatherer<UserId, Vec<ConversationId>> {
    Gatherer::start(TOGETHER, move |users: Vec<UserId>| {
        let database = database.clone();
        async move {
            let found = sessions::conversation_ids(&mut *database.acquire().await?, &users).await?;
            Ok(users.iter().map(|user| found.get(user).cloned().unwrap_or_default()).collect())
        }
    })
}

fn moments(database: Database) -> Gatherer<Vec<ConversationId>, Moment> {
    Gatherer::start(TOGETHER, move |wanted: Vec<Vec<ConversationId>>| {
        let database = database.clone();
        async move {
            let all: HashSet<ConversationId> = wanted.iter().flatten().copied().collect();
            let all: Vec<ConversationId> = all.into_iter().collect();
            let moment = sessions::moment(&mut *database.acquire().await?, &all).await?;
            let own = |ids: Vec<ConversationId>| Moment {
                epoch: moment.epoch,
                position: moment.position.clone(),
                heads: ids.into_iter().filter_map(|id| Some((id, *moment.heads.get(&id)?))).collect(),
            };
            Ok(wanted.into_iter().map(own).collect())
        }
    })
}

fn news(database: Database) -> Gatherer<Resumed, News> {
    Gatherer::start(TOGETHER, move |resumed: Vec<Resumed>| {
        let database = database.clone();
        async move { sessions::news(&mut *database.acquire().await?, &resumed).await }
    })
}
