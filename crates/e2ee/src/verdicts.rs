//! Whom this account's person compared keys with, as its devices tell each other (`docs/API-DESIGN.md`, verifying
//! people). Of each person the newest decision counts, whatever order the server delivers in.

use serde::{Deserialize, Serialize};
use sotto_identity::{Ed25519Public, SortedMap};
use sotto_protocol::{DeviceId, UserId};

use crate::{
    identities::UserRecord,
    inbox::{DropReason, InboxOutcome},
    olm_channel::Sender,
    olm_payload::OlmBody,
    records::Key,
    state::Machine,
    trust::{Alarm, Trust},
};

/// Decisions in one envelope, which has to fit 8 KiB.
const PER_ENVELOPE: usize = 32;
/// Decisions taken from other devices about people whom this one knew nothing of.
const KEPT: usize = 1_000;

/// A decision as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Verification {
    pub(crate) user_id: UserId,
    /// Unpadded base64.
    pub(crate) master_key: String,
    /// `false`: it was taken back.
    pub(crate) verified: bool,
    /// One more than that of the decision before it, as far as the deciding device knew: a clock that nobody sets.
    pub(crate) n: u32,
    /// Here only: how many decisions this device had made by then.
    #[serde(default, skip_serializing_if = "is_zero")]
    at: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(at: &usize) -> bool {
    *at == 0
}

impl Verification {
    /// Which one of two counts: the one that knew of the other. Of two that did not, the one that takes back.
    fn rank(&self) -> (u32, bool, &str) {
        (self.n, !self.verified, &self.master_key)
    }

    fn confirms(&self, master_key: &str) -> bool {
        self.verified && self.master_key == master_key
    }
}

/// What was decided, and who of the account's devices knows.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Verdicts {
    /// One decision about each person, those that came last at the end.
    of: Vec<Verification>,
    /// Decisions made on this device.
    made: usize,
    /// Own devices, and how many of them each was told.
    told: SortedMap<DeviceId, usize>,
}

impl Verdicts {
    fn about(&self, user_id: UserId) -> Option<&Verification> {
        self.of.iter().find(|decision| decision.user_id == user_id)
    }

    fn keep(&mut self, decision: Verification) {
        self.of.retain(|known| known.user_id != decision.user_id);
        self.of.push(Verification { at: self.made, ..decision });
    }
}

/// Somebody whose key is trusted otherwise since another device of this account told what was decided there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrustChange {
    /// Who.
    pub user_id: UserId,
    /// How far from now on.
    pub trust: Trust,
}

impl Machine {
    /// Whether two people compared the pinned master key, on any device of this account; also while the server offers
    /// another one.
    pub fn is_compared(&self, user_id: UserId) -> bool {
        self.users.get(&user_id).is_some_and(|user| match self.verdicts.about(user_id) {
            Some(decision) => decision.confirms(&user.master),
            None => user.verified,
        })
    }

    /// The key that another device saw compared, of somebody whom this one has not met.
    pub(crate) fn expected_user(&self, user_id: UserId) -> Option<UserRecord> {
        let decision = self.verdicts.about(user_id).filter(|decision| decision.verified)?;
        Some(UserRecord::pinned(decision.master_key.clone()))
    }

    pub(crate) fn decide(&mut self, user_id: UserId, master_key: String, verified: bool) {
        let n = self.verdicts.about(user_id).map_or(0, |before| before.n).saturating_add(1);
        self.verdicts.made += 1;
        self.verdicts.keep(Verification { user_id, master_key, verified, n, at: 0 });
        self.touch(Key::Verdicts);
    }

