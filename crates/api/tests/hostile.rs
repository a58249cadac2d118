//! What a stranger on the other end of the line can do: a real listener, bytes written by hand. No database and no
//! Redis are there, so nothing here may need them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use serde_json::Value;
use sotto_api::{
    AcceptConfig, ApiConfig, ApiState, accept,
    extract::{AuthedDevice, Json, Path, Query},
    router,
};
use sotto_bus::{Bus, BusConfig};
use sotto_protocol::{DeviceId, Problem, ProblemCode, UserId};
use sotto_service::{
    Entropy as _, Service, ServiceConfig, SystemClock, SystemEntropy,
    limits::{Limit, LimitsConfig, Rate},
    tokens::{AccessClaims, KeySource},
};
use sotto_store::{Database, DatabaseConfig};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

struct Node {
    address: SocketAddr,
    state: ApiState,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// Nobody listens there.
const NOWHERE: &str = "127.0.0.1:1";

fn service(limits: LimitsConfig) -> Arc<Service> {
    let database = DatabaseConfig::new(format!("postgres://nobody@{NOWHERE}/none"));
    let config = ServiceConfig {
        node_name: "node-t".into(),
        issuer: "sotto".into(),
        keys: KeySource { dir: std::env::temp_dir().join(format!("sotto-api-{}", SystemEntropy.uuid())), create: true },
        max_sockets: 10,
        max_group_members: 1_000,
        accounts: sotto_service::accounts::AccountsConfig::default(),
        limits,
        writer: sotto_store::writer::WriterConfig::default(),
    };
    let keys = config.keys.dir.clone();
    let service = Service::new(
        Database::connect_lazy(&database).unwrap(),
        Bus::connect_lazy(BusConfig::new(format!("redis://{NOWHERE}/"))).unwrap(),
        Arc::new(SystemClock::new()),
        Arc::new(SystemEntropy),
        config,
    );
    std::fs::remove_dir_all(keys).unwrap();
    service.unwrap()
}

async fn panics() {
    panic!("hunter2");
}

async fn who(device: AuthedDevice) -> String {
    device.device_id.to_string()
}

fn routes() -> Router<ApiState> {
    Router::new()
        .route("/echo", post(async |Json(body): Json<Value>| Json::<Value>(body)))
        .route("/list", post(async |Json(body): Json<Vec<u8>>| Json::<Vec<u8>>(body)))
        .route("/devices/{id}", get(async |Path(id): Path<DeviceId>| id.to_string()))
        .route("/query", get(async |Query(n): Query<std::collections::BTreeMap<String, u8>>| n.len().to_string()))
        .route("/panic", get(panics))
        .route("/slow", get(async || tokio::time::sleep(Duration::from_mins(1)).await))
        .route("/brief", get(async || tokio::time::sleep(Duration::from_millis(200)).await))
        .route("/api/who", get(who))
}

async fn node_with(limits: LimitsConfig) -> Node {
    let config = ApiConfig {
        body_timeout: Duration::from_millis(300),
        request_timeout: Duration::from_millis(1_500),
        cors_origins: vec!["https://chat.test".into()],
        accept: AcceptConfig { header_timeout: Duration::from_millis(300), ..AcceptConfig::default() },
        ..ApiConfig::default()
    };
    let state = ApiState::new(service(limits), config.clone());
    let app = router::around(routes(), state.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let shutdown = async { drop(stopped.await) };
        accept::run(listener, app, &config, shutdown).await.unwrap();
    });
    Node { address, state, stop, served }
}

async fn node() -> Node {
    node_with(LimitsConfig::default()).await
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    fn problem(&self) -> Problem {
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.head);
        let problem: Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        assert!(problem.request_id.is_some());
        problem
    }
}

impl Answer {
    /// The HTTP library refused: a status, nothing else, and the connection ends.
    fn assert_bare(&self, status: u16) {
        assert_eq!((self.status, self.body.as_str()), (status, ""), "{}", self.head);
        assert!(self.head.contains("\nconnection: close"), "{}", self.head);
    }
}

impl Node {
    /// Writes, then reads until the server closes.
    async fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // The server may close before it has read all: that is what is looked at.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    }

