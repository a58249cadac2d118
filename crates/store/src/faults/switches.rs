//! What is switched on, and what happens at a point.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use super::{Faults, Mutation, Point, patches};
use crate::{Database, StoreResult};

/// What happens at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The process is gone, without a word to anybody.
    Die,
    /// Whoever passes waits so many milliseconds.
    PauseMs(u64),
}

#[derive(Debug, Default)]
pub(super) struct Switches {
    mutation: Mutex<Option<Mutation>>,
    armed: Mutex<Option<(Point, Action)>>,
    clock_ms: AtomicI64,
}

impl Switches {
    pub(super) fn mutation(&self) -> Option<Mutation> {
        *lock(&self.mutation)
    }

    pub(super) async fn pass(&self, point: Point) {
        let armed = lock(&self.armed).take_if(|(at, _)| *at == point);
        match (armed, point) {
            (None, _) => {}
            (Some((_, Action::PauseMs(ms))), _) => tokio::time::sleep(Duration::from_millis(ms)).await,
            // The statement leaves meanwhile.
            (Some((_, Action::Die)), Point::BeforeCommit) => drop(std::thread::spawn(|| die_after(1))),
            // So do the answers.
            (Some((_, Action::Die)), Point::AfterPublish) => drop(std::thread::spawn(|| die_after(30))),
            (Some((_, Action::Die)), _) => std::process::abort(),
        }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn die_after(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
    std::process::abort();
}

impl Faults {
    /// Breaks a promise from now on, or none. What a mutation needs in the database's functions is changed for good.
    ///
    /// # Errors
    /// The function is not what the mutation expects any more, or the database is not available.
    pub async fn mutate(&self, database: &Database, mutation: Option<Mutation>) -> StoreResult<()> {
        if let Some(mutation) = mutation {
            patches::apply(database, mutation).await?;
        }
        *lock(&self.switches.mutation) = mutation;
        Ok(())
    }

    /// The next to pass the point finds this; `None` disarms.
    pub fn arm(&self, armed: Option<(Point, Action)>) {
        *lock(&self.switches.armed) = armed;
    }

    /// How far the node's wall clock is wrong, milliseconds.
    pub fn step_clock(&self, by_ms: i64) {
        self.switches.clock_ms.store(by_ms, Ordering::Relaxed);
    }

    /// As it was set.
    pub fn clock_step_ms(&self) -> i64 {
        self.switches.clock_ms.load(Ordering::Relaxed)
    }
}
