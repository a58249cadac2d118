//! PostgreSQL and Redis of a cluster: private ones, or those that the environment names.

use crate::error::{Failure, Result};
use crate::files;
use crate::layout::Layout;
use crate::postgres::{Postgres, Purpose};
use crate::processes;
use crate::redis::Redis;
use crate::state::State;

/// The files of addresses that are not ours.
const DATABASE: &str = "database-url";
const REDIS: &str = "redis-url";

/// Where the data services are; with passwords, so never printed but by `env` and `state`.
#[derive(Clone)]
pub struct Addresses {
    /// `postgres://...`
    pub database: String,
    /// `redis://...`
    pub redis: String,
}

/// Starts the private ones and tells where all are.
pub fn up(layout: &Layout, state: &State) -> Result<Addresses> {
    if state.private_postgres {
        postgres(layout, state).up()?;
    }
    if state.private_redis {
        redis(layout, state).up()?;
    }
    addresses(layout, state)
}

/// Where the services of the last `up` are.
pub fn addresses(layout: &Layout, state: &State) -> Result<Addresses> {
    let database = if state.private_postgres { postgres(layout, state).url()? } else { kept(layout, DATABASE)? };
    let redis = if state.private_redis { redis(layout, state).url()? } else { kept(layout, REDIS)? };
    Ok(Addresses { database, redis })
}

/// Takes `DATABASE_URL` and `REDIS_URL` from the environment into the state. Refuses to move a running cluster.
pub fn choose(layout: &Layout, state: &mut State) -> Result<()> {
    let database = foreign("DATABASE_URL", &postgres(layout, state).url()?);
    let redis = foreign("REDIS_URL", &redis(layout, state).url()?);
    let moved = database != kept(layout, DATABASE).ok() || redis != kept(layout, REDIS).ok();
    if moved && processes::names(layout).iter().any(|name| is_running_node(layout, name)) {
        return Err(Failure::new("DATABASE_URL or REDIS_URL changed while nodes run: `make stop` first"));
    }
    state.private_postgres = database.is_none();
    state.private_redis = redis.is_none();
    keep(layout, DATABASE, database.as_deref())?;
    keep(layout, REDIS, redis.as_deref())
}

fn is_running_node(layout: &Layout, name: &str) -> bool {
    name.starts_with("node-") && processes::find(layout, name).is_some()
}

/// An address in the environment that is not our own: `env` prints ours under the same name.
fn foreign(variable: &str, own: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.is_empty() && url != own)
}

fn keep(layout: &Layout, name: &str, url: Option<&str>) -> Result<()> {
    let path = layout.secret(name);
    if let Some(url) = url {
        return files::replace(&path, url.as_bytes(), 0o600);
    }
    let _ = std::fs::remove_file(path);
    Ok(())
}

fn kept(layout: &Layout, name: &str) -> Result<String> {
    files::read(&layout.secret(name))?.ok_or_else(|| Failure::new(format!("secrets/{name} is missing: run `up` again")))
}

/// The private PostgreSQL.
pub fn postgres<'a>(layout: &'a Layout, state: &State) -> Postgres<'a> {
    Postgres { layout, port: state.ports.postgres, purpose: Purpose::Cluster }
}

/// The private Redis.
pub fn redis<'a>(layout: &'a Layout, state: &State) -> Redis<'a> {
    Redis { layout, port: state.ports.redis, databases: 1 }
}
