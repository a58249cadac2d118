//! Rate limits across nodes: the generic cell rate algorithm (ITU-T I.371, annex A) on one key a limit and subject.

use std::sync::LazyLock;

use redis::Script;

use crate::{Bus, BusResult};

/// How fast something may happen: `burst` at once, then one every `period_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Tokens that may be spent at once.
    pub burst: u32,
    /// Milliseconds until one token is back.
    pub period_ms: u32,
}

/// Verdict on one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may happen, and is counted.
    Allowed,
    /// It may not, and is not counted.
    Limited {
        /// After this time it may, when nothing else happens; milliseconds, at least 1.
        retry_after_ms: u64,
    },
}

/// KEYS[1] holds the theoretical arrival time in microseconds of Redis' own clock, so that nodes need no common one.
static GCRA: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local burst, period, cost = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local following = arrival + cost * period
local wait = following - burst * period - now
if wait > 0 then
  return math.ceil(wait / 1000)
end
redis.call('SET', KEYS[1], string.format('%d', following), 'PX', math.max(1, math.ceil((following - now) / 1000)))
return 0
",
    )
});

impl Bus {
    /// Spends `cost` tokens of `limit:<name>:<subject>`, or says when they will be there.
    ///
    /// # Errors
    /// [`crate::BusError::Unavailable`]: local limits have to do.
    pub async fn limit(&self, name: &str, subject: &str, rate: Rate, cost: u32) -> BusResult<Verdict> {
        let mut call = GCRA.key(format!("limit:{name}:{subject}"));
        call.arg(rate.burst).arg(rate.period_ms).arg(cost);
        Ok(match self.script::<u64>(&call).await? {
            0 => Verdict::Allowed,
            retry_after_ms => Verdict::Limited { retry_after_ms },
        })
    }
}
