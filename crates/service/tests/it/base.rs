//! Tickets, challenges, limits and the revocation feed.

use std::sync::Arc;

use sotto_protocol::{DeviceId, ProblemCode, UserId};
use sotto_service::{
    Entropy as _, Service, ServiceError, SystemEntropy,
    limits::{Limit, Rate},
    tokens::AccessClaims,
};
use sotto_store::revocations;

use crate::world::World;

const GUESSES: [(Limit, Rate); 1] = [(Limit::LoginUsername, Rate { burst: 3, period_ms: 3_600_000 })];

async fn with_redis() -> Arc<Service> {
    World::limited_with_redis(GUESSES).await.service
}

async fn without_redis() -> Arc<Service> {
    World::new().await.service
}

fn code(error: ServiceError) -> ProblemCode {
    error.into_problem().code
}

async fn tickets_count_once(service: Arc<Service>) {
    let claims = AccessClaims {
        user_id: UserId(SystemEntropy.uuid()),
        device_id: DeviceId(SystemEntropy.uuid()),
        token_generation: 4,
        verified: false,
        fresh_at_ms: Some(1),
    };
    let ticket = service.tokens.issue_ticket(claims).unwrap().token;
    let (a, b) = tokio::join!(service.redeem_ticket(&ticket), service.redeem_ticket(&ticket));
    let (taken, refused) = if a.is_ok() { (a, b) } else { (b, a) };
    assert_eq!(taken.unwrap(), AccessClaims { fresh_at_ms: None, ..claims });
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Unauthorized);
    let access = service.tokens.issue_access(claims).unwrap().token;
    assert_eq!(code(service.redeem_ticket(&access).await.unwrap_err()), ProblemCode::Unauthorized);
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    tickets_count_once(with_redis().await).await;
}

#[tokio::test]
async fn a_ticket_opens_one_socket_without_redis_too() {
    tickets_count_once(without_redis().await).await;
}

#[tokio::test]
async fn a_challenge_counts_once() {
    for service in [with_redis().await, without_redis().await] {
        let challenge = service.tokens.issue_challenge().unwrap().token;
        service.redeem_challenge(&challenge).await.unwrap();
        let again = service.redeem_challenge(&challenge).await.unwrap_err();
        assert_eq!(code(again), ProblemCode::WrongCredentials);
    }
}

#[tokio::test]
async fn guesses_at_a_password_are_counted_by_all_nodes_together() {
    let (one, two) = (with_redis().await, with_redis().await);
    let username = SystemEntropy.uuid().to_string();
    for service in [&one, &two, &one] {
        service.limits.take(Limit::LoginUsername, username.as_str(), 1).await.unwrap();
    }
    for service in [&one, &two] {
        let refused = service.limits.take(Limit::LoginUsername, username.as_str(), 1).await.unwrap_err();
        assert_eq!(code(refused), ProblemCode::RateLimited);
    }
}

#[tokio::test]
async fn exempt_addresses_are_not_limited() {
    let service = without_redis().await;
    let attempt = async |address: [u8; 4]| service.limits.by_address(Limit::RegisterAddress, address.into()).await;
    for _ in 0..100 {
        attempt([127, 0, 0, 9]).await.unwrap();
    }
    let mut refused = 0;
    for _ in 0..100 {
        refused += usize::from(attempt([203, 0, 113, 9]).await.is_err());
    }
    assert!(refused >= 75, "{refused}");
}

#[tokio::test]
async fn a_revocation_reaches_a_node_by_polling_and_is_told_once() {
    let service = without_redis().await;
    let mut told = service.revocations.subscribe();
    let device = DeviceId(SystemEntropy.uuid());
    let mut conn = service.database.acquire().await.unwrap();
    revocations::record(&mut conn, UserId(SystemEntropy.uuid()), device, service.clock.now()).await.unwrap();
    assert!(!service.revocations.contains(device, 0));
    service.revocations.poll(&service.database).await.unwrap();
    service.revocations.poll(&service.database).await.unwrap();
    assert!(service.revocations.contains(device, 0));
    let mut times = 0;
    while let Ok(revoked) = told.try_recv() {
        times += usize::from(revoked == device);
    }
    assert_eq!(times, 1);
}
