//! Rate limits: a local gate first, then the one that all nodes share. Without Redis the local gate alone holds.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use serde::Deserialize;
pub use sotto_bus::limits::Rate;
use sotto_bus::{Bus, limits::Verdict};
use sotto_protocol::{DeviceId, Problem, ProblemCode, UserId};

use crate::{
    Clock, ServiceResult,
    address::{self, IpRange},
    bounded::BoundedMap,
};

macro_rules! limits {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $scope:ident, $burst:literal per $period_ms:literal ms;)*) => {
        /// What is limited, by whom it is counted, and how much of it is fine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Limit {
            $($(#[$doc])* $variant,)*
        }

        impl Limit {
            /// Every limit.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in the configuration, in Redis keys and in metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether all nodes count together, at the price of a question to Redis.
            fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)* }
            }

            /// What holds unless the configuration says otherwise.
            pub fn default_rate(self) -> Rate {
                match self { $(Self::$variant => Rate { burst: $burst, period_ms: $period_ms },)* }
            }
        }
    };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Node,
    Cluster,
}

limits! {
    /// Requests of one address, of any kind.
    ApiAddress = "api_address", Node, 600 per 10 ms;
    /// Requests of one device, of any kind.
    ApiDevice = "api_device", Node, 300 per 20 ms;
    /// Sign-ins from one address, right or wrong.
    LoginAddress = "login_address", Cluster, 30 per 6_000 ms;
    /// Sign-ins for one username, right or wrong.
    LoginUsername = "login_username", Cluster, 10 per 30_000 ms;
    /// Step-ups of one user: guesses at the password by whoever holds a device.
    StepUpUser = "step_up_user", Cluster, 10 per 30_000 ms;
    /// New accounts from one address.
    RegisterAddress = "register_address", Cluster, 20 per 60_000 ms;
    /// Refreshes and challenges from one address.
    RefreshAddress = "refresh_address", Cluster, 120 per 500 ms;
    /// Look-ups of names by one user.
    LookupUser = "lookup_user", Cluster, 60 per 1_000 ms;
    /// Devices whose keys one user asks for.
    KeyQueryUser = "key_query_user", Cluster, 5_000 per 10 ms;
    /// One-time keys that one device claims.
    ClaimDevice = "claim_device", Cluster, 5_000 per 10 ms;
    /// One-time keys of one device that one other device gets; beyond it the fallback key.
    ClaimPair = "claim_pair", Cluster, 6 per 600_000 ms;
    /// One-time keys of one device that anybody gets; beyond it the fallback key.
    ClaimTarget = "claim_target", Cluster, 100 per 36_000 ms;
    /// Messages of one device.
    SendDevice = "send_device", Node, 300 per 10 ms;
    /// New conversations and membership requests of one user.
    ConversationUser = "conversation_user", Cluster, 100 per 1_000 ms;
    /// Message requests to strangers by one user.
    StrangerUser = "stranger_user", Cluster, 50 per 60_000 ms;
    /// Tickets for sockets by one device.
    TicketDevice = "ticket_device", Cluster, 30 per 1_000 ms;
    /// Sockets opened from one address.
    ConnectAddress = "connect_address", Node, 600 per 10 ms;
    /// Attempts at a link grant from one address.
    GrantAddress = "grant_address", Cluster, 20 per 10_000 ms;
    /// Rendezvous that one address opens without a token.
    RendezvousAddress = "rendezvous_address", Cluster, 5 per 120_000 ms;
    /// Rendezvous that devices of one user open.
    RendezvousUser = "rendezvous_user", Cluster, 20 per 30_000 ms;
    /// Codes that one address types.
    CodeAddress = "code_address", Cluster, 10 per 6_000 ms;
    /// Frames of one socket that cost little: marks, acknowledgements, typing, presence, pings.
    FrameDevice = "frame_device", Node, 2_000 per 1 ms;
    /// How often a device may be cut off for what it sends before its sockets are refused.
    CutDevice = "cut_device", Node, 10 per 30_000 ms;
}

/// `[limits]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Addresses that no limit counted by address applies to, such as those of a load test.
    pub exempt: Vec<IpRange>,
    /// Rates instead of the defaults, by name.
    pub rates: BTreeMap<Limit, Rate>,
}

/// The limits of a node.
pub struct Limits {
    bus: Bus,
    clock: Arc<dyn Clock>,
    config: LimitsConfig,
    /// Theoretical arrival times, by monotonic time.
    local: BoundedMap<(Limit, String), Duration>,
}

/// Subjects that the local gate remembers.
const LOCAL_SUBJECTS: usize = 200_000;

impl Limits {
    /// Limits that nobody has used yet.
    pub fn new(bus: Bus, clock: Arc<dyn Clock>, config: LimitsConfig) -> Self {
        Self { bus, clock, config, local: BoundedMap::new(LOCAL_SUBJECTS) }
    }

