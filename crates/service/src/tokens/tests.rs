use std::{path::PathBuf, sync::Mutex};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use sotto_protocol::{DeviceId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::*;
use crate::SystemEntropy;

struct HandClock(Mutex<i64>);

impl Clock for HandClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(*self.0.lock().unwrap()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs((*self.0.lock().unwrap()).unsigned_abs())
    }
}

struct Rig {
    dir: PathBuf,
    clock: Arc<HandClock>,
    tokens: Tokens,
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn tokens_at(dir: &std::path::Path, create: bool, clock: &Arc<HandClock>) -> Result<Tokens, KeyError> {
    let source = KeySource { dir: dir.to_owned(), create };
    Tokens::load("https://sotto.test", source, Arc::clone(clock) as _, Arc::new(SystemEntropy))
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("sotto-keys-{}", SystemEntropy.uuid()))
}

fn rig() -> Rig {
    let dir = scratch();
    let clock = Arc::new(HandClock(Mutex::new(1_700_000_000)));
    let tokens = tokens_at(&dir, true, &clock).unwrap();
    Rig { dir, clock, tokens }
}

fn claims() -> AccessClaims {
    AccessClaims {
        user_id: UserId(Uuid::from_u128(1)),
        device_id: DeviceId(Uuid::from_u128(2)),
        token_generation: 3,
        verified: true,
        fresh_at_ms: Some(1_700_000_000_000),
    }
}

fn code(tokens: &Tokens, token: &str) -> ProblemCode {
    tokens.verify_access(token).unwrap_err().into_problem().code
}

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// Signs any header and claims with the rig's own key.
fn forge(rig: &Rig, header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap());
    let message = format!("{}.{}", encode(header), encode(claims));
    let keys = rig.tokens.ring.read();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), keys.signing().1, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn an_access_token_says_what_was_put_in_until_it_expires() {
    let rig = rig();
    let token = rig.tokens.issue_access(claims()).unwrap().token;
    assert_eq!(rig.tokens.verify_access(&token).unwrap(), claims());
    *rig.clock.0.lock().unwrap() += 599;
    assert_eq!(rig.tokens.verify_access(&token).unwrap(), claims());
    *rig.clock.0.lock().unwrap() += 1;
    assert_eq!(code(&rig.tokens, &token), ProblemCode::TokenExpired);
}

#[test]
fn a_token_is_refused_unless_header_and_claims_are_exactly_ours() {
    let rig = rig();
    let token = rig.tokens.issue_access(claims()).unwrap().token;
    let (header, body) = (part(&token, 0), part(&token, 1));
    assert_eq!(rig.tokens.verify_access(&forge(&rig, &header, &body)).unwrap(), claims());

    let with = |value: &Value, key: &str, new: Value| {
        let mut value = value.clone();
        value[key] = new;
        value
    };
    let headers = [
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("alg", json!("ES256")),
        ("typ", json!("JWT")),
        ("typ", json!("ticket+jwt")),
        ("typ", Value::Null),
        ("kid", json!("other")),
        ("kid", Value::Null),
        ("crit", json!(["exp"])),
    ];
    for (key, value) in headers {
        let forged = forge(&rig, &with(&header, key, value.clone()), &body);
        assert_eq!(code(&rig.tokens, &forged), ProblemCode::Unauthorized, "{key} {value}");
    }
    let changes = [
        ("aud", json!("other")),
        ("aud", json!(["sotto"])),
        ("iss", json!("https://evil.test")),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("sub", json!("nobody")),
        ("did", Value::Null),
        ("gen", json!(1.5)),
        ("jti", Value::Null),
    ];
    for (key, value) in changes {
        let forged = forge(&rig, &header, &with(&body, key, value.clone()));
        assert_eq!(code(&rig.tokens, &forged), ProblemCode::Unauthorized, "{key} {value}");
    }
    for (key, value) in [("exp", 1_699_999_999), ("nbf", 1_700_000_006)] {
        let untimely = forge(&rig, &header, &with(&body, key, json!(value)));
        assert_eq!(code(&rig.tokens, &untimely), ProblemCode::TokenExpired, "{key}");
    }
}

