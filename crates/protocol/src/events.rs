//! Events of a conversation's log, and items of a device's inbox.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ConversationId, DeviceId, TxnId, UserId},
    membership::MembershipChange,
    messages::{MegolmContent, OlmContent},
};

/// One event of a conversation's log, at the gapless position `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Event {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// 1, 2, 3, ... without holes.
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
#[serde(tag = "type", rename_all = "snake_case")]
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

/// One item of a device's inbox, at the gapless position `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InboxItem {
    /// 1, 2, 3, ... a device.
    pub seq: i64,
    /// What it is.
    pub body: InboxBody,
}

/// What an inbox item is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
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
    /// The fallback key was handed out: replace it.
    FallbackKeyUsed {
        /// Its id.
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
