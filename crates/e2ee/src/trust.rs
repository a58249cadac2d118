//! How far an identity is trusted, and what the server was caught at.

use serde::{Serialize, Serializer};
use sotto_identity::{DeviceKeysError, Ed25519Public, ListError};
use sotto_protocol::{
    ConversationId, DeviceId, TxnId, UserId,
    keys::{CrossSigningKey, KeyUsage, ListAuthor},
};

use crate::{identities::UserRecord, state::Machine};

/// How far a person's master key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// No master key is known.
    Unverified,
    /// Pinned when first seen.
    FirstUse,
    /// Two people compared their master keys.
    Verified,
    /// The server offers another master key than the pinned one: nothing is sent until a person accepts it.
    Violated,
}

/// Something that an honest server does not do, or that a person should know.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Alarm {
    /// Keys of an account don't check.
    BadIdentity {
        /// The account.
        user_id: UserId,
        /// Why.
        #[serde(serialize_with = "words")]
        reason: DeviceKeysError,
    },
    /// Another master key than the pinned one: sending to this person is blocked.
    MasterKeyChanged {
        /// The account.
        user_id: UserId,
        /// The offered key, unpadded base64.
        offered: String,
    },
    /// Another self-signing key than known.
    SelfSigningKeyChanged {
        /// The account.
        user_id: UserId,
    },
    /// An entry that does not extend the known list: refused.
    ListRefused {
        /// The account.
        user_id: UserId,
        /// Why.
        #[serde(serialize_with = "words")]
        reason: ListError,
    },
    /// Another entry of a version that is known already.
    ListForked {
        /// The account.
        user_id: UserId,
        /// The version.
        version: i64,
    },
    /// An older list than the highest one seen was given as the newest.
    ListRolledBack {
        /// The account.
        user_id: UserId,
        /// The version that was given.
        version: i64,
    },
    /// A device that the account did not sign or that is not in its list: it gets no key.
    UnsignedDevice {
        /// The account.
        user_id: UserId,
        /// The device.
        device_id: DeviceId,
    },
    /// A device that this one did not link came into this account's list.
    OwnDeviceAdded {
        /// The device.
        device_id: DeviceId,
        /// Who extended the list.
        author: ListAuthor,
    },
    /// A one-time key that its device did not sign: no session is made with it.
    ForgedOneTimeKey {
        /// The device.
        device_id: DeviceId,
    },
    /// The server names a member that the signed chain does not: it gets no key.
    GhostMember {
        /// The conversation.
        conversation_id: ConversationId,
        /// The user.
        user_id: UserId,
    },
    /// A membership link that is not validly signed or not allowed: refused, with all after it.
    MembershipRefused {
        /// The conversation.
        conversation_id: ConversationId,
        /// The link.
        index: i64,
        /// Why.
        reason: String,
    },
    /// A membership link by a device that is revoked meanwhile.
    MembershipByRevokedDevice {
        /// The conversation.
        conversation_id: ConversationId,
        /// The link.
        index: i64,
    },
    /// The conversation's chain says another master key for a member than the pinned one: it gets no key.
    MemberKeyMismatch {
        /// The conversation.
        conversation_id: ConversationId,
        /// The member.
        user_id: UserId,
    },
    /// A lower roster version than known.
    RosterRolledBack {
        /// The conversation.
        conversation_id: ConversationId,
        /// The version that was given.
        roster_version: i64,
    },
    /// A room key for a session that somebody else owns, or that does not connect to the known one.
    ForeignRoomKey {
        /// The conversation.
        conversation_id: ConversationId,
        /// Who sent it.
        device_id: DeviceId,
    },
    /// A description of this account's key backup that is not signed as it has to be, or older than known: refused.
    BackupRefused {
        /// The version that it says.
        version: i64,
    },
    /// The server does not know a message of this device any more that it had acknowledged. Sending goes on after it.
    AcknowledgedLost {
        /// The conversation.
        conversation_id: ConversationId,
        /// The lost message, or the last of those that are lost.
        txn_id: TxnId,
    },
}

/// An error as its text.
fn words<S: Serializer>(error: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(error)
}

impl Machine {
    /// How far the user's master key is trusted.
    pub fn trust(&self, user_id: UserId) -> Trust {
        match self.users.get(&user_id) {
            None => Trust::Unverified,
            Some(user) if user.offered_master.is_some() => Trust::Violated,
            Some(_) if self.is_compared(user_id) => Trust::Verified,
            Some(_) => Trust::FirstUse,
        }
    }

    /// The pinned master key of the user, unpadded base64: what two people compare.
    pub fn master_key(&self, user_id: UserId) -> Option<&str> {
        self.users.get(&user_id).map(|user| user.master.as_str())
    }

    /// The master key that the server offers instead of the pinned one, unpadded base64: what a person has to decide on.
    pub fn offered_master_key(&self, user_id: UserId) -> Option<&str> {
        self.users.get(&user_id).and_then(|user| user.offered_master.as_deref())
    }

    /// Pins the master key of somebody whose devices are not told yet (an exact name was looked up). `false` if it is
    /// malformed or another one is pinned.
    pub fn pin_master_key(&mut self, master_key: &CrossSigningKey) -> bool {
        let (user_id, mut keys) = (master_key.user_id, master_key.keys.values());
        let (Some(key), None, [KeyUsage::Master]) = (keys.next(), keys.next(), master_key.usage.as_slice()) else {
            return false;
        };
        if let Some(user) = self.users.get(&user_id) {
            return user.master == *key;
        }
        if Ed25519Public::parse(key).is_err() {
            return false;
        }
        let user = self.expected_user(user_id).unwrap_or_else(|| UserRecord::pinned(key.clone()));
        let agrees = user.master == *key;
        self.users.insert(user_id, user);
        self.touch_user(user_id);
        agrees
    }

    /// A person compared the user's master key with this one (unpadded base64); `false` if another one is pinned.
    /// [`Machine::tell_verifications`] tells the account's other devices.
    pub fn mark_verified(&mut self, user_id: UserId, master_key: &str) -> bool {
        if self.master_key(user_id) != Some(master_key) {
            return false;
        }
        if !self.is_compared(user_id) {
            self.decide(user_id, master_key.to_owned(), true);
        }
        true
    }

    /// A person takes it back that the pinned master key was compared. Tell the other devices, too.
    pub fn take_back_verification(&mut self, user_id: UserId) {
        if self.is_compared(user_id)
            && let Some(master_key) = self.master_key(user_id).map(str::to_owned)
        {
            self.decide(user_id, master_key, false);
        }
    }

    /// A person accepts the master key that it was shown ([`Machine::offered_master_key`]) instead of the pinned one:
    /// trusted as at first sight, verified or not before. Query the user's keys from version 0 afterwards. `false` if
    /// this one is not offered (any more).
    pub fn accept_new_master_key(&mut self, user_id: UserId, shown: &str) -> bool {
        let Some(user) = self.users.get_mut(&user_id).filter(|user| user.offered_master.as_deref() == Some(shown))
        else {
            return false;
        };
        *user = user.renewed(shown.to_owned());
        self.touch_user(user_id);
        true
    }

    /// What was noticed since the last call.
    pub fn take_alarms(&mut self) -> Vec<Alarm> {
        std::mem::take(&mut self.alarms)
    }
}
