//! The rendezvous of two devices, over HTTP as a stranger sees it, on several nodes.

use std::time::{Duration, Instant};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sotto_protocol::{Base64Bytes, limits::MAX_RENDEZVOUS_BYTES};
use sotto_service::{Entropy as _, SystemEntropy};
use sotto_testkit::{Mode, Person, TestCluster, eventually};

/// Somebody who talks to nodes, from a network of its own when the node believes what it says.
struct Caller {
    http: Client,
    token: Option<String>,
    address: String,
}

impl Caller {
    fn stranger() -> Self {
        let [a, b, c, d, ..] = *SystemEntropy.uuid().as_bytes();
        let address = format!("2001:db8:{:x}:{:x}::1", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Self { http: Client::new(), token: None, address }
    }

    /// A device that registered just now: its password is fresh.
    fn device(of: &Person) -> Self {
        Self { token: Some(of.client().http().tokens().unwrap().access_token), ..Self::stranger() }
    }

    fn request(&self, method: Method, cluster: &TestCluster, node: usize, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", cluster.url(node)));
        let request = request.header("x-forwarded-for", &self.address);
        if let Some(token) = &self.token { request.bearer_auth(token) } else { request }
    }

    async fn open(&self, cluster: &TestCluster, node: usize, body: &Value) -> (u16, Value) {
        read(self.request(Method::POST, cluster, node, "/api/rendezvous").json(body)).await
    }

    async fn put(&self, cluster: &TestCluster, node: usize, id: &str, token: &str, data: &[u8]) -> (u16, Value) {
        let body = json!({ "sequence_token": token, "data": base64(data) });
        read(self.request(Method::PUT, cluster, node, &path(id)).json(&body)).await
    }

    async fn get(&self, cluster: &TestCluster, node: usize, id: &str, query: &str) -> (u16, Value) {
        read(self.request(Method::GET, cluster, node, &format!("{}{query}", path(id)))).await
    }

    async fn end(&self, cluster: &TestCluster, node: usize, id: &str) -> u16 {
        read(self.request(Method::DELETE, cluster, node, &path(id))).await.0
    }

    async fn claim(&self, cluster: &TestCluster, node: usize, code: &str) -> (u16, Value) {
        let body = json!({ "code": code });
        read(self.request(Method::POST, cluster, node, "/api/rendezvous/claim").json(&body)).await
    }
}

fn path(id: &str) -> String {
    format!("/api/rendezvous/{id}")
}

fn base64(bytes: &[u8]) -> String {
    Base64Bytes(bytes.to_vec()).to_base64()
}

async fn body(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let bytes = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn read(request: RequestBuilder) -> (u16, Value) {
    body(request.send().await.unwrap()).await
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}")).to_owned()
}

fn opened(answer: &(u16, Value)) -> (String, String) {
    assert_eq!(answer.0, 201, "{}", answer.1);
    (text(&answer.1, "rendezvous_id"), text(&answer.1, "sequence_token"))
}

fn code((_, problem): &(u16, Value)) -> &str {
    problem["code"].as_str().unwrap_or_default()
}

/// Nodes that believe where callers say that they are, and exempt nobody.
async fn strict(count: usize) -> TestCluster {
    let mut cluster = TestCluster::start(0).await;
    for _ in 0..count {
        let strictly = |service: &mut sotto_service::ServiceConfig, api: &mut sotto_api::ApiConfig| {
            service.limits.exempt.clear();
            api.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        };
        cluster.add_node_with(strictly).await;
    }
    cluster
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rendezvous_begun_on_one_node_goes_on_on_others_and_through_the_death_of_one() {
    let cluster = TestCluster::start(3).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let (existing, new) = (Caller::device(&alice), Caller::stranger());
    let answer = existing.open(&cluster, 0, &json!({ "data": base64(b"m0") })).await;
    assert_eq!(answer.1["expires_in_ms"], 300_000);
    let (id, t0) = opened(&answer);
    assert_eq!(id.replace('-', "").len(), 32);

    let started = Instant::now();
    let waiting = format!("?after={t0}");
    let (heard, written) = tokio::join!(existing.get(&cluster, 2, &id, &waiting), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        new.put(&cluster, 1, &id, &t0, b"m1").await
    });
    assert!(started.elapsed() < Duration::from_millis(1_200), "{:?}", started.elapsed());
    let t1 = text(&written.1, "sequence_token");
    assert_eq!((text(&heard.1, "sequence_token"), text(&heard.1, "data")), (t1.clone(), base64(b"m1")));
    assert_eq!(existing.put(&cluster, 0, &id, &t0, b"m2").await.0, 409, "it has not read m1");

    // A read is held by the node that dies; the device asks another one.
    let (cut, ()) = tokio::join!(
        new.request(Method::GET, &cluster, 1, &format!("{}?after={t1}", path(&id)))
            .timeout(Duration::from_secs(2))
            .send(),
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            cluster.nodes[1].abort();
            let written = existing.put(&cluster, 2, &id, &t1, b"m2").await;
            assert_eq!(written.0, 200, "{}", written.1);
        }
    );
    drop(cut);
    let (status, slot) = new.get(&cluster, 0, &id, &format!("?after={t1}")).await;
    assert_eq!((status, text(&slot, "data")), (200, base64(b"m2")));
    let again = existing.put(&cluster, 0, &id, &t1, b"m2").await;
    assert_eq!(
        (again.0, &again.1["sequence_token"]),
        (200, &slot["sequence_token"]),
        "the same write, by another node"
    );
    assert!(again.1["expires_in_ms"].as_u64().unwrap() < 300_000, "no write makes it longer");

