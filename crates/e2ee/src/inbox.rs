//! Receiving inbox items: keys, requests for keys, and notices of the account.

use serde::Serialize;
use sotto_protocol::{
    ConversationId, DeviceId, UserId,
    events::{InboxBody, InboxItem},
    messages::OlmContent,
};

use crate::{
    megolm_in::{AnyKey, KeyOrigin},
    olm_channel::Sender,
    olm_payload::OlmBody,
    receiving::EventOutcome,
    records::Key,
    state::Machine,
    verdicts::TrustChange,
};

/// Why an envelope was dropped. It can be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DropReason {
    /// It is not what the format says.
    Malformed,
    /// No session decrypts it; a new one is made, at most once an hour.
    Undecryptable,
    /// It was received before.
    Replayed,
    /// Sender, its keys and the signed list don't agree.
    SenderMismatch,
    /// It was encrypted for another device.
    RecipientMismatch,
    /// It belongs to another conversation.
    ConversationMismatch,
    /// The sender's device is not in its account's list.
    UnknownDevice,
    /// A key that nobody asked for, or that its sender may not give.
    Unsolicited,
    /// The device begins one session after the other with the same fallback key.
    TooManySessions,
}

/// What an inbox item is to this device. Acknowledge it when the dirty records are stored, unless it has to be fed
/// again.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum InboxOutcome {
    /// A key came; events that waited for it follow.
    Keys {
        /// The conversation.
        conversation_id: ConversationId,
        /// What became of events that waited.
        events: Vec<EventOutcome>,
    },
    /// Done. If it was a request for a key, [`Machine::conversations_with_work`] names the conversation.
    Handled,
    /// The self-signing key came: this device can link and revoke others now.
    SelfSigningKey,
    /// A key of the account's backup came: fetch its descriptor ([`Machine::receive_backup_descriptor`]).
    BackupKey,
    /// Another device of this account told whom its person compared keys with.
    Verifications {
        /// Which one.
        device_id: DeviceId,
        /// Who is trusted otherwise here now; often nobody.
        people: Vec<TrustChange>,
    },
    /// Dropped.
    Dropped(DropReason),
    /// Query and feed the user's keys, then feed the item again; if it says so again, acknowledge and forget it.
    NeedsIdentity(UserId),
    /// Query and feed this account's own keys.
    OwnListChanged,
    /// The account's recovery key was replaced on another device: look at the backup.
    RecoveryKeyChanged,
    /// This account came into a conversation: fetch its roster.
    Joined(ConversationId),
    /// This account accepted a conversation on another device.
    Accepted(ConversationId),
    /// This account is out of a conversation.
    Left(ConversationId),
    /// Upload keys ([`Machine::one_time_keys_to_upload`]).
    KeysLow {
        /// How many are left.
        remaining: i64,
    },
    /// Replace the fallback key ([`Machine::replace_fallback_key`]).
    FallbackUsed {
        /// Its id.
        key_id: String,
    },
    /// Envelopes were dropped by the server; what they held is asked for when an event needs it.
    Gap {
        /// The conversation.
        conversation_id: ConversationId,
        /// From which device.
        sender_device_id: DeviceId,
        /// How many.
        dropped: i64,
    },
    /// A new device signed in to this account and waits to be linked.
    LoginSeen {
        /// The device.
        device_id: DeviceId,
        /// Its name.
        name: String,
    },
}

