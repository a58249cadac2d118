//! Rosters: the members that the signed chain authorises, and the devices that get keys.

use serde::{Deserialize, Serialize};
use sotto_identity::{CanonicalError, MembershipState, SortedMap, SortedSet, hash};
use sotto_protocol::{
    ConversationId, DeviceId, TxnId, UserId, conversations::Roster, keys::ListedDevice, messages::SendEnvelopesRequest,
};

use crate::{
    error::E2eeError, key_requests::Control, log::Log, queue::Tail, records::Key, state::Machine, trust::Alarm,
};

/// Rosters remembered to compare with what senders bound their messages to.
const ROSTERS_KEPT: usize = 32;

/// What is known of a conversation.
#[derive(Serialize, Deserialize)]
pub(crate) struct Conversation {
    /// Stored as a record of its own: big, and seldom changed.
    #[serde(skip)]
    pub(crate) members: Members,
    /// The roster must be fetched before the next send.
    pub(crate) stale: bool,
    pub(crate) log: Log,
    /// The newest acknowledged send.
    pub(crate) sent: Tail,
    /// What is to be told to single devices, not encrypted yet.
    pub(crate) control: Vec<Control>,
    /// What is encrypted and not acknowledged.
    pub(crate) control_page: Option<ControlPage>,
    /// Actors of the chain that were not known when it was last looked at.
    #[serde(skip)]
    pub(crate) unknown_actors: Vec<UserId>,
}

/// Who is in a conversation.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Members {
    pub(crate) chain: Option<MembershipState>,
    /// People who were members once: what they sent then is shown.
    pub(crate) former: SortedSet<UserId>,
    pub(crate) roster_version: i64,
    /// Who is in as the server says; the chain decides, this only narrows it.
    present: SortedSet<UserId>,
    /// Roster version to what this device found it to be.
    pub(crate) rosters: SortedMap<i64, String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ControlPage {
    pub(crate) request: SendEnvelopesRequest,
    /// To encrypt them again if the page is refused.
    pub(crate) controls: Vec<Control>,
    #[serde(skip)]
    pub(crate) handed: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            members: Members::default(),
            stale: true,
            log: Log::default(),
            sent: Tail::default(),
            control: Vec::new(),
            control_page: None,
            unknown_actors: Vec::new(),
        }
    }
}

impl Conversation {
    pub(crate) fn has_control(&self) -> bool {
        !self.control.is_empty() || self.control_page.is_some()
    }
}

impl Members {
    /// Members that get keys: in the chain, and present as the server says.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = (UserId, &str)> {
        self.chain
            .iter()
            .flat_map(|state| state.members.iter())
            .filter(|(user_id, _)| self.present.contains(*user_id))
            .map(|(user_id, member)| (*user_id, member.master_key.as_str()))
    }

    /// As the server says; a roster that names the person again takes it in again.
    pub(crate) fn leave(&mut self, user_id: &UserId) {
        self.present.remove(user_id);
    }

    pub(crate) fn roster_hash(&self) -> Option<&String> {
        self.rosters.get(&self.roster_version)
    }

    pub(crate) fn was_member(&self, user_id: UserId) -> bool {
        self.former.contains(&user_id) || self.chain.as_ref().is_some_and(|state| state.member(user_id).is_some())
    }
}

/// The parameters of `GET /api/conversations/{id}/roster`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RosterQuery {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// `since`: the roster version that is known, 0 for none.
    pub since: i64,
    /// `chain_since`: the newest link of the membership chain that is known, 0 for none.
    pub chain_since: i64,
}

/// A device that gets keys.
pub(crate) struct Recipient {
    pub(crate) user_id: UserId,
    pub(crate) device: ListedDevice,
    pub(crate) master: String,
}

/// Why the recipients can't be told yet.
pub(crate) enum Missing {
    Identities(Vec<UserId>),
    Violated(Vec<UserId>),
    NotAMember,
}

/// Its hash is what messages bind themselves to.
#[derive(Serialize)]
pub(crate) struct RosterSummary<'a> {
    pub(crate) chain: &'a str,
    pub(crate) lists: SortedMap<String, Option<&'a str>>,
}

impl Machine {
    /// What to fetch to know the conversation's current roster.
    pub fn roster_query(&self, conversation_id: ConversationId) -> RosterQuery {
        let conversation = self.conversations.get(&conversation_id);
        RosterQuery {
            conversation_id,
            since: conversation.map_or(0, |c| c.members.roster_version),
            chain_since: conversation.and_then(|c| c.members.chain.as_ref()).map_or(0, |m| m.index),
        }
    }

    /// Says that the roster moved on (frame `roster_changed`, or a head in `sync`): it is fetched before the next send.
    pub fn roster_changed(&mut self, conversation_id: ConversationId, roster_version: i64) {
        if let Some(conversation) = self.conversations.get_mut(&conversation_id)
            && roster_version > conversation.members.roster_version
            && !conversation.stale
        {
            conversation.stale = true;
            self.touch(Key::Conversation(conversation_id));
        }
    }