    let held = format!("?after={}", text(&slot, "sequence_token"));
    let (gone, ended) = tokio::join!(new.get(&cluster, 0, &id, &held), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        existing.end(&cluster, 2, &id).await
    });
    assert_eq!((gone.0, ended), (404, 204));
    for node in [0, 2] {
        assert_eq!(new.get(&cluster, node, &id, "").await.0, 404);
        assert_eq!(new.put(&cluster, node, &id, &t1, b"m3").await.0, 404);
        assert_eq!(new.end(&cluster, node, &id).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_held_as_long_as_it_says_and_answers_what_is_there() {
    let cluster = TestCluster::start(1).await;
    let caller = Caller::stranger();
    let (id, token) = opened(&caller.open(&cluster, 0, &json!({})).await);
    let started = Instant::now();
    let (status, slot) = caller.get(&cluster, 0, &id, &format!("?after={token}&wait_ms=300")).await;
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert_eq!((status, text(&slot, "sequence_token"), text(&slot, "data")), (200, token.clone(), String::new()));
    let at_once = Instant::now();
    caller.get(&cluster, 0, &id, "?after=another").await;
    assert!(at_once.elapsed() < Duration::from_millis(300));

    // One too many hold this one.
    let hold = format!("?after={token}&wait_ms=1500");
    let held = (0..4).map(|_| caller.get(&cluster, 0, &id, &hold));
    let (held, refused) = tokio::join!(futures_util::future::join_all(held), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        caller.get(&cluster, 0, &id, &hold).await
    });
    assert!(held.iter().all(|(status, _)| *status == 200));
    assert_eq!((refused.0, code(&refused)), (429, "rate_limited"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rendezvous_is_no_file_drop_and_nothing_that_a_browser_opens() {
    let cluster = TestCluster::start(1).await;
    let caller = Caller::stranger();
    let (id, token) = opened(&caller.open(&cluster, 0, &json!({})).await);
    let most = vec![7; MAX_RENDEZVOUS_BYTES];
    let written = caller.put(&cluster, 0, &id, &token, &most).await;
    assert_eq!(written.0, 200);
    let mut token = text(&written.1, "sequence_token");
    for bytes in [MAX_RENDEZVOUS_BYTES + 1, 100_000] {
        let large = caller.put(&cluster, 0, &id, &token, &vec![7; bytes]).await;
        assert_eq!((large.0, code(&large)), (413, "payload_too_large"));
        let large = caller.open(&cluster, 0, &json!({ "data": base64(&vec![7; bytes]) })).await;
        assert_eq!(large.0, 413);
    }
    let text_body = caller.request(Method::PUT, &cluster, 0, &path(&id)).body("{}");
    assert_eq!(read(text_body).await.0, 415);
    for method in [Method::GET, Method::DELETE, Method::POST] {
        let to = if method == Method::POST { "/api/rendezvous".to_owned() } else { path(&id) };
        let visit = caller.request(method, &cluster, 0, &to).header("sec-fetch-mode", "navigate").json(&json!({}));
        assert_eq!(code(&read(visit).await), "forbidden");
    }
    for n in 0_u8.. {
        let written = caller.put(&cluster, 0, &id, &token, &[n]).await;
        if written.0 != 200 {
            assert_eq!((written.0, code(&written), n), (403, "forbidden", 31));
            break;
        }
        token = text(&written.1, "sequence_token");
    }
    assert_eq!(caller.get(&cluster, 0, "42", "").await.0, 400);
    assert_eq!(caller.get(&cluster, 0, &SystemEntropy.uuid().to_string(), "").await.0, 404);
    assert_eq!(caller.get(&cluster, 0, &id, "?after=").await.0, 400);
    let forged = Caller { token: Some("x.y.z".to_owned()), ..Caller::stranger() };
    assert_eq!(forged.open(&cluster, 0, &json!({})).await.0, 401, "a token that is there has to be valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_opens_five_and_types_ten_codes_whichever_node_it_asks() {
    let cluster = strict(2).await;
    let flood = Caller::stranger();
    let mut opened_ids = Vec::new();
    for n in 0..5 {
        opened_ids.push(opened(&flood.open(&cluster, n % 2, &json!({})).await).0);
    }
    for node in 0..2 {
        let refused = flood.open(&cluster, node, &json!({})).await;
        assert_eq!((refused.0, code(&refused)), (429, "rate_limited"));
    }
    for id in &opened_ids {
        assert_eq!(flood.get(&cluster, 1, id, "").await.0, 200, "open ones live");
    }
    opened(&Caller::stranger().open(&cluster, 0, &json!({})).await);

    let guesser = Caller::stranger();
    for n in 0..10 {
        assert_eq!(guesser.claim(&cluster, n % 2, "0000-0000").await.0, 404);
    }
    for node in 0..2 {
        assert_eq!(guesser.claim(&cluster, node, "0000-0000").await.0, 429);
    }
    assert_eq!(Caller::stranger().claim(&cluster, 0, "00").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accounts_device_alone_learns_whether_both_are_in_one_network() {
    let cluster = strict(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let mallory = Person::register(&cluster, 1, "mallory").await;
    let existing = Caller::device(&alice);
    for (near, new) in
        [(true, Caller { address: existing.address.clone(), ..Caller::stranger() }), (false, Caller::stranger())]
    {
        let (id, token) = opened(&existing.open(&cluster, 0, &json!({})).await);
        assert!(
            existing.get(&cluster, 0, &id, "").await.1.get("same_network").is_none(),
            "nobody else has been heard of"
        );
        assert_eq!(new.put(&cluster, 1, &id, &token, b"m1").await.0, 200);
        assert_eq!(existing.get(&cluster, 1, &id, "").await.1["same_network"], near);
        for other in [&new, &Caller::device(&mallory)] {
            assert!(other.get(&cluster, 0, &id, "").await.1.get("same_network").is_none());
        }
        let mut all = redis::cmd("HVALS");
        all.arg(format!("rendezvous:{id}"));
        let kept: Vec<Vec<u8>> = cluster.nodes[0].service.bus.query(&all).await.unwrap();
        let kept = kept.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect::<String>();
        assert!(!kept.contains("2001:db8"), "no address is kept");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_linking_says_so_and_begins_anew_when_it_is_back() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let (existing, new) = (Caller::device(&alice), Caller::stranger());
    let (id, token) = opened(&existing.open(&cluster, 0, &json!({ "with_code": true })).await);
    let waiting = format!("?after={token}&wait_ms=20000");
    let (held, ()) = tokio::join!(new.get(&cluster, 1, &id, &waiting), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cluster.redis.set(Mode::Cut);
    });
    assert_eq!((held.0, code(&held)), (503, "linking_unavailable"), "who waits is told");
    for answer in [
        existing.open(&cluster, 0, &json!({})).await,
        new.get(&cluster, 1, &id, "").await,
        new.put(&cluster, 1, &id, &token, b"m1").await,
        new.claim(&cluster, 0, "00000000").await,
    ] {
        assert_eq!((answer.0, code(&answer)), (503, "linking_unavailable"));
        assert!(answer.1["retry_after_ms"].as_u64().unwrap() > 0);
    }
    cluster.redis.set(Mode::Pass);
    eventually("another one can be opened", async || {
        (existing.open(&cluster, 1, &json!({})).await.0 == 201).then_some(())
    })
    .await;
    assert_eq!(new.put(&cluster, 1, &id, &token, b"m1").await.0, 200, "Redis kept this one");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_linking_for_the_account() {
    let cluster = TestCluster::start(2).await;
    let alice = Person::register(&cluster, 0, "alice").await;
    let (existing, new) = (Caller::device(&alice), Caller::stranger());
    let with_code = json!({ "with_code": true });
    for n in 0..4 {
        let answer = existing.open(&cluster, n % 2, &with_code).await;
        let code = text(&answer.1, "code");
        assert_eq!(code.len(), 8);
        let claimed = new.claim(&cluster, 1, &format!("{}-{}", &code[..4], code[4..].to_lowercase())).await;
        assert_eq!((claimed.0, &claimed.1["rendezvous_id"]), (200, &answer.1["rendezvous_id"]));
        assert_eq!(new.claim(&cluster, 0, &code).await.0, 404, "a code leads there once");
        // Reported as well: that counts once.
        let report = json!({ "rendezvous_id": answer.1["rendezvous_id"] });
        let report = existing.request(Method::POST, &cluster, 0, "/api/link/failures").json(&report);
        assert_eq!(read(report).await.0, 204);
    }
    let fifth = text(&existing.open(&cluster, 0, &with_code).await.1, "code");
    let sixth = text(&existing.open(&cluster, 0, &with_code).await.1, "code");
    assert_eq!(new.claim(&cluster, 0, &fifth).await.0, 200);
    let late = new.claim(&cluster, 1, &sixth).await;
    assert_eq!((late.0, code(&late)), (429, "linking_locked"));
    let locked = existing.open(&cluster, 1, &with_code).await;
    assert_eq!((locked.0, code(&locked)), (429, "linking_locked"));
    let wait_ms = locked.1["retry_after_ms"].as_u64().unwrap();
    assert!((3_500_000..=3_600_000).contains(&wait_ms), "{wait_ms}");
    let bob = Person::register(&cluster, 0, "bob").await;
    opened(&Caller::device(&bob).open(&cluster, 0, &with_code).await);
}
