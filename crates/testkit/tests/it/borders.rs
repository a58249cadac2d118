//! Who may use the routes of linking, recovery, backup and history, and with whose ids.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use sotto_service::{Entropy as _, SystemEntropy};
use sotto_testkit::{PASSWORD, Person, TestCluster};

/// A route that only signed devices use.
struct Route {
    method: Method,
    path: String,
    body: Value,
    /// It needs a password given within five minutes.
    fresh: bool,
}

fn route(method: Method, path: impl Into<String>, body: Value, fresh: bool) -> Route {
    Route { method, path: path.into(), body, fresh }
}

/// Bodies have the documented shape, and nothing in them is signed: whoever gets past the border gets no further.
fn routes(user: &str, device: &str, history: &str) -> Vec<Route> {
    let key = json!({ "user_id": user, "usage": [], "keys": {} });
    let keys = json!({ "user_id": user, "device_id": device, "algorithms": [], "keys": {} });
    let list = json!({ "user_id": user, "version": 1, "devices": [], "revoked": [], "author": "master" });
    let recovery_key = json!({ "user_id": user, "version": 1, "curve25519": "" });
    let descriptor = json!({
        "user_id": user, "version": 1, "algorithm": "", "key_hash": "", "recovery_version": 1, "sealed_key": "",
        "author": "master",
    });
    let identity = json!({
        "master_key": key, "self_signing_key": key, "device_keys": keys, "device_list": list, "recovery_bundle": "",
    });
    let rendezvous = SystemEntropy.uuid();
    let chunk = format!("/api/history/{history}/chunks/0");
    vec![
        route(Method::POST, "/auth/logout-others", json!({}), true),
        route(Method::POST, "/api/account/identity", identity, true),
        route(Method::PUT, "/api/recovery/key", json!({ "recovery_key": recovery_key, "recovery_bundle": "AA" }), true),
        route(Method::PUT, "/api/backup", json!({ "descriptor": descriptor }), false),
        route(Method::GET, "/api/backup", Value::Null, false),
        route(Method::GET, "/api/backup/1/sessions", Value::Null, false),
        route(Method::POST, "/api/backup/1/sessions", json!({ "sessions": [] }), false),
        route(Method::GET, "/api/account/audit", Value::Null, false),
        route(Method::POST, "/api/link/failures", json!({ "rendezvous_id": rendezvous }), false),
        route(Method::POST, "/api/history", json!({ "chunks": 0 }), false),
        route(Method::GET, format!("/api/history/{history}"), Value::Null, false),
        route(Method::GET, chunk.clone(), Value::Null, false),
        route(Method::PUT, chunk, json!({ "data": "AA" }), false),
        route(Method::DELETE, format!("/api/history/{history}"), Value::Null, false),
    ]
}

async fn ask(cluster: &TestCluster, route: &Route, token: Option<&str>) -> (u16, String) {
    let mut request = Client::new().request(route.method.clone(), format!("{}{}", cluster.url(1), route.path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if !route.body.is_null() {
        request = request.json(&route.body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
    (status, answer["code"].as_str().unwrap_or_default().to_owned())
}

fn token(of: &Person) -> String {
    of.client().http().tokens().unwrap().access_token
}

async fn post(cluster: &TestCluster, path: &str, token: Option<&str>, body: &Value) -> Value {
    let mut request = Client::new().post(format!("{}{path}", cluster.url(0))).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_of_an_account_are_closed_to_strangers_unsigned_devices_and_stale_passwords() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mallory = Person::register(&cluster, 1, "mallory").await;
    let begun = post(&cluster, "/api/history", Some(&token(&alice)), &json!({ "chunks": 1 })).await;
    let history = begun["history_id"].as_str().unwrap().to_owned();
    let login = post(&cluster, "/auth/login", None, &json!({ "username": "alice", "password": PASSWORD })).await;
    let unsigned = login["access_token"].as_str().unwrap();
    alice.client().http().refresh(&token(&alice)).await.unwrap();
    let (stale, foreign) = (token(&alice), token(&mallory));
    let (user, device) = (alice.client().user_id().to_string(), alice.client().device_id().to_string());
    for route in routes(&user, &device, &history) {
        let what = format!("{} {}", route.method, route.path);
        assert_eq!(ask(&cluster, &route, None).await.0, 401, "{what}");
        let unverified = ask(&cluster, &route, Some(unsigned)).await;
        assert_eq!(unverified, (403, "device_unverified".to_owned()), "{what}");
        if route.fresh {
            let refused = ask(&cluster, &route, Some(&stale)).await;
            assert_eq!(refused, (403, "step_up_required".to_owned()), "{what}");
        }
        if route.path.contains(&history) {
            let refused = ask(&cluster, &route, Some(&foreign)).await;
            assert_eq!(refused, (404, "not_found".to_owned()), "{what}");
        }
    }
    // Keys and lists that name another account are refused as such.
    for route in routes(&user, &device, &history).iter().filter(|route| route.fresh) {
        let status = ask(&cluster, route, Some(&foreign)).await.0;
        assert!(route.path == "/auth/logout-others" || (400..500).contains(&status), "{} {status}", route.path);
    }
    assert_eq!(
        alice.client().http().list_devices().await.unwrap().devices.len(),
        2,
        "nobody was logged out by another"
    );
}
