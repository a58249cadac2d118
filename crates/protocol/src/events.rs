//! Events of a conversation's log, and items of a device's inbox.

use serde::{Deserialize, Serialize};

use crate::{
    flat::needed,
    ids::{ConversationId, DeviceId, TxnId, UserId},
    membership::MembershipChange,
    messages::{MegolmContent, OlmContent},
};

/// One event of a conversation's log, at the position `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// 1, 2, 3, ... without holes. A database that was restored goes on far above all positions of before: take a hole
    /// that `GET .../events` does not fill as one that nobody will.
    pub seq: i64,
    /// Who sent it.
    pub sender_user_id: UserId,
    /// From which device.
    pub sender_device_id: DeviceId,
    /// When it was stored.
    pub created_at_ms: i64,
    /// What it is.
    pub body: EventBody,
}

/// What an event is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", try_from = "AnyEvent")]
pub enum EventBody {
    /// An encrypted message.
    Message {
        /// The sender's own id of it.
        txn_id: TxnId,
        /// The ciphertext.
        content: MegolmContent,
        /// The content is deleted at this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at_ms: Option<i64>,
    },
    /// A link of the membership chain.
    Membership {
        /// The link.
        change: MembershipChange,
    },
    /// The sender removed one of its own messages.
    Removal {
        /// Position of the message.
        target_seq: i64,
    },
    /// A message whose content is gone.
    Gone {
        /// The sender's own id of it.
        txn_id: TxnId,
        /// Why.
        reason: GoneReason,
    },
}

/// Why the content of a message is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GoneReason {
    /// Its sender removed it.
    Removed,
    /// Its time was over.
    Expired,
}

/// `GET /api/conversations/{conversation_id}/events?after=|before=&limit=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventPage {
    /// In ascending order of `seq`, at most 200.
    pub events: Vec<Event>,
    /// Newest position of the log.
    pub last_seq: i64,
    /// Positions before this one are not for this device.
    pub start_seq: i64,
}

/// One item of a device's inbox, at the position `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InboxItem {
    /// 1, 2, 3, ... a device. A database that was restored goes on far above all positions of before.
    pub seq: i64,
    /// What it is.
    pub body: InboxBody,
}

/// What an inbox item is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", try_from = "AnyItem")]
pub enum InboxBody {
    /// An Olm ciphertext for this device.
    Envelope {
        /// The conversation that it came with.
        conversation_id: ConversationId,
        /// Who sent it, as the server says; the ciphertext proves it.
        sender_user_id: UserId,
        /// From which device.
        sender_device_id: DeviceId,
        /// The ciphertext.
        content: OlmContent,
    },
    /// Envelopes were dropped because the inbox was full: ask the sender for the keys again.
    Gap {
        /// The conversation that they came with.
        conversation_id: ConversationId,
        /// Whose they were.
        sender_user_id: UserId,
        /// From which device.
        sender_device_id: DeviceId,
        /// How many, apart from those that an earlier gap told of.
        dropped: i64,
        /// Why.
        reason: GapReason,
    },
    /// The device list of this account changed: `GET /api/account/audit` tells what happened.
    DeviceListChanged {
        /// Its head.
        list_version: i64,
    },
    /// The recovery key of this account was replaced: the old one opens nothing any more, and the key backup that was
    /// sealed to it is void.
    RecoveryKeyChanged {
        /// Version of the newest recovery public key, published still or not.
        recovery_version: i64,
    },
    /// This account came into a conversation.
    ConversationJoined {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// This account accepted a conversation, on another of its devices.
    ConversationAccepted {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// This account is out of a conversation.
    ConversationLeft {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// Few one-time keys are left: upload more.
    OneTimeKeysLow {
        /// How many are left.
        remaining: i64,
    },
    /// A fallback key of this device was handed out: replace the newest one, whichever this names, at most once an hour.
    FallbackKeyUsed {
        /// The one that was handed out; after a restore it may be an older one.
        key_id: String,
    },
    /// A new device signed in to this account and waits to be linked.
    LoginSeen {
        /// The device.
        device_id: DeviceId,
        /// Its name.
        name: String,
    },
}

/// Why envelopes were dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// This sender had too many waiting.
    SenderQuota,
    /// The inbox was full.
    InboxFull,
}

/// `GET /api/inbox?after=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InboxPage {
    /// In ascending order of `seq`, at most 200.
    pub items: Vec<InboxItem>,
    /// Newest position of the inbox.
    pub last_seq: i64,
}

/// `POST /api/inbox/ack`: everything up to `seq` is stored by the device and deleted here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InboxAckRequest {
    /// The position.
    pub seq: i64,
}

/// The fields of any event (see [`crate::flat`]).
#[derive(Deserialize)]
struct AnyEvent {
    r#type: EventType,
    txn_id: Option<TxnId>,
    content: Option<MegolmContent>,
    expires_at_ms: Option<i64>,
    change: Option<MembershipChange>,
    target_seq: Option<i64>,
    reason: Option<GoneReason>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventType {
    Message,
    Membership,
    Removal,
    Gone,
}

impl TryFrom<AnyEvent> for EventBody {
    type Error = &'static str;

    fn try_from(any: AnyEvent) -> Result<Self, Self::Error> {
        Ok(match any.r#type {
            EventType::Message => Self::Message {
                txn_id: needed(any.txn_id)?,
                content: needed(any.content)?,
                expires_at_ms: any.expires_at_ms,
            },
            EventType::Membership => Self::Membership { change: needed(any.change)? },
            EventType::Removal => Self::Removal { target_seq: needed(any.target_seq)? },
            EventType::Gone => Self::Gone { txn_id: needed(any.txn_id)?, reason: needed(any.reason)? },
        })
    }
}

