//! Frames of `GET /ws` (subprotocol `sotto.v1`: JSON text, one frame a message).

use serde::{Deserialize, Serialize};

use crate::{
    conversations::MemberMarks,
    events::{Event, InboxItem},
    ids::{ConversationId, NodeId, SessionId, TxnId, UserId},
    messages::SendMessage,
    problem::Problem,
    sync::{ConversationSync, Resume},
};

/// The subprotocol.
pub const SUBPROTOCOL: &str = "sotto.v1";
/// Prefix of the subprotocol entry that carries a ticket.
pub const TICKET_SUBPROTOCOL_PREFIX: &str = "ticket.";

/// What a device says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// First frame: starts the catch-up.
    Hello {
        /// Where to resume.
        #[serde(default)]
        resume: Resume,
    },
    /// A send; answered by `sent` or `refused` with the same `txn_id`, or by `error` if it can't be parsed.
    Send {
        /// The conversation.
        conversation_id: ConversationId,
        /// The message, as in `POST /api/conversations/{conversation_id}/messages`.
        message: SendMessage,
    },
    /// Everything up to `seq` is decrypted and stored by the device.
    InboxAck {
        /// Position in the inbox.
        seq: i64,
    },
    /// Watermarks of this member.
    Mark {
        /// The conversation.
        conversation_id: ConversationId,
        /// Everything up to here is read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        read_seq: Option<i64>,
        /// Everything up to here is on this device. In a conversation of 50 members or more a device waits a random part
        /// of five milliseconds a member, at most of 30 s; what comes meanwhile goes with the same mark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivered_seq: Option<i64>,
    },
    /// This person is typing; ends by itself after 10 s.
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
        /// `true` while it goes on, again before the 10 s are over; `false` when it stopped.
        typing: bool,
    },
    /// Whether the person is looking at the device.
    Presence {
        /// `true`: the person is there; `false`: not any more. A new connection counts as `true`.
        active: bool,
    },
    /// Asks for presence of people that the caller shares an accepted conversation with.
    WatchPresence {
        /// At most 250; replaces the list before.
        user_ids: Vec<UserId>,
    },
    /// Answered by `pong`.
    Ping {
        /// Comes back.
        #[serde(default)]
        nonce: u64,
    },
}

/// What a node says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// First frame, before anything is asked.
    Welcome {
        /// This connection.
        session_id: SessionId,
        /// The process that holds it.
        node_id: NodeId,
        /// Whether the device is signed by its account; if not it gets notices of the account only.
        verified: bool,
        /// The node pings this often, milliseconds.
        ping_interval_ms: u64,
        /// The server's clock.
        server_time_ms: i64,
    },
    /// Items of the inbox, in order; while catching up all of them come before any event.
    Inbox {
        /// In ascending order.
        items: Vec<InboxItem>,
    },
    /// Conversations that changed while the device was away.
    Sync {
        /// At most 200.
        conversations: Vec<ConversationSync>,
    },
    /// The device has everything; live events follow.
    CaughtUp {
        /// For the next `hello`. Store it after everything before it is stored.
        sync_token: String,
    },
    /// An event as it happens.
    Event {
        /// The event.
        event: Event,
    },
    /// The send is committed.
    Sent {
        /// The conversation.
        conversation_id: ConversationId,
        /// The client's own id of it.
        txn_id: TxnId,
        /// Its position.
        seq: i64,
        /// When it was stored.
        created_at_ms: i64,
    },
    /// The send is not stored.
    Refused {
        /// The conversation.
        conversation_id: ConversationId,
        /// The client's own id of it.
        txn_id: TxnId,
        /// Why.
        problem: Problem,
    },
    /// Watermarks rose. Shown at most four times a second, and not at all where very many are connected: `sync` and
    /// `GET /api/conversations/{conversation_id}/marks` have them always.
    Marks {
        /// The conversation.
        conversation_id: ConversationId,
        /// Each member once.
        marks: Vec<MemberMarks>,
    },
    /// Devices of members changed, or somebody went or came back unsigned (declined, deleted the account, returned): the
    /// next send needs this roster. A signed change of members comes as an `event` without this frame: read the roster
    /// after it.
    RosterChanged {
        /// The conversation.
        conversation_id: ConversationId,
        /// The current roster.
        roster_version: i64,
    },
    /// A member is typing, or stopped.
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
        /// The member.
        user_id: UserId,
        /// `true`: for the next 10 s, unless it is said again; `false`: it stopped.
        typing: bool,
    },
    /// Somebody came or went.
    Presence {
        /// The person.
        user_id: UserId,
        /// Whether any device is connected and active.
        online: bool,
        /// When one last was, to the minute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen_at_ms: Option<i64>,
    },
    /// The node is going away: come back after this time. Close code 4001 follows.
    Draining {
        /// Spread over the drain time.
        reconnect_after_ms: u64,
    },
    /// Something other than a send was refused, or a frame, be it a send, could not be parsed; a close may follow.
    Error {
        /// Why.
        problem: Problem,
    },
    /// Answer to `ping`.
    Pong {
        /// What the ping said.
        nonce: u64,
    },
    /// A test broadcast (only where the operator switched it on).
    Broadcast {
        /// What was posted.
        message: String,
    },
}
