//! What a client tells its app.

use sotto_e2ee::{Alarm, BlockReason, RefusalReason, Trust, WaitReason, Warning};
use sotto_protocol::{
    ConversationId, DeviceId, NodeId, Problem, SessionId, TxnId, UserId, conversations::MemberMarks,
    events::GoneReason, membership::MembershipChange,
};

use crate::messages::StoredMessage;

/// Why a device is signed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOutReason {
    /// Another device of the account, or its new identity, put this one out. Its keys are deleted here; the messages stay,
    /// sealed as before, until the app calls [`crate::Store::delete_messages`].
    Revoked,
    /// It signed itself out for ever: its keys and messages are deleted here.
    SignedOut,
    /// Its tokens ended. It is still a device of the account, and may [`crate::Client::sign_in`] again.
    TokensEnded,
}

/// Something happened. Everything that must last is in the local store before it is told.
#[derive(Debug)]
pub enum ClientEvent {
    /// A socket is open.
    Connected {
        /// The process that holds it.
        node_id: NodeId,
        /// The connection.
        session_id: SessionId,
    },
    /// The device has everything that happened while it was away.
    CaughtUp,
    /// The socket is gone; the client comes back by itself.
    Disconnected {
        /// The close code, if there was one.
        code: Option<u16>,
    },
    /// The device is signed out; [`ClientEvent::Closed`] follows.
    SignedOut {
        /// Why.
        reason: SignOutReason,
    },
    /// The client does not come back: signed out, replaced by another connection of the same device, shut down.
    Closed {
        /// The close code, if it was the node that ended it.
        code: Option<u16>,
    },
    /// A message, once. One's own come back too.
    Shown {
        /// The message.
        message: StoredMessage,
        /// What a person should know about it.
        warnings: Vec<Warning>,
    },
    /// A message can't be read yet. Its sender is asked; if the key comes, it is shown.
    Undecryptable {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// Why.
        reason: Option<WaitReason>,
    },
    /// A message is never shown.
    EventRefused {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its position.
        seq: i64,
        /// Why.
        reason: RefusalReason,
    },
    /// One's own message is committed.
    Sent {
        /// The conversation.
        conversation_id: ConversationId,
        /// Which.
        txn_id: TxnId,
        /// Its position; absent if it is known to be stored, not where.
        seq: Option<i64>,
    },
    /// One's own message will never be stored; it is out of the queue.
    Refused {
        /// The conversation.
        conversation_id: ConversationId,
        /// Which.
        txn_id: TxnId,
        /// Why.
        problem: Box<Problem>,
    },
    /// The queue of a conversation waits for a person.
    SendBlocked {
        /// The conversation.
        conversation_id: ConversationId,
        /// For what.
        reason: BlockReason,
    },
    /// Members or roles changed.
    Membership {
        /// Position of the event.
        seq: i64,
        /// The verified link.
        change: Box<MembershipChange>,
    },
    /// This account came into a conversation.
    Joined {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// This account accepted a conversation, on another of its devices.
    Accepted {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// This account is out of a conversation.
    Left {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// A message was removed by its sender, or its time was over; it is gone from the store too.
    Gone {
        /// The conversation.
        conversation_id: ConversationId,
        /// Position of the message.
        seq: i64,
        /// Why.
        reason: GoneReason,
    },
    /// Marks rose.
    Marks {
        /// The conversation.
        conversation_id: ConversationId,
        /// Whose, and how far.
        marks: Vec<MemberMarks>,
    },
    /// Somebody types, or stopped.
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
        /// Whether.
        typing: bool,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        user_id: UserId,
        /// Whether any device is connected and active.
        online: bool,
        /// When one last was, to the minute.
        last_seen_at_ms: Option<i64>,
    },
    /// The account's own device list changed. A person should know; an unexpected one is an [`ClientEvent::Alarm`] too.
    DeviceListChanged {
        /// Its head.
        list_version: i64,
    },
    /// The account's recovery key was replaced, on another of its devices: the old one opens nothing any more.
    RecoveryKeyChanged,
    /// Another device of this account verified somebody, took that back, or knows another key of somebody than this one.
    TrustChanged {
        /// Who.
        user_id: UserId,
        /// How far the person's key is trusted here from now on.
        trust: Trust,
        /// The device.
        device_id: DeviceId,
    },
    /// Somebody signed in to this account on a new device, which waits to be linked.
    LoginSeen {
        /// The device.
        device_id: DeviceId,
        /// Its name.
        name: String,
    },
    /// The server dropped key shares because the inbox was full; what they held is asked for when it is needed.
    Gap {
        /// The conversation.
        conversation_id: ConversationId,
        /// Whose they were.
        sender_device_id: DeviceId,
        /// How many.
        dropped: i64,
    },
    /// More of the history that another device handed over is in the store. Its messages are not told one by one.
    History {
        /// Chunks that were taken in.
        done: u32,
        /// How many there are.
        of: u32,
    },
    /// Something that an honest server does not do, or that a person should know.
    Alarm(Alarm),
    /// An operator's test broadcast.
    Broadcast(String),
}
