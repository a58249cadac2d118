//! What can go wrong in a call; everything that a server or peer does wrong is an outcome or an alarm instead.

use sotto_identity::{CanonicalError, DeviceKeysError, ListError, MembershipError};
use sotto_protocol::{ConversationId, DeviceId, TxnId, UserId};

/// Why a call did nothing.
#[derive(Debug, thiserror::Error)]
pub enum E2eeError {
    /// The machine knows no such conversation: feed its roster first.
    #[error("the conversation {0} is not known")]
    UnknownConversation(ConversationId),
    /// No identity of the user is known: query and feed it first.
    #[error("the identity of user {0} is not known")]
    UnknownUser(UserId),
    /// The device is not in its account's list.
    #[error("the device {0} is not in its account's list")]
    UnknownDevice(DeviceId),
    /// This device is not in its own account's list yet.
    #[error("this device is not linked to its account")]
    NotLinked,
    /// This device does not hold the account's self-signing key.
    #[error("this device does not hold the self-signing key")]
    NoSelfSigningKey,
    /// There is no Olm session with the device: claim a key of it first.
    #[error("there is no session with device {0}")]
    NoSession(DeviceId),
    /// The body is not JSON.
    #[error("the body is not JSON")]
    BodyNotJson,
    /// The body is larger than an event may be.
    #[error("the body of {bytes} bytes is too large")]
    BodyTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The transaction id is in the queue already.
    #[error("the transaction {0} is queued already")]
    DuplicateTxn(TxnId),
    /// The recovery key is mistyped or not the one that the bundle is encrypted under.
    #[error("the recovery key is wrong")]
    WrongRecoveryKey,
    /// The server's answer leads into another account than expected.
    #[error("the account's master key is not the expected one")]
    WrongMasterKey,
    /// The server's list does not hold exactly the keys that were signed.
    #[error("the server's list does not hold the signed keys")]
    ListDisagrees,
    /// The account's published recovery key is not known: feed the backup's descriptor first.
    #[error("the account's published recovery key is not known")]
    NoRecoveryKey,
    /// There is no accepted backup whose key is here.
    #[error("there is no backup that this device can read")]
    NoBackupKey,
    /// The history has more chunks than it may.
    #[error("the history is too large to hand over")]
    HistoryTooLarge,
    /// A secret that was carried here did not come from an own device, or is not the account's.
    #[error("the secret is not acceptable")]
    BadSecret,
    /// A stored record can't be read.
    #[error("the record {key} can't be read")]
    Record {
        /// Its key.
        key: String,
    },
    /// There is no account record.
    #[error("there is no account record")]
    NoAccount,
    /// A ciphertext at rest can't be opened.
    #[error("the sealed bytes can't be opened")]
    Sealed,
    /// Olm refused to encrypt or to make a session (an all-zero Diffie-Hellman result).
    #[error("the key exchange with device {0} failed")]
    KeyExchange(DeviceId),
    /// Keys of a device or account.
    #[error(transparent)]
    DeviceKeys(#[from] DeviceKeysError),
    /// A device list.
    #[error(transparent)]
    List(#[from] ListError),
    /// A membership change.
    #[error(transparent)]
    Membership(#[from] MembershipError),
    /// Something has no canonical form.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// Something can't be written as JSON.
    #[error("not JSON: {0}")]
    Json(#[from] sotto_json::Error),
}
