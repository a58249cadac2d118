//! Errors: RFC 9457 problem documents with a stable `code`. Clients match the code, never the text.

use serde::{Deserialize, Serialize};

use crate::keys::UserIdentity;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, stable across versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode {
            $($(#[$doc])* $variant,)*
        }

        impl ProblemCode {
            /// Every code, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A short sentence for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON, or nests too deeply.
    MalformedJson = "malformed_json", 400, "The body is not well-formed JSON";
    /// The JSON or a parameter does not have the documented shape.
    InvalidRequest = "invalid_request", 400, "The request does not have the documented shape";
    /// A key is not 32 bytes, of small order, or otherwise unusable.
    InvalidKey = "invalid_key", 400, "A key is not acceptable";
    /// A signature does not verify.
    InvalidSignature = "invalid_signature", 400, "A signature does not verify";
    /// No credential, or one that is not valid.
    Unauthorized = "unauthorized", 401, "A valid access token is needed";
    /// The access token was valid and has expired: refresh it.
    TokenExpired = "token_expired", 401, "The access token has expired";
    /// Wrong username or password.
    WrongCredentials = "wrong_credentials", 401, "Username or password is wrong";
    /// The refresh token is unknown, expired, or was used before; when reused, all its successors end.
    RefreshRejected = "refresh_rejected", 401, "The refresh token is not valid any more";
    /// The device was revoked.
    DeviceRevoked = "device_revoked", 401, "This device was revoked";
    /// The device is not signed by its account yet: it can only recover or be linked.
    DeviceUnverified = "device_unverified", 403, "This device is not linked to its account yet";
    /// The action needs a fresh authentication: `POST /auth/step-up`.
    StepUpRequired = "step_up_required", 403, "A fresh authentication is needed";
    /// A device linked less than a day ago can't do this.
    DeviceOnProbation = "device_on_probation", 403, "A device linked recently can't do this yet";
    /// The caller's role does not allow it.
    Forbidden = "forbidden", 403, "Not allowed";
    /// The Origin header is not on the list.
    ForeignOrigin = "foreign_origin", 403, "Requests from this origin are not accepted";
    /// The person blocked the caller, or the caller the person.
    Blocked = "blocked", 403, "One of the two people blocked the other";
    /// The link grant is unknown, used, expired or for another key.
    GrantRejected = "grant_rejected", 403, "The link grant is not valid";
    /// It does not exist, or the caller may not know that it does.
    NotFound = "not_found", 404, "Not found";
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// The body was not received in time.
    RequestTimeout = "request_timeout", 408, "The request took too long";
    /// Something with this id or name exists already.
    AlreadyExists = "already_exists", 409, "It exists already";
    /// The username is taken.
    UsernameTaken = "username_taken", 409, "The username is taken";
    /// The send was encrypted for another roster: `roster_version` and `identities` tell the current one.
    StaleRoster = "stale_roster", 409, "The roster changed; encrypt again for the current one";
    /// `prev_txn_id` is not stored: send that one first.
    OutOfOrder = "out_of_order", 409, "The message before this one is not stored";
    /// `txn_id` is stored with other bytes: `seq` tells where.
    DuplicateTxn = "duplicate_txn", 409, "The transaction id was used for another message";
    /// The chain (device list or membership) has moved on: read its head and sign again.
    ChainConflict = "chain_conflict", 409, "The signed chain has a newer entry";
    /// A key id is stored with other bytes: `key_ids` tells which are stored.
    KeyConflict = "key_conflict", 409, "A key id is stored with another key";
    /// The slot holds something else than the named `sequence_token` says: read it, then write again.
    SequenceConflict = "sequence_conflict", 409, "The slot was written by the other side";
    /// The recovery key that it is sealed to, or opened with, was replaced by a newer one.
    RecoveryKeyReplaced = "recovery_key_replaced", 409, "The recovery key was replaced";
    /// The thing would exceed a limit on how many there may be.
    LimitReached = "limit_reached", 409, "A limit is reached";
    /// The body is larger than allowed.
    PayloadTooLarge = "payload_too_large", 413, "The body is too large";
    /// The path or query is longer than allowed.
    UriTooLong = "uri_too_long", 414, "The address is too long";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type", 415, "The body must be application/json";
    /// An envelope is for a device that is not in the roster.
    UnknownRecipient = "unknown_recipient", 422, "An envelope is for a device outside the roster";
    /// The route needs a WebSocket upgrade.
    UpgradeRequired = "upgrade_required", 426, "A WebSocket upgrade is needed";
    /// Too many requests: wait `retry_after_ms`.
    RateLimited = "rate_limited", 429, "Too many requests";
    /// Linking failed too often: the account links nobody for an hour.
    LinkingLocked = "linking_locked", 429, "Linking failed too often; it is locked for an hour";
    /// Headers are larger than allowed.
    HeadersTooLarge = "headers_too_large", 431, "The headers are too large";
    /// The server failed; the log has the request id.
    Internal = "internal", 500, "The server failed";
    /// The database is not reachable: nothing was acknowledged, retry.
    Unavailable = "unavailable", 503, "The service is not available right now";
    /// The rendezvous of two devices needs Redis, which is away; nothing else does.
    LinkingUnavailable = "linking_unavailable", 503, "Devices can't be linked right now; everything else works";
    /// The node is full or draining: another one will answer.
    NodeFull = "node_full", 503, "This node takes no new connections";
}

/// An RFC 9457 problem document (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:sotto:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short sentence, the same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: ProblemCode,
    /// What was wrong in this very case, for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Names the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// With `rate_limited`, `linking_locked`, `node_full`, `unavailable`, `linking_unavailable`: when to try again, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// With `stale_roster`: the current version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster_version: Option<i64>,
    /// With `stale_roster`: the identities that changed since the refused version, with their signed lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identities: Option<Vec<UserIdentity>>,
    /// With `duplicate_txn`: the position at which the id is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
    /// With `key_conflict`: the ids that are stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ids: Option<Vec<String>>,
}

impl Problem {
    /// A problem of this code with nothing more to say.
    pub fn new(code: ProblemCode) -> Self {
        Self {
            kind: format!("urn:sotto:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: None,
            request_id: None,
            retry_after_ms: None,
            roster_version: None,
            identities: None,
            seq: None,
            key_ids: None,
        }
    }

    /// Adds what was wrong in this case.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