impl Machine {
    /// Takes in an item of the inbox. Feed items in order, before the events of the same catch-up.
    pub fn receive_inbox(&mut self, item: &InboxItem, now_ms: i64) -> InboxOutcome {
        match &item.body {
            InboxBody::Envelope { conversation_id, sender_user_id, sender_device_id, content } => {
                self.receive_envelope(*conversation_id, *sender_user_id, *sender_device_id, content, now_ms)
            }
            InboxBody::Gap { conversation_id, sender_device_id, dropped, .. } => InboxOutcome::Gap {
                conversation_id: *conversation_id,
                sender_device_id: *sender_device_id,
                dropped: *dropped,
            },
            InboxBody::DeviceListChanged { list_version } => {
                if *list_version > self.list_version(self.user_id()) {
                    InboxOutcome::OwnListChanged
                } else {
                    InboxOutcome::Handled
                }
            }
            InboxBody::RecoveryKeyChanged { .. } => InboxOutcome::RecoveryKeyChanged,
            InboxBody::ConversationJoined { conversation_id } => InboxOutcome::Joined(*conversation_id),
            InboxBody::ConversationAccepted { conversation_id } => InboxOutcome::Accepted(*conversation_id),
            InboxBody::ConversationLeft { conversation_id } => {
                if self.conversations.contains_key(conversation_id) {
                    self.roster_is_stale(*conversation_id);
                    self.leave_roster(*conversation_id);
                }
                InboxOutcome::Left(*conversation_id)
            }
            InboxBody::OneTimeKeysLow { remaining } => InboxOutcome::KeysLow { remaining: *remaining },
            InboxBody::FallbackKeyUsed { key_id } => InboxOutcome::FallbackUsed { key_id: key_id.clone() },
            InboxBody::LoginSeen { device_id, name } => {
                InboxOutcome::LoginSeen { device_id: *device_id, name: name.clone() }
            }
        }
    }

    fn receive_envelope(
        &mut self,
        conversation_id: ConversationId,
        user_id: UserId,
        device_id: DeviceId,
        content: &OlmContent,
        now_ms: i64,
    ) -> InboxOutcome {
        let Some((device, _)) = self.device(user_id, device_id) else {
            return InboxOutcome::NeedsIdentity(user_id);
        };
        let sender = Sender { user_id, device };
        match self.decrypt_from(&sender, Some(conversation_id), content, now_ms) {
            Ok(body) => self.receive_body(conversation_id, &sender, body, now_ms),
            Err(reason) => {
                self.unwedge(conversation_id, &sender);
                InboxOutcome::Dropped(reason)
            }
        }
    }

    fn receive_body(
        &mut self,
        conversation_id: ConversationId,
        sender: &Sender,
        body: OlmBody,
        now_ms: i64,
    ) -> InboxOutcome {
        let from = (sender.user_id, sender.device.device_id);
        match body {
            OlmBody::RoomKey { session_id, session_key, n, prev } => {
                let key = AnyKey::Shared(&session_key);
                let known = self.inbound.contains_key(&session_id);
                if !self.receive_room_key(conversation_id, from, &session_id, &key, KeyOrigin::Owner) && !known {
                    return InboxOutcome::Dropped(DropReason::Malformed);
                }
                self.close_request(&session_id);
                if self.seen_mut(conversation_id, from.1).anchor(n, prev) {
                    self.touch(Key::Seen(conversation_id, from.1));
                }
                let events = self.retry(conversation_id, &session_id, now_ms);
                InboxOutcome::Keys { conversation_id, events }
            }
            OlmBody::ForwardedRoomKey { session_id, session_key, owner_device_id } => {
                if owner_device_id != from.1 || !self.is_asked(&session_id, conversation_id, from) {
                    return InboxOutcome::Dropped(DropReason::Unsolicited);
                }
                let key = AnyKey::Exported(&session_key);
                if !self.receive_room_key(conversation_id, from, &session_id, &key, KeyOrigin::Owner) {
                    return InboxOutcome::Dropped(DropReason::Malformed);
                }
                self.close_request(&session_id);
                let events = self.retry(conversation_id, &session_id, now_ms);
                InboxOutcome::Keys { conversation_id, events }
            }
            OlmBody::KeyRequest { session_id } => {
                if self.answer_request(conversation_id, from, &session_id) {
                    InboxOutcome::Handled
                } else {
                    InboxOutcome::Dropped(DropReason::Unsolicited)
                }
            }
            OlmBody::SelfSigningKey { seed } => match self.take_self_signing(sender, seed) {
                Ok(()) => InboxOutcome::SelfSigningKey,
                Err(_) => InboxOutcome::Dropped(DropReason::Unsolicited),
            },
            OlmBody::BackupKey { key } => {
                let active = self.devices_of(self.user_id()).contains(&sender.device);
                if sender.user_id != self.user_id() || !active {
                    return InboxOutcome::Dropped(DropReason::Unsolicited);
                }
                self.take_backup_key(key);
                InboxOutcome::BackupKey
            }
            OlmBody::Verifications { people } => self.receive_verifications(sender, people),
            OlmBody::Dummy {} => InboxOutcome::Handled,
        }
    }
}
