//! Finding and blocking people.

use serde::{Deserialize, Serialize};

use crate::{accounts::AccountType, ids::UserId, keys::CrossSigningKey};

/// `GET /api/users/by-name/{username}`: exact names only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UserSummary {
    /// The account.
    pub user_id: UserId,
    /// The current username.
    pub username: String,
    /// Who is behind it.
    pub account_type: AccountType,
    /// The account's identity, which the first link of a conversation with it has to name. Its devices and their keys
    /// are told to nobody before that.
    pub master_key: CrossSigningKey,
}

/// `GET /api/blocks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BlockList {
    /// Accounts that the caller blocked.
    pub user_ids: Vec<UserId>,
}
