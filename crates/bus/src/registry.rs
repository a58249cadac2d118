//! Who is connected where.
//!
//! `device:{id}:session` (hash: endpoint to `node epoch session`; the epoch is the moment of opening, so the later
//! socket has the place) is the one authority, moved by a script on that one key. `sessions:active`,
//! `sessions:user:{id}` and `node:{id}:sessions` are advisory: they can't be moved together in a cluster, and are
//! reconciled when a node is found dead.

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

// Answers what the endpoint holds in the end, and what it held before. A new session has the place, and opened after the
// one before whatever their nodes' clocks say. One that is entered again leaves the place to a later one.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local old = redis.call('HGET', KEYS[1], ARGV[1])
         local node, session, is_new, opened = ARGV[2], ARGV[3], ARGV[4] == 'new', tonumber(ARGV[5])
         if old then
             local held, holder = string.match(old, '^%S+ (%d+) (%S+)$')
             held = tonumber(held)
             if holder == session then
                 opened = math.max(opened, held)
             elseif held and held >= opened then
                 if not is_new then return {old, old} end
                 opened = held + 1
             end
         end
         local value = node .. ' ' .. string.format('%d', opened) .. ' ' .. session
         redis.call('HSET', KEYS[1], ARGV[1], value)
         return {value, old}",
    )
});

// A session that ends must not take its successor's entry with it.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local old = redis.call('HGET', KEYS[1], ARGV[1])
         if not old then return 0 end
         local node, session = string.match(old, '^(%S+) %d+ (%S+)$')
         if node == ARGV[2] and session == ARGV[3] then
             return redis.call('HDEL', KEYS[1], ARGV[1])
         end
         return 0",
    )
});

/// Who has a device's place on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The node that holds the socket.
    pub node_id: NodeId,
    /// When it opened, in Unix milliseconds, and after every one before it.
    pub opened_ms: i64,
    /// The connection.
    pub session_id: SessionId,
}

/// What became of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Who has the place now: another one if that opened later.
    pub holder: Holder,
    /// Who had it before, if it was another one.
    pub replaced: Option<Holder>,
}

impl Holder {
    fn parse(value: &str) -> Option<Self> {
        let mut words = value.split(' ');
        let (node_id, opened_ms, session_id) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            node_id: node_id.parse().ok()?,
            opened_ms: opened_ms.parse().ok()?,
            session_id: session_id.parse().ok()?,
        })
    }
}

impl SessionEntry {
    fn member(&self) -> String {
        format!("{} {} {} {}", self.session_id, self.user_id, self.device_id, self.endpoint)
    }
}

impl Bus {
    /// Enters a session that has just opened: the device's place is its own.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn register(&self, entry: &SessionEntry, opened_ms: i64) -> BusResult<Entered> {
        self.take_place(entry, "new", opened_ms).await
    }

    async fn take_place(&self, entry: &SessionEntry, how: &str, opened_ms: i64) -> BusResult<Entered> {
        let mut take = TAKE.prepare_invoke();
        take.key(device_key(entry.device_id)).arg(entry.endpoint).arg(entry.node_id.to_string());
        take.arg(entry.session_id.to_string()).arg(how).arg(opened_ms);
        let mut pipeline = redis::pipe();
        pipeline
            .hset("sessions:active", entry.session_id.to_string(), entry.user_id.to_string())
            .ignore()
            .sadd(user_key(entry.user_id), entry.session_id.to_string())
            .ignore()
            .sadd(node_sessions_key(entry.node_id), entry.member())
            .ignore();
        // What is advisory need not wait for what is not.
        let ((holder, old), ()) =
            tokio::try_join!(self.script::<(String, Option<String>)>(&take), self.pipe::<()>(&pipeline))?;
        let own = Holder { node_id: entry.node_id, opened_ms, session_id: entry.session_id };
        let holder = Holder::parse(&holder).unwrap_or(own);
        let replaced = old.as_deref().and_then(Holder::parse).filter(|old| old.session_id != holder.session_id);
        Ok(Entered { holder, replaced })
    }

    /// Removes a session, and only that one.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn unregister(&self, entry: &SessionEntry) -> BusResult<()> {
        let mut release = RELEASE.prepare_invoke();
        release.key(device_key(entry.device_id)).arg(entry.endpoint);
        release.arg(entry.node_id.to_string()).arg(entry.session_id.to_string());
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

    /// Enters sessions again with the moments at which they opened, many at a time. Answers in their order.
    ///
    /// # Errors
    /// [`crate::BusError`]: some of them are not entered.
    pub async fn register_again(&self, entries: &[(SessionEntry, i64)]) -> BusResult<Vec<Entered>> {
        let mut all = Vec::with_capacity(entries.len());
        for some in entries.chunks(AT_A_TIME) {
            let entered: Vec<_> =
                some.iter().map(|(entry, opened_ms)| self.take_place(entry, "again", *opened_ms)).collect();
            all.extend(try_join_all(entered).await?);
        }
        Ok(all)
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
