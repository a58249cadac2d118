//! The HTTP layer against a scripted server.

use std::sync::Arc;

use serde_json::json;
use sotto_e2ee::RosterQuery;
use sotto_protocol::{Problem, ProblemCode, accounts::LogoutRequest, devices::RenameDeviceRequest};
use sotto_sdk::{
    SdkError, SystemEnvironment,
    http::{Http, Tokens},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

fn problem(code: ProblemCode, retry_after_ms: Option<u64>) -> ResponseTemplate {
    let problem = Problem { retry_after_ms, ..Problem::new(code) };
    ResponseTemplate::new(code.status()).set_body_json(problem)
}

fn client(server: &MockServer) -> Http {
    let tokens = Tokens { access_token: "old".into(), refresh_token: "r1".into(), expires_at_ms: i64::MAX };
    Http::new(vec![server.uri()], Some(tokens), Arc::new(SystemEnvironment), None).unwrap()
}

fn devices() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "devices": [] }))
}

#[tokio::test]
async fn an_expired_token_is_refreshed_once_however_many_calls_meet_it() {
    let server = MockServer::start().await;
    let expired = problem(ProblemCode::TokenExpired, None);
    Mock::given(path("/api/devices"))
        .and(header("authorization", "Bearer old"))
        .respond_with(expired)
        .mount(&server)
        .await;
    Mock::given(path("/api/devices"))
        .and(header("authorization", "Bearer new"))
        .respond_with(devices())
        .mount(&server)
        .await;
    let pair =
        json!({ "access_token": "new", "token_type": "Bearer", "expires_in_ms": 600_000, "refresh_token": "r2" });
    let fresh = ResponseTemplate::new(200).set_body_json(pair);
    Mock::given(path("/auth/refresh")).respond_with(fresh).expect(1).mount(&server).await;
    let http = client(&server);
    let (a, b, c) = tokio::join!(http.list_devices(), http.list_devices(), http.list_devices());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(http.tokens().unwrap().refresh_token, "r2");
}

#[tokio::test]
async fn a_rejected_refresh_ends_it() {
    let server = MockServer::start().await;
    Mock::given(path("/api/devices")).respond_with(problem(ProblemCode::TokenExpired, None)).mount(&server).await;
    let rejected = problem(ProblemCode::RefreshRejected, None);
    Mock::given(path("/auth/refresh")).respond_with(rejected).expect(1).mount(&server).await;
    let error = client(&server).list_devices().await.unwrap_err();
    assert_eq!(error.code(), Some(ProblemCode::RefreshRejected));
}

#[tokio::test]
async fn reading_is_repeated_while_the_service_is_unavailable() {
    let server = MockServer::start().await;
    let down = problem(ProblemCode::Unavailable, Some(1));
    Mock::given(path("/api/devices")).respond_with(down).up_to_n_times(2).mount(&server).await;
    Mock::given(path("/api/devices")).respond_with(devices()).expect(1).mount(&server).await;
    assert!(client(&server).list_devices().await.is_ok());
}

#[tokio::test]
async fn a_bad_gateway_is_no_problem_document_and_reading_goes_on() {
    let server = MockServer::start().await;
    let gateway = ResponseTemplate::new(502).set_body_string("<html>Bad Gateway</html>");
    Mock::given(path("/api/devices")).respond_with(gateway).up_to_n_times(1).mount(&server).await;
    Mock::given(path("/api/devices")).respond_with(devices()).expect(1).mount(&server).await;
    assert!(client(&server).list_devices().await.is_ok());
}

#[tokio::test]
async fn what_may_not_run_twice_is_called_once() {
    let server = MockServer::start().await;
    let down = problem(ProblemCode::Unavailable, Some(1));
    Mock::given(method("POST")).and(path("/auth/logout")).respond_with(down).expect(1).mount(&server).await;
    assert!(client(&server).logout(&LogoutRequest::default()).await.is_err());
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_and_not_repeated() {
    let server = MockServer::start().await;
    let refused = problem(ProblemCode::NotFound, None);
    Mock::given(method("PATCH")).respond_with(refused).expect(1).mount(&server).await;
    let request = RenameDeviceRequest { name: "x".into() };
    let device_id = uuid::Uuid::nil().into();
    match client(&server).rename_device(device_id, &request).await {
        Err(SdkError::Problem(problem)) => assert_eq!(problem.code, ProblemCode::NotFound),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_can_not_be_reached() {
    let server = MockServer::start().await;
    Mock::given(path("/api/devices")).respond_with(devices()).mount(&server).await;
    let tokens = Tokens { access_token: "a".into(), refresh_token: "r".into(), expires_at_ms: i64::MAX };
    let endpoints = vec!["http://127.0.0.1:1".into(), server.uri()];
    let http = Http::new(endpoints, Some(tokens), Arc::new(SystemEnvironment), None).unwrap();
    assert!(http.list_devices().await.is_ok());
    assert_eq!(http.endpoints().current(), server.uri());
}

fn roster_page(indices: std::ops::RangeInclusive<i64>, chain_next: Option<i64>, version: i64) -> ResponseTemplate {
    let id = uuid::Uuid::nil();
    let link = |index: i64| {
        json!({
            "conversation_id": id, "index": index, "action": { "type": "leave" },
            "actor_user_id": id, "actor_device_id": id,
        })
    };
    let chain: Vec<_> = indices.map(link).collect();
    let mut page = json!({
        "conversation_id": id, "roster_version": version, "members": [], "identities": [], "chain": chain,
    });
    if let Some(next) = chain_next {
        page["chain_next"] = json!(next);
    }
    ResponseTemplate::new(200).set_body_json(page)
}

fn roster_query() -> RosterQuery {
    RosterQuery { conversation_id: uuid::Uuid::nil().into(), since: 7, chain_since: 0 }
}

#[tokio::test]
async fn the_pages_of_a_roster_come_as_one() {
    let server = MockServer::start().await;
    for (since, page) in [
        ("0", roster_page(1..=2, Some(2), 8)),
        ("2", roster_page(3..=4, Some(4), 8)),
        ("4", roster_page(5..=5, None, 9)),
    ] {
        let asked = query_param("chain_since", since);
        Mock::given(asked).and(query_param("since", "7")).respond_with(page).expect(1).mount(&server).await;
    }
    let roster = client(&server).get_roster(roster_query()).await.unwrap();
    let indices: Vec<i64> = roster.chain.iter().map(|link| link.index).collect();
    assert_eq!((indices, roster.roster_version, roster.chain_next), (vec![1, 2, 3, 4, 5], 9, None));
}

#[tokio::test]
async fn a_roster_whose_pages_do_not_advance_is_given_up() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(roster_page(1..=2, Some(2), 8)).expect(2).mount(&server).await;
    let refused = client(&server).get_roster(roster_query()).await;
    assert!(matches!(refused, Err(SdkError::Endless(_))));
}
