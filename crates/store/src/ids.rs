//! Between the ids of `protocol` and the `uuid` columns.

use sotto_protocol::{ConversationId, DeviceId, UserId};
use uuid::Uuid;

macro_rules! raw {
    ($(#[$doc:meta])* $name:ident, $id:ty) => {
        $(#[$doc])*
        pub(crate) fn $name(ids: &[$id]) -> Vec<Uuid> {
            ids.iter().map(|id| id.0).collect()
        }
    };
}

raw!(/// For `uuid[]` parameters.
    users, UserId);
raw!(/// For `uuid[]` parameters.
    devices, DeviceId);
raw!(/// For `uuid[]` parameters.
    conversations, ConversationId);
