//! Rendezvous of two devices: one slot each, moved by compare-and-set, with a life that is fixed when it is made.
//!
//! `rendezvous:{id}` (hash with a TTL) is the slot, `rendezvous:open` (sorted set: id by the end of its life) counts
//! those that are open, `rendezvous:code:{code}` (string with a TTL) leads from a typed code to an id.

use std::sync::LazyLock;

use redis::Script;
use sotto_protocol::{RendezvousId, UserId};

use crate::{Bus, BusResult};

/// Who wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A device of the account.
    Existing,
    /// The device that wants in.
    New,
}

/// A rendezvous to be opened.
pub struct NewSlot<'a> {
    /// Its id.
    pub id: RendezvousId,
    /// Names what it holds at first.
    pub token: &'a str,
    /// What it holds at first.
    pub data: &'a [u8],
    /// The account whose device opens it.
    pub owner: Option<UserId>,
    /// Who opens it.
    pub side: Side,
    /// A keyed hash of the network that it is opened from.
    pub network: &'a str,
    /// Its life, milliseconds.
    pub ttl_ms: u64,
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Names what it holds.
    pub token: String,
    /// What it holds.
    pub data: Vec<u8>,
    /// The account whose device opened it.
    pub owner: Option<UserId>,
    /// Keyed hash of the network of the account's device.
    pub existing_network: Option<String>,
    /// Keyed hash of the network of the new device.
    pub new_network: Option<String>,
    /// Life that is left, milliseconds.
    pub expires_in_ms: u64,
}

/// A write.
pub struct Write<'a> {
    /// Which slot.
    pub id: RendezvousId,
    /// The token that the writer names.
    pub token: &'a str,
    /// The token afterwards.
    pub next: &'a str,
    /// What it holds afterwards.
    pub data: &'a [u8],
    /// Who writes.
    pub side: Side,
    /// A keyed hash of the writer's network.
    pub network: &'a str,
    /// Writes that the slot takes.
    pub most: u32,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Done, now or by an earlier attempt: the token now, and the life that is left in milliseconds.
    Done(String, u64),
    /// Something else was written.
    Conflict,
    /// It takes no more writes.
    Full,
    /// There is no such slot.
    Gone,
}

/// KEYS[1] the set; a place ends by itself with the rendezvous, by Redis' clock.
static ENTER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local most, id, ttl = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= most then
  return 0
end
redis.call('ZADD', KEYS[1], now + ttl, id)
if ttl > redis.call('PTTL', KEYS[1]) then
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return 1
",
    )
});

/// HSET leaves the TTL as it is: no write makes a life longer.
static WRITE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local slot = redis.call('HMGET', KEYS[1], 'token', 'before', 'data', 'writes')
if not slot[1] then
  return {0, '', 0}
end
local named, following, data, most, field, network = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
if slot[1] ~= named then
  if slot[2] == named and slot[3] == data then
    return {1, slot[1], redis.call('PTTL', KEYS[1])}
  end
  return {2, '', 0}
end
if tonumber(slot[4]) >= most then
  return {3, '', 0}
end
redis.call('HSET', KEYS[1], 'token', following, 'before', named, 'data', data, 'writes', tonumber(slot[4]) + 1)
redis.call('HSETNX', KEYS[1], field, network)
return {1, following, redis.call('PTTL', KEYS[1])}
",
    )
});

/// Token, data, owner, network of the existing device, network of the new one.
type Fields = (Option<String>, Option<Vec<u8>>, Option<String>, Option<String>, Option<String>);

const OPEN: &str = "rendezvous:open";

impl Side {
    fn field(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::New => "new",
        }
    }
}