/// The fields of any item (see [`crate::flat`]).
#[derive(Deserialize)]
struct AnyItem {
    r#type: ItemType,
    conversation_id: Option<ConversationId>,
    sender_user_id: Option<UserId>,
    sender_device_id: Option<DeviceId>,
    content: Option<OlmContent>,
    dropped: Option<i64>,
    reason: Option<GapReason>,
    list_version: Option<i64>,
    recovery_version: Option<i64>,
    remaining: Option<i64>,
    key_id: Option<String>,
    device_id: Option<DeviceId>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ItemType {
    Envelope,
    Gap,
    DeviceListChanged,
    RecoveryKeyChanged,
    ConversationJoined,
    ConversationAccepted,
    ConversationLeft,
    OneTimeKeysLow,
    FallbackKeyUsed,
    LoginSeen,
}

impl TryFrom<AnyItem> for InboxBody {
    type Error = &'static str;

    fn try_from(any: AnyItem) -> Result<Self, Self::Error> {
        Ok(match any.r#type {
            ItemType::Envelope => Self::Envelope {
                conversation_id: needed(any.conversation_id)?,
                sender_user_id: needed(any.sender_user_id)?,
                sender_device_id: needed(any.sender_device_id)?,
                content: needed(any.content)?,
            },
            ItemType::Gap => Self::Gap {
                conversation_id: needed(any.conversation_id)?,
                sender_user_id: needed(any.sender_user_id)?,
                sender_device_id: needed(any.sender_device_id)?,
                dropped: needed(any.dropped)?,
                reason: needed(any.reason)?,
            },
            ItemType::DeviceListChanged => Self::DeviceListChanged { list_version: needed(any.list_version)? },
            ItemType::RecoveryKeyChanged => {
                Self::RecoveryKeyChanged { recovery_version: needed(any.recovery_version)? }
            }
            ItemType::ConversationJoined => Self::ConversationJoined { conversation_id: needed(any.conversation_id)? },
            ItemType::ConversationAccepted => {
                Self::ConversationAccepted { conversation_id: needed(any.conversation_id)? }
            }
            ItemType::ConversationLeft => Self::ConversationLeft { conversation_id: needed(any.conversation_id)? },
            ItemType::OneTimeKeysLow => Self::OneTimeKeysLow { remaining: needed(any.remaining)? },
            ItemType::FallbackKeyUsed => Self::FallbackKeyUsed { key_id: needed(any.key_id)? },
            ItemType::LoginSeen => Self::LoginSeen { device_id: needed(any.device_id)?, name: needed(any.name)? },
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{EventBody, InboxBody};

    fn id() -> String {
        Uuid::from_u128(7).to_string()
    }

    fn bodies() -> [Value; 14] {
        let (megolm, olm) = (
            json!({"algorithm": "m.megolm.v1.aes-sha2", "session_id": "AAAA", "ciphertext": "AAAA"}),
            json!({"algorithm": "m.olm.v1.curve25519-aes-sha2", "sender_key": "AAAA", "type": 0, "body": "AAAA"}),
        );
        let change = json!({
            "conversation_id": id(), "index": 1, "action": {"type": "leave"}, "actor_user_id": id(),
            "actor_device_id": id(),
        });
        [
            json!({"type": "message", "txn_id": id(), "content": megolm}),
            json!({"type": "membership", "change": change}),
            json!({"type": "removal", "target_seq": 3}),
            json!({"type": "gone", "txn_id": id(), "reason": "expired"}),
            json!({
                "type": "envelope", "conversation_id": id(), "sender_user_id": id(), "sender_device_id": id(),
                "content": olm,
            }),
            json!({
                "type": "gap", "conversation_id": id(), "sender_user_id": id(), "sender_device_id": id(), "dropped": 2,
                "reason": "inbox_full",
            }),
            json!({"type": "device_list_changed", "list_version": 2}),
            json!({"type": "recovery_key_changed", "recovery_version": 2}),
            json!({"type": "conversation_joined", "conversation_id": id()}),
            json!({"type": "conversation_accepted", "conversation_id": id()}),
            json!({"type": "conversation_left", "conversation_id": id()}),
            json!({"type": "one_time_keys_low", "remaining": 2}),
            json!({"type": "fallback_key_used", "key_id": "k"}),
            json!({"type": "login_seen", "device_id": id(), "name": "n"}),
        ]
    }

    /// What the text is, read and written again.
    fn again(body: &Value) -> Option<Value> {
        let event = serde_json::from_value::<EventBody>(body.clone()).ok();
        let item = serde_json::from_value::<InboxBody>(body.clone()).ok();
        assert!(event.is_none() || item.is_none());
        event.map_or_else(|| item.map(|item| json!(item)), |event| Some(json!(event)))
    }

    #[test]
    fn bodies_are_read_as_they_are_written() {
        for body in bodies() {
            assert_eq!(again(&body).as_ref(), Some(&body));
        }
    }

    #[test]
    fn every_field_of_a_body_is_needed() {
        for body in bodies() {
            for field in body.as_object().unwrap().keys() {
                let mut less = body.clone();
                less.as_object_mut().unwrap().remove(field);
                assert_eq!(again(&less), None, "{body} without {field}");
                less[field] = Value::Null;
                assert_eq!(again(&less), None, "{body} with null for {field}");
            }
            let mut more = body.clone();
            more["later"] = json!([1.5]);
            assert_eq!(again(&more), Some(body), "answers may gain fields");
        }
    }
}
