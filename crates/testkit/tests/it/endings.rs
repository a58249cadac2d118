//! Requests that end a session or an account, or open a socket: each against what its documentation says.
//!
//! The tool of `contract.rs` cannot make them with success: the next request would have no account to be made with.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sotto_testkit::{PASSWORD, Person, TestCluster};

/// The node's own document.
struct Contract {
    document: Value,
    http: Client,
    base_url: String,
}

impl Contract {
    async fn of(cluster: &TestCluster) -> Self {
        let base_url = cluster.url(0).to_owned();
        let http = Client::new();
        let document = http.get(format!("{base_url}/openapi.json")).send().await.unwrap();
        let document = serde_json::from_slice(&document.bytes().await.unwrap()).unwrap();
        Self { document, http, base_url }
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    /// Sends it, holds the answer against the document and gives its status and code.
    async fn check(&self, operation_id: &str, request: RequestBuilder) -> (u16, String) {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let documented = &self.operation(operation_id)["responses"][status.as_str()];
        assert!(documented.is_object(), "{operation_id} answers {status}, which is not documented");
        if !status.is_client_error() && !status.is_server_error() {
            return (status.as_u16(), String::new());
        }
        let code = code_of(answer).await;
        let codes = documented["x-codes"].as_array().unwrap();
        assert!(codes.contains(&json!(code)), "{operation_id} answers {code}, which is not documented");
        (status.as_u16(), code)
    }

    fn operation(&self, operation_id: &str) -> &Value {
        let paths = self.document["paths"].as_object().unwrap().values();
        let mut operations = paths.flat_map(|item| item.as_object().unwrap().values());
        operations.find(|operation| operation["operationId"] == operation_id).unwrap()
    }
}

async fn code_of(answer: Response) -> String {
    let status = answer.status();
    assert_eq!(answer.headers()["content-type"], "application/problem+json", "{status}");
    let problem: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["status"], status.as_u16());
    problem["code"].as_str().unwrap().to_owned()
}

fn token(of: &Person) -> String {
    of.client().http().tokens().unwrap().access_token
}

/// Signs in as a new device, which nobody has linked.
async fn unlinked(contract: &Contract, name: &str) -> (String, String) {
    let device = json!({"name": "borrowed", "device_type": "WEB"});
    let body = json!({"username": name, "password": PASSWORD, "new_device": device});
    let answer = contract.request(Method::POST, "/auth/login", "").json(&body).send().await.unwrap();
    let status = answer.status();
    let session: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(status, StatusCode::OK, "{session}");
    let text = |field: &str| session[field].as_str().unwrap().to_owned();
    (text("device_id"), text("access_token"))
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_answers_as_documented() {
    let cluster = TestCluster::start(1).await;
    let contract = Contract::of(&cluster).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let (_, token) = unlinked(&contract, &alice.name).await;
    let logout =
        async |token: &str| contract.check("logout", contract.request(Method::POST, "/auth/logout", token)).await;
    assert_eq!(logout("").await, (401, "unauthorized".to_owned()));
    assert_eq!(logout("x.y.z").await, (401, "unauthorized".to_owned()));
    assert_eq!(logout(&token).await.0, 204);
    assert_eq!(logout(&token).await, (401, "device_revoked".to_owned()));
    // Who is in the account's list stays in it, and may sign in again with the keys that it has.
    let token = self::token(&alice);
    assert_eq!(logout(&token).await.0, 204);
    assert_eq!(logout(&token).await, (401, "token_expired".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_an_account_answers_as_documented() {
    let cluster = TestCluster::start(1).await;
    let contract = Contract::of(&cluster).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let (_, unlinked) = unlinked(&contract, &alice.name).await;
    let delete = async |token: &str| {
        contract.check("delete_account", contract.request(Method::DELETE, "/api/account", token)).await
    };
    assert_eq!(delete("").await, (401, "unauthorized".to_owned()));
    assert_eq!(delete(&unlinked).await, (403, "device_unverified".to_owned()));
    alice.client().http().refresh(&token(&alice)).await.unwrap();
    assert_eq!(delete(&token(&alice)).await, (403, "step_up_required".to_owned()));
    alice.client().http().step_up(PASSWORD).await.unwrap();
    let fresh = token(&alice);
    assert_eq!(delete(&fresh).await.0, 204);
    assert_eq!(delete(&fresh).await, (401, "device_revoked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_a_device_answers_as_documented() {
    let cluster = TestCluster::start(1).await;
    let contract = Contract::of(&cluster).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let bob = Person::register(&cluster, 0, "bob").await;
    let (lost, lost_token) = unlinked(&contract, &alice.name).await;
    let revoke = async |device: &str, token: &str, body: &Value| {
        let path = format!("/api/devices/{device}/revoke");
        contract.check("revoke_device", contract.request(Method::POST, &path, token).json(body)).await
    };
    let none = json!({});
    alice.client().http().refresh(&token(&alice)).await.unwrap();
    assert_eq!(revoke(&lost, "", &none).await.0, 401);
    assert_eq!(revoke(&lost, &token(&alice), &none).await, (403, "step_up_required".to_owned()));
    alice.client().http().step_up(PASSWORD).await.unwrap();
    let fresh = token(&alice);
    assert_eq!(revoke("42", &fresh, &none).await, (400, "invalid_request".to_owned()));
    assert_eq!(revoke(&lost, &fresh, &json!({"why": "lost"})).await, (400, "invalid_request".to_owned()));
    let (own, bobs) = (alice.client().device_id().to_string(), bob.client().device_id().to_string());
    assert_eq!(revoke(&bobs, &fresh, &none).await, (404, "not_found".to_owned()));
    assert_eq!(revoke(&own, &fresh, &none).await.0, 400, "a linked device goes with an entry of the list");
    assert_eq!(revoke(&lost, &fresh, &none).await.0, 200);
    assert_eq!(revoke(&own, &lost_token, &none).await, (401, "device_revoked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_a_socket_answers_as_documented() {
    let mut cluster = TestCluster::start(1).await;
    let contract = Contract::of(&cluster).await;
    let upgrade = |request: RequestBuilder, version: &str| {
        let request = request.header("connection", "upgrade").header("upgrade", "websocket");
        request.header("sec-websocket-version", version).header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    let ask = || contract.request(Method::GET, "/ws", "");
    let check = async |request| contract.check("open_socket", request).await;
    assert_eq!(check(ask()).await, (426, "upgrade_required".to_owned()));
    assert_eq!(check(upgrade(ask(), "12")).await, (400, "invalid_request".to_owned()));
    let foreign = ask().header("origin", "https://evil.example");
    assert_eq!(check(upgrade(foreign, "13")).await, (403, "foreign_origin".to_owned()));
    assert_eq!(check(upgrade(ask(), "13")).await.0, 101);
    cluster.add_node_with(|service, _| service.max_sockets = 0).await;
    let full = contract.http.get(format!("{}/ws", cluster.url(1)));
    assert_eq!(check(upgrade(full, "13")).await, (503, "node_full".to_owned()));
}
