//! A second Redis that follows the first one, falls behind, and takes over.

use std::{process::Stdio, time::Duration};

use redis::aio::MultiplexedConnection;
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use crate::{
    error::{Context, Failure, Outcome},
    proxy::{Mode, Proxy},
};

/// How long it may take to follow.
const PATIENCE: Duration = Duration::from_secs(10);

/// A replica.
pub(super) struct Replica {
    /// Ends with this value.
    _process: Child,
    address: String,
    lag: Proxy,
    connection: MultiplexedConnection,
}

impl Replica {
    /// Starts one on this port that has everything the Redis at `url` has.
    pub(super) async fn follow(url: &str, port: u16) -> Outcome<Self> {
        let (password, master) = parts(url)?;
        let lag = Proxy::start(master).await.context("a proxy")?;
        let mut command = Command::new("redis-server");
        let mut process = command
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .kill_on_drop(true)
            .spawn()
            .context("redis-server")?;
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nsave \"\"\nappendonly no\nrequirepass {password}\nmasterauth {password}\n\
             replicaof 127.0.0.1 {}\nreplica-serve-stale-data yes\nrepl-diskless-sync-delay 0\n",
            lag.address.port()
        );
        let mut input = process.stdin.take().ok_or_else(|| Failure::new("redis-server has no input"))?;
        input.write_all(settings.as_bytes()).await.context("redis-server")?;
        drop(input);
        let address = format!("127.0.0.1:{port}");
        let client = redis::Client::open(format!("redis://default:{password}@{address}/0")).context("redis")?;
        let following = async {
            loop {
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                    && info(&mut connection).await.contains("master_link_status:up")
                {
                    return connection;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let connection = tokio::time::timeout(PATIENCE, following).await.context("the replica never followed")?;
        Ok(Self { _process: process, address, lag, connection })
    }

    /// Hears nothing more of the first one.
    pub(super) fn fall_behind(&self) {
        self.lag.set(Mode::Stall);
    }

    /// Is its own master; gives its address.
    pub(super) async fn take_over(&mut self) -> Outcome<&str> {
        let mut promote = redis::cmd("REPLICAOF");
        promote.arg("NO").arg("ONE");
        promote.query_async::<()>(&mut self.connection).await.context("promoting the replica")?;
        Ok(&self.address)
    }
}

async fn info(connection: &mut MultiplexedConnection) -> String {
    redis::cmd("INFO").arg("replication").query_async(connection).await.unwrap_or_default()
}

/// Password and address of `redis://default:<password>@<address>/0`.
pub(super) fn parts(url: &str) -> Outcome<(&str, &str)> {
    let strange = || Failure::new("the address of Redis is not as sotto-dev writes it");
    let (user, rest) = url.strip_prefix("redis://").and_then(|rest| rest.split_once('@')).ok_or_else(strange)?;
    let (_, password) = user.split_once(':').ok_or_else(strange)?;
    Ok((password, rest.split('/').next().unwrap_or(rest)))
}
