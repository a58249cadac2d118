//! Catching up.

use serde::{Deserialize, Serialize};

use crate::{
    conversations::{Conversation, MemberMarks},
    events::Event,
};

/// One conversation that changed since the device was last there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ConversationSync {
    /// The conversation now.
    pub conversation: Conversation,
    /// Marks that changed, of members that show them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<MemberMarks>,
    /// The newest changed events in ascending order, at most 50. If the first is later than the device's own position
    /// plus one, the ones between come from `GET /api/conversations/{id}/events`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// Where a device resumes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The newest `sync_token` that the device stored; absent for everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_token: Option<String>,
    /// The newest inbox position that the device stored; what is up to it is deleted.
    #[serde(default)]
    pub inbox_seq: i64,
}

/// `POST /api/ws-tickets`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TicketResponse {
    /// One use: `/ws?ticket=` or the subprotocol `ticket.<ticket>`.
    pub ticket: String,
    /// How long it may be used, milliseconds.
    pub expires_in_ms: u64,
}
