//! Close codes of the WebSocket (RFC 6455 section 7.4). They say what to do, not just what happened.

/// Why a node closed the socket. 4000-4499: come back; 4500-4999: don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The node is going away: come back after the `reconnect_after_ms` of the `draining` frame.
    Drain = 4001,
    /// The device did not read fast enough: come back and catch up.
    Slow = 4002,
    /// No pong within the deadline: come back.
    NoPong = 4003,
    /// The access token has expired: refresh it, then come back.
    TokenExpired = 4004,
    /// No `hello` within the deadline: come back.
    NoHello = 4005,
    /// A limit of this user is reached: come back later, with back-off.
    UserLimit = 4008,
    /// The credential is not valid and never will be.
    Unauthorized = 4501,
    /// The device was revoked, or its account deleted.
    Revoked = 4502,
    /// A newer connection of the same device took over.
    Replaced = 4503,
    /// The client broke the protocol; the `error` frame before says how.
    Protocol = 4504,
    /// A frame was larger than `MAX_FRAME_BYTES` (RFC 6455).
    TooBig = 1009,
    /// The node failed (RFC 6455): come back.
    Internal = 1011,
}

impl CloseCode {
    /// Every code, for documents and tests.
    pub const ALL: [Self; 12] = [
        Self::Drain,
        Self::Slow,
        Self::NoPong,
        Self::TokenExpired,
        Self::NoHello,
        Self::UserLimit,
        Self::Unauthorized,
        Self::Revoked,
        Self::Replaced,
        Self::Protocol,
        Self::TooBig,
        Self::Internal,
    ];

    /// The number on the wire.
    pub fn code(self) -> u16 {
        self as u16
    }

    /// The reason text on the wire, stable.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Slow => "slow",
            Self::NoPong => "no_pong",
            Self::TokenExpired => "token_expired",
            Self::NoHello => "no_hello",
            Self::UserLimit => "user_limit",
            Self::Unauthorized => "unauthorized",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
            Self::Protocol => "protocol_error",
            Self::TooBig => "too_big",
            Self::Internal => "internal",
        }
    }

    /// Whether a client should connect again after this code. Unknown codes: yes below 4500.
    pub fn may_return(code: u16) -> bool {
        !(4500..5000).contains(&code)
    }
}