    /// Tells the account's other devices what they were not told, as envelopes; a device that is new, all of it. `false` if
    /// there is nothing to say, or no conversation yet to say it in. Call it after a decision, when this account's list or
    /// conversations are others, and at each connect.
    pub fn tell_verifications(&mut self) -> bool {
        self.decide_silent();
        let (own, here) = (self.user_id(), self.device_id());
        let others = self.devices_of(own).into_iter().map(|device| device.device_id).filter(|id| *id != here);
        let others: Vec<DeviceId> = others.collect();
        self.verdicts.told.retain(|device_id, _| others.contains(device_id));
        let mut tells = false;
        for device_id in others {
            let told = self.verdicts.told.get(&device_id).copied();
            if self.verdicts.of.is_empty() || told == Some(self.verdicts.made) {
                continue;
            }
            let Some(conversation_id) = self.reaching(device_id) else { continue };
            let news = self.news_since(told);
            tells |= !news.is_empty();
            for people in news.chunks(PER_ENVELOPE) {
                let body = OlmBody::Verifications { people: people.to_vec() };
                self.tell_secret(conversation_id, device_id, body);
            }
            self.verdicts.told.insert(device_id, self.verdicts.made);
            self.touch(Key::Verdicts);
        }
        tells
    }

    pub(crate) fn forget_told(&mut self, device_id: DeviceId) {
        self.verdicts.told.remove(&device_id);
        self.touch(Key::Verdicts);
    }

    /// What was compared before devices told each other.
    fn decide_silent(&mut self) {
        let silent = |(id, user): &(&UserId, &UserRecord)| {
            user.verified && **id != self.user_id() && self.verdicts.about(**id).is_none()
        };
        let silent: Vec<_> = self.users.iter().filter(silent).map(|(id, user)| (*id, user.master.clone())).collect();
        for (user_id, master_key) in silent {
            self.decide(user_id, master_key, true);
        }
    }

    /// The newest. An envelope is filled up with what was told before: one that the server dropped is made good by the
    /// next.
    fn news_since(&self, told: Option<usize>) -> Vec<Verification> {
        let standing = self.verdicts.of.iter().rev().filter(|decision| self.stands(decision));
        let mut news = Vec::new();
        for decision in standing {
            if news.len() >= PER_ENVELOPE && told.is_some_and(|told| decision.at <= told) {
                break;
            }
            news.push(Verification { at: 0, ..decision.clone() });
        }
        news
    }

    /// What was compared before the person here accepted another key is nothing to tell.
    fn stands(&self, decision: &Verification) -> bool {
        let user = self.users.get(&decision.user_id);
        !decision.verified || user.is_none_or(|user| user.master == decision.master_key)
    }

    /// Takes decisions from a device of this account that is active in the highest list seen.
    pub(crate) fn receive_verifications(&mut self, sender: &Sender, people: Vec<Verification>) -> InboxOutcome {
        let active = self.devices_of(self.user_id()).contains(&sender.device);
        if sender.user_id != self.user_id() || !active {
            return InboxOutcome::Dropped(DropReason::Unsolicited);
        }
        if people.len() > PER_ENVELOPE {
            return InboxOutcome::Dropped(DropReason::Malformed);
        }
        let mut changed = Vec::new();
        for decision in people {
            let user_id = decision.user_id;
            let before = self.trust(user_id);
            self.learn(decision);
            let trust = self.trust(user_id);
            if trust != before {
                changed.push(TrustChange { user_id, trust });
            }
        }
        let device_id = sender.device.device_id;
        if self.verdicts.made == 0 {
            // Nothing here is this device's own, to be told back.
            self.verdicts.told.or_insert(device_id, 0);
        }
        InboxOutcome::Verifications { device_id, people: changed }
    }

    fn learn(&mut self, decision: Verification) {
        let user_id = decision.user_id;
        let is_new = match self.verdicts.about(user_id) {
            Some(known) => decision.rank() > known.rank(),
            None => self.verdicts.of.len() < KEPT || self.users.contains_key(&user_id),
        };
        if !is_new || user_id == self.user_id() || Ed25519Public::parse(&decision.master_key).is_err() {
            return;
        }
        let other = self.users.get_mut(&user_id).filter(|user| user.offered_master.is_none());
        if let Some(user) = other
            && decision.verified
            && !user.answers_to(&decision.master_key)
        {
            // Somebody showed this device another key than the one that two people compared.
            user.offered_master = Some(decision.master_key.clone());
            self.alarms.push(Alarm::MasterKeyChanged { user_id, offered: decision.master_key.clone() });
            self.touch_user(user_id);
        }
        self.verdicts.keep(decision);
        self.touch(Key::Verdicts);
    }
}
