//! PostgreSQL and Redis for `make test`: on free ports, synced never, thrown away at the end.

use std::fs;

use crate::error::{Context, Result};
use crate::layout::Layout;
use crate::packages::{self, Package};
use crate::postgres::{self, Postgres, Purpose};
use crate::redis::{self, Redis};
use crate::state::State;
use crate::{cluster, ports, processes, status};

/// Each test with nodes takes one by chance: nodes of others that end are no dead siblings of its own.
const REDIS_DATABASES: u16 = 4096;

/// Starts them and returns shell exports: a role that may create databases, and Redis with the number of its databases.
pub fn up(cluster: &Layout) -> Result<String> {
    let layout = layout(cluster)?;
    let _lock = cluster::lock(&layout)?;
    packages::ensure(&[Package::Postgres, Package::Redis, Package::Nginx])?;
    let state = remembered(&layout)?;
    let postgres = Postgres { layout: &layout, port: state.ports.postgres, purpose: Purpose::Tests };
    let redis = Redis { layout: &layout, port: state.ports.redis, databases: REDIS_DATABASES };
    postgres.up()?;
    redis.up()?;
    let databases = REDIS_DATABASES.to_string();
    Ok(status::shell(&[
        ("DATABASE_URL", &postgres.url()?),
        ("REDIS_URL", &redis.url()?),
        ("REDIS_DATABASES", &databases),
    ]))
}

/// Stops them and removes what they kept.
pub fn down(cluster: &Layout) -> Result<()> {
    let layout = layout(cluster)?;
    if !layout.dir.exists() {
        return Ok(());
    }
    let _lock = cluster::lock(&layout)?;
    redis::stop(&layout)?;
    postgres::crash(&layout)?;
    for folder in [&layout.runtime, &layout.dir] {
        if folder.exists() {
            fs::remove_dir_all(folder).context(folder.display())?;
        }
    }
    Ok(())
}

fn layout(cluster: &Layout) -> Result<Layout> {
    cluster.create()?;
    Layout::at(&cluster.dir.join("test"))
}

/// The ports of services that run, else free ones.
fn remembered(layout: &Layout) -> Result<State> {
    let runs = |name| processes::find(layout, name).is_some();
    let mut state = State::load(layout)?.unwrap_or_default();
    if !runs(postgres::NAME) {
        state.ports.postgres = ports::any_free()?;
    }
    if !runs(redis::NAME) {
        state.ports.redis = ports::any_free()?;
    }
    state.save(layout)?;
    Ok(state)
}
