//! The rendezvous of two devices that are about to be linked, on any node. All of it lives in Redis: without Redis no
//! device can be linked, and whoever was about to begins anew.

mod code;
mod waiting;

use std::{net::IpAddr, time::Duration};

use sotto_bus::{
    BusError,
    rendezvous::{NewSlot, Side, Slot, Write, Written},
};
use sotto_protocol::{
    Problem, ProblemCode, RendezvousId, UserId,
    limits::{
        MAX_OPEN_RENDEZVOUS, MAX_RENDEZVOUS_BYTES, MAX_RENDEZVOUS_WAIT_MS, MAX_RENDEZVOUS_WRITES, RENDEZVOUS_TTL_MS,
    },
    rendezvous::{
        CreateRendezvousRequest, CreateRendezvousResponse, PutRendezvousRequest, PutRendezvousResponse, Rendezvous,
    },
};
use sotto_store::transaction;
use uuid::Uuid;

use self::waiting::Seen;
pub use self::waiting::Waiting;

use crate::{
    Entropy, Service, ServiceError, ServiceResult, address,
    checks::{invalid, refused},
    enrolment::Acting,
    limits::Limit,
    tokens::AccessClaims,
};

/// Longest token that a client names, characters; ours have 32.
const MAX_TOKEN_CHARS: usize = 64;
/// How long a read that finds no place should stay away.
const RETRY_MS: u64 = 2_000;
/// How long to leave Redis alone.
const AWAY_MS: u64 = 2_000;

/// Who asks, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Party {
    /// The device, if it has a token.
    pub device: Option<AccessClaims>,
    /// Its address.
    pub address: IpAddr,
}

impl Party {
    /// A device that its account signed is the existing one; all others want in.
    fn existing(&self) -> Option<&AccessClaims> {
        self.device.as_ref().filter(|device| device.verified)
    }

    fn side(&self) -> Side {
        if self.existing().is_some() { Side::Existing } else { Side::New }
    }
}

impl Service {
    /// Opens a rendezvous: by a device of an account (step-up), or by a new one that has nothing yet.
    ///
    /// # Errors
    /// `payload_too_large`, `rate_limited` (this address, this user, or as many are open as may be), `step_up_required`,
    /// `device_on_probation`, `linking_locked`, `linking_unavailable`.
    pub async fn create_rendezvous(
        &self,
        party: Party,
        request: &CreateRendezvousRequest,
    ) -> ServiceResult<CreateRendezvousResponse> {
        check_size(&request.data.0)?;
        match party.existing() {
            Some(caller) => {
                caller.require_fresh(self.clock.now_ms())?;
                self.limits.by_user(Limit::RendezvousUser, caller.user_id).await?;
                self.may_link(caller).await?;
            }
            None => self.limits.by_address(Limit::RendezvousAddress, party.address).await?,
        }
        let (id, sequence_token) = (random_id(&*self.entropy), self.sequence_token());
        let slot = NewSlot {
            id,
            token: &sequence_token,
            data: &request.data.0,
            owner: party.existing().map(|caller| caller.user_id),
            side: party.side(),
            network: &self.network(id, party.address)?,
            ttl_ms: RENDEZVOUS_TTL_MS,
        };
        if !self.bus.open_rendezvous(&slot, MAX_OPEN_RENDEZVOUS).await.map_err(away)? {
            return Err(wait(ProblemCode::RateLimited, RETRY_MS));
        }
        let code = if request.with_code { Some(self.make_code(id).await?) } else { None };
        Ok(CreateRendezvousResponse { rendezvous_id: id, sequence_token, expires_in_ms: RENDEZVOUS_TTL_MS, code })
    }

    /// Replaces what the slot holds. The same write again answers the same.
    ///
    /// # Errors
    /// `not_found`, `sequence_conflict`, `payload_too_large`, `forbidden` (too many writes), `linking_unavailable`.
    pub async fn put_rendezvous(
        &self,
        party: Party,
        id: RendezvousId,
        request: &PutRendezvousRequest,
    ) -> ServiceResult<PutRendezvousResponse> {
        check_size(&request.data.0)?;
        check_token(&request.sequence_token)?;
        let (next, network) = (self.sequence_token(), self.network(id, party.address)?);
        let write = Write {
            id,
            token: &request.sequence_token,
            next: &next,
            data: &request.data.0,
            side: party.side(),
            network: &network,
            most: MAX_RENDEZVOUS_WRITES,
        };
        match self.bus.write_rendezvous(&write).await.map_err(away)? {
            Written::Done(sequence_token, expires_in_ms) => {
                self.rendezvous_waiting.saw(id, &Seen::Token(sequence_token.clone()));
                Ok(PutRendezvousResponse { sequence_token, expires_in_ms })
            }
            Written::Conflict => Err(ProblemCode::SequenceConflict.into()),
            Written::Full => Err(refused(ProblemCode::Forbidden, "a rendezvous is not a place to keep things")),
            Written::Gone => Err(ProblemCode::NotFound.into()),
        }
    }