    async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: node\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        Answer::parse(&self.raw(&[head.as_bytes(), body].concat()).await)
    }

    async fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.send("POST", path, "content-type: application/json\r\n", body).await
    }

    async fn code(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> ProblemCode {
        self.send(method, path, headers, body).await.problem().code
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_of_ours_are_refused_each_with_its_code() {
    let node = node().await;
    let deep = "[".repeat(33) + &"]".repeat(33);
    for body in [&b""[..], b"{", b"\xff\xfe\xfd", b"\"\xc3\x28\"", deep.as_bytes(), &b"[".repeat(100_000)] {
        assert_eq!(node.post("/echo", body).await.problem().code, ProblemCode::MalformedJson);
    }
    for body in [&b"{}"[..], b"[1.5]", b"[256]", b"[1]", b"null", b"\"x\""] {
        assert_eq!(node.post("/list", body).await.problem().code, ProblemCode::InvalidRequest);
    }
    for kind in ["", "content-type: text/plain\r\n", "content-type: application/json; charset=utf-16\r\n"] {
        assert_eq!(node.code("POST", "/echo", kind, b"{}").await, ProblemCode::UnsupportedMediaType);
    }
    let answer = node.post("/echo", "{\"a\":\"\u{202e}\u{1f980}\"}".as_bytes()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "{\"a\":\"\u{202e}\u{1f980}\"}"));
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused_announced_or_chunked() {
    let node = node().await;
    let string = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2)).into_bytes();
    assert_eq!(node.post("/echo", &string(256 * 1024)).await.status, 200);
    assert_eq!(node.post("/echo", &string(256 * 1024 + 1)).await.problem().code, ProblemCode::PayloadTooLarge);
    let head = "POST /echo HTTP/1.1\r\nhost: n\r\nconnection: close\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let chunk = format!("10000\r\n{}\r\n", "1".repeat(0x10000));
    let request = format!("{head}{}0\r\n\r\n", chunk.repeat(5));
    let answer = Answer::parse(&node.raw(request.as_bytes()).await);
    assert_eq!(answer.problem().code, ProblemCode::PayloadTooLarge);
}

#[tokio::test]
async fn parameters_of_another_shape_are_invalid() {
    let node = node().await;
    let code = async |path: &str| node.code("GET", path, "", b"").await;
    assert_eq!(code("/devices/42").await, ProblemCode::InvalidRequest);
    assert_eq!(code("/devices/%ff%fe").await, ProblemCode::InvalidRequest);
    assert_eq!(code("/query?a=x").await, ProblemCode::InvalidRequest);
    assert_eq!(code("/query?a=256").await, ProblemCode::InvalidRequest);
    assert_eq!(node.send("GET", "/query?a=1&b=2", "", b"").await.body, "2");
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let node = node().await;
    assert_eq!(node.code("GET", "/nowhere", "", b"").await, ProblemCode::NotFound);
    let answer = node.send("DELETE", "/echo", "", b"").await;
    assert_eq!(answer.problem().code, ProblemCode::MethodNotAllowed);
    assert!(answer.head.contains("\nallow: post"), "{}", answer.head);
    assert_eq!(node.code("BREW", "/echo", "", b"").await, ProblemCode::MethodNotAllowed);
    let answer = node.send("HEAD", "/nowhere", "", b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (404, ""));
}

#[tokio::test]
async fn long_addresses_and_headers_are_refused() {
    let node = node().await;
    let long = |bytes: usize| "x".repeat(bytes);
    assert_eq!(node.code("GET", &format!("/{}", long(9_000)), "", b"").await, ProblemCode::UriTooLong);
    let header = format!("x-long: {}\r\n", long(17_000));
    assert_eq!(node.code("GET", "/nowhere", &header, b"").await, ProblemCode::HeadersTooLarge);
    // What is larger still never becomes a request: the HTTP library answers, as docs/API-DESIGN.md says.
    for (path, headers) in [
        ("/nowhere".to_owned(), format!("x-long: {}\r\n", long(100_000))),
        ("/nowhere".to_owned(), "x-a: b\r\n".repeat(150)),
        (format!("/{}", long(100_000)), String::new()),
    ] {
        node.send("GET", &path, &headers, b"").await.assert_bare(431);
    }
}

