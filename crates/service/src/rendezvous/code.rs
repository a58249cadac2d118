//! Codes to be typed where no camera is: a locator that leads to the rendezvous once. What it leads to is worth nothing
//! without the digits that the two devices compare afterwards.

use sotto_protocol::{
    ProblemCode, RendezvousId, UserId,
    limits::{LINK_CODE_CHARS, MAX_LINK_FAILURES, RENDEZVOUS_TTL_MS},
    rendezvous::{ClaimCodeRequest, ClaimCodeResponse, LinkFailureRequest},
};
use sotto_store::{PgConnection, accounts, audit, link_failures, transaction};
use time::{Duration, OffsetDateTime};

use super::{Party, away, wait};
use crate::{
    Service, ServiceError, ServiceResult, checks::invalid, enrolment::Acting, limits::Limit, tokens::AccessClaims,
};

/// Crockford's base 32: no letter that is taken for a digit or another letter.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Codes in use that are met by chance: with ten thousand of 2^40 hardly ever one.
const ATTEMPTS: usize = 3;
/// The time within which failures add up, and for which they lock.
const HOUR: Duration = Duration::hours(1);

impl Service {
    /// Makes a code for a rendezvous.
    pub(super) async fn make_code(&self, id: RendezvousId) -> ServiceResult<String> {
        for _ in 0..ATTEMPTS {
            let mut random = [0; LINK_CODE_CHARS];
            self.entropy.fill(&mut random);
            let code: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
            if self.bus.put_code(&code, id, RENDEZVOUS_TTL_MS).await.map_err(away)? {
                return Ok(code);
            }
        }
        Err(ServiceError::Internal("no code is free".to_owned()))
    }

    /// Turns a typed code into the rendezvous that it stands for; it does so once. Until the account lets somebody in
    /// this counts as a failure: who guesses digits after digits is locked out by the fifth.
    ///
    /// # Errors
    /// `rate_limited`, `invalid_request`, `not_found` (unknown, claimed before, or over), `linking_locked`,
    /// `linking_unavailable`.
    pub async fn claim_code(&self, party: Party, request: &ClaimCodeRequest) -> ServiceResult<ClaimCodeResponse> {
        self.limits.by_address(Limit::CodeAddress, party.address).await?;
        let code = normal(&request.code).ok_or_else(|| invalid("code: 8 characters of Crockford's base 32"))?;
        let id = self.bus.claim_code(&code).await.map_err(away)?.ok_or(ProblemCode::NotFound)?;
        let slot = self.bus.rendezvous(id).await.map_err(away)?.ok_or(ProblemCode::NotFound)?;
        let account = slot.owner.or_else(|| party.existing().map(|caller| caller.user_id));
        if let Some(user_id) = account {
            self.note_failure(user_id, id, None).await?;
        }
        Ok(ClaimCodeResponse { rendezvous_id: id, expires_in_ms: slot.expires_in_ms })
    }

    /// Notes that the other side failed a check.
    ///
    /// # Errors
    /// `device_revoked`, `linking_locked` (this one is not counted any more).
    pub async fn report_link_failure(&self, caller: &AccessClaims, request: &LinkFailureRequest) -> ServiceResult<()> {
        self.note_failure(caller.user_id, request.rendezvous_id, Some(caller)).await
    }

    /// Notes one failure a rendezvous; those of a locked account are refused, so that the lock has an end.
    async fn note_failure(
        &self,
        user_id: UserId,
        id: RendezvousId,
        reported_by: Option<&AccessClaims>,
    ) -> ServiceResult<()> {
        let now = self.clock.now();
        transaction!(self.database, "rendezvous.failure", |conn| {
            match reported_by {
                Some(caller) => drop(Acting::lock(conn, caller).await?),
                None => drop(accounts::lock(conn, user_id).await?.ok_or(ProblemCode::NotFound)?),
            }
            self.require_unlocked(conn, user_id, now).await?;
            link_failures::note(conn, user_id, id, reported_by.is_some(), now).await?;
            if locked_until(conn, user_id).await?.is_some() {
                let device_id = reported_by.map(|caller| caller.device_id);
                audit::record(conn, user_id, device_id, "linking_locked", serde_json::json!({}), now).await?;
            }
            Ok::<_, ServiceError>(())
        })
    }

    /// Whether the account may link: not for an hour after the last of five failures within an hour.
    ///
    /// # Errors
    /// `linking_locked`.
    pub(crate) async fn require_unlocked(
        &self,
        conn: &mut PgConnection,
        user_id: UserId,
        now: OffsetDateTime,
    ) -> ServiceResult<()> {
        match locked_until(conn, user_id).await? {
            Some(until) if until > now => {
                let left_ms = u64::try_from((until - now).whole_milliseconds()).unwrap_or(1);
                Err(wait(ProblemCode::LinkingLocked, left_ms.max(1)))
            }
            _ => Ok(()),
        }
    }
}

async fn locked_until(conn: &mut PgConnection, user_id: UserId) -> ServiceResult<Option<OffsetDateTime>> {
    let newest = link_failures::newest(conn, user_id, MAX_LINK_FAILURES).await?;
    let is_full = i64::try_from(newest.len()).is_ok_and(|len| len >= MAX_LINK_FAILURES);
    let span = newest.first().zip(newest.last()).filter(|(last, first)| **last - **first < HOUR);
    Ok(span.filter(|_| is_full).map(|(last, _)| *last + HOUR))
}

/// The code as it was made, from what a person typed.
fn normal(typed: &str) -> Option<String> {
    let plain = |c: char| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let code: String = typed.chars().filter(|c| !matches!(c, '-' | ' ')).map(plain).take(LINK_CODE_CHARS + 1).collect();
    let fits = code.len() == LINK_CODE_CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_code_has_one_form() {
        assert_eq!(normal("7KQ2-m0xz").as_deref(), Some("7KQ2M0XZ"));
        assert_eq!(normal(" oiL1 2345 ").as_deref(), Some("01112345"));
        for wrong in ["", "1234567", "123456789", "1234567U", "1234567é", "1234-567!", &"1".repeat(10_000)] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