    /// Takes over a roster, its pages put together. Gives people whose keys are needed to verify the chain: query them, feed their identities,
    /// and feed the same roster again; links that stay unverified are refused if they bring anybody in.
    pub fn receive_roster(&mut self, mut roster: Roster) -> Result<Vec<UserId>, E2eeError> {
        let conversation_id = roster.conversation_id;
        self.receive_identities(std::mem::take(&mut roster.identities));
        let mut conversation = self.conversations.remove(&conversation_id).unwrap_or_default();
        let mut unknown = self.extend_chain(conversation_id, &mut conversation.members, &roster.chain);
        if !unknown.is_empty() && unknown == conversation.unknown_actors {
            // Asked for and not found: what they signed stays out.
            let index = conversation.members.chain.as_ref().map_or(0, |state| state.index) + 1;
            let reason = "nobody who is known signed the link".to_owned();
            self.alarms.push(Alarm::MembershipRefused { conversation_id, index, reason });
            unknown.clear();
        }
        conversation.unknown_actors.clone_from(&unknown);
        if roster.roster_version < conversation.members.roster_version {
            self.alarms.push(Alarm::RosterRolledBack { conversation_id, roster_version: roster.roster_version });
        } else {
            conversation.stale = !unknown.is_empty();
            self.adopt_roster(&mut conversation.members, conversation_id, &roster)?;
        }
        self.conversations.insert(conversation_id, conversation);
        self.epoch += 1;
        self.touch(Key::Conversation(conversation_id));
        self.touch(Key::Members(conversation_id));
        Ok(unknown)
    }

    fn adopt_roster(
        &mut self,
        members: &mut Members,
        conversation_id: ConversationId,
        roster: &Roster,
    ) -> Result<(), E2eeError> {
        members.present = roster.members.iter().map(|member| member.user_id).collect();
        for user_id in members.present.iter() {
            if members.chain.as_ref().is_none_or(|state| state.member(*user_id).is_none()) {
                self.alarms.push(Alarm::GhostMember { conversation_id, user_id: *user_id });
            }
        }
        members.roster_version = roster.roster_version;
        let summary = self.roster_summary(members)?;
        members.rosters.insert(roster.roster_version, summary);
        while members.rosters.len() > ROSTERS_KEPT {
            members.rosters.pop_first();
        }
        Ok(())
    }

    /// What messages bind themselves to: the chain's head and the heads of all members' device lists.
    fn roster_summary(&self, members: &Members) -> Result<String, CanonicalError> {
        let list = |user_id: UserId| self.users.get(&user_id).and_then(|user| user.list_hash.as_deref());
        hash(&RosterSummary {
            chain: members.chain.as_ref().map_or("", |state| &state.head_hash),
            lists: members.recipients().map(|(user_id, _)| (user_id.to_string(), list(user_id))).collect(),
        })
    }

    /// All devices that the conversation's next message is for, this one excepted.
    pub(crate) fn recipients(&mut self, conversation_id: ConversationId) -> Result<Vec<Recipient>, Missing> {
        let Some(conversation) = self.conversations.get(&conversation_id) else {
            return Err(Missing::NotAMember);
        };
        let own = self.user_id();
        let (mut recipients, mut unknown, mut violated, mut mismatched) = (vec![], vec![], vec![], vec![]);
        let mut in_it = false;
        for (user_id, master) in conversation.members.recipients() {
            in_it |= user_id == own;
            match self.users.get(&user_id) {
                Some(user) if user.offered_master.is_some() => violated.push(user_id),
                Some(user) if user.list.is_some() && !user.answers_to(master) => mismatched.push(user_id),
                Some(user) if user.is_complete() => {
                    recipients.extend(
                        user.active().iter().filter(|d| d.device_id != self.device_id()).map(|device| Recipient {
                            user_id,
                            device: device.clone(),
                            master: user.master.clone(),
                        }),
                    );
                }
                _ => unknown.push(user_id),
            }
        }
        let alarms = mismatched.into_iter().map(|user_id| Alarm::MemberKeyMismatch { conversation_id, user_id });
        let alarms: Vec<_> = alarms.collect();
        self.alarms.extend(alarms);
        if !in_it {
            Err(Missing::NotAMember)
        } else if !violated.is_empty() {
            Err(Missing::Violated(violated))
        } else if !unknown.is_empty() {
            Err(Missing::Identities(unknown))
        } else {
            Ok(recipients)
        }
    }

    /// Whether the device is one that the conversation's messages are for.
    pub(crate) fn is_recipient(&self, conversation_id: ConversationId, user_id: UserId, device_id: DeviceId) -> bool {
        let Some(conversation) = self.conversations.get(&conversation_id) else {
            return false;
        };
        conversation.members.recipients().any(|(member, master)| {
            member == user_id
                && self.users.get(&member).is_some_and(|user| {
                    user.offered_master.is_none()
                        && user.answers_to(master)
                        && user.active().iter().any(|device| device.device_id == device_id)
                })
        })
    }

    /// The membership as far as the chain is verified.
    pub fn membership(&self, conversation_id: ConversationId) -> Option<&MembershipState> {
        self.conversations.get(&conversation_id)?.members.chain.as_ref()
    }

    /// The roster version that the next send names.
    pub fn roster_version(&self, conversation_id: ConversationId) -> Option<i64> {
        self.conversations.get(&conversation_id).map(|conversation| conversation.members.roster_version)
    }

    /// A transaction id of this device's own.
    pub(crate) fn txn_id(rng: &mut impl rand::CryptoRng) -> TxnId {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        TxnId(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}
