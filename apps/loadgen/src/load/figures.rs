//! What a worker counts, and the sum over workers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sotto_protocol::ConversationId;

use super::times::Times;

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counts, times and what has to be put together over workers.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Figures {
            $($(#[$doc])* pub $name: u64,)*
            /// Rare things by name: closes, refusals, failures.
            pub named: BTreeMap<String, u64>,
            /// Times by name.
            pub times: BTreeMap<String, Times>,
            /// Fewest server pings that a connection answered since it opened.
            pub least_pings: Option<u64>,
            /// When the last device was back.
            pub last_back_ns: u64,
            /// When each message of a spread conversation was at this worker's last member: worker, number, time.
            pub lasts: Vec<(u16, u64, u64)>,
            /// Newest acknowledged position of spread conversations.
            pub heads: BTreeMap<ConversationId, i64>,
            /// Lowest position of a device of this worker in spread conversations.
            pub lowest: BTreeMap<ConversationId, i64>,
        }

        impl Figures {
            fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }
        }
    };
}

figures! {
    /// Devices that are live now.
    live,
    /// Devices that want to be live and are not.
    absent,
    /// Devices that were told to stay away.
    gone,
    /// Connections that got live.
    opened,
    /// Attempts that failed.
    failed,
    /// Connections that ended without being asked to.
    lost_connections,
    /// Server pings answered.
    pings,
    /// Messages sent, every attempt.
    sent,
    /// Messages that were due in the counted time.
    counted,
    /// Of these, acknowledged.
    counted_acked,
    /// Messages due in all.
    due,
    acked,
    refused,
    /// Deliveries to devices other than the sender's.
    delivered,
    /// Of messages due in the counted time.
    counted_delivered,
    /// Frames read, whatever they were.
    frames,
    marks,
    /// Events that one connection brought twice as they happened.
    doubled,
    /// Events that a live device got although one before was missing.
    out_of_order,
    /// Events that a device had already, repeated by a catch-up.
    repeated,
    /// Events that a device which came back has to fetch from the history.
    skipped,
    /// Acknowledged messages that a device lacks at the end.
    missing,
    /// Messages without an answer at the end.
    unanswered,
    /// Bytes of garbage written.
    garbage_bytes,
    /// Frames that came and could not be read.
    unreadable,
}

impl Figures {
    /// Counts something rare.
    pub fn note(&mut self, what: impl Into<String>) {
        *self.named.entry(what.into()).or_default() += 1;
    }

    /// Counts a time by name.
    pub fn time(&mut self, name: &str, ns: u64) {
        if let Some(times) = self.times.get_mut(name) {
            times.record(ns);
        } else {
            self.times.entry(name.to_owned()).or_default().record(ns);
        }
    }

    /// Times of this name, none if nobody counted any.
    pub fn times_of(&self, name: &str) -> Times {
        self.times.get(name).cloned().unwrap_or_default()
    }

    /// Takes in another worker's.
    pub fn merge(&mut self, other: &Self) {
        self.add(other);
        for (name, count) in &other.named {
            *self.named.entry(name.clone()).or_default() += count;
        }
        for (name, times) in &other.times {
            self.times.entry(name.clone()).or_default().merge(times);
        }
        self.least_pings = self.least_pings.into_iter().chain(other.least_pings).min();
        self.last_back_ns = self.last_back_ns.max(other.last_back_ns);
        self.lasts.extend(&other.lasts);
        for (id, head) in &other.heads {
            let mine = self.heads.entry(*id).or_default();
            *mine = (*mine).max(*head);
        }
        for (id, low) in &other.lowest {
            let mine = self.lowest.entry(*id).or_insert(*low);
            *mine = (*mine).min(*low);
        }
    }

    /// Times until the last member of all workers had a message, from what each worker saw; then that is forgotten.
    pub fn settle_lasts(&mut self, intended: impl Fn(u16, u64) -> Option<u64>) {
        let mut latest: BTreeMap<(u16, u64), u64> = BTreeMap::new();
        for (worker, turn, at) in self.lasts.drain(..) {
            let known = latest.entry((worker, turn)).or_default();
            *known = (*known).max(at);
        }
        for ((worker, turn), at) in latest {
            if let Some(intended) = intended(worker, turn) {
                self.time("last", at.saturating_sub(intended));
            }
        }
    }

    /// Whether a device of any worker lacks what was acknowledged in a spread conversation.
    pub fn settle_heads(&mut self) {
        for (id, head) in std::mem::take(&mut self.heads) {
            let low = self.lowest.get(&id).copied().unwrap_or(head);
            self.missing += u64::try_from(head - low).unwrap_or(0);
        }
        self.lowest.clear();
    }

    /// What a checker would complain about.
    pub fn broken(&self) -> u64 {
        self.missing + self.absent + self.doubled + self.out_of_order + self.unanswered + self.unreadable
    }

    /// `0 lost, 0 doubled, ..`
    pub fn promises(&self) -> String {
        let Self { missing, absent, doubled, out_of_order, refused, unanswered, .. } = self;
        let late = if *absent == 0 { String::new() } else { format!(", {absent} devices not back at the end") };
        format!(
            "{missing} lost, {doubled} doubled, {out_of_order} out of order, {refused} refused, {unanswered} \
             unanswered{late}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_sums_and_extremes_are_extremes() {
        let mut one = Figures { sent: 2, least_pings: Some(3), last_back_ns: 9, ..Figures::default() };
        one.note("close 4002");
        one.time("last", 5_000);
        let mut two = Figures { sent: 5, least_pings: Some(1), last_back_ns: 7, ..Figures::default() };
        two.note("close 4002");
        two.time("last", 9_000);
        let mut sum = Figures::default();
        sum.merge(&one);
        sum.merge(&two);
        assert_eq!((sum.sent, sum.least_pings, sum.last_back_ns, sum.named["close 4002"]), (7, Some(1), 9, 2));
        assert_eq!(sum.times_of("last").len(), 2);
    }

    #[test]
    fn the_last_member_is_the_last_of_all_workers() {
        let mut sum =
            Figures { lasts: vec![(0, 1, 5_000_000), (0, 1, 9_000_000), (1, 1, 3_000_000)], ..Figures::default() };
        sum.settle_lasts(|worker, _| (worker == 0).then_some(1_000_000));
        assert!((sum.times_of("last").max_ms() - 8.0).abs() < 0.02, "{}", sum.times_of("last").max_ms());
        assert_eq!(sum.times_of("last").len(), 1, "messages that are not counted stay out");
    }

    #[test]
    fn a_device_behind_the_head_of_another_workers_conversation_misses_messages() {
        let id = ConversationId(uuid::Uuid::from_u128(1));
        let mut one = Figures { heads: BTreeMap::from([(id, 10)]), ..Figures::default() };
        one.merge(&Figures { lowest: BTreeMap::from([(id, 7)]), ..Figures::default() });
        one.settle_heads();
        assert_eq!(one.missing, 3);
    }
}