#[test]
fn tampering_and_foreign_keys_are_refused() {
    let rig = rig();
    let token = rig.tokens.issue_access(claims()).unwrap().token;
    let mut parts: Vec<&str> = token.split('.').collect();
    let signature = parts.pop().unwrap();
    assert_eq!(code(&rig.tokens, &format!("{}.", parts.join("."))), ProblemCode::Unauthorized);
    assert_eq!(code(&rig.tokens, &parts.join(".")), ProblemCode::Unauthorized);
    let mut body = part(&token, 1);
    body["ver"] = json!(false);
    let body = URL_SAFE_NO_PAD.encode(body.to_string());
    assert_eq!(code(&rig.tokens, &format!("{}.{body}.{signature}", parts[0])), ProblemCode::Unauthorized);

    // The public key as an HMAC secret, the classic confusion.
    let public = URL_SAFE_NO_PAD.decode(&rig.tokens.public_keys()[0].x).unwrap();
    let header = Header { typ: Some("at+jwt".into()), kid: Some("1".into()), ..Header::new(Algorithm::HS256) };
    let confused = jsonwebtoken::encode(&header, &part(&token, 1), &EncodingKey::from_secret(&public)).unwrap();
    assert_eq!(code(&rig.tokens, &confused), ProblemCode::Unauthorized);

    let other = self::rig();
    let foreign = other.tokens.issue_access(claims()).unwrap().token;
    assert_eq!(code(&rig.tokens, &foreign), ProblemCode::Unauthorized);
    for nonsense in ["", ".", "..", "a.b.c", "\u{0}.\u{0}.\u{0}", &"x".repeat(100_000)] {
        assert_eq!(code(&rig.tokens, nonsense), ProblemCode::Unauthorized);
    }
}

#[test]
fn tickets_and_challenges_are_no_access_tokens() {
    let rig = rig();
    let ticket = rig.tokens.issue_ticket(claims()).unwrap().token;
    let challenge = rig.tokens.issue_challenge().unwrap().token;
    assert_eq!(code(&rig.tokens, &ticket), ProblemCode::Unauthorized);
    assert_eq!(code(&rig.tokens, &challenge), ProblemCode::Unauthorized);
}

#[test]
fn a_new_key_signs_an_old_one_still_verifies_and_other_nodes_find_the_new_one() {
    let rig = rig();
    let old = rig.tokens.issue_access(claims()).unwrap().token;
    let fresh = self::rig();
    std::fs::copy(fresh.dir.join("signing-1.pem"), rig.dir.join("signing-2.pem")).unwrap();
    let restarted = tokens_at(&rig.dir, false, &rig.clock).unwrap();
    let new = restarted.issue_access(claims()).unwrap().token;
    assert_eq!(part(&new, 0)["kid"], "2");
    assert_eq!(restarted.verify_access(&old).unwrap(), claims());
    assert_eq!(code(&rig.tokens, &new), ProblemCode::Unauthorized);
    *rig.clock.0.lock().unwrap() += 5;
    assert_eq!(rig.tokens.verify_access(&new).unwrap(), claims());
    let kids: Vec<String> = rig.tokens.public_keys().into_iter().map(|key| key.kid).collect();
    assert_eq!(kids, ["2", "1"]);
}

#[test]
fn nodes_that_start_at_once_end_up_with_the_same_keys() {
    let dir = scratch();
    let clock = Arc::new(HandClock(Mutex::new(1_700_000_000)));
    let made: Vec<(Vec<PublicKey>, [u8; 32])> = std::thread::scope(|scope| {
        let node = || {
            let tokens = tokens_at(&dir, true, &clock).unwrap();
            (tokens.public_keys(), tokens.derive("test", b"").unwrap())
        };
        let nodes: Vec<_> = (0..8).map(|_| scope.spawn(node)).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert!(made.iter().all(|node| *node == made[0]));
    let names: std::collections::BTreeSet<_> =
        std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(Vec::from_iter(names), ["server-secret", "signing-1.pem"]);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn production_does_not_start_without_its_own_keys() {
    let rig = rig();
    let load = || tokens_at(&rig.dir, false, &rig.clock).err().unwrap().to_string();
    std::fs::remove_file(rig.dir.join("server-secret")).unwrap();
    assert!(load().contains("holds no server-secret"), "{}", load());
    std::fs::write(rig.dir.join("server-secret"), "secret").unwrap();
    assert!(load().contains("is not 32 bytes"), "{}", load());
    std::fs::write(rig.dir.join("server-secret"), "0".repeat(64)).unwrap();
    std::fs::write(rig.dir.join("signing-1.pem"), "nothing").unwrap();
    assert!(load().contains("is not an Ed25519 private key"), "{}", load());
    std::fs::remove_file(rig.dir.join("signing-1.pem")).unwrap();
    assert!(load().contains("holds no signing-<kid>.pem"), "{}", load());
}

#[test]
fn derived_values_depend_on_purpose_and_input() {
    let rig = rig();
    let derive = |purpose, input: &[u8]| rig.tokens.derive(purpose, input).unwrap();
    assert_eq!(derive("refresh", b"a"), derive("refresh", b"a"));
    assert_ne!(derive("refresh", b"a"), derive("refresh", b"b"));
    assert_ne!(derive("refresh", b"a"), derive("refres", b"ha"));
}

#[test]
fn a_step_up_is_fresh_for_five_minutes() {
    let now = 1_700_000_000_000;
    let at = |fresh_at_ms| AccessClaims { fresh_at_ms, ..claims() }.is_fresh(now);
    assert!(at(Some(now)) && at(Some(now - FRESH_FOR_MS + 1)) && at(Some(now + 1_000)));
    assert!(!at(Some(now - FRESH_FOR_MS)) && !at(None));
}
