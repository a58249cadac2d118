//! The WebSocket protocol (RFC 6455) against an independent suite, on an echo route that exists for this test only.
//!
//! `SOTTO_INTEROP_PYTHON` names a Python with the package `kosoku`; `make test` sets it.

use std::{future::pending, path::Path, process::Command};

use axum::{Router, response::Response, routing::get};
use serde_json::Value;
use sotto_api::{ApiConfig, Upgrade, accept};
use tokio_tungstenite::tungstenite::Message;

/// Performance (beyond our frame limit) and compression (which ciphertext does not profit from).
const NOT_OURS: [&str; 3] = ["9.*", "12.*", "13.*"];

async fn echo(upgrade: Upgrade) -> Response {
    upgrade.accept(|mut socket| async move {
        while let Ok(message) = socket.receive().await {
            let sent = match message {
                Message::Text(text) => socket.send_texts([text.into()]).await,
                Message::Binary(_) => socket.send(message).await,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_conform_to_the_protocol() {
    let python = std::env::var("SOTTO_INTEROP_PYTHON")
        .expect("SOTTO_INTEROP_PYTHON is set by `make test`; to go without: nextest -E 'not binary(conformance)'");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let config = ApiConfig::default();
        accept::run(listener, Router::new().route("/", get(echo)), &config, pending()).await.unwrap();
    });
    let report = std::env::temp_dir().join(format!("sotto-conformance-{}", address.port()));
    let program = Path::new(&python).with_file_name("kosoku");
    let mut suite = Command::new(program);
    suite.arg(address.to_string()).arg("-o").arg(&report);
    for cases in NOT_OURS {
        suite.args(["-x", cases]);
    }
    let output = tokio::task::spawn_blocking(move || suite.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let index: Value = serde_json::from_slice(&std::fs::read(report.join("index.json")).unwrap()).unwrap();
    let cases = index.as_object().unwrap().values().next().unwrap().as_object().unwrap();
    assert!(cases.len() > 200, "{} cases were run", cases.len());
    for (name, case) in cases {
        let behavior = case["behavior"].as_str().unwrap();
        assert!(["OK", "NON-STRICT", "INFORMATIONAL"].contains(&behavior), "case {name}: {behavior}");
    }
    std::fs::remove_dir_all(report).unwrap();
}
