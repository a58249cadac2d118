//! Conversations: making, reading, roster and marks.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ConversationId, UserId},
    keys::UserIdentity,
    membership::{ConversationKind, MembershipChange, Role},
};

/// `POST /api/conversations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateConversationRequest {
    /// Link 1 of the membership chain.
    pub change: MembershipChange,
}

/// `POST /api/conversations/{conversation_id}/membership`: the next link of the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeMembershipRequest {
    /// The next link.
    pub change: MembershipChange,
}

/// Answer to a change of membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MembershipResponse {
    /// The conversation. For a direct one that existed already it is the one that exists.
    pub conversation_id: ConversationId,
    /// Position of the event in the log.
    pub seq: i64,
    /// The roster from now on.
    pub roster_version: i64,
}

/// Whether a member has agreed to be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// A message request: gets messages, shows no receipts, presence or typing to the others.
    Requested,
    /// In.
    Joined,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Member {
    /// The account.
    pub user_id: UserId,
    /// The current username.
    pub username: String,
    /// What it may do.
    pub role: Role,
    /// Whether it agreed to be in.
    pub state: MemberState,
    /// Head of its device list.
    pub list_version: i64,
}

/// A conversation as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Two people, or many.
    pub kind: ConversationKind,
    /// Whether the caller agreed to be in.
    pub state: MemberState,
    /// The caller's role.
    pub role: Role,
    /// Newest position of the log.
    pub last_seq: i64,
    /// Positions before this one are not for this device.
    pub start_seq: i64,
    /// The caller's read mark.
    pub read_seq: i64,
    /// The current roster.
    pub roster_version: i64,
    /// Newest link of the membership chain.
    pub membership_index: i64,
    /// Messages disappear after this time, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_ms: Option<i64>,
    /// When it was made.
    pub created_at_ms: i64,
}

/// `GET /api/conversations`: a page, ordered by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Conversations {
    /// At most 200.
    pub conversations: Vec<Conversation>,
    /// Pass as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ConversationId>,
}

/// `GET /api/conversations/{conversation_id}/roster?since=&chain_since=`: who and which devices to encrypt for.
///
/// A long chain comes in pages. Each page but the last has `chain_next` and holds links only; a client puts the links
/// of all pages together before it looks at the members, which the last page has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Roster {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The version that a send names.
    pub roster_version: i64,
    /// Everybody who is in now; empty before the last page.
    pub members: Vec<Member>,
    /// Identities that changed after `since` (all with `since=0`), each with its list entries; empty before the last
    /// page.
    pub identities: Vec<UserIdentity>,
    /// Links of the membership chain after `chain_since`, oldest first, at most 200 and about 512 KiB.
    pub chain: Vec<MembershipChange>,
    /// There are more links: ask again, with this as `chain_since` and the same `since`. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain_next: Option<i64>,
}

/// A member's watermarks. They only rise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct MemberMarks {
    /// The member.
    pub user_id: UserId,
    /// Everything up to here was delivered to at least one of its devices.
    pub delivered_seq: i64,
    /// Everything up to here was read.
    pub read_seq: i64,
}

/// `GET /api/conversations/{conversation_id}/marks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Marks {
    /// Members that show their marks to the caller.
    pub marks: Vec<MemberMarks>,
}

/// `POST /api/conversations/{conversation_id}/marks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkRequest {
    /// Everything up to here is read; lower than known is ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_seq: Option<i64>,
    /// Everything up to here is on this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_seq: Option<i64>,
}
