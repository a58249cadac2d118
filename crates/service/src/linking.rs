//! Linking a further device: a grant from one that is in, and its completion by the new one.

use sha2::{Digest as _, Sha256};
use sotto_identity::{check_certified_device, verify_link};
use sotto_protocol::{
    Base64Bytes, ProblemCode,
    accounts::SessionResponse,
    keys::ListAuthor,
    linking::{CompleteLinkRequest, CreateGrantRequest, GrantResponse, LinkHeadRequest, LinkHeadResponse},
};
use sotto_store::{
    PgConnection, accounts, audit, devices, link_failures,
    linking::{self, GrantRow},
    lists, rosters, transaction,
};
use time::Duration;

use crate::{
    Service, ServiceError, ServiceResult,
    checks::{invalid, keys_refusal, refused},
    devices::{on, wake},
    enrolment::{Acting, Enrolment, append, identity_keys, tell_own},
    refresh::RefreshToken,
    tokens::AccessClaims,
};

/// Life of a grant, and for how long its completion answers the same again.
const GRANT_TTL: Duration = Duration::minutes(5);
const GRANT_TTL_MS: u64 = 5 * 60 * 1000;
/// SHA-256.
const HASH_BYTES: usize = 32;

/// A completion, to be announced after the commit.
struct Linked {
    claims: AccessClaims,
    token: RefreshToken,
    rosters: Vec<(sotto_protocol::ConversationId, i64)>,
    notified: Vec<sotto_protocol::DeviceId>,
}

impl Service {
    /// Lets a device in: checks its keys and the entry that completion will append (step-up).
    ///
    /// # Errors
    /// `step_up_required`, `device_unverified`, `device_on_probation`, `linking_locked`, `invalid_request`, `invalid_key`,
    /// `invalid_signature`, `chain_conflict`, `forbidden`, `limit_reached`, `already_exists`.
    pub async fn create_grant(
        &self,
        caller: &AccessClaims,
        request: CreateGrantRequest,
    ) -> ServiceResult<GrantResponse> {
        caller.require_fresh(self.clock.now_ms())?;
        if request.transcript.0.len() != HASH_BYTES {
            return Err(invalid("transcript: 32 bytes"));
        }
        if request.rendezvous_hash.0.len() != HASH_BYTES {
            return Err(invalid("rendezvous_hash: 32 bytes"));
        }
        let mut grant = [0; 32];
        self.entropy.fill(&mut grant);
        transaction!(self.database, "linking.grant", |conn| { self.grant(conn, caller, &request, &grant).await })?;
        Ok(GrantResponse { grant: Base64Bytes(grant.to_vec()), expires_in_ms: GRANT_TTL_MS })
    }

    async fn grant(
        &self,
        conn: &mut PgConnection,
        caller: &AccessClaims,
        request: &CreateGrantRequest,
        grant: &[u8],
    ) -> ServiceResult<()> {
        let now = self.clock.now();
        let acting = Acting::lock(conn, caller).await?;
        acting.require_trusted(now)?;
        self.require_unlocked(conn, caller.user_id, now).await?;
        let device_id = request.device_keys.device_id;
        crate::checks::fresh_id(device_id.0)?;
        let listed =
            check_certified_device(&request.device_keys, device_id, &acting.cross_signing()?).map_err(keys_refusal)?;
        if devices::identity_key_seen(conn, &identity_keys(&listed)?).await? {
            return Err(refused(ProblemCode::InvalidKey, "an identity key was used before"));
        }
        let known = devices::get(conn, device_id).await?;
        if known.is_some_and(|row| row.user_id != caller.user_id || row.verified || row.revoked_at.is_some()) {
            return Err(ProblemCode::AlreadyExists.into());
        }
        let author = ListAuthor::Device(caller.device_id);
        let extension = acting.check_entry(conn, &request.device_list, author).await?;
        extension.require_added(&listed)?;
        extension.require_removed(&[])?;
        let row = GrantRow {
            grant_hash: Sha256::digest(grant).to_vec(),
            user_id: caller.user_id,
            created_by: caller.device_id,
            rendezvous_hash: request.rendezvous_hash.0.clone(),
            transcript: request.transcript.0.clone(),
            device_keys: request.device_keys.clone().into(),
            device_list: request.device_list.clone().into(),
            expires_at: now + GRANT_TTL,
            completed_at: None,
            request_hash: None,
        };
        linking::insert(conn, &row).await?;
        // Not asked of Redis whether it is open: the new device's signature binds it, and grants don't depend on Redis.
        link_failures::forgive(conn, caller.user_id, &request.rendezvous_hash.0).await?;
        let detail = serde_json::json!({ "device_id": device_id, "rendezvous_hash": request.rendezvous_hash });
        Ok(audit::record(conn, caller.user_id, Some(caller.device_id), "link_granted", detail, now).await?)
    }

