//! Ids: UUIDs (RFC 9562) in lower-case hyphenated form, one type for each thing so that they can't be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

id!(/// An account. Chosen by the registering client (it is part of what its keys sign), never changes.
    UserId);
id!(/// A client installation. Chosen by the client, never used again after revocation.
    DeviceId);
id!(/// A conversation, direct or group. Chosen by the creating client, since the membership chain signs it.
    ConversationId);
id!(/// A client's own id of one send: the idempotency key within (conversation, device).
    TxnId);
id!(/// One live WebSocket connection of a device.
    SessionId);
id!(/// One life of one server process.
    NodeId);
id!(/// A rendezvous of two devices: 128 random bits, all of them, and a secret of those two.
    RendezvousId);
id!(/// A history that is handed over to a new device, in chunks.
    HistoryId);
