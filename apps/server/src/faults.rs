//! Switches of the test build: read from the file that `SOTTO_FAULTS` names, and again whenever it changes.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde::Deserialize;
use sotto_service::{Clock, SystemClock};
use sotto_store::{
    Database,
    faults::{Action, Faults, Mutation, Point},
};
use time::OffsetDateTime;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Switches {
    mutation: Option<Mutation>,
    armed: Option<(Point, Action)>,
    clock_ms: i64,
}

/// The machine's clock, as wrong as it is told to be.
struct SteppedClock(SystemClock, Faults);

impl Clock for SteppedClock {
    fn now(&self) -> OffsetDateTime {
        self.0.now() + time::Duration::milliseconds(self.1.clock_step_ms())
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

/// The clock of the node.
pub fn clock(database: &Database) -> Arc<dyn Clock> {
    Arc::new(SteppedClock(SystemClock::new(), database.faults().clone()))
}

/// Follows the file for ever.
pub async fn follow(database: Database) {
    let Some(path) = std::env::var_os("SOTTO_FAULTS").map(PathBuf::from) else { return };
    let mut before = String::new();
    loop {
        if let Ok(text) = tokio::fs::read_to_string(&path).await
            && text != before
            && let Ok(switches) = serde_json::from_str::<Switches>(&text)
        {
            tracing::warn!(?switches, "the test build is switched");
            if apply(&database, &switches).await {
                before = text;
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn apply(database: &Database, switches: &Switches) -> bool {
    let faults = database.faults();
    faults.step_clock(switches.clock_ms);
    faults.arm(switches.armed);
    let mutated = faults.mutate(database, switches.mutation).await;
    if let Err(error) = &mutated {
        tracing::error!(%error, "the mutation is not applied; trying again");
    }
    mutated.is_ok()
}