    /// What the new device checks before it completes. The grant is the credential.
    ///
    /// # Errors
    /// `grant_rejected`.
    pub async fn link_head(&self, request: &LinkHeadRequest) -> ServiceResult<LinkHeadResponse> {
        let hash = Sha256::digest(&request.grant.0);
        let now = self.clock.now();
        transaction!(self.database, "linking.head", |conn| {
            let grant = linking::get(conn, &hash).await?;
            let grant = grant.filter(|grant| grant.expires_at > now).ok_or(ProblemCode::GrantRejected)?;
            accounts::share(conn, &[grant.user_id]).await?;
            let account = accounts::get(conn, grant.user_id).await?.ok_or(ProblemCode::GrantRejected)?;
            let identity = lists::identity(conn, grant.user_id).await?.ok_or(ProblemCode::GrantRejected)?;
            Ok(LinkHeadResponse {
                username: account.username,
                identity,
                device_list: grant.device_list.0,
                device_keys: grant.device_keys.0,
            })
        })
    }

    /// Brings the new device in. The same request again within five minutes gives the same tokens.
    ///
    /// # Errors
    /// `grant_rejected` (unknown, expired, used by another request, or for another key), `invalid_request`,
    /// `invalid_key`, `invalid_signature`, `chain_conflict`, `already_exists`.
    pub async fn complete_link(&self, request: &CompleteLinkRequest) -> ServiceResult<SessionResponse> {
        let request_hash = request_hash(request)?;
        let linked = transaction!(self.database, "linking.complete", |conn| {
            self.complete(conn, request, &request_hash).await
        })?;
        let Linked { claims, token, .. } = linked;
        self.announce_rosters(&linked.rosters, &linked.notified);
        Ok(SessionResponse {
            user_id: claims.user_id,
            device_id: claims.device_id,
            verified: true,
            tokens: self.token_pair(claims, &token)?,
        })
    }

    async fn complete(
        &self,
        conn: &mut PgConnection,
        request: &CompleteLinkRequest,
        request_hash: &[u8],
    ) -> ServiceResult<Linked> {
        let now = self.clock.now();
        let grant_hash = Sha256::digest(&request.grant.0);
        // The account's row is the lock: of fifty completions one finds the grant unused.
        let account = accounts::lock(conn, request.user_id).await?.ok_or(ProblemCode::GrantRejected)?;
        let grant = linking::get(conn, &grant_hash).await?.filter(|grant| grant.user_id == account.id);
        let grant = grant.ok_or(ProblemCode::GrantRejected)?;
        let device_id = grant.device_keys.device_id;
        let token = RefreshToken(self.tokens.derive("link", &[&request.grant.0, request_hash].concat())?);
        let claims = AccessClaims {
            user_id: account.id,
            device_id,
            token_generation: devices::get(conn, device_id).await?.map_or(0, |row| row.token_generation),
            verified: true,
            fresh_at_ms: None,
        };
        if let Some(completed_at) = grant.completed_at {
            let same = grant.request_hash.as_deref() == Some(request_hash) && now < completed_at + GRANT_TTL;
            let linked = Linked { claims, token, rosters: Vec::new(), notified: Vec::new() };
            return if same { Ok(linked) } else { Err(ProblemCode::GrantRejected.into()) };
        }
        if grant.expires_at <= now {
            return Err(ProblemCode::GrantRejected.into());
        }
        let acting = Acting::of_grant(conn, account, &grant).await?;
        let enrolment = Enrolment {
            keys: &grant.device_keys,
            device: &request.device,
            one_time_keys: &request.one_time_keys,
            fallback_key: &request.fallback_key,
            probation_until: self.probation_until(now),
        };
        let listed = enrolment.check(&acting.cross_signing()?)?;
        if !verify_link(&listed.ed25519, &request.grant.0, &grant.transcript, &request.signature.0) {
            return Err(ProblemCode::GrantRejected.into());
        }
        let author = ListAuthor::Device(grant.created_by);
        let extension = acting.check_entry(conn, &grant.device_list, author).await?;
        extension.require_added(&listed)?;
        extension.require_removed(&[])?;
        append(conn, &grant.device_list, now).await?;
        let rosters = rosters::bump_rosters(conn, claims.user_id).await?;
        enrolment.store(conn, &listed, now).await?;
        let conversations: Vec<_> = rosters.iter().map(|(id, _)| *id).collect();
        rosters::start_device(conn, device_id, &conversations).await?;
        linking::complete(conn, &grant_hash, request_hash, now).await?;
        self.open_family(conn, claims.user_id, device_id, &token, now).await?;
        let notified = acting.verified();
        tell_own(conn, &notified, grant.device_list.version, now).await?;
        audit::record(conn, claims.user_id, Some(grant.created_by), "device_linked", on(device_id), now).await?;
        wake(conn, &rosters, &notified).await?;
        Ok(Linked { claims, token, rosters, notified })
    }
}

impl Acting {
    /// The device that gave the grant still stands behind it: a revoked one's grants are gone with it.
    async fn of_grant(conn: &mut PgConnection, account: accounts::AccountRow, grant: &GrantRow) -> ServiceResult<Self> {
        let devices = devices::of_user(conn, account.id).await?;
        let device = devices.iter().find(|device| device.id == grant.created_by).cloned();
        Ok(Self { account, device: device.ok_or(ProblemCode::GrantRejected)?, devices })
    }
}

/// SHA-256 over the request's JSON, whose maps are ordered: equal requests have equal hashes.
fn request_hash(request: &CompleteLinkRequest) -> ServiceResult<[u8; 32]> {
    let json = serde_json::to_vec(request).map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(Sha256::digest(json).into())
}
