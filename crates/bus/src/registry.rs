//! Who is connected where.
//!
//! `device:{id}:session` (hash: endpoint to `node epoch session`) is the one authority, moved by a script on that one
//! key. `sessions:active`, `sessions:user:{id}` and `node:{id}:sessions` are advisory: they can't be moved together
//! in a cluster, and are reconciled when a node is found dead.

use std::sync::LazyLock;

use futures_util::future::try_join_all;
use redis::Script;
use sotto_protocol::{DeviceId, NodeId, SessionId, UserId};

use crate::{Bus, BusResult, interest::device_key};

/// A connection, as the registry knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEntry {
    /// The connection.
    pub session_id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Of which device.
    pub device_id: DeviceId,
    /// `ws`, `calls` or `chat`: one live session of each a device.
    pub endpoint: &'static str,
    /// The node that holds it.
    pub node_id: NodeId,
}

/// Sessions that are entered or taken out at a time, where it is about many: one connection carries them one behind the
/// other.
const AT_A_TIME: usize = 64;

static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local old = redis.call('HGET', KEYS[1], ARGV[1])
         redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
         return old",
    )
});

// A session that ends must not take its successor's entry with it.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
             return redis.call('HDEL', KEYS[1], ARGV[1])
         end
         return 0",
    )
});

impl SessionEntry {
    fn value(&self) -> String {
        format!("{} 1 {}", self.node_id, self.session_id)
    }

    fn member(&self) -> String {
        format!("{} {} {} {}", self.session_id, self.user_id, self.device_id, self.endpoint)
    }
}

impl Bus {
    /// Enters a session; answers the one of the same device and endpoint that it replaces.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn register(&self, entry: &SessionEntry) -> BusResult<Option<(NodeId, SessionId)>> {
        let mut take = TAKE.prepare_invoke();
        take.key(device_key(entry.device_id)).arg(entry.endpoint).arg(entry.value());
        let mut pipeline = redis::pipe();
        pipeline
            .hset("sessions:active", entry.session_id.to_string(), entry.user_id.to_string())
            .ignore()
            .sadd(user_key(entry.user_id), entry.session_id.to_string())
            .ignore()
            .sadd(node_sessions_key(entry.node_id), entry.member())
            .ignore();
        // What is advisory need not wait for what is not.
        let (old, ()) = tokio::try_join!(self.script::<Option<String>>(&take), self.pipe::<()>(&pipeline))?;
        Ok(old.and_then(|value| {
            let mut words = value.split(' ');
            let node_id = words.next()?.parse().ok()?;
            let session_id: SessionId = words.nth(1)?.parse().ok()?;
            (session_id != entry.session_id).then_some((node_id, session_id))
        }))
    }

    /// Removes a session, and only that one.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn unregister(&self, entry: &SessionEntry) -> BusResult<()> {
        let mut release = RELEASE.prepare_invoke();
        release.key(device_key(entry.device_id)).arg(entry.endpoint).arg(entry.value());
        self.script::<i64>(&release).await?;
        let mut pipeline = redis::pipe();
        pipeline
            .hdel("sessions:active", entry.session_id.to_string())
            .ignore()
            .srem(user_key(entry.user_id), entry.session_id.to_string())
            .ignore()
            .srem(node_sessions_key(entry.node_id), entry.member())
            .ignore();
        self.pipe::<()>(&pipeline).await
    }

    /// Sockets of a device that are entered, on whatever node.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn sockets_of(&self, device_id: DeviceId) -> BusResult<usize> {
        let mut command = redis::cmd("HLEN");
        command.arg(device_key(device_id));
        self.query(&command).await
    }

    /// Whether any device of each person is connected, in the order asked.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn connected(&self, users: &[UserId]) -> BusResult<Vec<bool>> {
        let mut pipeline = redis::pipe();
        for user_id in users {
            pipeline.cmd("EXISTS").arg(user_key(*user_id));
        }
        self.pipe(&pipeline).await
    }

    /// Removes what a dead node left behind, and tells what it was.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn clear_sessions(&self, node_id: NodeId) -> BusResult<Vec<SessionEntry>> {
        let mut members = redis::cmd("SMEMBERS");
        members.arg(node_sessions_key(node_id));
        let left: Vec<String> = self.query(&members).await?;
        let left: Vec<SessionEntry> = left.iter().filter_map(|member| parse_member(node_id, member)).collect();
        for some in left.chunks(AT_A_TIME) {
            let gone: Vec<_> = some.iter().map(|entry| self.unregister(entry)).collect();
            try_join_all(gone).await?;
        }
        Ok(left)
    }

    /// Enters sessions (again), many at a time.
    ///
    /// # Errors
    /// [`crate::BusError`]: some of them are not entered.
    pub async fn register_all(&self, entries: &[SessionEntry]) -> BusResult<()> {
        for some in entries.chunks(AT_A_TIME) {
            let entered: Vec<_> = some.iter().map(|entry| self.register(entry)).collect();
            try_join_all(entered).await?;
        }
        Ok(())
    }
}

fn parse_member(node_id: NodeId, member: &str) -> Option<SessionEntry> {
    let mut words = member.split(' ');
    let session_id = words.next()?.parse().ok()?;
    let user_id = words.next()?.parse().ok()?;
    let device_id = words.next()?.parse().ok()?;
    let endpoint = match words.next()? {
        "calls" => "calls",
        "chat" => "chat",
        _ => "ws",
    };
    Some(SessionEntry { session_id, user_id, device_id, endpoint, node_id })
}

fn user_key(user_id: UserId) -> String {
    format!("sessions:user:{user_id}")
}

fn node_sessions_key(node_id: NodeId) -> String {
    format!("node:{node_id}:sessions")
}