    /// Counts one by the client's address, unless that is exempt.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn by_address(&self, limit: Limit, address: IpAddr) -> ServiceResult<()> {
        if self.config.exempt.iter().any(|range| range.contains(address)) {
            return Ok(());
        }
        self.take(limit, address::subject(address), 1).await
    }

    /// Counts one by device.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn by_device(&self, limit: Limit, device_id: DeviceId) -> ServiceResult<()> {
        self.take(limit, device_id.to_string(), 1).await
    }

    /// Whether one more by device would be too many; counts nothing.
    pub fn is_used_up(&self, limit: Limit, device_id: DeviceId) -> bool {
        let Some(mut arrival) = self.local.get((limit, device_id.to_string())) else { return false };
        gcra(&mut arrival, self.clock.monotonic(), self.rate(limit), 1) != Verdict::Allowed
    }

    /// Counts one by user.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn by_user(&self, limit: Limit, user_id: UserId) -> ServiceResult<()> {
        self.take(limit, user_id.to_string(), 1).await
    }

    /// Counts `cost` (at most the burst) by any subject.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn take(&self, limit: Limit, subject: impl Into<String>, cost: u32) -> ServiceResult<()> {
        let subject = subject.into();
        let rate = self.rate(limit);
        let cost = cost.min(rate.burst);
        let mut verdict = self.local(limit, subject.clone(), rate, cost);
        if verdict == Verdict::Allowed && limit.scope() == Scope::Cluster {
            verdict = self.shared(limit, &subject, rate, cost).await;
        }
        match verdict {
            Verdict::Allowed => Ok(()),
            Verdict::Limited { retry_after_ms } => {
                metrics::counter!("rate_limited_total", "limit" => limit.name()).increment(1);
                let problem = Problem::new(ProblemCode::RateLimited);
                Err(Problem { retry_after_ms: Some(retry_after_ms), ..problem }.into())
            }
        }
    }

    /// Counts one if it is fine. Closed without Redis: for what is worth nothing unless all nodes count together.
    pub async fn counted(&self, limit: Limit, subject: String) -> bool {
        let rate = self.rate(limit);
        matches!(self.bus.limit(limit.name(), &subject, rate, 1).await, Ok(Verdict::Allowed))
    }

    /// What holds: as configured, or the default.
    pub fn rate(&self, limit: Limit) -> Rate {
        self.config.rates.get(&limit).copied().unwrap_or_else(|| limit.default_rate())
    }

    fn local(&self, limit: Limit, subject: String, rate: Rate, cost: u32) -> Verdict {
        let now = self.clock.monotonic();
        self.local.update((limit, subject), || now, |arrival| gcra(arrival, now, rate, cost))
    }

    /// Open without Redis: every node then has the whole rate for itself.
    async fn shared(&self, limit: Limit, subject: &str, rate: Rate, cost: u32) -> Verdict {
        self.bus.limit(limit.name(), subject, rate, cost).await.unwrap_or_else(|error| {
            tracing::debug!(%error, limit = limit.name(), "only the local limit holds");
            Verdict::Allowed
        })
    }
}

/// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling), in tokens of `rate.period_ms`.
pub(crate) fn gcra(arrival: &mut Duration, now: Duration, rate: Rate, cost: u32) -> Verdict {
    let period = Duration::from_millis(rate.period_ms.into());
    let following = (*arrival).max(now) + period * cost;
    let wait = following.saturating_sub(period * rate.burst).saturating_sub(now);
    if wait.is_zero() {
        *arrival = following;
        return Verdict::Allowed;
    }
    Verdict::Limited { retry_after_ms: u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, period_ms: 1_000 };

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_burst_is_allowed_at_once_and_then_one_a_period() {
        let mut arrival = Duration::ZERO;
        for _ in 0..3 {
            assert_eq!(gcra(&mut arrival, at(10), RATE, 1), Verdict::Allowed);
        }
        assert_eq!(gcra(&mut arrival, at(10), RATE, 1), Verdict::Limited { retry_after_ms: 1_000 });
        assert_eq!(gcra(&mut arrival, at(1_009), RATE, 1), Verdict::Limited { retry_after_ms: 1 });
        assert_eq!(gcra(&mut arrival, at(1_010), RATE, 1), Verdict::Allowed);
    }

    #[test]
    fn a_refusal_costs_nothing_and_rest_gives_the_burst_back() {
        let mut arrival = Duration::ZERO;
        assert_eq!(gcra(&mut arrival, at(0), RATE, 3), Verdict::Allowed);
        for _ in 0..100 {
            assert_eq!(gcra(&mut arrival, at(0), RATE, 2), Verdict::Limited { retry_after_ms: 2_000 });
        }
        assert_eq!(gcra(&mut arrival, at(9_000), RATE, 3), Verdict::Allowed);
    }

    #[test]
    fn names_of_limits_are_those_of_the_configuration() {
        for limit in Limit::ALL {
            let json = serde_json::json!({ "rates": { limit.name(): { "burst": 1, "period_ms": 2 } } });
            let config: LimitsConfig = serde_json::from_value(json).unwrap();
            assert_eq!(config.rates[limit], Rate { burst: 1, period_ms: 2 });
        }
    }
}
