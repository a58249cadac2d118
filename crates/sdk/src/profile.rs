//! Who a device is.

use serde::{Deserialize, Serialize};
use sotto_protocol::{DeviceId, UserId};

use crate::http::Tokens;

/// Who the device is and what it signs in with. No `Debug`: it holds tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub username: String,
    pub user_id: UserId,
    pub device_id: DeviceId,
    pub tokens: Option<Tokens>,
}