    /// What the slot holds; held until that is something else than `after` names, at most `wait_ms`.
    ///
    /// # Errors
    /// `not_found`, `invalid_request`, `rate_limited` (too many wait), `linking_unavailable`.
    pub async fn rendezvous(
        &self,
        party: Party,
        id: RendezvousId,
        after: Option<&str>,
        wait_ms: u64,
    ) -> ServiceResult<Rendezvous> {
        let Some(after) = after else { return self.look(party, id).await };
        check_token(after)?;
        // Entered before the first look, so that a write is found by that look or told to the waiter.
        let mut waiter = self.rendezvous_waiting.enter(id).ok_or_else(|| wait(ProblemCode::RateLimited, RETRY_MS))?;
        let found = self.look(party, id).await?;
        if found.sequence_token != after || wait_ms == 0 {
            return Ok(found);
        }
        let mut draining = self.lifecycle.draining();
        let patience = Duration::from_millis(wait_ms.min(MAX_RENDEZVOUS_WAIT_MS));
        tokio::select! {
            seen = waiter.changed(after) => match seen {
                Seen::Gone => return Err(ProblemCode::NotFound.into()),
                Seen::Unavailable => return Err(wait(ProblemCode::LinkingUnavailable, AWAY_MS)),
                Seen::Nothing | Seen::Token(_) => {}
            },
            () = tokio::time::sleep(patience) => {}
            // Another node goes on with it.
            _ = draining.wait_for(|draining| *draining) => {}
        }
        self.look(party, id).await
    }

    /// Ends the rendezvous: it is not found from then on.
    ///
    /// # Errors
    /// `not_found`, `linking_unavailable`.
    pub async fn end_rendezvous(&self, id: RendezvousId) -> ServiceResult<()> {
        let ended = self.bus.end_rendezvous(id).await.map_err(away)?;
        self.rendezvous_waiting.saw(id, &Seen::Gone);
        if ended { Ok(()) } else { Err(ProblemCode::NotFound.into()) }
    }

    async fn look(&self, party: Party, id: RendezvousId) -> ServiceResult<Rendezvous> {
        let slot = self.bus.rendezvous(id).await.map_err(away)?.ok_or(ProblemCode::NotFound)?;
        Ok(Rendezvous {
            same_network: same_network(party, &slot),
            sequence_token: slot.token,
            data: slot.data.into(),
            expires_in_ms: slot.expires_in_ms,
        })
    }

    /// Whether the caller may let somebody in at all.
    async fn may_link(&self, caller: &AccessClaims) -> ServiceResult<()> {
        let now = self.clock.now();
        transaction!(self.database, "rendezvous.create", |conn| {
            let acting = Acting::lock(conn, caller).await?;
            acting.require_trusted(now)?;
            self.require_unlocked(conn, caller.user_id, now).await
        })
    }

    fn sequence_token(&self) -> String {
        self.entropy.uuid().simple().to_string()
    }

    /// What stands for the network of an address, in this rendezvous only: nobody can tell from two of them whether
    /// they are of one address.
    fn network(&self, id: RendezvousId, address: IpAddr) -> ServiceResult<String> {
        let subject = address::network(address);
        let keyed = self.tokens.derive("rendezvous-network", &[id.0.as_bytes(), subject.as_bytes()].concat())?;
        Ok(sotto_protocol::Base64Bytes(keyed[..16].to_vec()).to_base64())
    }
}

/// Told to devices of the account only: to a stranger it would say something about the other.
fn same_network(party: Party, slot: &Slot) -> Option<bool> {
    let caller = party.existing()?;
    let is_owner = slot.owner.is_none_or(|owner: UserId| owner == caller.user_id);
    let networks = slot.existing_network.as_ref().zip(slot.new_network.as_ref());
    networks.filter(|_| is_owner).map(|(existing, new)| existing == new)
}

/// 128 random bits: an id of a version would have six fewer.
fn random_id(entropy: &dyn Entropy) -> RendezvousId {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    RendezvousId(Uuid::from_bytes(bytes))
}

fn check_size(data: &[u8]) -> ServiceResult<()> {
    if data.len() <= MAX_RENDEZVOUS_BYTES { Ok(()) } else { Err(ProblemCode::PayloadTooLarge.into()) }
}

fn check_token(token: &str) -> ServiceResult<()> {
    if (1..=MAX_TOKEN_CHARS).contains(&token.len()) { Ok(()) } else { Err(invalid("sequence_token: one of ours")) }
}

fn wait(code: ProblemCode, retry_after_ms: u64) -> ServiceError {
    Problem { retry_after_ms: Some(retry_after_ms), ..Problem::new(code) }.into()
}

/// Without Redis there is no rendezvous; a command that Redis refuses is our bug.
fn away(error: BusError) -> ServiceError {
    match error {
        BusError::Unavailable => wait(ProblemCode::LinkingUnavailable, AWAY_MS),
        BusError::Command(error) => ServiceError::Internal(format!("rendezvous: {error}")),
    }
}
