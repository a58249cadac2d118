//! Tokens that count once: tickets for sockets, challenges for logins of known devices.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sotto_protocol::{DeviceId, ProblemCode, UserId};
use sotto_store::spent_tokens;
use time::OffsetDateTime;

use super::{AccessClaims, IssuedToken, Registered, Tokens};
use crate::{Service, ServiceError, ServiceResult};

/// Life of a ticket for a socket.
pub const TICKET_TTL_MS: i64 = 30_000;
/// Life of a login challenge.
pub const CHALLENGE_TTL_MS: i64 = 60_000;

const TICKET: &str = "ticket+jwt";
const CHALLENGE: &str = "challenge+jwt";

#[derive(Serialize, Deserialize)]
struct Ticket {
    #[serde(flatten)]
    registered: Registered,
    sub: UserId,
    did: DeviceId,
    #[serde(rename = "gen")]
    generation: i32,
    ver: bool,
}

#[derive(Serialize, Deserialize)]
struct Challenge {
    #[serde(flatten)]
    registered: Registered,
}

impl Tokens {
    /// A ticket that opens one socket of this device.
    ///
    /// # Errors
    /// Signing failed: a broken installation.
    pub fn issue_ticket(&self, claims: AccessClaims) -> ServiceResult<IssuedToken> {
        let ticket = Ticket {
            registered: self.registered(TICKET_TTL_MS),
            sub: claims.user_id,
            did: claims.device_id,
            generation: claims.token_generation,
            ver: claims.verified,
        };
        Ok(IssuedToken { token: self.sign(TICKET, &ticket)?, expires_in_ms: TICKET_TTL_MS.unsigned_abs() })
    }

    /// A challenge that a device may sign, whichever it is.
    ///
    /// # Errors
    /// Signing failed: a broken installation.
    pub fn issue_challenge(&self) -> ServiceResult<IssuedToken> {
        let challenge = Challenge { registered: self.registered(CHALLENGE_TTL_MS) };
        Ok(IssuedToken { token: self.sign(CHALLENGE, &challenge)?, expires_in_ms: CHALLENGE_TTL_MS.unsigned_abs() })
    }
}

impl Service {
    /// Checks and spends a ticket; its claims are never fresh.
    ///
    /// # Errors
    /// `unauthorized` (also when spent), `token_expired`, or the database is not available while Redis is not.
    pub async fn redeem_ticket(&self, ticket: &str) -> ServiceResult<AccessClaims> {
        let ticket: Ticket = self.tokens.open(TICKET, ticket).ok_or(ProblemCode::Unauthorized)?;
        self.tokens.check(&ticket.registered)?;
        self.spend(&ticket.registered).await?;
        Ok(AccessClaims {
            user_id: ticket.sub,
            device_id: ticket.did,
            token_generation: ticket.generation,
            verified: ticket.ver,
            fresh_at_ms: None,
        })
    }

    /// Checks and spends a challenge of this device. The signature over it is the caller's to check, afterwards.
    ///
    /// # Errors
    /// `wrong_credentials` whatever is wrong with it, or the database is not available while Redis is not.
    pub async fn redeem_challenge(&self, challenge: &str) -> ServiceResult<()> {
        let wrong = |_: ServiceError| ServiceError::from(ProblemCode::WrongCredentials);
        let challenge: Challenge = self.tokens.open(CHALLENGE, challenge).ok_or(ProblemCode::WrongCredentials)?;
        self.tokens.check(&challenge.registered).map_err(wrong)?;
        self.spend(&challenge.registered).await.map_err(|error| match error {
            refused @ ServiceError::Refused(_) => wrong(refused),
            failed => failed,
        })
    }

    /// In Redis or, while it is away, in PostgreSQL.
    async fn spend(&self, token: &Registered) -> ServiceResult<()> {
        let left_s = u64::try_from(token.exp - self.clock.now().unix_timestamp()).unwrap_or(0);
        let first = match self.bus.spend_once(token.jti, Duration::from_secs(left_s + 1)).await {
            Ok(first) => first,
            Err(error) => {
                tracing::debug!(%error, "spending a token in PostgreSQL");
                let expires_at = OffsetDateTime::from_unix_timestamp(token.exp)
                    .map_err(|error| ServiceError::Internal(error.to_string()))?;
                spent_tokens::spend(&mut *self.database.acquire().await?, token.jti, expires_at).await?
            }
        };
        if first { Ok(()) } else { Err(ProblemCode::Unauthorized.into()) }
    }
}
