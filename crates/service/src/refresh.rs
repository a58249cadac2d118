//! Refresh tokens: each is used once, its successor follows from it, and a second use later ends the whole family.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use sotto_protocol::{DeviceId, ProblemCode, UserId, accounts::TokenPair};
use sotto_store::{
    PgConnection, audit, devices,
    refresh::{self, RefreshRow},
    transaction,
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Service, ServiceResult, tokens::AccessClaims};

/// Life of a refresh token.
const REFRESH_TTL: Duration = Duration::days(30);
/// For this long after its first use a token still gives the same successor, in case that was lost on the way.
const REPLAY_WINDOW: Duration = Duration::seconds(60);

/// A refresh token in clear: 32 bytes, never stored.
#[derive(Clone, Copy)]
pub(crate) struct RefreshToken(pub [u8; 32]);

impl RefreshToken {
    fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

/// What became of a token that was presented.
enum Exchange {
    Next(RefreshToken, AccessClaims),
    /// Unknown, expired, or used before: its family is gone.
    Rejected,
}

impl Service {
    /// Exchanges a refresh token for its successor and a new access token.
    ///
    /// # Errors
    /// `refresh_rejected`, `device_revoked`.
    pub async fn refresh(&self, refresh_token: &str) -> ServiceResult<TokenPair> {
        let token = RefreshToken::parse(refresh_token).ok_or(ProblemCode::RefreshRejected)?;
        let exchange = transaction!(self.database, "auth.refresh", |conn| { self.exchange(conn, token).await })?;
        match exchange {
            Exchange::Next(next, claims) => self.token_pair(claims, &next),
            Exchange::Rejected => Err(ProblemCode::RefreshRejected.into()),
        }
    }

    async fn exchange(&self, conn: &mut PgConnection, token: RefreshToken) -> ServiceResult<Exchange> {
        let now = self.clock.now();
        let next = RefreshToken(self.tokens.derive("refresh", &token.0)?);
        let Some(row) = refresh::lock(conn, &token.hash()).await? else {
            return Ok(Exchange::Rejected);
        };
        if row.expires_at <= now {
            return Ok(Exchange::Rejected);
        }
        match row.used_at {
            None => {
                refresh::mark_used(conn, &token.hash(), now).await?;
                let next_row = RefreshRow { expires_at: now + REFRESH_TTL, used_at: None, ..row.clone() };
                refresh::insert(conn, &next.hash(), &next_row, now).await?;
            }
            Some(used_at) => {
                let successor = refresh::lock(conn, &next.hash()).await?;
                let unused = successor.is_some_and(|successor| successor.used_at.is_none());
                if !unused || now - used_at > REPLAY_WINDOW {
                    // Committed, unlike an error: whoever holds the successor is out too.
                    refresh::delete_family(conn, row.family_id).await?;
                    let detail = serde_json::json!({});
                    audit::record(conn, row.user_id, Some(row.device_id), "refresh_reused", detail, now).await?;
                    return Ok(Exchange::Rejected);
                }
            }
        }
        let device = devices::get(conn, row.device_id).await?.filter(|device| device.revoked_at.is_none());
        let device = device.ok_or(ProblemCode::DeviceRevoked)?;
        let claims = AccessClaims {
            user_id: row.user_id,
            device_id: row.device_id,
            token_generation: device.token_generation,
            verified: device.verified,
            fresh_at_ms: None,
        };
        Ok(Exchange::Next(next, claims))
    }

    /// Starts a family for a device that has just proved who it is; its other families end.
    pub(crate) async fn open_family(
        &self,
        conn: &mut PgConnection,
        user_id: UserId,
        device_id: DeviceId,
        token: &RefreshToken,
        now: OffsetDateTime,
    ) -> ServiceResult<()> {
        refresh::delete_of_device(conn, device_id).await?;
        let family_id = Uuid::from_slice(&token.hash()[..16]).unwrap_or_default();
        let row = RefreshRow { family_id, user_id, device_id, expires_at: now + REFRESH_TTL, used_at: None };
        Ok(refresh::insert(conn, &token.hash(), &row, now).await?)
    }

    /// A token that follows from nothing.
    pub(crate) fn random_refresh_token(&self) -> RefreshToken {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        RefreshToken(bytes)
    }

    pub(crate) fn token_pair(&self, claims: AccessClaims, refresh: &RefreshToken) -> ServiceResult<TokenPair> {
        let access = self.tokens.issue_access(claims)?;
        Ok(TokenPair {
            access_token: access.token,
            token_type: "Bearer".into(),
            expires_in_ms: access.expires_in_ms,
            refresh_token: refresh.text(),
        })
    }
}
