//! Membership: a signed, hash-linked chain in each conversation.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ConversationId, DeviceId, UserId},
    keys::Signatures,
};

/// Two people, or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Exactly two people for ever; one for each pair.
    Direct,
    /// Up to 1,000 people by default.
    Group,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes and leaves.
    Member,
    /// Adds, removes, changes roles and retention too.
    Admin,
}

/// Somebody who comes in, with the identity that the acting member vouches for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The account.
    pub user_id: UserId,
    /// Its Ed25519 master key as the acting device knows it, unpadded base64.
    pub master_key: String,
    /// What it may do.
    pub role: Role,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MembershipAction {
    /// Link 1: the conversation with its first members, the creator among them. In a direct one both are admins.
    Create {
        /// Two people, or many.
        kind: ConversationKind,
        /// Ordered by user id.
        members: Vec<NewMember>,
    },
    /// By an admin of a group.
    Add {
        /// Ordered by user id; nobody who is in already.
        members: Vec<NewMember>,
    },
    /// By an admin of a group; not oneself.
    Remove {
        /// Who goes.
        user_id: UserId,
    },
    /// By an admin of a group. The last admin can't step down while others are in.
    SetRole {
        /// Whose role.
        user_id: UserId,
        /// The new one.
        role: Role,
    },
    /// By anybody, for oneself. When the last admin leaves, the member that is in longest becomes one.
    Leave {},
    /// By an admin: messages sent from now on disappear after this time; null keeps them.
    SetRetention {
        /// 1 s to a year, milliseconds. Always there: `null` is signed as well.
        #[serde(deserialize_with = "Option::deserialize")]
        #[cfg_attr(feature = "schema", schema(required = true))]
        retention_ms: Option<i64>,
    },
}

/// One link of the chain, signed by the acting device.
///
/// The hash of a link is SHA-256 over its canonical JSON without `signatures`, in unpadded base64.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MembershipChange {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// 1, 2, 3, ...
    pub index: i64,
    /// Hash of the link before; absent in link 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_hash: Option<String>,
    /// What it does.
    pub action: MembershipAction,
    /// Who acts.
    pub actor_user_id: UserId,
    /// With which device.
    pub actor_device_id: DeviceId,
    /// By the acting device: `ed25519:<actor_device_id>`.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = crate::keys::schemas::Signatures))]
    pub signatures: Signatures,
}

#[cfg(test)]
mod tests {
    use serde_json::from_str;

    use super::MembershipAction;

    #[test]
    fn a_retention_says_null_where_it_ends() {
        let ends = MembershipAction::SetRetention { retention_ms: None };
        assert_eq!(from_str(r#"{"type":"set_retention","retention_ms":null}"#).ok(), Some(ends));
        assert!(from_str::<MembershipAction>(r#"{"type":"set_retention"}"#).is_err(), "what is signed has it");
        assert!(from_str::<MembershipAction>(r#"{"type":"set_retention","retention_ms":1000}"#).is_ok());
    }
}