impl Bus {
    /// Opens a rendezvous; `false` when `most` are open already. An open one is never ended for another.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn open_rendezvous(&self, slot: &NewSlot<'_>, most: u64) -> BusResult<bool> {
        let mut enter = ENTER.key(OPEN);
        enter.arg(most).arg(slot.id.to_string()).arg(slot.ttl_ms);
        if !self.script::<bool>(&enter).await? {
            return Ok(false);
        }
        let key = slot_key(slot.id);
        let mut pipeline = redis::pipe();
        pipeline.atomic().cmd("HSET").arg(&key).arg("token").arg(slot.token).arg("data").arg(slot.data);
        pipeline.arg("writes").arg(0).arg(slot.side.field()).arg(slot.network);
        if let Some(owner) = slot.owner {
            pipeline.arg("owner").arg(owner.to_string());
        }
        pipeline.ignore().cmd("PEXPIRE").arg(&key).arg(slot.ttl_ms).ignore();
        self.pipe::<()>(&pipeline).await?;
        Ok(true)
    }

    /// What a slot holds.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn rendezvous(&self, id: RendezvousId) -> BusResult<Option<Slot>> {
        let key = slot_key(id);
        let mut pipeline = redis::pipe();
        let fields = ["token", "data", "owner", "existing", "new"];
        pipeline.atomic().cmd("HMGET").arg(&key).arg(&fields).cmd("PTTL").arg(&key);
        let ((token, data, owner, existing_network, new_network), left_ms): (Fields, i64) =
            self.pipe(&pipeline).await?;
        Ok(token.zip(data).map(|(token, data)| Slot {
            token,
            data,
            owner: owner.and_then(|owner| owner.parse().ok()),
            existing_network,
            new_network,
            expires_in_ms: u64::try_from(left_ms).unwrap_or(0),
        }))
    }

    /// Writes into a slot if the writer names what it holds.
    ///
    /// # Errors
    /// [`crate::BusError`]: whether it was written is not known, and the same write again tells.
    pub async fn write_rendezvous(&self, write: &Write<'_>) -> BusResult<Written> {
        let mut call = WRITE.key(slot_key(write.id));
        call.arg(write.token).arg(write.next).arg(write.data).arg(write.most);
        call.arg(write.side.field()).arg(write.network);
        let (outcome, token, left_ms): (u8, String, i64) = self.script(&call).await?;
        Ok(match outcome {
            1 => Written::Done(token, u64::try_from(left_ms).unwrap_or(0)),
            2 => Written::Conflict,
            3 => Written::Full,
            _ => Written::Gone,
        })
    }

    /// Ends a rendezvous; `false` when there was none.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn end_rendezvous(&self, id: RendezvousId) -> BusResult<bool> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("DEL").arg(slot_key(id)).cmd("ZREM").arg(OPEN).arg(id.to_string()).ignore();
        let (ended,): (bool,) = self.pipe(&pipeline).await?;
        Ok(ended)
    }

    /// The tokens of these slots, in the order asked; `None` for one that is gone. One question for a whole node.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn rendezvous_tokens(&self, ids: &[RendezvousId]) -> BusResult<Vec<Option<String>>> {
        let mut pipeline = redis::pipe();
        for id in ids {
            pipeline.cmd("HGET").arg(slot_key(*id)).arg("token");
        }
        self.pipe(&pipeline).await
    }

    /// Makes a code lead to a rendezvous; `false` when it leads to another one.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn put_code(&self, code: &str, id: RendezvousId, ttl_ms: u64) -> BusResult<bool> {
        let mut command = redis::cmd("SET");
        command.arg(code_key(code)).arg(id.to_string()).arg("NX").arg("PX").arg(ttl_ms);
        Ok(self.query::<Option<String>>(&command).await?.is_some())
    }

    /// Where a code leads; it leads there once.
    ///
    /// # Errors
    /// [`crate::BusError`].
    pub async fn claim_code(&self, code: &str) -> BusResult<Option<RendezvousId>> {
        let mut command = redis::cmd("GETDEL");
        command.arg(code_key(code));
        Ok(self.query::<Option<String>>(&command).await?.and_then(|id| id.parse().ok()))
    }
}

fn slot_key(id: RendezvousId) -> String {
    format!("rendezvous:{id}")
}

fn code_key(code: &str) -> String {
    format!("rendezvous:code:{code}")
}