#[tokio::test]
async fn what_is_no_http_is_answered_400() {
    let node = node().await;
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        Answer::parse(&node.raw(bytes).await).assert_bare(400);
    }
    let both = b"POST /echo HTTP/1.1\r\nhost: n\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef";
    Answer::parse(&node.raw(both).await).assert_bare(400);
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_headers_is_cut_off() {
    let node = node().await;
    assert_eq!(node.raw(b"GET /echo HTTP/1.1\r\nhost: n").await, b"");
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_body_is_told_so() {
    let node = node().await;
    let head = b"POST /echo HTTP/1.1\r\nhost: n\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    assert_eq!(Answer::parse(&node.raw(head).await).problem().code, ProblemCode::RequestTimeout);
}

#[tokio::test]
async fn panics_and_endless_handlers_are_answered_and_say_nothing() {
    let node = node().await;
    let answer = node.send("GET", "/panic", "", b"").await;
    assert_eq!(answer.problem().code, ProblemCode::Internal);
    assert!(!answer.body.contains("hunter2"));
    let answer = node.send("GET", "/slow", "", b"").await;
    assert_eq!(answer.problem().code, ProblemCode::Unavailable);
    assert!(answer.head.contains("\nretry-after: 1"), "{}", answer.head);
}

#[tokio::test]
async fn the_request_id_of_the_caller_is_kept_if_it_is_plain() {
    let node = node().await;
    let id = async |header: &str| node.send("GET", "/nowhere", header, b"").await.problem().request_id.unwrap();
    assert_eq!(id("x-request-id: abc-1.2_3\r\n").await, "abc-1.2_3");
    for odd in ["a b", "<script>", "\u{fc}", &"x".repeat(65)] {
        assert_eq!(id(&format!("x-request-id: {odd}\r\n")).await.len(), 36, "{odd}");
    }
}

#[tokio::test]
async fn answers_name_the_node_and_tell_browsers_to_do_nothing_with_them() {
    let node = node().await;
    let head = node.send("GET", "/api/who", "", b"").await.head;
    for line in ["x-sotto-node: node-t", "cache-control: no-store", "x-content-type-options: nosniff", "x-request-id: "]
    {
        assert!(head.contains(line), "{line}: {head}");
    }
    let preflight = |origin: &str| format!("origin: {origin}\r\naccess-control-request-method: POST\r\n");
    let ours = node.send("OPTIONS", "/echo", &preflight("https://chat.test"), b"").await;
    assert_eq!(ours.status, 200);
    assert!(ours.head.contains("access-control-allow-origin: https://chat.test"), "{}", ours.head);
    let foreign = node.send("OPTIONS", "/echo", &preflight("https://evil.test"), b"").await;
    assert!(!foreign.head.contains("access-control-allow-origin"), "{}", foreign.head);
    let answer = node.send("GET", "/api/who", "origin: https://chat.test\r\n", b"").await.head;
    let exposed = answer.lines().find_map(|line| line.strip_prefix("access-control-expose-headers: ")).unwrap();
    assert_eq!(exposed.replace(' ', ""), "date,retry-after,x-request-id,x-sotto-node");
}

fn claims(node: &Node) -> AccessClaims {
    let entropy = &node.state.service.entropy;
    AccessClaims {
        user_id: UserId(entropy.uuid()),
        device_id: DeviceId(entropy.uuid()),
        token_generation: 0,
        verified: true,
        fresh_at_ms: None,
    }
}

#[tokio::test]
async fn only_a_valid_token_that_is_not_revoked_says_who_asks() {
    let node = node().await;
    let service = &node.state.service;
    let claims = claims(&node);
    let token = service.tokens.issue_access(claims).unwrap().token;
    let bearer = format!("authorization: Bearer {token}\r\n");
    assert_eq!(node.send("GET", "/api/who", &bearer, b"").await.body, claims.device_id.to_string());
    let ticket = service.tokens.issue_ticket(claims).unwrap().token;
    for header in [
        String::new(),
        "authorization: Bearer\r\n".to_owned(),
        "authorization: Bearer x.y.z\r\n".to_owned(),
        format!("authorization: Basic {token}\r\n"),
        format!("authorization: Bearer {token}x\r\n"),
        format!("authorization: Bearer {ticket}\r\n"),
    ] {
        let answer = node.send("GET", "/api/who", &header, b"").await;
        assert_eq!(answer.problem().code, ProblemCode::Unauthorized, "{header}");
        assert!(answer.head.contains("\nwww-authenticate: bearer"), "{}", answer.head);
    }
    service.revocations.revoke_device(claims.device_id);
    assert_eq!(node.code("GET", "/api/who", &bearer, b"").await, ProblemCode::DeviceRevoked);
}

#[tokio::test]
async fn a_limit_refuses_with_the_time_to_wait_and_holds_without_redis() {
    let rate = Rate { burst: 2, period_ms: 90_000 };
    let rates = [(Limit::ApiDevice, rate)].into();
    let node = node_with(LimitsConfig { rates, ..LimitsConfig::default() }).await;
    let token = |claims| node.state.service.tokens.issue_access(claims).unwrap().token;
    let bearer = format!("authorization: Bearer {}\r\n", token(claims(&node)));
    for _ in 0..2 {
        assert_eq!(node.send("GET", "/api/who", &bearer, b"").await.status, 200);
    }
    let answer = node.send("GET", "/api/who", &bearer, b"").await;
    let problem = answer.problem();
    assert_eq!(problem.code, ProblemCode::RateLimited);
    let seconds = problem.retry_after_ms.unwrap().div_ceil(1_000);
    assert!((1..=90).contains(&seconds));
    assert!(answer.head.contains(&format!("\nretry-after: {seconds}")), "{}", answer.head);
    let other = format!("authorization: Bearer {}\r\n", token(claims(&node)));
    assert_eq!(node.send("GET", "/api/who", &other, b"").await.status, 200);
}

#[tokio::test]
async fn a_request_in_progress_is_finished_and_idle_connections_end_with_the_node() {
    let node = node().await;
    let mut busy = TcpStream::connect(node.address).await.unwrap();
    let mut idle = TcpStream::connect(node.address).await.unwrap();
    busy.write_all(b"GET /brief HTTP/1.1\r\nhost: n\r\n\r\n").await.unwrap();
    idle.write_all(b"GET /query HTTP/1.1\r\nhost: n\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    node.stop.send(()).unwrap();
    let mut answer = Vec::new();
    busy.read_to_end(&mut answer).await.unwrap();
    assert_eq!(Answer::parse(&answer).status, 200);
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    node.served.await.unwrap();
    assert!(TcpStream::connect(node.address).await.is_err());
}
